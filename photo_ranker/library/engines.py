"""Which engine's faces a library is about, where none is chosen."""

from __future__ import annotations

from pathlib import Path

from photo_ranker.library.layout import MANIFEST_NAME
from photo_ranker.library.places import library_place
from photo_ranker.library.update import places_below
from photo_ranker.metadata.storage import read_text
from photo_ranker.records import DEFAULT_ENGINE, DUO

__all__ = ["engine_to_ask", "engine_to_make"]


def engine_to_ask(root: Path, usual: str) -> str:
    """The usual engine, if the folder's library is about it or there is no other."""
    home = library_place(root)
    if home is None or _is_made(home / usual):
        return usual
    return DEFAULT_ENGINE if _is_made(home / DEFAULT_ENGINE) else usual


def engine_to_make(root: Path, usual: str) -> str:
    """The engine of the library there is; for a first one the usual, if it has looked at every face."""
    home = library_place(root)
    is_first = home is None or not any(_is_made(home / engine) for engine in (usual, DEFAULT_ENGINE))
    if not is_first:
        return engine_to_ask(root, usual)
    return usual if usual != DUO or _is_measured_by_duo(root) else DEFAULT_ENGINE


def _is_made(place: Path) -> bool:
    return (place / MANIFEST_NAME).is_file()


def _is_measured_by_duo(root: Path) -> bool:
    """Whether every photo that has the one key among its parts has the other; no record is read for it."""
    texts = (read_text(place) for places in places_below(root).values() for place in places)
    return all(text.count(b'"embed:duo":') >= text.count(b'"embed":') for text in texts)
