"""The layout of a JPEG file: where its segments lie, its size, and whether its end is there."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

__all__ = ["APP14", "COM", "JpegLayout", "Scan", "Segment", "exif_block", "lay_out"]

EOI, SOS, APP1, APP14, COM = 0xD9, 0xDA, 0xE1, 0xEE, 0xFE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
PROGRESSIVE = frozenset([0xC2, 0xC6, 0xCA, 0xCE])
WITHOUT_LENGTH = frozenset([0x01, *range(0xD0, 0xD9)])


@dataclass(frozen=True, slots=True)
class Segment:
    """One marked stretch of the file, its mark and length included."""

    mark: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over the picture; progressive files have several, each with some of the detail."""

    component: int
    """The first of its colours."""
    first: int
    """The coarsest (0) and the finest (63) detail in it."""
    last: int
    shift: int
    """Bits of precision that later scans have to add."""


@dataclass(slots=True)
class JpegLayout:
    """What the marks of a JPEG file tell without decoding it."""

    width: int = 0
    height: int = 0
    components: int = 0
    progressive: bool = False
    complete: bool = False
    """The end mark is there."""
    segments: list[Segment] = field(default_factory=list)
    """In the order of the file; a scan includes its coded data. Nothing after the end mark."""

    scans: list[Scan] = field(default_factory=list)


def lay_out(data: bytes) -> JpegLayout:
    """Walk over the marks; garbage simply ends the walk."""
    layout = JpegLayout()
    marks: list[int] | None = None
    at = 2
    while found := _mark_at(data, at):
        mark, start, body = found
        if mark == EOI:
            layout.complete = True
            break
        end = body if mark in WITHOUT_LENGTH else body + int.from_bytes(data[body : body + 2], "big")
        if mark == SOS:
            _read_scan(layout, data[body:end])
            marks = _marks(data) if marks is None else marks
            end = marks[bisect_left(marks, end)] if marks and marks[-1] >= end else len(data)
        elif mark in FRAMES and not layout.width:
            _read_frame(layout, mark, data[body:end])
        layout.segments.append(Segment(mark, start, min(end, len(data))))
        at = max(end, body)
    return layout


def exif_block(data: bytes, layout: JpegLayout) -> bytes:
    """The EXIF block of a JPEG file, or nothing."""
    for part in layout.segments:
        if part.mark == APP1 and data[part.start + 4 : part.start + 10] == b"Exif\0\0":
            return data[part.start + 4 : part.end]
    return b""


def _marks(data: bytes) -> list[int]:
    """Where a mark other than a restart may stand, ascending."""
    import numpy as np

    # NumPy looks through 3 MB in 0.6 ms, a regular expression in 30. In the coded picture 0xFF is followed by 0 or
    # by a restart mark (0xD0 to 0xD7); any other mark ends it.
    content = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(content[:-1] == 0xFF)
    after = content[places + 1]
    found: list[int] = places[(after >= 0x02) & (after < 0xFF) & (after & 0xF8 != 0xD0)].tolist()
    return found


def _mark_at(data: bytes, at: int) -> tuple[int, int, int] | None:
    start = data.find(b"\xff", at)
    if start < 0:
        return None
    body = start
    while body < len(data) and data[body] == 0xFF:  # fill bytes
        body += 1
    return (data[body], start, body + 1) if body < len(data) else None


def _read_frame(layout: JpegLayout, mark: int, body: bytes) -> None:
    if len(body) < 8:
        return
    layout.height, layout.width = int.from_bytes(body[3:5], "big"), int.from_bytes(body[5:7], "big")
    layout.components = body[7]
    layout.progressive = mark in PROGRESSIVE


def _read_scan(layout: JpegLayout, body: bytes) -> None:
    colours = body[2] if len(body) > 2 else 0
    settings = body[3 + 2 * colours :]
    if colours and len(settings) >= 3:
        layout.scans.append(Scan(body[3], settings[0], settings[1], settings[2] & 15))
