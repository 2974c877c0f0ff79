"""The files of a library: where they lie, a column for each fact of photos and faces, and the list of folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

import msgspec
import numpy as np
from numpy.typing import DTypeLike

from photo_ranker.core import files
from photo_ranker.core.folders import cache_folder
from photo_ranker.library.sketches import WORDS
from photo_ranker.ranker.scorer import COLUMNS
from photo_ranker.settings import Settings

__all__ = [
    "FIGURES",
    "LIBRARY_NAME",
    "MANIFEST_NAME",
    "ROOT_NAME",
    "SCHEMA",
    "Folder",
    "FolderStamp",
    "LibraryManifest",
    "as_name",
    "as_path",
    "face_columns",
    "libraries_of",
    "library_place",
    "photo_columns",
    "places_for",
    "weighing_key",
]


SCHEMA = 1
MANIFEST_NAME = "manifest.json"

FIGURES = ("size_px", "detection", "is_solid")
"""For each face: whether it can be matched, how sure it is, and whether it can found a person.

``is_solid`` is 1 where it can, 0 where it cannot, and -1 for what is no face.
"""

Width = tuple[DTypeLike, int]
"""Type of a number, and how many of them one row has."""


def face_columns(dimensions: int) -> dict[str, Width]:
    """Columns with a row for each face."""
    return {
        "rows": (np.dtype("<f2"), dimensions),
        "ids": (np.dtype("S24"), 1),
        "owners": (np.dtype("<u4"), 1),
        **{f"sketch{number}": (np.dtype("<u8"), 1) for number in range(WORDS)},
        **dict.fromkeys((*FIGURES, *COLUMNS), (np.dtype("<f4"), 1)),
    }


def weighing_key(settings: Settings) -> str:
    """Hash of what the columns of signals depend on; a change of any other setting leaves them as they are."""
    curves, solid, smile = settings.signals, settings.people, settings.measure.smile_by_deepface
    return blake2b(f"4 {COLUMNS} {curves} {solid} {smile}".encode(), digest_size=8).hexdigest()


def photo_columns() -> dict[str, Width]:
    """Columns with a row for each photo."""
    return {
        "offsets": (np.dtype("<u8"), 1),
        "lengths": (np.dtype("<u4"), 1),
        "first_faces": (np.dtype("<u8"), 1),
        "face_counts": (np.dtype("<u2"), 1),
        "unreadable": (np.dtype("<u1"), 1),
        "contents": (np.dtype("<u8"), 1),
    }


class FolderStamp(msgspec.Struct, frozen=True):
    """What a metadata file looked like when it was read."""

    size: int
    mtime_ns: int


class Folder(msgspec.Struct, frozen=True):
    """One folder's part of the library."""

    name: str
    """Below the library's root, as it stands in an URL; empty for the root itself."""
    place: str
    """Where its metadata file lies if not in the folder itself, in the same writing."""
    stamp: FolderStamp
    first_photo: int
    photos: int
    first_face: int
    faces: int
    no_face: int
    unreadable: int
    unknown: int = 0
    """Faces that the engine looks at and has not yet."""

    @property
    def path(self) -> str:
        """The folder below the root."""
        return as_path(self.name)


class LibraryManifest(msgspec.Struct, frozen=True):
    """What a library holds; replaced as a whole, so that its readers see the old one or the new one."""

    schema: int
    engine: str
    weighing: str
    """What the columns of signals depend on; see :func:`weighing_key`."""
    dimensions: int
    generation: int
    """The number of the folder with the columns."""
    photos: int
    """Rows that are written, those that are out of date included."""
    faces: int
    folders: tuple[Folder, ...] = ()

    @property
    def unknown(self) -> int:
        """Faces in all folders that the engine has not looked at yet."""
        return sum(folder.unknown for folder in self.folders)


def as_name(path: str) -> str:
    """A path in a writing that any JSON file can hold, also of names that are not text."""
    return quote_from_bytes(path.encode("utf-8", "surrogateescape"))


def as_path(name: str) -> str:
    """The path that :func:`as_name` was given."""
    return unquote_to_bytes(name).decode("utf-8", "surrogateescape")


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
