"""The cells of the grid: photos as JSON, for the viewer too, and the bursts and copies that form stacks.

A burst is what :mod:`photo_ranker.questions.selection` calls a moment: pictures that look alike, or follow each other
within seconds with the same faces in the same places. Nothing is rejected here; a stack only decides which photo is on
top, and a burst can be viewed frame by frame, with a row for each person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats
from photo_ranker.core.terminal import shown
from photo_ranker.core.words import current_words
from photo_ranker.exporters.document import face_object, signals_object
from photo_ranker.images.video import is_video
from photo_ranker.people.book import Person
from photo_ranker.questions.selection import content_of, moments
from photo_ranker.ranker import FaceSignals, photo_signals, rows_of_faces, signals_of
from photo_ranker.ranker.scorer import COLUMNS, scores
from photo_ranker.records import Face, PhotoRecord, overlap
from photo_ranker.settings import Settings
from photo_ranker.web.guests import likes_of
from photo_ranker.web.marks import Marks
from photo_ranker.web.open_albums import OpenAlbum, is_pending
from photo_ranker.web.schemas import FaceOut, MarkOut, PhotoDetail, PhotoOut, StackOut

__all__ = ["Bursts", "Grid", "bursts_of", "face_rows", "is_film", "version_of"]


class Grid(msgspec.Struct, frozen=True):
    """An album and the marks of its photos."""

    album: OpenAlbum
    marks: Marks
    favourites: Mapping[str, int] = msgspec.field(default_factory=dict)
    """Key of a photo -> how many guests like it."""

    def photo(self, number: int, face: Face | None = None, result: dict[str, Any] | None = None) -> PhotoOut:
        """One photo; ``face`` is the face that it is shown for."""
        photo = self.album.album.photos[number]
        record = photo.record
        mark = self.marks.of(photo)
        return PhotoOut(
            id=self.album.ids[number],
            name=shown(photo.name),
            width=record.width,
            height=record.height,
            version=version_of(record),
            taken_at=record.taken_at,
            unreadable=record.unreadable and current_words().said(record.unreadable),
            pending=is_pending(record),
            is_film=is_film(photo),
            faces=len(record.faces),
            focus=_focus(record, [face] if face else record.faces),
            mark=MarkOut(flag=mark.flag, stars=mark.stars),
            guests=likes_of(photo, self.favourites),
            result=result and _in_words(result),
        )

    def on_top(self, stack: Stack, *, is_open: bool, within: int | None) -> PhotoOut:
        """The photo on top of a stack, with the others; ``within`` is the top of the open stack that holds this one."""
        photo = self.photo(stack.top)
        photo.in_stack = None if within is None else self.album.ids[within]
        if stack.rest:
            members = [photo.model_copy(), *map(self.photo, stack.rest)]
            photo.stack = StackOut(kind=stack.kind, photos=members, is_open=is_open)
        return photo

    def detail(
        self, number: int, settings: Settings, owners: Mapping[str, Person], false_faces: Collection[str]
    ) -> PhotoDetail:
        """All that is known about a photo."""
        record = self.album.album.photos[number].record
        faces = sorted(record.faces, key=lambda face: face.box[0])
        found = signals_of([(face, record) for face in faces], settings)
        return PhotoDetail(
            photo=self.photo(number),
            format=record.format,
            camera=record.camera,
            moment=record.moment if record.is_video else None,
            signals=signals_object(photo_signals(record, settings)),
            faces=[
                _face_out(face, signals, owners.get(face.id), is_false=face.id in false_faces)
                for face, signals in zip(faces, found, strict=True)
            ],
        )


def _in_words(result: dict[str, Any]) -> dict[str, Any]:
    """The reasons in the language of the reader."""
    said = current_words().said
    return {**result, **{side: [said(reason) for reason in result[side]] for side in ("reasons", "against")}}


def is_film(photo: AlbumPhoto) -> bool:
    """Whether a photo is a film; judged by its name if it is not measured."""
    return photo.record.is_video or (not photo.record.format and is_video(Path(photo.path)))


def version_of(record: PhotoRecord) -> str:
    """A value that changes with the picture: its content hash, else size and time of its file."""
    return record.stamp.hash[:12] or f"{record.stamp.size:x}-{record.stamp.mtime_ns:x}"


def _face_out(face: Face, signals: FaceSignals, owner: Person | None, *, is_false: bool) -> FaceOut:
    return FaceOut(
        face=face_object(face),
        signals=signals_object(signals),
        person=owner.id if owner else None,
        name=owner.name if owner else None,
        is_false=is_false,
        at_seconds=face.at_seconds,
    )


def _focus(record: PhotoRecord, faces: Sequence[Face]) -> tuple[float, float]:
    """The middle of the faces, or a little above the middle of the picture."""
    if not faces or not record.width or not record.height:
        return 0.5, 0.4
    left = min(face.box[0] for face in faces)
    right = max(face.box[0] + face.box[2] for face in faces)
    top = min(face.box[1] for face in faces)
    bottom = max(face.box[1] + face.box[3] for face in faces)
    x, y = (left + right) / 2 / record.width, (top + bottom) / 2 / record.height
    return round(min(max(x, 0.0), 1.0), 3), round(min(max(y, 0.0), 1.0), 3)


class Stack(NamedTuple):
    """What one cell of the grid stands for."""

    top: int
    """The number of the photo on top."""
    rest: tuple[int, ...] = ()
    """The others, the best first; empty if the cell is a single photo."""
    kind: Literal["burst", "copies"] = "burst"


class FaceRow(NamedTuple):
    """The faces of one person in a burst."""

    person: Person | None
    faces: list[str | None]
    """The id of the person's face in each frame; None where the person is not seen."""


