"""The facts of a folder as columns, kept in the user's cache: a question opens them in place of all records.

They are derived from the metadata file, are valid only for exactly that file, and may be deleted at any time. What a
question needs of a few photos is read from the metadata file itself. A folder with films, with faces of several
engines, or with records in several places has no columns, since there each record must be examined.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from io import FileIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import DTypeLike, NDArray

from photo_ranker.album import Album, AlbumColumns, AlbumPhoto, ColumnAlbum, OnDemand, with_time
from photo_ranker.core import files
from photo_ranker.core.codec import mapped
from photo_ranker.errors import FileRefused, MetadataError
from photo_ranker.indexing.discovery import Listing
from photo_ranker.indexing.interfaces import Report
from photo_ranker.indexing.plan import NOTHING_DRAWN, VERDICT, is_measured
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.metadata.document import (
    Damaged,
    decode_entry,
    from_key,
    places_in,
    read_records,
    to_key,
)
from photo_ranker.metadata.places import columns_file, derived_of, journal_of
from photo_ranker.metadata.storage import fact_copies
from photo_ranker.records import Drawings, PhotoRecord, Stamp, finder_of

__all__ = ["columns_of", "keep_columns", "open_columns"]

LEAST_PHOTOS = 500
"""A smaller folder has no columns: reading its records takes a few milliseconds."""

_SCHEMA = 3
_SAMPLES, _SAMPLE_BYTES = 64, 512
"""Samples of the metadata file that are hashed, and their bytes; a rewritten file has a new revision at its end."""
_ALIGNMENT = 64
"""Columns begin at multiples of this, for numpy's sake."""

_MARK = b"photo-ranker columns\n"
_NO_STAMP = Stamp(0, 0, "")

_UNUSABLE = (OSError, FileRefused, ValueError, OverflowError)
"""Errors of a file that is missing, planted or damaged; those of msgspec are ``ValueError`` too."""

Parts = tuple[dict[str, str], ...]
Columns = Mapping[str, NDArray[Any]]


class _About(msgspec.Struct, frozen=True):
    """The head of the file: what the columns were made from."""

    schema: int
    folder: str
    """The real path of the folder, as hex digits, since names need not be valid text."""
    engine: str
    size: int
    """Size, time and hash of samples of the metadata file."""
    mtime_ns: int
    content: str
    dimensions: int
    """How many numbers an embedding has."""
    faces: int
    keys: tuple[str, ...]
    """The keys of the photos in the metadata file, in the order of the rows."""
    parts: Parts
    """The distinct parts of readable photos, and below those of unreadable ones."""
    verdicts: Parts
    companions: dict[str, tuple[str, ...]]
    """Key of a photo -> names of its companions, if it has any."""


def _layout(about: _About) -> dict[str, tuple[DTypeLike, tuple[int, ...]]]:
    """The columns in their order: dtype and shape."""
    photos, faces = (len(about.keys),), (about.faces,)
    return {
        "sizes_of_files": ("<i8", photos),
        "times_of_files": ("<i8", photos),
        "offsets": ("<i8", photos),
        "lengths": ("<i8", photos),
        "years": ("<f8", photos),
        "face_counts": ("<i8", photos),
        "is_unreadable": ("?", photos),
        "detections": ("<f8", faces),
        "ids": ("S24", faces),
        "sizes": ("<f4", faces),
        "clarity": ("<f4", faces),
        "embeddings": ("<f4", (about.faces, about.dimensions)),
    }


def columns_of(folder: Path) -> list[Path]:
    """The files with columns of a folder and of those below it; damaged ones of any folder too."""
    return derived_of(folder, "*.columns", lambda path: about.folder if (about := _head_of(path)) else None)


def open_columns(
    listing: Listing, engine: str, keys: Mapping[str, str], drawn: Mapping[str, Drawings] = NOTHING_DRAWN
) -> tuple[Album, Report] | None:
    """The album of a folder in which nothing has changed, and its report; None if records are needed."""
    folder = listing.folder
    if listing.picked or fact_copies(folder) or journal_of(folder).exists():
        return None
    with contextlib.suppress(*_UNUSABLE):
        about, columns = _read(columns_file(folder, engine))
        facts = _Facts(folder / METADATA_NAME)
        is_same = facts.are_those_of(about) and about.engine == engine
        if is_same and _is_unchanged(listing, about, columns, keys) and _has_drawings(columns, facts, drawn):
            return _album(listing, facts, about, columns)
    return None


