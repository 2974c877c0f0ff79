"""Which engine measures where none is chosen, and getting the second network that ``duo`` needs.

The file of the second network is in no package, so that a machine without the web cannot fetch it. That is tried once
a day at most and said once on a machine; without it ``sface`` works alone.
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
"""The engine of those who choose none. With :data:`DUO` here the two networks work together wherever they can."""

AGAIN_SECONDS = 24 * 3600.0
"""What could not be fetched is not asked for again before."""


def usual_engine(say: Callable[[str], None] = lambda _: None) -> str:
    """The engine of those who choose none; a second network is fetched if it was not asked for lately."""
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
    """Get the file; whether it is here now. Where it cannot be had that is said, and noted."""
    note = _note()
    try:
        # Before trying: where nothing can be remembered, no run shall wait for the network.
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