SAME_PERSON = 0.363
"""From this cosine up, two faces of unknown people in a burst share a row; the value of SFace's authors."""

SAME_PLACE = 0.4
"""From this overlap of their boxes up, they share a row too; as in a moment."""


class _Numbered(NamedTuple):
    number: int
    photo: AlbumPhoto


class Bursts(msgspec.Struct, frozen=True):
    """Which photos of an album belong together; a photo that resembles no other is a group by itself."""

    album: Album
    settings: Settings
    groups: list[list[int]]
    """Numbers of photos, ordered by time."""
    group_of: Mapping[int, int]
    """The number of a photo -> its group."""
    _scores: dict[int, float] = msgspec.field(default_factory=dict)

    def frames(self, number: int) -> list[int]:
        """The photos of the burst that a photo belongs to, by time; files with identical bytes once."""
        group = self.groups[self.group_of[number]]
        kept: dict[tuple[int, str, str] | int, int] = {}
        for other in sorted(group, key=lambda other: other != number):  # the requested photo represents its copies
            kept.setdefault(self._content(other) or other, other)
        return sorted(kept.values(), key=group.index)

    def together(self, shown: Iterable[int]) -> list[tuple[int, ...]]:
        """These photos grouped; each group takes the place of its first photo."""
        found: dict[int, list[int]] = {}
        for number in shown:
            found.setdefault(self.group_of[number], []).append(number)
        return list(map(tuple, found.values()))

    def stack(self, members: Sequence[int]) -> Stack:
        """The photos of a group as a stack."""
        if len(members) == 1:
            return Stack(members[0])
        self.judge(members)
        top, *rest = sorted(members, key=self._order)
        contents = {self._content(number) for number in members}
        return Stack(top, tuple(rest), "copies" if len(contents) == 1 and None not in contents else "burst")

    def _order(self, number: int) -> tuple[float, int, str]:
        # "IMG_1.jpg" is shorter than "Copy of IMG_1.jpg".
        path = self.album.photos[number].path
        return -self._scores[number], len(path), path

    def _content(self, number: int) -> tuple[int, str, str] | None:
        return content_of(self.album.photos[number].record)

    def judge(self, numbers: Iterable[int]) -> None:
        """Score these frames all at once: that takes a fraction of the time of one by one."""
        new = [number for number in numbers if number not in self._scores]
        records = [self.album.photos[number].record for number in new]
        self._scores.update(zip(new, _frame_scores(records, self.settings), strict=True))