def _is_unchanged(listing: Listing, about: _About, columns: Columns, keys: Mapping[str, str]) -> bool:
    """Whether the files of the folder are those of the columns, all measured by the present version."""
    items = listing.items
    return (
        all(parts == keys or is_measured(PhotoRecord(_NO_STAMP, parts=parts), keys) for parts in about.parts)
        and all(parts == VERDICT for parts in about.verdicts)
        and [item.name for item in items] == list(map(from_key, about.keys))
        and [item.size for item in items] == columns["sizes_of_files"].tolist()
        and [item.mtime_ns for item in items] == columns["times_of_files"].tolist()
        and {to_key(item.name): item.companions for item in items if item.companions} == about.companions
    )


def _has_drawings(columns: Columns, facts: _Facts, drawn: Mapping[str, Drawings]) -> bool:
    """Whether faces that a user has drawn in these photos are there, and those taken back are not."""
    ids = columns["ids"]
    for picture, drawings in drawn.items():
        there = np.isin(np.array([face.id for face in drawings.faces], ids.dtype), ids)
        gone = np.isin(np.array(drawings.taken_back, ids.dtype), ids)
        if (gone.any() or not there.all()) and facts.mention(picture):
            return False
    return True


def _album(listing: Listing, facts: _Facts, about: _About, columns: Columns) -> tuple[Album, Report]:
    def photo(number: int) -> AlbumPhoto:
        name = listing.items[number].name
        return with_time(AlbumPhoto(listing.path_of(name), facts.record(name, columns, number)))

    photos = OnDemand(len(listing.items), photo)
    names = ("face_counts", "is_unreadable", "years", "ids", "embeddings", "sizes", "clarity", "detections")
    album = ColumnAlbum(photos, AlbumColumns(**{name: columns[name] for name in names}), about.engine)
    report = Report(
        fresh=len(photos) - len(album.unreadable),
        unreadable=[(one.path, one.record.unreadable or "") for one in album.unreadable],
        faces=about.faces,
    )
    return album, report


