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
from photo_ranker.models.digests import digest_of
from photo_ranker.models.store import OPTIONAL, SECOND_NETWORK, by_hand_folder, found_at, get, models_folder
from photo_ranker.records import DEFAULT_ENGINE, DUO
from photo_ranker.terminal import command

__all__ = ["AGAIN_SECONDS", "USUAL", "fetch_second_network", "second_network_is_here", "usual_engine"]

USUAL = DUO
"""The engine of those who choose none, where the file of the second network can be had."""

AGAIN_SECONDS = 24 * 3600.0
"""What could not be fetched is not asked for again before."""


def usual_engine(say: Callable[[str], None] = lambda _: None) -> str:
    """The engine of those who choose none; a second network is fetched if it was not asked for lately."""
    if USUAL != DUO:
        return USUAL
    if second_network_is_here():
        return DUO
    note = _note()
    if _was_tried_lately(note):
        return DEFAULT_ENGINE
    told = (lambda _: None) if note.exists() else say
    by_hand = by_hand_folder()
    if by_hand is not None and found_at(OPTIONAL[SECOND_NETWORK]) is None:
        # A machine whose model files are put there by hand has no network to ask.
        if _write_note():
            told(f"note: {SECOND_NETWORK} is not in {by_hand}; the engine {DEFAULT_ENGINE} works alone")
        return DEFAULT_ENGINE
    return DUO if fetch_second_network(told) else DEFAULT_ENGINE


def second_network_is_here() -> bool:
    """Whether the file is here and whole: a damaged one must not stop those who never asked for it."""
    path = found_at(OPTIONAL[SECOND_NETWORK])
    return path is not None and digest_of(path) == OPTIONAL[SECOND_NETWORK].sha256


def fetch_second_network(say: Callable[[str], None]) -> bool:
    """Get the file; whether it is here now. Where it cannot be had that is said, and noted."""
    if not _write_note():  # where nothing can be remembered, no run shall wait for the network
        return False
    try:
        get(OPTIONAL[SECOND_NETWORK], models_folder())
    except ModelUnavailable as error:
        again = command("models", "fetch")
        say(f"note: {error.message}; the engine {DEFAULT_ENGINE} works alone ({again} tries again)")
        return False
    _note().unlink(missing_ok=True)
    return True


def _write_note() -> bool:
    """Remember that the file was looked for today; whether that could be written down."""
    note = _note()
    try:
        files.replace(files.private_folder(note.parent) / note.name, [b""], sync="none")
    except (OSError, FileRefused):
        return False
    return True


def _note() -> Path:
    return cache_folder() / "told" / "no-second-network"


def _was_tried_lately(note: Path) -> bool:
    try:
        return abs(time.time() - note.lstat().st_mtime) < AGAIN_SECONDS
    except OSError:
        return False
