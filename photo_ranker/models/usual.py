"""Chooses the default engine, and fetches the second network that ``duo`` needs.

No package contains the second network, so a machine without access to the web cannot fetch it. Fetching is tried at
most once a day, and a failure is reported once per machine; without the network ``sface`` works alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from photo_ranker.core import files
from photo_ranker.core.folders import cache_folder
from photo_ranker.errors import FileRefused, ModelUnavailable
from photo_ranker.models.store import OPTIONAL, SECOND_NETWORK, get, is_here, models_folder
from photo_ranker.records import DEFAULT_ENGINE, DUO
from photo_ranker.terminal import command

__all__ = ["AGAIN_SECONDS", "USUAL", "fetch_second_network", "usual_engine"]

USUAL = DEFAULT_ENGINE
"""The default engine. With :data:`DUO` here both networks are used wherever the second can be fetched."""

AGAIN_SECONDS = 24 * 3600.0
"""Pause after a failure to fetch."""


def usual_engine(say: Callable[[str], None] = lambda _: None) -> str:
    """The default engine; the second network is fetched if that was not tried lately."""
    if USUAL != DUO:
        return USUAL
    if is_here(OPTIONAL[SECOND_NETWORK]):
        return DUO
    note = _note()
    if _was_tried_lately(note):
        return DEFAULT_ENGINE
    was_told = note.exists()
    return DUO if fetch_second_network((lambda _: None) if was_told else say) else DEFAULT_ENGINE


def fetch_second_network(say: Callable[[str], None]) -> bool:
    """Fetch the second network; returns whether it is present. A failure is reported and noted."""
    note = _note()
    try:
        # Noted before the try: if no note can be written, no run should wait for the network at all.
        files.replace(files.private_folder(note.parent) / note.name, [b""], sync="none")
        get(OPTIONAL[SECOND_NETWORK], models_folder())
    except (OSError, FileRefused):
        return False
    except ModelUnavailable as error:
        again = command("models", "fetch")
        say(f"note: {error.message}; the engine {DEFAULT_ENGINE} works alone ({again} tries again)")
        return False
    note.unlink(missing_ok=True)
    return True


def _note() -> Path:
    return cache_folder() / "told" / "no-second-network"


def _was_tried_lately(note: Path) -> bool:
    try:
        return abs(time.time() - note.lstat().st_mtime) < AGAIN_SECONDS
    except OSError:
        return False