class _Facts:
    """The metadata file, open for reading: if another process replaces it, the old one is read to the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = files.open_read(path)

    def __del__(self) -> None:
        if hasattr(self, "_file"):  # not when opening has failed
            self._file.close()

    def are_those_of(self, about: _About) -> bool:
        """Whether the columns were made from exactly this file."""
        found = os.fstat(self._file.fileno())
        same = (found.st_size, found.st_mtime_ns) == (about.size, about.mtime_ns)
        return same and _content_key(self._file, found.st_size) == about.content

    def mention(self, picture: str) -> bool:
        """Whether a photo has this content hash; a book also contains decisions about photos of other folders."""
        with mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as text:
            return text.find(b'"%b"' % picture.encode()) >= 0

    def record(self, name: str, columns: Columns, number: int) -> PhotoRecord:
        """The record of a photo."""
        try:
            self._file.seek(int(columns["offsets"][number]))
            found, record = decode_entry(self._file.read(int(columns["lengths"][number])))
        except (OSError, ValueError) as error:
            raise self._changed() from error
        if found != name:
            raise self._changed()
        return record if record.former is None else msgspec.structs.replace(record, former=None)

    def _changed(self) -> MetadataError:
        for path in columns_of(self._path.parent):  # the next question reads all records
            path.unlink(missing_ok=True)
        return MetadataError(f"{self._path} has changed just now", "ask again")


def keep_columns(folder: Path, engine: str) -> None:
    """Make the columns of a folder; a cache that cannot be written is not an error."""
    path = columns_file(folder, engine)
    with contextlib.suppress(OSError, FileRefused, MetadataError, Damaged):
        with files.open_read(folder / METADATA_NAME) as file:
            stat, text = os.fstat(file.fileno()), file.read()
            content = _content_key(file, stat.st_size)
        made = _columns(text, folder, engine) if len(text) == stat.st_size else None
        if made is None:
            path.unlink(missing_ok=True)
            return
        about, columns = made
        about = msgspec.structs.replace(about, size=stat.st_size, mtime_ns=stat.st_mtime_ns, content=content)
        files.tidy_cache(files.private_folder(path.parent))
        files.replace(path, _pieces(about, columns), sync="none")


def _columns(text: bytes, folder: Path, engine: str) -> tuple[_About, Columns] | None:
    """Head and columns, still without the stamp of the file; None for a folder that needs its records."""
    records = dict(sorted(read_records(text).items()))
    album = Album([AlbumPhoto(name, record) for name, record in records.items()], engine)
    counts = np.bincount(album.owners, minlength=len(records))
    if not album.faces or album.has_films or counts.tolist() != [len(record.faces) for record in records.values()]:
        return None
    if {face.engine for face in album.faces} != {finder_of(engine)} or not all(map(_is_short, album.ids)):
        return None
    places = {name: place for name, *place in places_in(text)}
    readable = [record for record in records.values() if record.unreadable is None]
    columns = {
        "sizes_of_files": np.array([record.stamp.size for record in records.values()], np.int64),
        "times_of_files": np.array([record.stamp.mtime_ns for record in records.values()], np.int64),
        "offsets": np.array([places[name][0] for name in records], np.int64),
        "lengths": np.array([places[name][1] for name in records], np.int64),
        "years": album.years,
        "face_counts": counts,
        "is_unreadable": np.array([record.unreadable is not None for record in records.values()], np.bool_),
        "detections": np.array([face.detection for face in album.faces], np.float64),
        "ids": np.array([name.encode() for name in album.ids], "S24"),
        "sizes": album.sizes,
        "clarity": album.clarity,
        "embeddings": album.embeddings,
    }
    about = _About(
        schema=_SCHEMA,
        folder=os.fsencode(os.path.realpath(folder)).hex(),
        engine=engine,
        size=0,
        mtime_ns=0,
        content="",
        dimensions=album.embeddings.shape[1],
        faces=len(album.faces),
        keys=tuple(map(to_key, records)),
        parts=_distinct(readable),
        verdicts=_distinct(record for record in records.values() if record.unreadable is not None),
        companions={to_key(name): record.companions for name, record in records.items() if record.companions},
    )
    return about, columns


def _distinct(records: Iterable[PhotoRecord]) -> Parts:
    """The distinct parts of these records: for ten thousand photos usually one."""
    return tuple({tuple(sorted(record.parts.items())): record.parts for record in records}.values())


def _is_short(name: str) -> bool:
    """Whether an id fits into its column; all our own do."""
    return name.isascii() and 0 < len(name) <= 24 and "\0" not in name


# The file: a mark, the length of the head in eight bytes, the head as JSON, then the columns.


def _pieces(about: _About, columns: Columns) -> Iterator[bytes]:
    head = msgspec.json.encode(about)
    start = _MARK + len(head).to_bytes(8, "little") + head
    yield start + bytes(-len(start) % _ALIGNMENT)
    for name, (dtype, shape) in _layout(about).items():
        column = np.ascontiguousarray(columns[name], dtype).reshape(shape).tobytes()
        yield column + bytes(-len(column) % _ALIGNMENT)


def _read(path: Path) -> tuple[_About, Columns]:
    """Head and columns; ``ValueError`` if the file is not whole."""
    with files.open_read(path) as file:
        about, at = _head(file)
        columns = {}
        for name, (dtype, shape) in _layout(about).items():
            columns[name] = mapped(file, dtype, shape, at) if all(shape) else np.empty(shape, dtype)
            at += columns[name].nbytes + -columns[name].nbytes % _ALIGNMENT
        if os.fstat(file.fileno()).st_size != at or int(columns["face_counts"].sum()) != about.faces:
            raise ValueError("the columns are damaged")
    return about, columns


def _head(file: FileIO) -> tuple[_About, int]:
    """The head of the file, and where the columns begin."""
    mark, length = file.read(len(_MARK)), int.from_bytes(file.read(8), "little")
    if mark != _MARK or length > os.fstat(file.fileno()).st_size:
        raise ValueError("these are no columns")
    about = msgspec.json.decode(file.read(length), type=_About)
    if about.schema != _SCHEMA:
        raise ValueError("the columns are of another version")
    start = len(_MARK) + 8 + length
    return about, start + -start % _ALIGNMENT


def _head_of(path: Path) -> _About | None:
    try:
        with files.open_read(path) as file:
            return _head(file)[0]
    except _UNUSABLE:
        return None


def _content_key(file: FileIO, size: int) -> str:
    """Hash of samples of a file, including both ends."""
    found = blake2b(digest_size=16)
    for number in range(_SAMPLES):
        file.seek(max(0, size - _SAMPLE_BYTES) * number // (_SAMPLES - 1))
        found.update(file.read(_SAMPLE_BYTES))
    return found.hexdigest()
