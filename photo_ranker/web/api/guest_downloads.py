"""What a guest downloads: photos in full size, without the place and whatever else their files hide.

Of a JPEG file only what is needed to show the picture is kept: its data, colours, orientation and time; the picture is
not compressed again. A list of what may stay is safer than one of what must go: phones hide places in EXIF, XMP,
IPTC, in maker notes, in previews and in films after the end of the picture. Other formats become a JPEG file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path, PurePath
from typing import Annotated, Literal, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi import Path as PathOf
from fastapi.responses import FileResponse, StreamingResponse

from photo_ranker.album import AlbumPhoto
from photo_ranker.exporters.writing import zip_stream
from photo_ranker.images import Limits
from photo_ranker.images.exif import read_exif
from photo_ranker.images.hashing import read_once
from photo_ranker.images.layout import APP14, COM, FRAMES, JpegLayout, Segment, exif_block, lay_out
from photo_ranker.images.thumbnails import Thumbnails
from photo_ranker.web.api.guest import GuestRoute, Here, Visitor, name_for_guests
from photo_ranker.web.guests import LinkGone
from photo_ranker.web.schemas import PhotoId

__all__ = ["names_in_zip", "router", "without_place"]

router = APIRouter(prefix="/guest/{link_id}", include_in_schema=False, route_class=GuestRoute)


@router.get("/photos/{photo_id}/download", response_class=Response)
def download_photo(photo_id: Annotated[PhotoId, PathOf()], guest: Here) -> Response:
    """A photo in full size: without its place, unless the owner allows the original."""
    photo = guest.photo(photo_id)
    if not guest.can_download(photo):
        raise LinkGone
    guest.place.guests.note(guest.link.id, guest.id, "downloaded")
    if guest.link.with_place:
        return FileResponse(photo.path, filename=name_for_guests(photo), stat_result=Path(photo.path).stat())
    name, content = _guest_file(photo, guest.place.picture_limits, guest.place.thumbnails)
    return Response(content, media_type="image/jpeg", headers=_attachment(name))


@router.get("/download", response_class=StreamingResponse)
def download_all(guest: Here, only: Literal["all", "favourites"] = "favourites") -> StreamingResponse:
    """The favourites of the guest, or all photos of the link, as a ZIP that is made while it is sent."""
    numbers = guest.numbers if only == "all" else guest.favourites
    photos = [photo for photo in map(guest.album.album.photos.__getitem__, numbers) if guest.can_download(photo)]
    guest.place.guests.note(guest.link.id, guest.id, "downloaded")
    return StreamingResponse(
        zip_stream(_entries(guest, photos)),
        media_type="application/zip",
        headers=_attachment(f"{guest.album.entry.title}.zip"),
    )


def _entries(guest: Visitor, photos: list[AlbumPhoto]) -> Iterator[tuple[str, Path | Callable[[], bytes]]]:
    if guest.link.with_place:
        yield from zip(names_in_zip(map(name_for_guests, photos)), (Path(photo.path) for photo in photos), strict=True)
        return
    names = names_in_zip(f"{Path(name_for_guests(photo)).stem}.jpg" for photo in photos)
    for name, photo in zip(names, photos, strict=True):
        yield name, partial(_content, guest, photo)


def _content(guest: Visitor, photo: AlbumPhoto) -> bytes:
    return _guest_file(photo, guest.place.picture_limits, guest.place.thumbnails).content


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


FULL_SIDE = 4096
"""Longer side in px of photos that are compressed again."""

_APPLICATIONS = range(0xE0, 0xF0)
_STAY = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", APP14: b"Adobe"}
"""Application segments without which the picture would look different, and how they begin."""

_DATE_LENGTH = 20
"""Bytes of a date in EXIF: 2024:06:01 10:00:00 and a zero."""


class GuestFile(NamedTuple):
    """A file for a guest."""

    name: str
    content: bytes


def _guest_file(photo: AlbumPhoto, limits: Limits, thumbnails: Thumbnails) -> GuestFile:
    """A photo without its place; raises ``PhotoUnreadable``. Not for films, whose files are not understood."""
    assert not photo.record.is_video
    if photo.record.format == "jpeg":
        data, _ = read_once(Path(photo.path), limits.max_file_bytes)
        bare = without_place(data)
        if bare is not None:
            return GuestFile(f"{PurePath(photo.name).stem}.jpg", bare)
    return GuestFile(f"{PurePath(photo.name).stem}.jpg", thumbnails.whole(photo.path, photo.record, FULL_SIDE))


def without_place(data: bytes) -> bytes | None:
    """A JPEG file with nothing but its picture, orientation and time; None if it does not follow the standard."""
    layout = lay_out(data)
    if data[:2] != b"\xff\xd8" or not layout.complete or not any(part.mark in FRAMES for part in layout.segments):
        return None
    kept = b"".join(data[part.start : part.end] for part in layout.segments if _may_stay(data, part))
    return b"\xff\xd8" + _own_exif(data, layout) + kept + b"\xff\xd9"


def _may_stay(data: bytes, part: Segment) -> bool:
    if part.mark == COM:
        return False
    if part.mark not in _APPLICATIONS:
        return True
    begin = _STAY.get(part.mark)
    return begin is not None and data[part.start + 4 : part.end].startswith(begin)


def _own_exif(data: bytes, layout: JpegLayout) -> bytes:
    """An EXIF block with two facts: how the picture is rotated, and when it was taken."""
    known = read_exif(exif_block(data, layout))
    date = (known.taken_at or "")[:19].replace("-", ":").replace("T", " ").encode("ascii", "ignore")
    has_date = len(date) == _DATE_LENGTH - 1
    first = [struct.pack("<HHII", 0x0112, 3, 1, known.orientation)]
    after = 8 + 2 + 12 * (1 + has_date) + 4
    if has_date:
        first.append(struct.pack("<HHII", 0x8769, 4, 1, after))
    block = b"II*\0" + struct.pack("<IH", 8, len(first)) + b"".join(first) + bytes(4)
    if has_date:
        entry = struct.pack("<HHII", 0x9003, 2, _DATE_LENGTH, after + 2 + 12 + 4)
        block += struct.pack("<H", 1) + entry + bytes(4) + date + b"\0"
    body = b"Exif\0\0" + block
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def names_in_zip(names: Iterable[str]) -> Iterator[str]:
    """Names of files in one folder: a name that is taken gets a number."""
    taken: set[str] = set()
    for name in names:
        path, number, free = PurePath(name), 1, name
        while free.casefold() in taken:
            number += 1
            free = f"{path.stem}_{number}{path.suffix}"
        taken.add(free.casefold())
        yield free
