"""The photos of one question with their records, and all faces as one matrix."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cached_property
from itertools import compress
from operator import attrgetter
from typing import TypeVar, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats, decode_unit_rows
from photo_ranker.records import DEFAULT_ENGINE, DUO, Face, PhotoRecord, finder_of

__all__ = ["ALIKE", "Album", "AlbumColumns", "AlbumPhoto", "ColumnAlbum", "OnDemand", "repeat_people", "with_time"]

T_co = TypeVar("T_co", covariant=True)


class AlbumPhoto(msgspec.Struct, frozen=True):
    """One photo: where it is and what was measured."""

    path: str
    """The folder as the user typed it, and the file's name."""
    record: PhotoRecord
    """What was measured of it."""

    @property
    def name(self) -> str:
        """The file's name."""
        return os.path.basename(self.path)  # noqa: PTH119 - called for thousands of photos


# Only names that cameras give: a messenger's name tells when the photo was sent, and "PXL_" names are in UTC.
_TIME_IN_NAME = re.compile(
    r"(?:(?:IMG|VID|MVIMG|PANO|DSC|Screenshot)[-_ ])?((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)"
    r"(?:[ T_-]|[ _]at[ _])(\d\d)([-_.]?)(\d\d)\6(\d\d)(?:\d{3})?(?!\d|\s?[AP]M)",
    re.IGNORECASE | re.ASCII,
)
"""IMG_20190504_123456, 2019-05-04 12.34.56, Screenshot_20190504-123456789."""


def with_time(photo: AlbumPhoto) -> AlbumPhoto:
    """The photo, with the time in its name if its record has none, or an invalid one, as an edited record may."""
    stored = photo.record.taken_at
    if stored is not None and _is_time(stored):
        return photo
    named = _time_in(photo.name)
    if named == stored:
        return photo
    return AlbumPhoto(photo.path, msgspec.structs.replace(photo.record, taken_at=named))


def _time_in(name: str) -> str | None:
    found = _TIME_IN_NAME.match(name)
    try:
        time = datetime(*map(int, found.group(1, 3, 4, 5, 7, 8))) if found else None  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None
    return time.isoformat() if time else None


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


