"""Bursts and copies of an album: the stacks of the grid, and the faces of a burst frame by frame.

A burst is what :mod:`photo_ranker.questions.selection` calls a moment: pictures that look alike, or follow each other
within seconds with the same faces in the same places. Nothing is rejected here; a stack only says what is on top.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Literal, NamedTuple

import numpy as np

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats
from photo_ranker.people.book import Person
from photo_ranker.questions.selection import content_of, moments
from photo_ranker.ranker import photo_signals, rows_of_faces
from photo_ranker.ranker.scorer import COLUMNS, scores
from photo_ranker.records import Face, PhotoRecord, overlap
from photo_ranker.settings import Settings
from photo_ranker.web.open_albums import OpenAlbum

__all__ = ["Bursts", "FaceRow", "Stack", "bursts_of", "face_rows", "frame_score"]

SAME_PERSON = 0.363
"""Cosine from which two faces of a burst, of which nobody knows whose they are, share a row; SFace's authors' value."""
SAME_PLACE = 0.4
"""Overlap from which they do; as in a moment."""


class _Numbered(NamedTuple):
    number: int
    photo: AlbumPhoto


class Stack(NamedTuple):
    """What one cell of the grid stands for."""

    top: int
    """The number of the photo on top."""
    rest: tuple[int, ...] = ()
    """The others, the best first; none where the photo stands for itself."""
    kind: Literal["burst", "copies"] = "burst"


class FaceRow(NamedTuple):
    """The faces of one person in a burst."""

    person: Person | None
    faces: list[str | None]
    """The id of the person's face in each frame; None where the person is not seen."""


@dataclass(frozen=True, slots=True)
class Bursts:
    """Which photos of an album belong together; a photo that nothing resembles is a group of its own."""

    album: Album
    settings: Settings
    groups: list[list[int]]
    """Numbers of photos, in the order of time."""
    group_of: Mapping[int, int]
    """The number of a photo -> its group."""
    _scores: dict[int, float] = field(default_factory=dict)

    def frames(self, number: int) -> list[int]:
        """The photos of the burst that a photo belongs to, by time; files with identical bytes once."""
        group = self.groups[self.group_of[number]]
        kept: dict[tuple[int, str, str] | int, int] = {}
        for other in sorted(group, key=lambda other: other != number):  # the one asked for stands for its copies
            kept.setdefault(self._content(other) or other, other)
        return sorted(kept.values(), key=group.index)

    def together(self, shown: Iterable[int]) -> list[tuple[int, ...]]:
        """Some photos by their groups; a group is where its first photo is."""
        found: dict[int, list[int]] = {}
        for number in shown:
            found.setdefault(self.group_of[number], []).append(number)
        return list(map(tuple, found.values()))

    def stack(self, members: Sequence[int]) -> Stack:
        """The photos of a group as a stack. To score them takes a millisecond a photo, so ask for what is shown."""
        if len(members) == 1:
            return Stack(members[0])
        top, *rest = sorted(members, key=self._order)
        contents = {self._content(number) for number in members}
        return Stack(top, tuple(rest), "copies" if len(contents) == 1 and None not in contents else "burst")

    def _order(self, number: int) -> tuple[float, int, str]:
        # "IMG_1.jpg" is shorter than "Copy of IMG_1.jpg".
        path = self.album.photos[number].path
        return -self._score(number), len(path), path

    def _content(self, number: int) -> tuple[int, str, str] | None:
        return content_of(self.album.photos[number].record)

    def _score(self, number: int) -> float:
        if number not in self._scores:
            self._scores[number] = frame_score(self.album.photos[number].record, self.settings)
        return self._scores[number]


def bursts_of(album: OpenAlbum, settings: Settings) -> Bursts:
    """The bursts of an album; found once as long as its photos stay the same."""
    return album.remembered("bursts", lambda: _found(album.album, settings))


def _found(album: Album, settings: Settings) -> Bursts:
    numbered = [_Numbered(number, photo) for number, photo in enumerate(album.photos)]
    by_time = sorted(numbered, key=lambda item: (item.photo.record.taken_at or "9999", item.number))
    groups = [[item.number for item in group] for group in moments(by_time, settings.moments)]
    group_of = {number: place for place, group in enumerate(groups) for number in group}
    return Bursts(album, settings, groups, group_of)


def frame_score(record: PhotoRecord, settings: Settings) -> float:
    """How good a frame is beside others of its burst: the mean score of its faces, else that of the picture."""
    faces = [face for face in record.faces if face.size_px >= settings.signals.group_min_face] or list(record.faces)
    if not faces:
        signals = photo_signals(record, settings)
        values = [value for name in signals.__struct_fields__ if (value := getattr(signals, name)) is not None]
        return fmean(values) if values else 0.0
    columns = np.array(rows_of_faces(record, faces, settings), np.float64).T
    return float(np.mean(scores(lambda name: columns[COLUMNS.index(name)], settings.weights)))


def face_rows(
    album: OpenAlbum, frames: Sequence[int], owners: Mapping[str, Person], false_faces: Collection[str]
) -> list[FaceRow]:
    """The faces of a burst, a row a person: by name, else by likeness and place. Who counts most comes first."""
    rows: list[_Row] = []
    for place, number in enumerate(frames):
        faces = [face for face in album.album.photos[number].record.faces if face.id not in false_faces]
        seen = [_Seen(face, owners.get(face.id), _embedding(album, face.id)) for face in faces]
        row_of = _pairs(rows, seen)
        for one_place, one in enumerate(seen):
            row = row_of.get(one_place)
            if row is None:
                row = _Row(one.owner, [None] * len(frames))
                rows.append(row)
            row.faces[place], row.last = one.face.id, one
            row.sizes.append(one.face.size_px)
    rows.sort(key=lambda row: (row.faces.count(None), -fmean(row.sizes)))
    return [FaceRow(row.owner, row.faces) for row in rows]


class _Seen(NamedTuple):
    face: Face
    owner: Person | None
    embedding: Floats


@dataclass(slots=True)
class _Row:
    owner: Person | None
    faces: list[str | None]
    sizes: list[float] = field(default_factory=list)
    last: _Seen | None = None
    """The face in the last frame that shows the person."""


def _pairs(rows: Sequence[_Row], seen: Sequence[_Seen]) -> dict[int, _Row]:
    """Place of a face of a frame -> the row that it belongs into, the surest pair first."""
    found: dict[int, _Row] = {}
    likeness = {(row, one): _likeness(rows[row], seen[one]) for row in range(len(rows)) for one in range(len(seen))}
    taken: set[int] = set()
    for row, one in sorted(likeness, key=lambda pair: -likeness[pair]):
        if likeness[row, one] > 0 and one not in found and row not in taken:
            found[one] = rows[row]
            taken.add(row)
    return found


def _likeness(row: _Row, seen: _Seen) -> float:
    """How much a face belongs into a row; 0 = not at all."""
    if row.last is None or row.owner is not seen.owner:
        return 0.0
    if row.owner is not None:
        return 3.0
    cosine = float(row.last.embedding @ seen.embedding)
    place = overlap(row.last.face.box, seen.face.box)
    # A blurred face resembles many, but within seconds it stays where it was.
    return cosine + place if cosine >= SAME_PERSON or place >= SAME_PLACE else 0.0


def _embedding(album: OpenAlbum, face: str) -> Floats:
    number = album.number_of_face_if_here(face)
    # A face that no network has looked at resembles nobody.
    return np.zeros(album.album.embeddings.shape[1], np.float32) if number is None else album.album.embeddings[number]
