"""The layout of a JPEG file: its segments, its size, and whether it is complete."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

__all__ = ["APP14", "COM", "JpegLayout", "Scan", "Segment", "exif_block", "lay_out"]

# Names and numbers are those of the JPEG standard (ITU T.81, table B.1).
EOI, SOS, APP1, APP14, COM = 0xD9, 0xDA, 0xE1, 0xEE, 0xFE
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of frame headers, which hold the size."""
PROGRESSIVE = frozenset([0xC2, 0xC6, 0xCA, 0xCE])
"""Frame headers of progressive files."""
WITHOUT_LENGTH = frozenset([0x01, *range(0xD0, 0xD9)])
"""Markers without a length and data: restarts and the start of the picture."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of the file, from its marker to its last byte."""

    mark: int
    """The second byte of the marker; the first is 0xFF."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over the picture; progressive files have several, each adds detail."""

    component: int
    """The number of its first colour component."""
    first: int
    """Its coarsest coefficient, 0 to 63."""
    last: int
    """Its finest coefficient."""
    shift: int
    """Bits of precision that later scans add."""


@dataclass(slots=True)
class JpegLayout:
    """What the markers of a JPEG file tell without decoding it."""

    width: int = 0
    """As stored; 0 if no frame header was found."""
    height: int = 0
    components: int = 0
    """Colour components: 1 grey, 3 colours, 4 CMYK."""
    progressive: bool = False
    complete: bool = False
    """Whether the end marker was found."""
    segments: list[Segment] = field(default_factory=list)
    """In the order of the file, up to the end marker; a scan includes its coded data."""

    scans: list[Scan] = field(default_factory=list)


def lay_out(data: bytes) -> JpegLayout:
    """Read the markers one after the other, until garbage or the end."""
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
            # Computed once per file, since progressive files have many scans.
            marks = _marks(data) if marks is None else marks
            end = marks[bisect_left(marks, end)] if marks and marks[-1] >= end else len(data)
        elif mark in FRAMES and not layout.width:
            _read_frame(layout, mark, data[body:end])
        layout.segments.append(Segment(mark, start, min(end, len(data))))
        at = max(end, body)
    return layout


def exif_block(data: bytes, layout: JpegLayout) -> bytes:
    """The EXIF block of a JPEG file; empty if there is none."""
    for part in layout.segments:
        if part.mark == APP1 and data[part.start + 4 : part.start + 10] == b"Exif\0\0":
            return data[part.start + 4 : part.end]
    return b""


def _marks(data: bytes) -> list[int]:
    """Offsets of all possible markers except restarts, ascending."""
    import numpy as np

    # NumPy scans 3 MB in 0.6 ms, a regular expression in 30. In the coded picture 0xFF is followed by 0 or
    # by a restart marker (0xD0 to 0xD7); any other marker ends it.
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
    while body < len(data) and data[body] == 0xFF:  # any number of fill bytes may precede a marker
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
