"""The layout of PNG and WebP files: chunks, and the size before anything is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["PNG_MAGIC", "PNG_PICTURE", "WEBP_PICTURE", "Chunk", "png_chunks", "png_exif", "webp_chunks", "webp_size"]

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"

PNG_PICTURE = frozenset([b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"])
"""The chunks that make the picture; the others are metadata, colour profiles, and further frames."""

WEBP_PICTURE = frozenset([b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"])
"""The same of WebP; VP8X only lists what else there is."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One named stretch of a file; in a PNG a checksum of four bytes ends it."""

    name: bytes
    start: int
    body: int
    end: int


def png_chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks up to the end mark; a cut or broken one ends the walk."""
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
    """The chunks of a WebP file; a cut one ends the walk."""
    at = 12
    while at + 8 <= len(data):
        body = at + 8
        end = body + int.from_bytes(data[at + 4 : body], "little")
        yield Chunk(data[at : at + 4], at, body, min(end, len(data)))
        at = end + end % 2


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height from the first chunk of a WebP file."""
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
