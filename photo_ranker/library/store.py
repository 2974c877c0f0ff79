"""Reads and writes a library's files, and turns the metadata file of one folder into rows of them.

Columns are memory-mapped; the manifest says which rows are current.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core import files
from photo_ranker.core.codec import decode_rows, mapped, unit_rows
from photo_ranker.core.terminal import command
from photo_ranker.errors import MetadataError, NewerSchema
from photo_ranker.library.layout import (
    FIGURES,
    MANIFEST_NAME,
    SCHEMA,
    WORDS,
    LibraryManifest,
    Width,
    face_columns,
    photo_columns,
    sketch,
)
from photo_ranker.metadata import write_file
from photo_ranker.metadata.document import Damaged, places_in, read_records
from photo_ranker.metadata.storage import not_saved, read_text
from photo_ranker.person_finder.false_faces import is_false_face, is_solid
from photo_ranker.questions.selection import content_of
from photo_ranker.ranker import rows_of_faces
from photo_ranker.ranker.scorer import COLUMNS
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.settings import Settings

__all__ = [
    "LibraryStore",
    "Table",
    "files_of",
    "manifest_of",
    "read_table",
    "remove_other_generations",
    "write_manifest",
]

Table = Mapping[str, NDArray[Any]]
"""Column -> its rows."""


_MARK = "photo.offsets"
"""A column that every generation has: it marks the folder as ours."""


class LibraryStore:
    """Reads rows, or appends some after those of its manifest; rows are never changed, so readers need no lock."""

    def __init__(self, place: Path, manifest: LibraryManifest) -> None:
        self._folder = place / str(manifest.generation)
        self._counts = {"photo": manifest.photos, "face": manifest.faces}
        self._widths = {"photo": photo_columns(), "face": face_columns(manifest.dimensions)}
        self._open: dict[str, NDArray[Any]] = {}

    def photos(self, name: str) -> NDArray[Any]:
        """A column of the photos."""
        return self._column("photo", name)

    def faces(self, name: str) -> NDArray[Any]:
        """A column of the faces."""
        return self._column("face", name)

    def has_photos(self, name: str) -> bool:
        """Whether this column of the photos exists: libraries of older versions have fewer."""
        return self._path("photo", name).exists()

    def has_faces(self, name: str) -> bool:
        """The same for the faces."""
        return self._path("face", name).exists()

    def add(self, photos: Table, faces: Table) -> None:
        """Append rows; they become current once a manifest names them."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for kind, table in (("photo", photos), ("face", faces)):
                for name, width in self._widths[kind].items():
                    _append(self._path(kind, name), table[name], width, self._counts[kind])
        except OSError as error:
            raise not_saved(error, self._folder) from error

    def flush(self) -> None:
        """Sync all rows to the disk; only then may a manifest name them."""
        for path, size in self._files():
            if size:  # if every folder is damaged nothing was written
                with files.open_read(path) as file:
                    os.fsync(file.fileno())
        files.sync_folder(self._folder)

    def is_whole(self) -> bool:
        """Whether the files hold all rows of the manifest."""
        try:
            return all(path.stat().st_size >= size for path, size in self._files() if size)
        except OSError:
            return False

    @property
    def photo_names(self) -> list[str]:
        """Names of the columns of photos."""
        return list(self._widths["photo"])

    @property
    def face_names(self) -> list[str]:
        """Names of the columns of faces."""
        return list(self._widths["face"])

    def _files(self) -> Iterator[tuple[Path, int]]:
        """Every column's file, and how many of its bytes are rows of the manifest."""
        for kind, widths in self._widths.items():
            for name, (dtype, width) in widths.items():
                yield self._path(kind, name), self._counts[kind] * width * np.dtype(dtype).itemsize

    def _column(self, kind: str, name: str) -> NDArray[Any]:
        key = f"{kind}.{name}"
        if key not in self._open:
            dtype, width = self._widths[kind][name]
            shape = (self._counts[kind],) if width == 1 else (self._counts[kind], width)
            self._open[key] = _mapped(self._path(kind, name), np.dtype(dtype), shape)
        return self._open[key]

    def _path(self, kind: str, name: str) -> Path:
        return self._folder / f"{kind}.{name}"


