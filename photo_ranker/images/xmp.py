"""XMP: the block of XML that programs put into photos."""

from __future__ import annotations

import re

from photo_ranker.images.exif import utc_offset, wall_clock

__all__ = ["xmp_packet", "xmp_taken_at"]

MOST_BYTES = 4_000_000  # real blocks have a few thousand, and some panoramas a million

# The moment of the shot first. A property is an attribute or an element: XMP allows both.
DATES = ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate", "exif:DateTimeDigitized")


def xmp_packet(data: bytes) -> bytes:
    """The XMP block of a file of any format, or nothing."""
    # All formats store it as plain text, so there is no need to know their layouts.
    start = data.find(b"<x:xmpmeta")
    end = data.find(b"</x:xmpmeta>", start, start + MOST_BYTES) if start >= 0 else -1
    return data[start:end] if end >= 0 else b""


def xmp_taken_at(packet: bytes) -> tuple[str | None, str | None]:
    """When the photo was taken, and the offset to UTC, where the block says so."""
    text = packet.decode("utf-8", "replace")
    for name in DATES:
        for found in re.finditer(rf"{name}(?:\s*=\s*[\"']|>)\s*([^\"'<]{{10,40}})", text):
            if taken_at := wall_clock(found[1]):
                return taken_at, utc_offset(found[1])
    return None, None