class Album:
    """Photos, and the faces of one engine in them."""

    sources: tuple[str, ...] = ()
    """The folders and photos that it was opened with: their books say which face is whose."""

    def __init__(self, photos: Iterable[AlbumPhoto], engine: str = DEFAULT_ENGINE) -> None:
        self.engine, finder, needs_both = engine, finder_of(engine), engine == DUO
        faces: list[Face] = []
        self.faces: Sequence[Face] = faces
        """All faces with an embedding, photo by photo."""
        self.waiting = 0
        """Number of faces that the second network of the engine has not looked at yet; they are left out."""
        owners: list[int] = []
        shown: list[AlbumPhoto] = []
        for number, photo in enumerate(map(with_time, photos)):
            is_shared = False
            for face in photo.record.faces:
                if face.engine != finder:
                    is_shared = True
                elif face.embedding is None:
                    continue
                elif needs_both and face.second_embedding is None:
                    self.waiting += 1
                else:
                    faces.append(face)
                    owners.append(number)
            shown.append(_with_faces_by(engine, photo) if is_shared else photo)
        self.photos: Sequence[AlbumPhoto] = tuple(shown)
        """Their records hold only the faces of this engine: those of other engines show the same people again."""
        self.owners: NDArray[np.int64] = np.array(owners, np.int64)
        """The number of each face's photo."""

    def __repr__(self) -> str:
        return f"<Album of {len(self.photos)} photos and {len(self.faces)} faces, engine {self.engine}>"

    def without(self, faces: AbstractSet[str]) -> Album:
        """The album without the faces that have these ids: nothing counts them any more. Photos keep their numbers."""
        if not faces:
            return self
        kept = np.array([face.id not in faces for face in self.faces], np.bool_)
        photos, counts = list(self.photos), np.bincount(self.owners, minlength=len(self.photos))
        # Few photos change, and a question waits for this, so it loops over all photos as seldom as possible.
        has_more = np.array([len(photo.record.faces) for photo in photos], np.int64) != counts
        for number in {*self.owners[~kept].tolist(), *np.flatnonzero(has_more).tolist()}:
            photos[number] = _without(photos[number], faces)
        rest = Album((), self.engine)
        rest.waiting, rest.sources = self.waiting, self.sources
        rest.photos, rest.faces, rest.owners = tuple(photos), list(compress(self.faces, kept)), self.owners[kept]
        return rest

    @cached_property
    def embeddings(self) -> Floats:
        """One row of unit length per face, in the order of ``faces``."""
        networks = ["embedding", "second_embedding"] if self.engine == DUO else ["embedding"]
        return decode_unit_rows(*(list(map(attrgetter(network), self.faces)) for network in networks))

    @cached_property
    def ids(self) -> Sequence[str]:
        """The id of each face, in the order of ``faces``."""
        return [face.id for face in self.faces]

    @cached_property
    def years(self) -> NDArray[np.float64]:
        """The year of each photo, with the month as its fraction; NaN where it is not known."""
        return np.array([_year(photo.record.taken_at) for photo in self.photos], np.float64)

    @cached_property
    def unreadable(self) -> Sequence[AlbumPhoto]:
        """The photos that could not be measured."""
        return [photo for photo in self.photos if photo.record.unreadable is not None]

    @property
    def bare(self) -> int:
        """Number of readable photos without a face."""
        return sum(not photo.record.faces for photo in self.photos if photo.record.unreadable is None)

    @cached_property
    def has_films(self) -> bool:
        """Whether some of the photos are films."""
        return any(photo.record.is_video for photo in self.photos)

    @cached_property
    def frames(self) -> NDArray[np.int64] | None:
        """A number for the picture that shows each face: its photo, or a frame of its film; None without films."""
        if not self.has_films:
            return None
        numbers, seen = self.owners.copy(), dict[tuple[int, float], int]()
        for face, owner in enumerate(self.owners.tolist()):
            if (seconds := self.faces[face].at_seconds) is not None:
                numbers[face] = seen.setdefault((owner, seconds), len(self.photos) + face)
        return numbers

    def detected(self, least: float, below: float) -> Iterator[Face]:
        """The faces that the detector is sure of to this degree, even those without an embedding."""
        for photo in self.photos:
            yield from (face for face in photo.record.faces if least <= face.detection < below)

    @cached_property
    def sizes(self) -> Floats:
        """The shorter side of each face's box in pixels, in the order of ``faces``."""
        count = len(self.faces)
        widths = np.fromiter((face.box[2] for face in self.faces), np.float32, count)
        heights = np.fromiter((face.box[3] for face in self.faces), np.float32, count)
        return np.minimum(widths, heights)

    @cached_property
    def clarity(self) -> Floats:
        """How plainly the identity network sees each face, in the order of ``faces``; NaN where it does not say."""
        return np.array([face.clarity for face in self.faces], np.float32)


def _without(photo: AlbumPhoto, faces: AbstractSet[str]) -> AlbumPhoto:
    if faces.isdisjoint([face.id for face in photo.record.faces]):
        return photo
    kept = tuple([face for face in photo.record.faces if face.id not in faces])
    return AlbumPhoto(photo.path, msgspec.structs.replace(photo.record, faces=kept))


def _with_faces_by(engine: str, photo: AlbumPhoto) -> AlbumPhoto:
    return AlbumPhoto(photo.path, msgspec.structs.replace(photo.record, faces=photo.record.faces_by(engine)))


def _year(taken_at: str | None) -> float:
    """The year with the month as its fraction; fast, since it runs for every photo of an album."""
    try:
        return np.nan if taken_at is None else int(taken_at[:4]) + (int(taken_at[5:7]) - 1) / 12
    except ValueError:
        return np.nan


# The same album over columns: they hold what a search needs of all records, and a record is read when asked for.


class OnDemand(Sequence[T_co]):
    """A sequence whose items are made when they are first asked for."""

    def __init__(self, count: int, make: Callable[[int], T_co]) -> None:
        self._make = make
        self._made: list[T_co | None] = [None] * count

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, place: int) -> T_co: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[T_co]: ...
    def __getitem__(self, place: int | slice) -> T_co | Sequence[T_co]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        item = self._made[place]
        if item is None:
            item = self._made[place] = self._make(range(len(self))[place])
        return item


