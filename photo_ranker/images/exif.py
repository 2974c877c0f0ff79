"""When and how a photo was taken, from EXIF and XMP, with every form of date as ISO 8601 local time.

A small reader of our own: libraries warn, raise or read far too much on the many EXIF blocks
that are slightly broken, and this one works on any block, whatever file it was found in.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from io import FileIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from photo_ranker.core import files
from photo_ranker.core.names import is_edit
from photo_ranker.errors import FileRefused
from photo_ranker.images.layout import TiffEntry, directory_entries

__all__ = [
    "Exif",
    "read_exif",
    "sidecar_taken_at",
    "sidecars_of",
    "utc_offset",
    "wall_clock",
    "xmp_packet",
    "xmp_packet_in",
    "xmp_taken_at",
]


MAKE, MODEL, ORIENTATION, DATE_TIME, EXIF_IFD = 0x010F, 0x0110, 0x0112, 0x0132, 0x8769
EXPOSURE, APERTURE, SENSITIVITY, FOCAL_LENGTH, LENS = 0x829A, 0x829D, 0x8827, 0x920A, 0xA434
RATING, RATING_PERCENT = 0x4746, 0x4749
NEW_SUBFILE_TYPE, SUB_IFDS, DNG_VERSION = 0x00FE, 0x014A, 0xC612

# DateTimeOriginal first. "Digitized" is the same for a camera, and the time of the scan for a scanner. DateTime
# is the last change by a program, but the only date that some old phones write. Each: date, sub-seconds, offset.
DATES = ((0x9003, 0x9291, 0x9011), (0x9004, 0x9292, 0x9012), (DATE_TIME, 0x9290, 0x9010))

ASCII = 2
"""TIFF type of texts."""
NUMBERS = {1: "B", 3: "H", 4: "I", 7: "B", 13: "I"}
"""TIFF type -> struct code of its numbers; the tags that we read have no other type."""
RATIONAL = 5
"""TIFF type of a number that is a fraction of two others."""
MOST_ENTRIES = 1000  # of one directory; real ones have fewer than 100
LONGEST_TEXT = 1000  # bytes of a text that are read; names of cameras and dates have fewer than 50

Tags = dict[int, "int | float | str"]
"""Tag -> its first number, or its text."""


class Exif(msgspec.Struct, frozen=True):
    """What the camera wrote about its picture."""

    orientation: int = 1
    """1 to 8: how the stored picture has to be turned."""
    taken_at: str | None = None
    """Local time of the camera, ISO 8601."""
    utc_offset: str | None = None
    """Such as "+02:00"; most cameras do not write it."""
    camera: str | None = None
    """Maker and model, without repeating the maker."""
    lens: str | None = None
    exposure_seconds: float | None = None
    aperture: float | None = None
    """The f-number."""
    iso: int | None = None
    focal_mm: float | None = None
    """The real focal length, not the 35 mm equivalent."""
    rating: int | None = None
    """1 to 5 stars that a user gave; None = no rating."""


def read_exif(block: bytes) -> Exif:
    """The facts of an EXIF block or of a TIFF file; a broken or missing fact has its default."""
    tags = tiff_tags(block)
    taken_at, utc_offset = _date_and_offset(tags)
    turn = tags.get(ORIENTATION)
    # Some programs write 0, or 9 and more, for "unknown".
    orientation = turn if isinstance(turn, int) and 1 <= turn <= 8 else 1
    iso = tags.get(SENSITIVITY)
    return Exif(
        orientation,
        taken_at,
        utc_offset,
        _camera(tags),
        lens=" ".join(str(tags.get(LENS, "")).split()) or None,
        exposure_seconds=_positive(tags.get(EXPOSURE)),
        aperture=_positive(tags.get(APERTURE)),
        iso=iso if isinstance(iso, int) and iso > 0 else None,
        focal_mm=_positive(tags.get(FOCAL_LENGTH)),
        rating=_stars(tags),
    )


def tiff_tags(block: bytes) -> Tags:
    """Tag -> first number or text, of the first directory and of the EXIF directory."""
    if block[:6] in {b"Exif\0\0", b"Exif\0\xff"}:
        block = block[6:]
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None or len(block) < 8:
        return {}
    (first,) = struct.unpack_from(order + "I", block, 4)
    tags = dict(_directory(block, first, order))
    where = tags.get(EXIF_IFD)
    if isinstance(where, int):
        # The first directory wins: its Make, Model and Orientation are the file's own.
        tags = dict(_directory(block, where, order)) | tags
    return tags


def _stars(tags: Tags) -> int | None:
    stars, percent = tags.get(RATING), tags.get(RATING_PERCENT)
    if not stars and isinstance(percent, int) and percent > 0:
        stars = (percent + 37) // 25  # Windows writes 1, 25, 50, 75 and 99
    return stars if isinstance(stars, int) and 1 <= stars <= 5 else None


def _positive(value: float | str | None) -> float | None:
    """A measured number; cameras write 0 for what they do not know."""
    return value if isinstance(value, float) and value > 0 else None


def _directory(block: bytes, start: int, order: str) -> Iterator[tuple[int, int | float | str]]:
    if start < 8:
        return
    with suppress(ValueError):  # of a cut block, the entries before the cut are still right
        for entry in islice(directory_entries(block, start, order), MOST_ENTRIES):
            value = _value(block, entry, order)
            if value is not None:
                yield entry.tag, value


def _value(block: bytes, entry: TiffEntry, order: str) -> int | float | str | None:
    size = entry.end - entry.start
    if size == 0 or entry.start + min(size, 4) > len(block):
        return None
    if entry.kind == ASCII:
        text = block[entry.start : min(entry.end, entry.start + LONGEST_TEXT)]
        return text.split(b"\0")[0].decode("utf-8", "replace").strip()
    if entry.kind == RATIONAL and entry.start + 8 <= len(block):
        above, below = struct.unpack_from(order + "II", block, entry.start)
        return above / below if below else None
    if entry.kind not in NUMBERS:
        return None
    number: int = struct.unpack_from(order + NUMBERS[entry.kind], block, entry.start)[0]
    return number


def _date_and_offset(tags: Tags) -> tuple[str | None, str | None]:
    for date_tag, fraction_tag, offset_tag in DATES:
        taken_at = wall_clock(str(tags.get(date_tag, "")), str(tags.get(fraction_tag, "")))
        if taken_at:
            return taken_at, utc_offset(str(tags.get(offset_tag, "")))
    return None, None


def _camera(tags: Tags) -> str | None:
    make, model = (" ".join(str(tags.get(tag, "")).split()) for tag in (MAKE, MODEL))
    # "Canon" + "Canon EOS 6D" and "NIKON CORPORATION" + "NIKON D90" would say the maker twice.
    repeated = bool(make) and model.lower().startswith(make.split()[0].lower())
    return (model if repeated else f"{make} {model}".strip()) or None


# EXIF says "2024:06:01 15:04:05", XMP "2024-06-01T15:04:05.250+02:00"; programs mix both. XMP may leave out seconds.
DATE = re.compile(r"(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?", re.ASCII)

FIRST_YEAR = 1800
"""There are no photos from before; programs write the year 1 for a date that they do not know."""

# Real offsets range from -12:00 to +14:00.
OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d", re.ASCII)
"""An offset to UTC, as EXIF and ISO 8601 write it."""


def wall_clock(text: str, fraction: str = "") -> str | None:
    """A date as ISO 8601 without a time zone; None if it is not one, such as the zeros of an unset clock."""
    parts = DATE.match(text.strip())
    if not parts:
        return None
    numbers = [int(part or 0) for part in parts.groups()[:6]]
    if numbers[0] < FIRST_YEAR:
        return None
    try:
        moment = datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001 - a wall clock has no time zone
    except ValueError:
        return None
    digits = re.match(r"\d{1,9}", fraction.strip() or parts[7] or "", re.ASCII)
    return moment.isoformat() + (f".{digits[0]}" if digits else "")


def utc_offset(text: str) -> str | None:
    """An offset such as "+02:00", alone or at the end of a date; None if there is none."""
    text = text.strip()
    if text.endswith("Z"):
        return "+00:00"
    return text[-6:] if OFFSET.fullmatch(text[-6:]) else None


MOST_BYTES = 4_000_000  # of an XMP block; real ones have a few thousand, and some panoramas a million

# The time of the shot first. XMP allows a property as an attribute or as an element.
XMP_DATES = ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate", "exif:DateTimeDigitized")


_XMP_BEGINS = b"<x:xmpmeta"
PIECE = 1 << 20
"""Bytes of a file that are searched at once."""


def xmp_packet(data: bytes) -> bytes:
    """The XMP block of a file of any format; empty if there is none."""
    # All formats store it as plain text, so their layouts need not be parsed.
    start = data.find(_XMP_BEGINS)
    end = data.find(b"</x:xmpmeta>", start, start + MOST_BYTES) if start >= 0 else -1
    return data[start:end] if end >= 0 else b""


def xmp_packet_in(file: BinaryIO | FileIO) -> bytes:
    """The XMP block of an open file, which may be a film larger than the memory."""
    rest = b""
    while piece := file.read(PIECE):
        data = rest + piece
        if (start := data.find(_XMP_BEGINS)) >= 0:
            return xmp_packet(data[start:] + (file.read(MOST_BYTES) or b""))
        rest = data[-len(_XMP_BEGINS) :]
    return b""


def xmp_taken_at(packet: bytes) -> tuple[str | None, str | None]:
    """When the photo was taken and the offset to UTC, as far as the block says."""
    text = packet.decode("utf-8", "replace")
    for name in XMP_DATES:
        for found in re.finditer(rf"{name}(?:\s*=\s*[\"']|>)\s*([^\"'<]{{10,40}})", text):
            if taken_at := wall_clock(found[1]):
                return taken_at, utc_offset(found[1])
    return None, None


def sidecars_of(path: Path, companions: Iterable[str]) -> list[Path]:
    """The XMP files of a photo among its companions, IMG_1.jpg.xmp before IMG_1.xmp; not those of further edits."""
    names = [name for name in companions if name.lower().endswith(".xmp") and not is_edit(name, path.name)]
    return [path.with_name(name) for name in sorted(names, key=len, reverse=True)]


def sidecar_taken_at(path: Path, companions: Iterable[str]) -> tuple[str | None, str | None]:
    """When a photo was taken, and the offset to UTC, as far as a sidecar says; one that cannot be read says nothing."""
    for sidecar in sidecars_of(path, companions):
        with suppress(OSError, FileRefused):
            taken_at, offset = xmp_taken_at(files.read_head(sidecar, MOST_BYTES))
            if taken_at:
                return taken_at, offset
    return None, None
