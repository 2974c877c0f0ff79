"""The files of a library: where they lie, their columns, and the manifest with the list of folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b, shake_128
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

import msgspec
import numpy as np
from numpy.typing import DTypeLike, NDArray

from photo_ranker.core import files
from photo_ranker.core.codec import Floats
from photo_ranker.core.files import cache_folder
from photo_ranker.ranker.scorer import COLUMNS
from photo_ranker.settings import Settings

__all__ = [
    "BITS",
    "FIGURES",
    "LIBRARY_NAME",
    "MANIFEST_NAME",
    "ROOT_NAME",
    "SCHEMA",
    "WORDS",
    "Folder",
    "FolderStamp",
    "LibraryManifest",
    "Words",
    "as_name",
    "as_path",
    "cached_place",
    "differing",
    "face_columns",
    "libraries_of",
    "library_place",
    "photo_columns",
    "places_for",
    "sketch",
    "weighing_key",
]

SCHEMA = 1
"""Raised only when older versions would misread the files."""
MANIFEST_NAME = "manifest.json"
"""The file that says which rows of the columns are current."""

FIGURES = ("size_px", "detection", "is_solid", "clarity")
"""For each face: its size, how sure it is, whether it can start a person, how plainly it is seen.

Only a face that is large enough can be matched. ``is_solid`` is 1 if it can start a person, 0 if it cannot, and -1 for
a false face.
"""

Width = tuple[DTypeLike, int]
"""The dtype of a column, and how many numbers one row has."""


def face_columns(dimensions: int) -> dict[str, Width]:
    """Columns with one row per face; little-endian, so that a library can be moved to another machine."""
    return {
        "rows": (np.dtype("<f2"), dimensions),
        "ids": (np.dtype("S24"), 1),
        "owners": (np.dtype("<u4"), 1),
        **{f"sketch{number}": (np.dtype("<u8"), 1) for number in range(WORDS)},
        **dict.fromkeys((*FIGURES, *COLUMNS), (np.dtype("<f4"), 1)),
    }


def weighing_key(settings: Settings) -> str:
    """Hash of the settings that the columns of signals depend on; if it changes, the library is made again."""
    curves, solid, smile = settings.signals, settings.people, settings.measure.smile_by_deepface
    # Raise the first number when the same figures would give other signals.
    return blake2b(f"5 {COLUMNS} {curves} {solid} {smile}".encode(), digest_size=8).hexdigest()


def photo_columns() -> dict[str, Width]:
    """Columns with one row per photo; ``offsets`` and ``lengths`` locate its record in the metadata file."""
    return {
        "offsets": (np.dtype("<u8"), 1),
        "lengths": (np.dtype("<u4"), 1),
        "first_faces": (np.dtype("<u8"), 1),
        "face_counts": (np.dtype("<u2"), 1),
        "unreadable": (np.dtype("<u1"), 1),
        "contents": (np.dtype("<u8"), 1),
    }


class FolderStamp(msgspec.Struct, frozen=True):
    """Size and time of a metadata file when it was read."""

    size: int
    mtime_ns: int


class Folder(msgspec.Struct, frozen=True):
    """One folder's part of the library."""

    name: str
    """Its path below the library's root, written as :func:`as_name` does; empty for the root itself."""
    place: str
    """Where its metadata file lies, if not in the folder itself; written likewise."""
    stamp: FolderStamp
    """That of its metadata file when it was read; if it differs now, the file has changed."""
    first_photo: int
    """Its photos are the rows from here on, ``photos`` of them; likewise its faces."""
    photos: int
    first_face: int
    faces: int
    no_face: int
    """Readable photos without a face of the engine."""
    unreadable: int
    unknown: int = 0
    """Faces that the engine has not looked at yet."""

    @property
    def path(self) -> str:
        """The folder below the root."""
        return as_path(self.name)


