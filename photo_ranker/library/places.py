"""Where libraries lie: in the folder that they are about, or in the user's cache if it cannot be written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from photo_ranker.core import files
from photo_ranker.core.folders import cache_folder

__all__ = ["LIBRARY_NAME", "ROOT_NAME", "libraries_of", "library_place", "places_for"]

LIBRARY_NAME = ".photo_ranker_library"

ROOT_NAME = "root"
"""In a library of the cache: the path of the folder that it is about, as the system's bytes."""


def library_place(root: Path) -> Path | None:
    """The library of a folder, if there is one."""
    return next((place for place in (root / LIBRARY_NAME, _cached(root)) if place.is_dir()), None)


def places_for(root: Path) -> Iterator[Path]:
    """Where a library of a folder may be made, the best place first."""
    yield root / LIBRARY_NAME
    yield _cached(root)


def libraries_of(folder: Path) -> Iterator[Path]:
    """Every library that knows of this folder or of one below it: there, above, and in the user's cache."""
    real = Path(os.path.realpath(folder))
    for above in (real, *real.parents):
        if (above / LIBRARY_NAME).is_dir():
            yield above / LIBRARY_NAME
    for below, names, _ in os.walk(real):
        if LIBRARY_NAME in names and Path(below) != real:
            yield Path(below, LIBRARY_NAME)
    for note in sorted(_caches().glob(f"*/{ROOT_NAME}")):
        root = Path(os.fsdecode(files.read(note)))
        if root == real or root in real.parents or real in root.parents:
            yield note.parent


def _cached(root: Path) -> Path:
    return _caches() / blake2b(os.fsencode(os.path.realpath(root)), digest_size=16).hexdigest()


def _caches() -> Path:
    return cache_folder() / "libraries"
