"""Measures reference photos: the faces that show whom to look for.

A measured reference is kept in the user's cache under its content and the engine, so that the next question loads no
model.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from photo_ranker.album import ALIKE, Album
from photo_ranker.core import files
from photo_ranker.core.codec import Floats, decode_unit_rows
from photo_ranker.core.files import cache_folder
from photo_ranker.core.terminal import counted
from photo_ranker.errors import FileRefused, PhotoUnreadable, ReferenceUnusable
from photo_ranker.images import content_hash
from photo_ranker.images.hashing import read_once
from photo_ranker.images.sniff import VIDEO_SUFFIXES, suffix_of
from photo_ranker.indexing.file_kinds import is_photo
from photo_ranker.person_finder.false_faces import is_false_face
from photo_ranker.person_finder.populations import population_of
from photo_ranker.person_finder.years import year_of_file
from photo_ranker.records import DEFAULT_ENGINE, Face, PhotoRecord
from photo_ranker.settings import Settings
from photo_ranker.workspace.requests import is_there

if TYPE_CHECKING:
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.analysis.analyser import Analyser

__all__ = [
    "Reference",
    "ReferenceReader",
    "dated",
    "different_people",
    "embeddings_of",
    "meant_face",
    "references_folder",
]


AS_LARGE = 0.9
"""Faces of at least this share of the largest one's size are as large: boxes are not more exact than that."""

SMALL, UNCLEAR = 30.0, 8.0
"""Pixels, and clarity, below which a face resembles its own person hardly more than others: cosine 0.30 on average."""


NO_FACE, RIVAL = 5.5, 0.5
"""A less clear face is passed over for another one of at least this share of its size.

In 491 photos of eight events it is the largest one 34 times: 11 walls, hands and painted flowers, and 23 heads that are
turned away or cut. Of 33 with 5.5 to 8 beside a clear one nearly all are people in profile, who may be meant.
"""

NEVER_A_FACE = 3.5
"""Below this clarity it is passed over for any clear face, however small.

Of 8,381 faces of LFW and two events one of 80 px and more is so unclear, and its other facts say that it is none.
"""

STRANGERS = 0.1
"""Two references show two people if they are less alike than this share of strangers, divided by how many there are."""

_USUAL = Settings()

NOTES = 5
"""Most notes on the photos of one folder of references."""


class Reference(msgspec.Struct, frozen=True):
    """One face of the person to look for."""

    path: Path
    face: Face
    engine: str = DEFAULT_ENGINE
    year: float | None = None
    """When the photo was taken, by its own date or by one in its name."""

    def embedding(self, engine: str = "") -> Floats:
        """The identity of the face as a unit row; ``engine`` may be another one that knows the same face."""
        identity = self.face.identity(engine or self.engine)
        assert identity is not None
        row: Floats = decode_unit_rows([identity])[0]
        return row


class _Shown(msgspec.Struct, frozen=True):
    """Whom one reference photo shows."""

    path: Path
    faces: Sequence[Face]
    """From the left."""
    year: float | None


