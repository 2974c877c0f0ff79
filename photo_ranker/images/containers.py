"""Files made of boxes (ISO media: HEIF, AVIF, films) or of chunks (PNG, WebP), and what they tell about a film.

Nothing is decoded.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO

import msgspec

from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images.exif import wall_clock

__all__ = [
    "PNG_MAGIC",
    "PNG_PICTURE",
    "WEBP_PICTURE",
    "VideoFacts",
    "boxes",
    "items",
    "png_chunks",
    "png_exif",
    "png_taken_at",
    "read_container",
    "webp_chunks",
    "webp_size",
]

PIECE = 1 << 20
"""Bytes hashed at each end of the coded pictures: reading all of a film of gigabytes would take minutes."""
LARGEST_INDEX = 1 << 26
"""Limit in bytes of an MP4's index; an hour of film takes about 2 MB."""
MOST_BOXES = 100_000
"""Top-level boxes that are read before we give up."""

MAC_EPOCH = datetime(1904, 1, 1)  # noqa: DTZ001 - all times here are UTC
MATROSKA_EPOCH = datetime(2001, 1, 1)  # noqa: DTZ001 - as above
FIRST_FILM = datetime(1990, 1, 1)  # noqa: DTZ001 - earlier dates come from clocks that were never set

APPLE_DATE = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?([+-]\d\d):?(\d\d)")
"""The text after ``com.apple.quicktime.creationdate``: local time and its offset."""
PNG_DATES = b"Creation Time", b"exif:DateTimeOriginal"
"""Keywords of the standard, and of ImageMagick, which copies EXIF as text."""
AVI_DATE = re.compile(rb"IDIT....\w{3} (\w{3}) +(\d+) (\d\d:\d\d:\d\d) (\d{4})", re.DOTALL)
"""As C's ``ctime`` prints it: "Sat Jun 01 15:04:05 2024"; the dots are the chunk's length."""


class VideoFacts(msgspec.Struct, frozen=True):
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
    # Only the heads of boxes are read, so a film of gigabytes takes a few reads. ``moov`` may be at either end.
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
    taken_at, offset, seconds = _read_index(index)
    return VideoFacts(kind, _hash(file, *pictures), taken_at, offset, seconds)


def _read_index(index: bytes) -> tuple[str | None, str | None, float | None]:
    taken_at, offset, seconds = None, None, None
    # Searched, not parsed: the box is always near the beginning of the index.
    at = index.find(b"mvhd") + 4
    if at >= 4:
        # Version 1 has 64-bit times: created, changed, ticks per second, length in ticks.
        form = ">4xQ8xIQ" if index[at] == 1 else ">4xI4xII"
        created, scale, duration = struct.unpack_from(form, index, at)
        seconds = duration / scale if scale and duration else None
        taken_at = _date_after(MAC_EPOCH, created)
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
        taken_at = _date_after(MATROSKA_EPOCH, struct.unpack_from(">q", start, at + 3)[0] / 1e9)
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


def _date_after(epoch: datetime, seconds: float) -> str | None:
    try:
        date = epoch + timedelta(seconds=seconds)
    except OverflowError:
        return None
    return date.isoformat() if date >= FIRST_FILM else None


def _sensible(seconds: float | None) -> float | None:
    return seconds if seconds is not None and 0 < seconds < 1e6 else None


def _hash(file: BinaryIO, start: int, end: int) -> str:
    """Hash of the size and of both ends of the coded pictures, without the metadata around them."""
    digest = hashlib.sha256(b"video %d;" % (end - start), usedforsecurity=False)
    for at in (start, max(start, end - PIECE)):
        file.seek(at)
        digest.update(file.read(min(PIECE, end - at)))
    return digest.hexdigest()[:32]


# ISO media (HEIF, AVIF, films) are made of boxes.

METADATA_TYPES = frozenset([b"Exif", b"mime", b"uri "])
"""Kinds of HEIF items that are about the picture: EXIF, XMP, links."""
MOST_ITEMS = 100_000
"""A damaged count must not keep us busy; real pictures consist of a few hundred tiles."""


class BoxItem(msgspec.Struct, frozen=True):
    """One part of a file: a tile, a thumbnail, an EXIF block, ..."""

    number: int
    """The item's id; EXIF and tiles refer to it."""
    kind: bytes
    """Four letters, such as ``hvc1`` (a coded picture) or ``Exif``."""
    spans: tuple[tuple[int, int], ...]
    """Start and end of its bytes in the file."""

    @property
    def is_picture(self) -> bool:
        """Whether it holds pixels; other items hold facts about them."""
        return self.kind not in METADATA_TYPES


def box_at(head: bytes, at: int, end: int) -> tuple[bytes, int, int]:
    """Name, start and end of the content of the box at ``at``; the end may lie beyond ``end``, as in a cut file.

    ``head`` holds the box's first 16 bytes, or all there are. ``ValueError`` where they are cut off.
    """
    if len(head) < 8:
        raise ValueError("a box is cut off")
    length, name = struct.unpack_from(">I4s", head)
    start = at + 8
    # A length of 1 announces a 64-bit length after the name; 0 means "up to the end".
    if length == 1:
        if len(head) < 16:
            raise ValueError("a box is cut off")
        (length,), start = struct.unpack_from(">Q", head, 8), at + 16
    stop = at + length if length else end
    if stop < start:
        raise ValueError("a box is shorter than its head")
    return name, start, stop


def boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the content of each box; ``ValueError`` if one is larger than its parent."""
    at = start
    while at < end:
        name, body, stop = box_at(data[at : min(at + 16, end)], at, end)
        if stop > end:
            raise ValueError("a box is larger than what it is in")
        yield name, body, stop
        at = stop


def items(data: bytes, meta: dict[bytes, tuple[int, int]]) -> list[BoxItem]:
    """All items that the boxes inside ``meta`` list; ``ValueError`` for a form that we do not know."""
    kinds = dict(_kinds(data, *meta[b"iinf"]))
    places = dict(_places(data, *meta[b"iloc"], idat=meta.get(b"idat", (0, 0))[0]))
    return [BoxItem(number, kind, places.get(number, ())) for number, kind in sorted(kinds.items())]


def _kinds(data: bytes, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    # A version, three bytes of flags, then the number of items: two bytes in version 0, four later.
    at = start + (6 if data[start] == 0 else 8)
    for name, body, _ in boxes(data, at, end):
        version = data[body]
        if name != b"infe" or version not in {2, 3}:
            raise ValueError("an item of an unknown kind")
        wide = 2 if version == 2 else 4
        number = int.from_bytes(data[body + 4 : body + 4 + wide], "big")
        yield number, data[body + 6 + wide : body + 10 + wide]


def _places(data: bytes, start: int, end: int, *, idat: int) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    version = data[start]
    read = _Numbers(data, start + 4, end)
    # Four fields of four bits say how many bytes each kind of number below takes.
    sizes = read(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    count = read(2 if version < 2 else 4)
    if version > 2 or count > MOST_ITEMS:
        raise ValueError("places in an unknown form")
    for _ in range(count):
        number = read(2 if version < 2 else 4)
        method = read(2) & 15 if version else 0
        # Method 0 counts from the file's start, 1 from the idat box. Method 2 and data in other files are not read.
        if method > 1 or read(2):
            raise ValueError("an item that lies elsewhere")
        base = read(base_size) + (idat if method == 1 else 0)
        spans = []
        for _ in range(read(2)):
            read(index_size)
            first = base + read(offset_size)
            spans.append((first, first + read(length_size)))
        yield number, tuple(spans)


class _Numbers:
    """Reads big-endian numbers one after the other."""

    def __init__(self, data: bytes, at: int, end: int) -> None:
        self._data, self._at, self._end = data, at, end

    def __call__(self, size: int) -> int:
        if size not in {0, 2, 4, 8} or self._at + size > self._end:
            raise ValueError("cut off")
        self._at += size
        return int.from_bytes(self._data[self._at - size : self._at], "big")


# PNG and WebP are made of chunks.

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
"""The first bytes of every PNG file."""

PNG_PICTURE = frozenset([b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"])
"""The chunks that hold the picture; others hold metadata, colour profiles and further frames."""

WEBP_PICTURE = frozenset([b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"])
"""Chunks of a WebP that hold the picture; VP8X only announces the others."""


class Chunk(msgspec.Struct, frozen=True):
    """One named part of a file; in a PNG it ends with a checksum of four bytes."""

    name: bytes
    start: int
    """Where the chunk begins, its name and length included."""
    body: int
    """Where its data begins."""
    end: int
    """Where the next chunk begins, or the file ends."""


def png_chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks up to the end mark, or up to a broken one."""
    at = len(PNG_MAGIC)
    while at + 12 <= len(data):
        name = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        yield Chunk(name, at, at + 8, min(end, len(data)))
        if name == b"IEND":
            return
        at = end


def png_exif(data: bytes) -> bytes:
    """The EXIF block of a PNG file, or nothing."""
    for chunk in png_chunks(data):
        if chunk.name == b"eXIf":
            return data[chunk.body : chunk.end - 4]
    return b""


def png_taken_at(data: bytes) -> str | None:
    """When a PNG file says that its picture was made; ``tIME`` and the file's own dates only tell of changes."""
    for chunk in png_chunks(data):
        if chunk.name in {b"tEXt", b"iTXt"}:
            keyword, _, text = data[chunk.body : chunk.end - 4].partition(b"\0")
            if keyword in PNG_DATES and (
                taken_at := _png_date(text.rpartition(b"\0")[2].decode("utf-8", "replace")[:100])
            ):
                return taken_at
    return None


def _png_date(text: str) -> str | None:
    """A date as EXIF or as mail writes it: the standard of PNG advises the latter."""
    from email.utils import parsedate  # it loads sockets and URLs, and few photos have such a date

    mail = parsedate(text)
    return wall_clock(text) or (wall_clock("{}-{:02}-{:02} {:02}:{:02}:{:02}".format(*mail)) if mail else None)


def webp_chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks of a WebP file, up to a broken one."""
    at = 12
    while at + 8 <= len(data):
        body = at + 8
        end = body + int.from_bytes(data[at + 4 : body], "little")
        yield Chunk(data[at : at + 4], at, body, min(end, len(data)))
        # Chunks start at even offsets.
        at = end + end % 2


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from the first chunk of a WebP file; each of the three kinds stores them in its own bits."""
    name, body = data[12:16], data[20:30]
    if len(body) < 10:
        return None
    if name == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return None
