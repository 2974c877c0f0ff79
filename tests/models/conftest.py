"""The real engine, opened once."""

from __future__ import annotations

import pytest

from photo_ranker.models import Engine, EngineOptions
from photo_ranker.models.engines import open_engine


@pytest.fixture(scope="session")
def engine() -> Engine:
    return open_engine("sface", EngineOptions(detect_side=1024, detect_threshold=0.6))