class ReferenceReader:
    """Finds the face that is meant in reference photos."""

    def __init__(self, spec: AnalyserSpec, say: Callable[[str], None], *, remember: bool = True) -> None:
        self._spec, self._say, self._remember = spec, say, remember
        self._analysers: dict[bool, Analyser] = {}
        """By whether they measure identities alone."""
        self._looked_at: dict[tuple[Path, int | None], list[_Shown]] = {}

    def check(self, paths: Iterable[Path], number: int | None = None) -> None:
        """Refuse what :meth:`read` would refuse."""
        for path in paths:
            self._shown(path, number)

    def read(self, paths: Iterable[Path], number: int | None = None, album: Album | None = None) -> list[Reference]:
        """The references in these photos and folders: the largest face of each photo, or face ``number``.

        Faces are numbered from the left, from 1. No usable face at all is an error. Of faces that are equally large
        the one in most photos of the ``album`` is meant.
        """
        found: list[Reference] = []
        for path in paths:
            notes: list[str] = []
            for shown in self._shown(path, number):
                meant = self._meant(shown, number, album, notes.append)
                found.append(Reference(shown.path, meant, self._spec.engine, shown.year))
            self._tell(notes, path)
        return found

    def record(self, path: Path) -> PhotoRecord:
        """The record of a reference photo, from the cache or measured now; may raise ``PhotoUnreadable``."""
        if not is_there(path):
            raise ReferenceUnusable(f"there is no file {path}", "check the path of the reference photo")
        if not self._remember:
            return self._measured(path)
        # By content and keys: a renamed reference is found, and one measured by an older version is not.
        keys = self._spec_for(path).keys()
        data, _ = read_once(path, self._spec.settings.max_file_bytes)
        kept = references_folder() / f"{content_hash(data)}-{_digest(keys)}.json"
        # A cached record that cannot be read is no error: the photo is measured again.
        with contextlib.suppress(OSError, FileRefused, msgspec.MsgspecError):
            return msgspec.json.decode(files.read(kept), type=PhotoRecord)
        record = self._measured(path)
        _keep(record, kept)
        return record

    def _shown(self, path: Path, number: int | None) -> list[_Shown]:
        if (path, number) not in self._looked_at:
            is_folder = is_there(path) and path.is_dir()
            shown = self._folder(path, number) if is_folder else [self._photo(path, number)]
            self._looked_at[path, number] = shown
        return self._looked_at[path, number]

    def _folder(self, folder: Path, number: int | None) -> list[_Shown]:
        found = []
        notes: list[str] = []
        photos = sorted(path for path in folder.iterdir() if is_photo(path))
        for path in photos:
            try:
                found.append(self._photo(path, number))
            except ReferenceUnusable as error:
                notes.append(f"note: {error.message}; left out")
        self._tell(notes, folder)
        if not found:
            raise ReferenceUnusable(
                f"no photo with a face in the reference folder {folder}", "put photos of the person into it"
            )
        return found

    def _photo(self, path: Path, number: int | None) -> _Shown:
        record = self._readable(path)
        known = (face for face in record.faces_by(self._spec.engine) if face.identity(self._spec.engine) is not None)
        faces = sorted(known, key=lambda face: face.box[0])
        if not faces:
            raise ReferenceUnusable(
                f"no face found in {path}", "try a photo where the face is larger and turned to the camera"
            )
        if number is not None and not 1 <= number <= len(faces):
            shown = "one face" if len(faces) == 1 else f"{len(faces)} faces"
            raise ReferenceUnusable(
                f"{path} shows {shown}, there is no number {number}",
                f"faces are numbered from the left, 1 to {len(faces)}",
            )
        return _Shown(path, faces, year_of_file(record.taken_at, path.name))

    def _meant(self, shown: _Shown, number: int | None, album: Album | None, say: Callable[[str], None]) -> Face:
        faces = shown.faces
        meant = meant_face(faces, album) if number is None else faces[number - 1]
        if number is None and len(faces) > 1:
            is_largest = meant.size_px == max(face.size_px for face in faces)
            why = "the largest" if is_largest else "the largest clear one"
            if meant is not _largest(faces):
                why = "the one in most of these photos"
            say(
                f"note: {shown.path} shows {len(faces)} faces; using {why}, number {faces.index(meant) + 1} "
                "from the left (--ref-face N, or a photo cut to size, chooses another)"
            )
        if not _is_clear(meant):
            say(
                f"note: the face in {shown.path} is small or unclear; "
                "a clear photo of the person, the right way up, finds more"
            )
        return meant

    def _tell(self, notes: Sequence[str], path: Path) -> None:
        for note in notes[:NOTES]:
            self._say(note)
        if len(notes) > NOTES:
            self._say(f"note: {counted(len(notes) - NOTES, 'more note')} like these on photos in {path}")

    def _readable(self, path: Path) -> PhotoRecord:
        try:
            return self.record(path)
        except PhotoUnreadable as error:
            raise ReferenceUnusable(f"cannot read {path}: {error.reason}", "give a photo of the person") from error

    def _measured(self, path: Path) -> PhotoRecord:
        spec = self._spec_for(path)
        if spec.identity_only not in self._analysers:
            from photo_ranker.models.store import FETCHING, is_fetched

            if not is_fetched():
                self._say(FETCHING)
            self._analysers[spec.identity_only] = spec.open()
        return self._analysers[spec.identity_only].analyse(path)

    def _spec_for(self, path: Path) -> AnalyserSpec:
        """Of a photo only identities are asked; which frame of a film is the best, its other figures decide."""
        return msgspec.structs.replace(self._spec, identity_only=suffix_of(path.name) not in VIDEO_SUFFIXES)


