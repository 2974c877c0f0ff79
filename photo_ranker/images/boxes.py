"""The layout of files made of boxes (ISO media: HEIF, AVIF, films) or of chunks (PNG, WebP)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = [
    "PNG_MAGIC",
    "PNG_PICTURE",
    "WEBP_PICTURE",
    "BoxItem",
    "Chunk",
    "box_at",
    "boxes",
    "items",
    "png_chunks",
    "png_exif",
    "webp_chunks",
    "webp_size",
]


METADATA_TYPES = frozenset([b"Exif", b"mime", b"uri "])
"""Kinds of HEIF items that are about the picture: EXIF, XMP, links."""
MOST_ITEMS = 100_000
"""A damaged count must not keep us busy; real pictures consist of some hundred tiles."""


@dataclass(frozen=True, slots=True)
class BoxItem:
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
    # A length of 1 announces a 64-bit length behind the name; 0 means "up to the end".
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


PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
"""The first bytes of every PNG file."""

PNG_PICTURE = frozenset([b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"])
"""The chunks that hold the picture; others hold metadata, colour profiles and further frames."""

WEBP_PICTURE = frozenset([b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"])
"""Chunks of a WebP that hold the picture; VP8X only announces the others."""


@dataclass(frozen=True, slots=True)
class Chunk:
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
