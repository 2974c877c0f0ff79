"""Photos as JSON for the grid and the viewer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from photo_ranker.album import AlbumPhoto
from photo_ranker.core.words import current_words
from photo_ranker.exporters.document import face_object, shown, signals_object
from photo_ranker.images.video import is_video
from photo_ranker.people.book import Person
from photo_ranker.ranker import face_signals, photo_signals
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.settings import Settings
from photo_ranker.web.bursts import Stack
from photo_ranker.web.marks import Marks, mark_key
from photo_ranker.web.open_albums import OpenAlbum, is_pending
from photo_ranker.web.schemas import FaceOut, MarkOut, PhotoDetail, PhotoOut, StackOut

__all__ = ["Grid", "is_film", "version_of"]


@dataclass(frozen=True, slots=True)
class Grid:
    """An album and the marks of its photos."""

    album: OpenAlbum
    marks: Marks
    favourites: Mapping[str, int] = field(default_factory=dict)
    """Key of a photo -> how many guests like it."""

    def photo(self, number: int, face: Face | None = None, result: dict[str, Any] | None = None) -> PhotoOut:
        """One photo; ``face`` is the one that it is shown for."""
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
            guests=self.favourites.get(mark_key(photo), 0),
            result=result and _in_words(result),
        )

    def on_top(self, stack: Stack, *, is_open: bool, within: int | None) -> PhotoOut:
        """The photo on top of a stack, with the others; ``within`` is the top of the opened stack around it."""
        photo = self.photo(stack.top)
        photo.in_stack = None if within is None else self.album.ids[within]
        if stack.rest:
            members = [photo.model_copy(), *map(self.photo, stack.rest)]
            photo.stack = StackOut(kind=stack.kind, photos=members, is_open=is_open)
        return photo

    def detail(
        self, number: int, settings: Settings, owners: Mapping[str, Person], false_faces: Collection[str]
    ) -> PhotoDetail:
        """All that is known of a photo."""
        record = self.album.album.photos[number].record
        return PhotoDetail(
            photo=self.photo(number),
            format=record.format,
            camera=record.camera,
            moment=record.moment if record.is_video else None,
            signals=signals_object(photo_signals(record, settings)),
            faces=[
                _face_out(face, record, settings, owners.get(face.id), is_false=face.id in false_faces)
                for face in sorted(record.faces, key=lambda face: face.box[0])
            ],
        )


def _in_words(result: dict[str, Any]) -> dict[str, Any]:
    """The reasons in the language of the reader."""
    said = current_words().said
    return {**result, **{side: [said(reason) for reason in result[side]] for side in ("reasons", "against")}}


def is_film(photo: AlbumPhoto) -> bool:
    """Whether a photo is a film, by its name where it is not measured."""
    return photo.record.is_video or (not photo.record.format and is_video(Path(photo.path)))


def version_of(record: PhotoRecord) -> str:
    """What changes with the picture: its content, else size and time of its file."""
    return record.stamp.hash[:12] or f"{record.stamp.size:x}-{record.stamp.mtime_ns:x}"


def _face_out(face: Face, record: PhotoRecord, settings: Settings, owner: Person | None, *, is_false: bool) -> FaceOut:
    return FaceOut(
        face=face_object(face),
        signals=signals_object(face_signals(face, record, settings)),
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