def meant_face(faces: Sequence[Face], album: Album | None) -> Face:
    """The face that is probably meant: the largest, or a clear one as large that is in more photos of an album."""
    largest = _largest(faces)
    if album is None or not album.faces:
        return largest
    as_large = (face for face in faces if face is not largest and face.size_px >= AS_LARGE * largest.size_px)
    equal = [largest, *sorted(filter(_is_clear, as_large), key=lambda face: -face.size_px)]
    identities = [identity for face in equal if (identity := face.identity(album.engine)) is not None]
    if not len(identities) == len(equal) > 1:
        return largest
    is_alike = album.embeddings @ decode_unit_rows(identities).T >= ALIKE
    counts = [len(np.unique(album.owners[column])) for column in is_alike.T]
    return equal[counts.index(max(counts))]


def _is_clear(face: Face) -> bool:
    return face.size_px >= SMALL and (face.clarity is None or face.clarity >= UNCLEAR)


def _largest(faces: Sequence[Face]) -> Face:
    """The largest face, but nothing that was taken for one beside a face."""
    true = [face for face in faces if not _is_never_a_face(face)]
    faces = true if any(map(_is_clear, true)) else faces
    largest = max(faces, key=lambda face: face.size_px)
    others = [face for face in faces if face.size_px >= RIVAL * largest.size_px and not _is_none(face)]
    return max(others or [largest], key=lambda face: face.size_px)


def _is_never_a_face(face: Face) -> bool:
    return is_false_face(face, _USUAL) or (face.clarity is not None and face.clarity < NEVER_A_FACE)


def _is_none(face: Face) -> bool:
    return face.clarity is not None and face.clarity < NO_FACE


def different_people(references: Sequence[Reference], engine: str = "") -> tuple[Path, Path] | None:
    """Two references that seem to show two people: not alike, nor linked by others, as a child and the grown woman are.

    Faces that are small or unclear resemble nobody much, so they tell nothing.
    """
    clear = [reference for reference in references if _is_clear(reference.face)]
    if len(clear) < 2:
        return None
    rows = np.stack(embeddings_of(clear, engine))
    # The more there are, the more strangers are alike by chance, and the nearer is the nearest of one person.
    alike = rows @ rows.T > population_of(engine or clear[0].engine).likeness(STRANGERS / len(clear))
    linked, before = alike[0], 0
    while before < (before := int(linked.sum())):
        linked = alike[linked].any(axis=0)
    return None if linked.all() else (clear[0].path, clear[int(np.argmin(linked))].path)


def _digest(keys: dict[str, str]) -> str:
    return blake2b(repr(sorted(keys.items())).encode(), digest_size=6).hexdigest()


def references_folder() -> Path:
    """The folder of cached records of references."""
    return cache_folder() / "references"


def _keep(record: PhotoRecord, path: Path) -> None:
    """Cache a record; a cache that cannot be written is no error."""
    with contextlib.suppress(OSError, FileRefused):
        files.tidy_cache(files.private_folder(path.parent))
        files.replace(path, [msgspec.json.encode(record)], sync="none")


def dated(references: Iterable[Sequence[Reference]], years: Sequence[int]) -> list[Reference]:
    """All references, each option's together; a year that the user gives goes before the date of the photo."""
    found = list(references)
    told = years if len(years) == len(found) else [*years] * len(found)
    by_user: list[int | None] = list(told) or [None] * len(found)
    return [
        reference if year is None else msgspec.structs.replace(reference, year=year + 0.5)  # the middle of the year
        for its, year in zip(found, by_user, strict=True)
        for reference in its
    ]


def embeddings_of(references: Sequence[Reference], engine: str = "") -> list[Floats]:
    """One unit row a reference, by the engine that measured it or by ``engine``."""
    return [reference.embedding(engine) for reference in references]