class LibraryManifest(msgspec.Struct, frozen=True):
    """What a library holds; always replaced as a whole, so that readers see a consistent state."""

    schema: int
    engine: str
    """A library holds the faces of one engine."""
    weighing: str
    """The :func:`weighing_key` of the settings that the columns were computed with."""
    dimensions: int
    """Numbers of one embedding; 0 until the first face."""
    generation: int
    """The name of the folder with the columns; a rewrite makes the next one."""
    photos: int
    """Rows in the files, including those that are out of date."""
    faces: int
    folders: tuple[Folder, ...] = ()
    """Folders with current rows."""
    away: tuple[str, ...] = ()
    """Names of folders that it held until they went missing, for example on a disk that is not connected."""

    @property
    def unknown(self) -> int:
        """Faces in all folders that the engine has not looked at yet."""
        return sum(folder.unknown for folder in self.folders)


def as_name(path: str) -> str:
    """A path as ASCII text for JSON, percent-encoded, since names need not be valid Unicode."""
    return quote_from_bytes(path.encode("utf-8", "surrogateescape"))


def as_path(name: str) -> str:
    """The inverse of :func:`as_name`."""
    return unquote_to_bytes(name).decode("utf-8", "surrogateescape")


LIBRARY_NAME = ".photo_ranker_library"
"""The folder of a library in its root folder."""

ROOT_NAME = "root"
"""File in a library of the cache: the path of its root folder, as the system's bytes."""


def library_place(root: Path) -> Path | None:
    """The library of a folder, if there is one."""
    return next((place for place in (root / LIBRARY_NAME, cached_place(root)) if place.is_dir()), None)


def places_for(root: Path) -> Iterator[Path]:
    """Where a library of a folder may be created: in the folder, else in the cache."""
    yield root / LIBRARY_NAME
    yield cached_place(root)


def libraries_of(folder: Path) -> Iterator[Path]:
    """Every library that may hold this folder or one below it: there, above, below, and in the user's cache."""
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


def cached_place(root: Path) -> Path:
    """Where the library of a folder lies if the folder cannot be written."""
    return _caches() / blake2b(os.fsencode(os.path.realpath(root)), digest_size=16).hexdigest()


def _caches() -> Path:
    return cache_folder() / "libraries"


# Bit vectors that find similar faces with a thirtieth of the work of comparing the embeddings.
#
# Each bit says on which side of a plane through the origin an embedding lies. Two embeddings at an angle of a degrees
# differ in about a/180 of the bits: at 60 degrees (a cosine of 0.5) in 171 +- 10 of 512, while strangers differ in
# 243 +- 18. The faces with the fewest differing bits are then compared exactly.
#
# Why not faiss or another index: ``python -m bench.library_search`` compares them.


WORDS = 8
"""64-bit words of a sketch. More of them find faces more exactly and take longer."""
BITS = 64 * WORDS
"""Bits of a sketch."""

Words = NDArray[np.uint64]
"""Sketches as 64-bit numbers."""

_BLOCK = 1 << 16
"""Faces compared at once: their part of a column stays in the processor's cache."""


@cache
def _planes(dimensions: int) -> Floats:
    """The planes as vectors of +-1, from a fixed hash: stored sketches stay valid in all versions, on all machines."""
    raw = shake_128(b"planes of the photo library").digest(BITS * dimensions // 8)
    planes: Floats = np.unpackbits(np.frombuffer(raw, np.uint8)).reshape(dimensions, BITS).astype(np.float32) * 2 - 1
    return planes


def sketch(rows: Floats) -> Words:
    """The sketch of each row, as ``WORDS`` numbers."""
    bits = np.packbits(rows @ _planes(rows.shape[1]) > 0, axis=1)
    return bits.view("<u8").astype(np.uint64, copy=False)


def differing(columns: Sequence[Words], wanted: Words, start: int, end: int) -> NDArray[np.uint16]:
    """Number of bits in which each face from ``start`` to ``end`` differs from the nearest wanted sketch."""
    fewest = np.empty(end - start, np.uint16)
    for at in range(start, end, _BLOCK):
        stop = min(at + _BLOCK, end)
        block = [column[at:stop] for column in columns]
        best = fewest[at - start : stop - start]
        for number, bits in enumerate(wanted):
            count = np.zeros(stop - at, np.uint16)
            for column, word in zip(block, bits, strict=True):
                count += np.bitwise_count(column ^ word)
            np.minimum(best, count, out=best) if number else np.copyto(best, count)
    return fewest
