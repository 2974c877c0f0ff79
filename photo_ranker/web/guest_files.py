"""What a guest may take along: a photo in full size, without the place and whatever else its file hides.

Of a JPEG file only what shows the picture is kept, with its colours, its orientation and the time; the picture itself
is not compressed again. A list of what may stay is safer than one of what must go: phones hide places in EXIF, XMP,
IPTC, in notes of their makers, in previews and in films after the end of the picture. Other formats become a JPEG file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from photo_ranker.album import AlbumPhoto
from photo_ranker.images import Limits
from photo_ranker.images.exif import read_exif
from photo_ranker.images.hashing import read_once
from photo_ranker.images.layout import APP14, COM, FRAMES, JpegLayout, Segment, exif_block, lay_out
from photo_ranker.images.thumbnails import Thumbnails

__all__ = ["GuestFile", "guest_file", "names_in_zip", "without_place"]

FULL_SIDE = 4096
"""px of the longer side of photos that are compressed anew."""

_APPLICATIONS = range(0xE0, 0xF0)
_STAY = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", APP14: b"Adobe"}
"""Segments of applications without which the picture would look otherwise, and how they begin."""

_DATE_LENGTH = 20
"""Bytes of a date in EXIF: 2024:06:01 10:00:00 and a zero."""


class GuestFile(NamedTuple):
    """A file for a guest."""

    name: str
    content: bytes


def guest_file(photo: AlbumPhoto, limits: Limits, thumbnails: Thumbnails) -> GuestFile:
    """A photo without its place; raises ``PhotoUnreadable``. Films are not for this: their files are not understood."""
    assert not photo.record.is_video
    if photo.record.format == "jpeg":
        data, _ = read_once(Path(photo.path), limits.max_file_bytes)
        bare = without_place(data)
        if bare is not None:
            return GuestFile(f"{PurePath(photo.name).stem}.jpg", bare)
    return GuestFile(f"{PurePath(photo.name).stem}.jpg", thumbnails.whole(photo.path, photo.record, FULL_SIDE))


def without_place(data: bytes) -> bytes | None:
    """A JPEG file with nothing but its picture, orientation and time; None if it is not one as the standard says."""
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
    """An EXIF block that holds two facts: how the picture is turned, and when it was taken."""
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
    """Names of files in one folder: a name that is there already gets a number."""
    taken: set[str] = set()
    for name in names:
        path, number, free = PurePath(name), 1, name
        while free.casefold() in taken:
            number += 1
            free = f"{path.stem}_{number}{path.suffix}"
        taken.add(free.casefold())
        yield free
