"""The layout of TIFF files and EXIF blocks: directories of tags, and where the coded picture lies."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["TiffEntry", "directory_entries", "tiff_picture"]

PICTURE_TAGS = frozenset(
    # Tags that change what is shown: sizes, coding, colours, order of rows, strips or tiles, orientation (274).
    [254, 256, 257, 258, 259, 262, 266, 274, 277, 278, 284, 292, 293, 317, 320, 322, 323, 332, 338, 339, 347, 529, 530]
)
STARTS_AND_LENGTHS = ((273, 279), (324, 325), (513, 514))
"""Tags of offsets and lengths: of strips, of tiles, and of an embedded JPEG file."""
SUB_IFDS = 330
"""Tag that points to further directories."""
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""TIFF type -> bytes of one number."""
MOST_DIRECTORIES = 100
"""Most directories that are followed: a damaged file may link them without end."""


class TiffEntry(NamedTuple):
    """One entry of a directory: where a tag's value lies in the file."""

    tag: int
    """What the value means, a number of the TIFF or EXIF standard."""
    kind: int
    """The TIFF type of its numbers, a key of :data:`SIZES`."""
    start: int
    """Offset of the value in the file."""
    end: int
    """May lie beyond the end of the file; equal to ``start`` for types that we do not know."""


Tags = dict[int, TiffEntry]


def tiff_picture(data: bytes) -> list[tuple[int, int, bytes]]:
    """Start, end and a label of all bytes that affect the pictures; ``ValueError`` for a layout that we do not know."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        raise ValueError("not a plain TIFF file")
    found: list[tuple[int, int, bytes]] = []
    waiting, seen = [_number(data, 4, order)], set[int]()
    while waiting:
        at = waiting.pop(0)
        if at == 0:
            continue
        if at in seen or len(seen) >= MOST_DIRECTORIES:
            raise ValueError("directories in a circle")
        seen.add(at)
        tags, after = _directory(data, at, order)
        waiting += [*_numbers(data, tags.get(SUB_IFDS), order), after]
        found += _of_directory(data, tags, order)
    if not any(name == b"data" for _, _, name in found):
        raise ValueError("no picture")
    return found


def _of_directory(data: bytes, tags: Tags, order: str) -> Iterator[tuple[int, int, bytes]]:
    for tag, entry in sorted(tags.items()):
        if tag in PICTURE_TAGS:
            yield entry.start, entry.end, b"tag %d" % tag
    for starts, lengths in STARTS_AND_LENGTHS:
        pairs = zip(_numbers(data, tags.get(starts), order), _numbers(data, tags.get(lengths), order), strict=True)
        for start, length in pairs:
            if start + length > len(data):
                raise ValueError("the picture is cut off")
            yield start, start + length, b"data"


def directory_entries(data: bytes, at: int, order: str) -> Iterator[TiffEntry]:
    """The entries of the directory at ``at``, one after the other; ``ValueError`` where they are cut off."""
    for place in range(at + 2, at + 2 + 12 * _number(data, at, order, "H"), 12):
        if place + 12 > len(data):
            raise ValueError("cut off")
        tag, kind, amount, offset = struct.unpack_from(order + "HHII", data, place)
        size = SIZES.get(kind, 0) * amount
        # Values of up to four bytes stand in place of the offset.
        start = place + 8 if size <= 4 else offset
        yield TiffEntry(tag, kind, start, start + size)


def _directory(data: bytes, at: int, order: str) -> tuple[Tags, int]:
    tags = {entry.tag: entry for entry in directory_entries(data, at, order)}
    if any(entry.end > len(data) for entry in tags.values()):
        raise ValueError("a value beyond the end of the file")
    return tags, _number(data, at + 2 + 12 * _number(data, at, order, "H"), order)


def _numbers(data: bytes, entry: TiffEntry | None, order: str) -> list[int]:
    if entry is None:
        return []
    code = {3: "H", 4: "I", 13: "I"}.get(entry.kind)
    if code is None:
        raise ValueError("a place of an unknown kind")
    return [number for (number,) in struct.iter_unpack(order + code, data[entry.start : entry.end])]


def _number(data: bytes, at: int, order: str, code: str = "I") -> int:
    try:
        number: int = struct.unpack_from(order + code, data, at)[0]
    except struct.error as error:
        raise ValueError("cut off") from error
    return number
