"""One index over the metadata of many folders, so that a question about a million faces is answered at once.

It is derived: all of it comes from the folders' metadata files, and folders that have changed are read again. Faces lie
in columns (ids, embeddings in float16, sketches of them, figures) that are memory-mapped, not read. For each photo the
offset of its record in the metadata file is stored, so that only the photos of an answer are read. Rows of a changed
folder are appended; the old ones stay until a quarter of all rows is out of date, then everything is rewritten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import AlbumPhoto
from photo_ranker.core.codec import Floats, unit_rows
from photo_ranker.core.files import open_read
from photo_ranker.core.terminal import command, path_word
from photo_ranker.errors import MetadataError, UserError
from photo_ranker.library.layout import LIBRARY_NAME, WORDS, Folder, LibraryManifest, Words, libraries_of, library_place
from photo_ranker.library.store import LibraryStore, manifest_of
from photo_ranker.library.update import Changes, changed_folders, place_of, update_library, update_usual_library
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.metadata.document import decode_entry
from photo_ranker.records import DUO, finder_of
from photo_ranker.settings import Settings

__all__ = [
    "LIBRARY_NAME",
    "Changes",
    "Library",
    "Numbers",
    "Run",
    "each_once",
    "libraries_of",
    "library_place",
    "open_library",
    "open_usual_library",
    "update_library",
    "update_usual_library",
]


Numbers = NDArray[np.int64]
"""Numbers of photos or faces: rows of the columns."""

Run = tuple[int, int]
"""A range of rows: the first, and the one after the last."""

_BLOCK = 1 << 11
"""Rows read at once: each block reuses the memory of the last one, since fresh memory costs more than the reading."""


def each_once(*numbers: Numbers) -> Numbers:
    """Each number once, in ascending order."""
    # np.unique loads numpy.ma, which takes as long as half a search.
    ordered = np.sort(np.concatenate(numbers))
    found: Numbers = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return found


class Library:
    """The faces and photos of many folders; the number of each is its row in the columns."""

    def __init__(self, root: str, place: Path, manifest: LibraryManifest) -> None:
        self.root, self.manifest = root, manifest
        self._store = LibraryStore(place, manifest)
        self._folders = sorted(manifest.folders, key=lambda folder: folder.first_photo)
        self._starts = np.array([folder.first_photo for folder in self._folders], np.int64)

    @property
    def face_count(self) -> int:
        """Number of current faces."""
        return sum(folder.faces for folder in self._folders)

    @property
    def photo_count(self) -> int:
        """Number of current photos."""
        return sum(folder.photos for folder in self._folders)

    @cached_property
    def runs(self) -> list[Run]:
        """Ranges of current faces; the rows between them are out of date."""
        runs: list[Run] = []
        for folder in sorted(self._folders, key=lambda folder: folder.first_face):
            end = folder.first_face + folder.faces
            if runs and runs[-1][1] == folder.first_face:
                runs[-1] = runs[-1][0], end
            elif folder.faces:
                runs.append((folder.first_face, end))
        return runs

    @cached_property
    def numbers(self) -> Numbers:
        """The numbers of all current faces."""
        parts = [np.arange(start, end) for start, end in self.runs]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    @cached_property
    def photo_numbers(self) -> Numbers:
        """The numbers of all current photos, folder by folder."""
        parts = [np.arange(folder.first_photo, folder.first_photo + folder.photos) for folder in self.manifest.folders]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    @property
    def stored_rows(self) -> NDArray[np.float16]:
        """The embeddings as they are stored."""
        return self._store.faces("rows")

    @property
    def sketches(self) -> list[Words]:
        """Columns of bits; see :mod:`photo_ranker.library.layout`."""
        return [self._store.faces(f"sketch{number}") for number in range(WORDS)]

    def rows(self, faces: Numbers) -> Floats:
        """The embeddings of some faces, of unit length."""
        stored = self.stored_rows
        rows = np.empty((len(faces), stored.shape[1]), np.float32)
        for start in range(0, len(faces), _BLOCK):
            rows[start : start + _BLOCK] = unit_rows(stored[faces[start : start + _BLOCK]])
        return rows

    def value(self, name: str) -> Floats:
        """A figure or signal of all faces; NaN = not measured."""
        column: Floats = self._store.faces(name)
        return column

    def clarity(self, faces: Numbers) -> Floats:
        """How plainly the identity network sees some faces; NaN = not known, as in libraries of older versions."""
        if not self._store.has_faces("clarity"):
            return np.full(len(faces), np.nan, np.float32)
        return self.value("clarity")[faces]

    @property
    def stored_ids(self) -> NDArray[np.bytes_]:
        """The ids of all faces, as ASCII bytes."""
        return self._store.faces("ids")

    def ids(self, faces: Numbers) -> list[str]:
        """The ids of some faces."""
        return [text.decode() for text in self.stored_ids[faces].tolist()]

    def owners(self, faces: Numbers) -> Numbers:
        """The photo of each of these faces."""
        owners: Numbers = self._store.faces("owners")[faces].astype(np.int64)
        return owners

    def contents(self, photos: Numbers) -> NDArray[np.uint64]:
        """A number per photo that copies share; 0 = not known, as in libraries of older versions."""
        if not self._store.has_photos("contents"):
            return np.zeros(len(photos), np.uint64)
        contents: NDArray[np.uint64] = self._store.photos("contents")[photos]
        return contents

    def face_counts(self, photos: Numbers) -> Numbers:
        """The number of faces of each of these photos."""
        counts: Numbers = self._store.photos("face_counts")[photos].astype(np.int64)
        return counts

    def faces_of(self, photos: Numbers) -> Numbers:
        """All faces of some photos."""
        first = self._store.photos("first_faces")[photos].astype(np.int64)
        counts = self.face_counts(photos)
        # The ranges first[i] to first[i] + counts[i], one after another, without a loop.
        before = np.cumsum(counts) - counts
        faces: Numbers = np.arange(int(counts.sum())) + np.repeat(first - before, counts)
        return faces

    def unreadable(self) -> Numbers:
        """The numbers of photos that could not be measured."""
        flags = self._store.photos("unreadable")
        parts = [
            folder.first_photo + np.flatnonzero(flags[folder.first_photo : folder.first_photo + folder.photos])
            for folder in self._folders
            if folder.unreadable
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def photos(self, numbers: Numbers) -> list[AlbumPhoto]:
        """Some photos with their records from the metadata files, in the given order."""
        folder_of = np.searchsorted(self._starts, numbers, "right") - 1
        found: dict[int, AlbumPhoto] = {}
        # Folder by folder and by rising offset, so that each file is opened once and read forwards.
        for at in each_once(folder_of).tolist():
            wanted = np.sort(numbers[folder_of == at])
            found |= zip(wanted.tolist(), self._read(self._folders[at], wanted), strict=True)
        return [found[number] for number in numbers.tolist()]

    def _read(self, folder: Folder, numbers: Numbers) -> Iterable[AlbumPhoto]:
        offsets, lengths = self._store.photos("offsets")[numbers], self._store.photos("lengths")[numbers]
        shown = Path(self.root, folder.path)
        path = place_of(Path(self.root), folder) / METADATA_NAME
        try:
            with open_read(path) as file:
                for offset, length in zip(offsets.tolist(), lengths.tolist(), strict=True):
                    file.seek(offset)
                    name, record = decode_entry(file.read(length))
                    yield AlbumPhoto(str(shown / name), record)
        except (OSError, ValueError) as error:
            raise MetadataError(f"{path} has changed just now", "ask again") from error


def open_library(root: Path, engine: str, settings: Settings, say: Callable[[str], None] = lambda _: None) -> Library:
    """Open the library of a folder, and update it if metadata below the folder has changed."""
    home = library_place(root)
    manifest = manifest_of(home / engine) if home else None
    if home is None or manifest is None:
        chosen = [] if engine == DUO else ["--engine", engine]
        make = command("library", path_word(root), *chosen)
        raise UserError(f"there is no library of {root} yet", f"make it: {make}")
    if changed := changed_folders(root, manifest):
        missing = [path for path in changed if not (root / path).is_dir()]
        if missing:
            say(f"note: not here, so left out until they are back: {', '.join(missing)}")
        if there := len(changed) - len(missing):
            many = "1 folder has" if there == 1 else f"{there} folders have"
            say(f"note: {many} changed; the library is brought up to date")
        update_library(root, engine, settings, say)
        manifest = manifest_of(home / engine) or manifest
    return Library(str(root), home / engine, manifest)


def open_usual_library(
    root: Path, engine: str, settings: Settings, say: Callable[[str], None] = lambda _: None
) -> Library:
    """The library where no engine was chosen: that of the first network alone while faces wait for the second."""
    first, home = finder_of(engine), library_place(root)
    if first == engine or home is None:
        return open_library(root, engine, settings, say)
    if manifest_of(home / engine):
        library = open_library(root, engine, settings, say)
        if not library.manifest.unknown:
            return library
        if not manifest_of(home / first):
            update_library(root, first, settings, say)
    return open_library(root, first, settings, say)
