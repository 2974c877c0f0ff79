"""Reads and writes a library's files: memory-mapped columns, and the manifest that says which rows are current."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core import files
from photo_ranker.core.codec import mapped
from photo_ranker.core.terminal import command
from photo_ranker.errors import MetadataError, NewerSchema
from photo_ranker.library.layout import MANIFEST_NAME, SCHEMA, LibraryManifest, Width, face_columns, photo_columns
from photo_ranker.metadata import write_file
from photo_ranker.metadata.storage import not_saved

__all__ = ["LibraryStore", "Table", "files_of", "manifest_of", "remove_other_generations", "write_manifest"]

Table = Mapping[str, NDArray[Any]]
"""Column -> its rows."""


_MARK = "photo.offsets"
"""A column that every generation has: it marks the folder as ours."""


class LibraryStore:
    """Reads rows, or appends some behind those of its manifest; rows are never changed, so readers need no lock."""

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