def bursts_of(album: OpenAlbum, settings: Settings) -> Bursts:
    """The bursts of an album, computed once and kept as long as its photos stay the same."""
    return album.remembered("bursts", lambda: _bursts(album.album, settings))


def _bursts(album: Album, settings: Settings) -> Bursts:
    numbered = [_Numbered(number, photo) for number, photo in enumerate(album.photos)]
    by_time = sorted(numbered, key=lambda item: (item.photo.record.taken_at or "9999", item.number))
    groups = [[item.number for item in group] for group in moments(by_time, settings.moments)]
    group_of = {number: place for place, group in enumerate(groups) for number in group}
    return Bursts(album, settings, groups, group_of)


def _frame_scores(records: Sequence[PhotoRecord], settings: Settings) -> Iterator[float]:
    """How good each frame of a burst is: the mean score of its faces, or without faces the score of the picture."""
    least = settings.signals.group_min_face
    faces = [[face for face in one.faces if face.size_px >= least] or list(one.faces) for one in records]
    judged = [(face, record) for record, group in zip(records, faces, strict=True) for face in group]
    columns = np.array(rows_of_faces(judged, settings), np.float64).reshape(-1, len(COLUMNS)).T
    found = iter(scores(lambda name: columns[COLUMNS.index(name)], settings.weights).tolist())
    for record, group in zip(records, faces, strict=True):
        yield fmean(islice(found, len(group))) if group else _picture_score(record, settings)


def _picture_score(record: PhotoRecord, settings: Settings) -> float:
    signals = photo_signals(record, settings)
    values = [value for name in signals.__struct_fields__ if (value := getattr(signals, name)) is not None]
    return fmean(values) if values else 0.0


def face_rows(
    album: OpenAlbum, frames: Sequence[int], owners: Mapping[str, Person], false_faces: Collection[str]
) -> list[FaceRow]:
    """The faces of a burst, one row per person: by name, else by likeness and place. People in most frames first."""
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


class _Row(msgspec.Struct):
    owner: Person | None
    faces: list[str | None]
    sizes: list[float] = msgspec.field(default_factory=list)
    last: _Seen | None = None
    """The face in the last frame that shows the person."""


def _pairs(rows: Sequence[_Row], seen: Sequence[_Seen]) -> dict[int, _Row]:
    """Index of a face in a frame -> the row that it belongs to; the most alike are paired first."""
    found: dict[int, _Row] = {}
    likeness = {(row, one): _likeness(rows[row], seen[one]) for row in range(len(rows)) for one in range(len(seen))}
    taken: set[int] = set()
    for row, one in sorted(likeness, key=lambda pair: -likeness[pair]):
        if likeness[row, one] > 0 and one not in found and row not in taken:
            found[one] = rows[row]
            taken.add(row)
    return found


def _likeness(row: _Row, seen: _Seen) -> float:
    """How well a face fits into a row; 0 = not at all."""
    if row.last is None or row.owner is not seen.owner:
        return 0.0
    if row.owner is not None:
        return 3.0
    cosine = float(row.last.embedding @ seen.embedding)
    place = overlap(row.last.face.box, seen.face.box)
    # A blurred face resembles many, but within seconds it stays in the same place.
    return cosine + place if cosine >= SAME_PERSON or place >= SAME_PLACE else 0.0


def _embedding(album: OpenAlbum, face: str) -> Floats:
    number = album.number_of_face_if_here(face)
    # A face that no network has looked at resembles nobody.
    return np.zeros(album.album.embeddings.shape[1], np.float32) if number is None else album.album.embeddings[number]
