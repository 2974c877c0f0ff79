"""Facts of a film from its container: kind, length, when it was taken. No frame is decoded."""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images.boxes import box_at
from photo_ranker.images.exif import wall_clock

__all__ = ["VideoFacts", "read_container"]

PIECE = 1 << 20
"""Bytes hashed at each end of the coded pictures: reading all of a film of gigabytes would take minutes."""
LARGEST_INDEX = 1 << 26
"""Limit in bytes of an MP4's index; an hour of film takes about 2 MB."""
MOST_BOXES = 100_000
"""Top-level boxes that are read before we give up."""

MAC_EPOCH = datetime(1904, 1, 1)  # noqa: DTZ001 - all times here are UTC
MATROSKA_EPOCH = datetime(2001, 1, 1)  # noqa: DTZ001 - as above
FIRST_FILM = datetime(1990, 1, 1)  # noqa: DTZ001 - earlier dates are clocks that were never set

APPLE_DATE = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?([+-]\d\d):?(\d\d)")
"""The text behind ``com.apple.quicktime.creationdate``: local time and its offset."""
AVI_DATE = re.compile(rb"IDIT....\w{3} (\w{3}) +(\d+) (\d\d:\d\d:\d\d) (\d{4})", re.DOTALL)
"""As C's ``ctime`` prints it: "Sat Jun 01 15:04:05 2024"; the dots are the chunk's length."""


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What is known before the first frame is decoded."""

    format: str
    """"mp4", "mov", "mkv", "webm" or "avi"; by content."""
    content_hash: str
    """Of the coded pictures alone, so that a changed title or date does not count as another film."""
    taken_at: str | None = None
    """ISO 8601 without a zone."""
    utc_offset: str | None = None
    """"+00:00" where the container stores UTC, as most do; None where it stores the camera's local time."""
    seconds: float | None = None
    """Length of the film; None where the container does not tell."""


def read_container(file: BinaryIO) -> VideoFacts:
    """The facts of an open file; ``PhotoUnreadable`` if it is not a film."""
    head = file.read(4096)
    if not head:
        raise PhotoUnreadable("empty file")
    try:
        if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
            return _iso(file, head)
        if head[:4] == b"\x1aE\xdf\xa3":
            return _matroska(file, head)
        if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
            return _avi(file, head)
    except (struct.error, IndexError) as error:
        raise PhotoUnreadable("cut off in the middle") from error
    raise PhotoUnreadable("not a video")


def _iso(file: BinaryIO, head: bytes) -> VideoFacts:
    # Only the heads of boxes are read, so a film of gigabytes takes a few reads. ``moov`` may stand at either end.
    index, pictures = b"", (0, 0)
    at, end = 0, file.seek(0, 2)
    for _ in range(MOST_BOXES):
        file.seek(at)
        try:
            name, start, stop = box_at(file.read(16), at, end)
        except ValueError:
            break
        if name == b"moov" and stop - start <= LARGEST_INDEX:
            file.seek(start)
            index = file.read(stop - start)
        elif name == b"mdat" and stop - start > pictures[1] - pictures[0]:
            pictures = (start, min(stop, end))
        at = stop
    if not index:
        raise PhotoUnreadable("damaged: the film has no index")
    kind = "mov" if head[4:8] != b"ftyp" or head[8:10] == b"qt" else "mp4"
    taken_at, offset, seconds = _of_index(index)
    return VideoFacts(kind, _hash(file, *pictures), taken_at, offset, seconds)


def _of_index(index: bytes) -> tuple[str | None, str | None, float | None]:
    taken_at, offset, seconds = None, None, None
    # Searched, not parsed: the box is always near the beginning of the index.
    at = index.find(b"mvhd") + 4
    if at >= 4:
        # Version 1 has 64-bit times: created, changed, ticks per second, length in ticks.
        form = ">4xQ8xIQ" if index[at] == 1 else ">4xI4xII"
        created, scale, duration = struct.unpack_from(form, index, at)
        seconds = duration / scale if scale and duration else None
        taken_at = _moment(MAC_EPOCH, created)
        offset = "+00:00" if taken_at else None
    if b"com.apple.quicktime.creationdate" in index and (found := APPLE_DATE.search(index)):
        # The phone's local time with its offset: better than UTC, which does not tell the time of day.
        taken_at, offset = wall_clock(found[1].decode()), f"{found[2].decode()}:{found[3].decode()}"
    return taken_at, offset, seconds


def _matroska(file: BinaryIO, head: bytes) -> VideoFacts:
    file.seek(0)
    start = file.read(PIECE)
    # EBML elements are searched by their ids, which saves parsing the tree: date, scale of times, length.
    taken_at, seconds = None, None
    if (at := start.find(b"\x44\x61\x88")) >= 0:
        taken_at = _moment(MATROSKA_EPOCH, struct.unpack_from(">q", start, at + 3)[0] / 1e9)
    # Nanoseconds per tick, unless the file says otherwise.
    scale = 1_000_000
    if (at := start.find(b"\x2a\xd7\xb1")) >= 0:
        size = start[at + 3] & 0x0F
        scale = int.from_bytes(start[at + 4 : at + 4 + size], "big") or scale
    if (at := start.find(b"\x44\x89")) >= 0 and start[at + 2] in {0x84, 0x88}:
        (length,) = struct.unpack_from(">f" if start[at + 2] == 0x84 else ">d", start, at + 3)
        seconds = length * scale / 1e9
    kind = "webm" if b"webm" in head[:64] else "mkv"
    offset = "+00:00" if taken_at else None
    return VideoFacts(kind, _hash(file, 0, file.seek(0, 2)), taken_at, offset, _sensible(seconds))


def _avi(file: BinaryIO, head: bytes) -> VideoFacts:
    seconds, taken_at = None, None
    if (at := head.find(b"avih")) >= 0:
        # Microseconds per frame, and the number of frames.
        micros, frames = struct.unpack_from("<I12xI", head, at + 8)
        seconds = micros * frames / 1e6
    if found := AVI_DATE.search(head):
        month, day, time, year = (part.decode("ascii", "replace") for part in found.groups())
        months = "JanFebMarAprMayJunJulAugSepOctNovDec".find(month.capitalize())
        taken_at = wall_clock(f"{year}-{months // 3 + 1:02}-{int(day):02} {time}") if months >= 0 else None
    return VideoFacts("avi", _hash(file, 0, file.seek(0, 2)), taken_at, None, _sensible(seconds))


def _moment(epoch: datetime, seconds: float) -> str | None:
    try:
        moment = epoch + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return moment.isoformat() if moment >= FIRST_FILM else None


def _sensible(seconds: float | None) -> float | None:
    return seconds if seconds is not None and 0 < seconds < 1e6 else None


def _hash(file: BinaryIO, start: int, end: int) -> str:
    """Hash of the size and of both ends of the coded pictures, without the metadata around them."""
    digest = hashlib.sha256(b"video %d;" % (end - start), usedforsecurity=False)
    for at in (start, max(start, end - PIECE)):
        file.seek(at)
        digest.update(file.read(min(PIECE, end - at)))
    return digest.hexdigest()[:32]