class AlbumColumns(msgspec.Struct, frozen=True):
    """What a search needs of all photos and faces, in the form of the album's properties; films are left out."""

    face_counts: NDArray[np.int64]
    """How many faces each photo shows; all have an embedding."""
    is_unreadable: NDArray[np.bool_]
    years: NDArray[np.float64]
    ids: NDArray[np.bytes_]
    embeddings: Floats
    sizes: Floats
    clarity: Floats
    detections: NDArray[np.float64]
    """How sure the detector is of each face."""


class ColumnAlbum(Album):
    """An album of columns; the record of a photo is read when it is asked for."""

    def __init__(self, photos: Sequence[AlbumPhoto], columns: AlbumColumns, engine: str) -> None:
        self.engine, self.waiting, self.photos, self._columns = engine, 0, photos, columns
        self.owners = np.repeat(np.arange(len(photos)), columns.face_counts)
        self.embeddings, self.sizes, self.clarity = columns.embeddings, columns.sizes, columns.clarity
        self.years = columns.years
        first = np.cumsum(columns.face_counts) - columns.face_counts
        self.faces = OnDemand(len(self.owners), lambda face: self._read(face, int(first[self.owners[face]])))

    @cached_property
    def ids(self) -> Sequence[str]:
        """The id of each face."""
        return [name.decode("ascii") for name in self._columns.ids.tolist()]

    @cached_property
    def unreadable(self) -> Sequence[AlbumPhoto]:
        """The photos that could not be measured."""
        return [self.photos[number] for number in np.flatnonzero(self._columns.is_unreadable).tolist()]

    @property
    def bare(self) -> int:
        """Number of readable photos without a face."""
        return int(np.count_nonzero((self._columns.face_counts == 0) & ~self._columns.is_unreadable))

    has_films = False
    """Films are not among the columns."""

    def detected(self, least: float, below: float) -> Iterator[Face]:
        """The faces that the detector is sure of to this degree."""
        sure = self._columns.detections
        yield from (self.faces[number] for number in np.flatnonzero((least <= sure) & (sure < below)).tolist())

    def without(self, faces: AbstractSet[str]) -> Album:
        """The album without these faces, by their ids; it stays an album of columns."""
        if not faces:
            return self
        columns, photos = self._columns, self.photos
        kept = ~np.isin(columns.ids, np.array(sorted(faces)).astype(columns.ids.dtype))
        changed = frozenset(self.owners[~kept].tolist())
        rest = AlbumColumns(
            np.bincount(self.owners[kept], minlength=len(photos)),
            columns.is_unreadable,
            columns.years,
            columns.ids[kept],
            columns.embeddings if kept.all() else columns.embeddings[kept],
            columns.sizes[kept],
            columns.clarity[kept],
            columns.detections[kept],
        )
        fewer = OnDemand(
            len(photos), lambda number: _without(photos[number], faces) if number in changed else photos[number]
        )
        return ColumnAlbum(fewer, rest, self.engine)

    def _read(self, face: int, first: int) -> Face:
        return self.photos[int(self.owners[face])].record.faces[face - first]


ALIKE = 0.55
"""From this cosine on, two faces of one photo are the same person; siblings have 0.3 to 0.5."""

_REPEATED = 0.7
"""A photo repeats people if its most alike faces have this cosine, and a second pair has :data:`ALIKE`."""


def repeat_people(rows: Floats) -> NDArray[np.bool_]:
    """Which photos show people more than once, as a collage or a strip from a photo booth does.

    ``rows`` holds the embeddings of each photo's faces, the same number for each photo. One pair alone may be twins,
    or a mirror.
    """
    cosines = rows @ rows.swapaxes(-1, -2)
    first, second = np.triu_indices(rows.shape[-2], 1)
    pairs = cosines[..., first, second]
    found: NDArray[np.bool_] = (pairs >= _REPEATED).any(-1) & (np.count_nonzero(pairs >= ALIKE, axis=-1) > 1)
    return found