def _mapped(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    if not shape[0]:
        return np.empty(shape, dtype)
    try:
        with files.open_read(path) as file:
            return mapped(file, dtype, shape)
    except (OSError, ValueError) as error:
        raise MetadataError(
            f"{path} is damaged: {error}", f"make the library again: {command('library', 'DIR', '--rebuild')}"
        ) from error


def _append(path: Path, values: NDArray[Any], width: Width, rows: int) -> None:
    dtype, count = np.dtype(width[0]), width[1]
    with io.BufferedWriter(files.append(path)) as file:
        file.truncate(rows * count * dtype.itemsize)  # drop rows that a killed run has left
        file.write(np.ascontiguousarray(values, dtype).tobytes())


def manifest_of(place: Path) -> LibraryManifest | None:
    """The manifest of a library; None if it is missing or damaged, since a library can be made again."""
    try:
        manifest = msgspec.json.decode(files.read(place / MANIFEST_NAME), type=LibraryManifest)
    except (OSError, msgspec.DecodeError):
        return None
    if manifest.schema > SCHEMA:
        raise NewerSchema(f"{place} was made by a newer version", "update Photo Ranker; it is left as it is")
    return manifest


def write_manifest(place: Path, manifest: LibraryManifest) -> None:
    """Replace the manifest: from now on readers see these rows."""
    write_file(place / MANIFEST_NAME, msgspec.json.encode(manifest))


def remove_other_generations(place: Path, generation: int) -> None:
    """Remove the columns of other generations; any other file there is left alone."""
    for path in _generations(place):
        if path.name != str(generation):
            with suppress(OSError):  # on Windows an open file cannot be removed; the next update tries again
                for column in _columns_in(path):
                    column.unlink()
                path.rmdir()


def files_of(home: Path) -> Iterator[Path]:
    """Every file of ours in a library. If its folder is a link, only files that are certainly ours."""
    if not home.is_symlink():
        yield from (path for path in sorted(home.rglob("*")) if path.is_file() or path.is_symlink())
        return
    for place in sorted(home.iterdir()):
        if place.is_symlink() or not place.is_dir():
            continue
        generations = sorted(_generations(place))
        if generations or _has_manifest(place):
            yield from (path for path in sorted(place.iterdir()) if _is_beside_columns(path))
        for generation in generations:
            yield from _columns_in(generation)


def _has_manifest(place: Path) -> bool:
    try:
        return manifest_of(place) is not None
    except NewerSchema:
        return True


def _is_beside_columns(path: Path) -> bool:
    is_ours = path.name == MANIFEST_NAME or path.name.startswith((".photo_ranker", ".photo-ranker-"))
    return is_ours and (path.is_file() or path.is_symlink())


def _generations(place: Path) -> Iterator[Path]:
    """Folders with columns, recognised by :data:`_MARK`."""
    for path in place.iterdir():
        if path.name.isdecimal() and not path.is_symlink() and (path / _MARK).is_file():
            yield path


def _columns_in(generation: Path) -> list[Path]:
    """Columns of all versions; the mark comes last, so that an interrupted removal can go on."""
    columns = [path for path in generation.iterdir() if path.name.startswith(("photo.", "face."))]
    return sorted(columns, key=lambda path: (path.name == _MARK, path))


# The metadata file of one folder as rows of photos and faces.

Numbers = NDArray[np.int64]

Faces = list[tuple[Face, bytes]]
"""Faces, each with its embedding."""


class FolderTable(msgspec.Struct, frozen=True):
    """The rows of one folder; owners and first faces are numbered from the folder's own first row."""

    photos: Table
    faces: Table
    dimensions: int
    """Numbers of one embedding; 0 if there is no face."""
    no_face: int
    """Readable photos without a face of the engine."""
    unreadable: int
    """Photos that could not be measured."""
    unknown: int
    """Faces that the engine has not measured yet."""


def read_table(place: Path, engine: str, dimensions: int, settings: Settings) -> FolderTable:
    """The photos of a metadata file and an engine's faces; ``dimensions`` 0 = those of the first face.

    Raises ``Damaged`` if it cannot be read.
    """
    text = read_text(place)
    try:
        return _table(text, read_records(text), engine, dimensions, settings)
    except NewerSchema:
        raise
    except MetadataError as error:  # damage in the details of a face, which are decoded last
        raise Damaged(error.message) from error


def _table(
    text: bytes, records: Mapping[str, PhotoRecord], engine: str, dimensions: int, settings: Settings
) -> FolderTable:
    faces = {name: _faces_of(record, engine, dimensions) for name, record in records.items()}
    every = [identity for photo_faces in faces.values() for _, identity in photo_faces]
    dimensions = dimensions or (decode_rows(every[:1]).shape[1] if every else 0)
    # Only a damaged file has embeddings of several lengths; checking each face costs time otherwise.
    if len(set(map(len, every))) > 1:
        faces = {name: _of_length(photo_faces, dimensions) for name, photo_faces in faces.items()}
    counts = np.array([len(photo_faces) for photo_faces in faces.values()], np.int64)
    places = [(offset, length) for _, offset, length in places_in(text)]
    offsets, lengths = np.array(places, np.int64).reshape(-1, 2).T
    photos = {
        "offsets": offsets,
        "lengths": lengths,
        "first_faces": np.cumsum(counts) - counts,
        "face_counts": counts,
        "unreadable": np.array([record.unreadable is not None for record in records.values()], np.uint8),
        "contents": np.array([_content(record) for record in records.values()], np.uint64),
    }
    readable = [record for record in records.values() if record.unreadable is None]
    return FolderTable(
        photos,
        _face_rows(records, faces, dimensions, settings),
        dimensions,
        no_face=sum(not record.faces_by(engine) for record in readable),
        unreadable=len(records) - len(readable),
        unknown=sum(face.identity(engine) is None for record in readable for face in record.faces_by(engine)),
    )


def _content(record: PhotoRecord) -> int:
    """A number that copies share; 0 = not known."""
    content = content_of(record)
    return 0 if content is None else int.from_bytes(blake2b(repr(content).encode(), digest_size=8).digest(), "big")


def _faces_of(record: PhotoRecord, engine: str, dimensions: int) -> Faces:
    """The engine's faces that have an embedding, of the right length."""
    known = ((face, face.identity(engine)) for face in record.faces_by(engine))
    faces = [(face, identity) for face, identity in known if identity is not None]
    return _of_length(faces, dimensions) if dimensions else faces


def _of_length(faces: Faces, dimensions: int) -> Faces:
    """The faces whose embedding has ``dimensions`` numbers of two bytes; others come from a damaged file."""
    return [(face, identity) for face, identity in faces if len(identity) == 2 * dimensions]


def _face_rows(
    records: Mapping[str, PhotoRecord], known: Mapping[str, Faces], dimensions: int, settings: Settings
) -> Table:
    identities = [identity for photo_faces in known.values() for _, identity in photo_faces]
    faces = {name: [face for face, _ in photo_faces] for name, photo_faces in known.items()}
    every = [face for photo_faces in faces.values() for face in photo_faces]
    rows = decode_rows(identities) if every else np.zeros((0, dimensions), np.float16)
    words = sketch(unit_rows(rows)) if every else np.zeros((0, WORDS), np.uint64)
    measured = ((face.size_px, face.detection, _solidity(face, settings), face.clarity) for face in every)
    figures = np.array(list(measured), np.float32)
    figures = figures.reshape(-1, len(FIGURES))
    in_photos = [(face, records[name]) for name, photo_faces in faces.items() for face in photo_faces]
    signals = rows_of_faces(in_photos, settings).astype(np.float32)
    return {
        "rows": rows,
        "ids": np.array([face.id.encode() for face in every], "S24"),
        "owners": np.repeat(np.arange(len(faces)), [len(photo_faces) for photo_faces in faces.values()]),
        **{f"sketch{number}": words[:, number] for number in range(WORDS)},
        **{name: figures[:, number] for number, name in enumerate(FIGURES)},
        **{name: signals[:, number] for number, name in enumerate(COLUMNS)},
    }


def _solidity(face: Face, settings: Settings) -> int:
    return -1 if is_false_face(face, settings) else int(is_solid(face, settings))
