"""The file of the second identity network, if it is on this machine; without it the tests that need it are skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from photo_ranker.core.files import cache_folder
from photo_ranker.models.store import SECOND_NETWORK

__all__ = ["FILE", "SAID", "needs_second_network"]

_PLACES = (
    os.environ.get("PHOTO_RANKER_MODELS", ""),
    Path(__file__).parents[2] / "shared" / "models",
    cache_folder() / "models",
)

FILE = next((path for place in _PLACES if place and (path := Path(place, SECOND_NETWORK)).is_file()), None)
"""Never part of the project: Intel's storage has it, and ``photo-ranker models fetch`` fetches it."""

SAID = (
    f"{SECOND_NETWORK} is not here, so what needs it is NOT TESTED: name its folder with PHOTO_RANKER_MODELS"
    if FILE is None
    else f"second identity network: {FILE}"
)

needs_second_network = pytest.mark.skipif(FILE is None, reason=SAID)
