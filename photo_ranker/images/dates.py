"""The dates that cameras and programs write, as one wall clock."""

from __future__ import annotations

import re
from datetime import datetime

__all__ = ["utc_offset", "wall_clock"]

# EXIF says "2024:06:01 15:04:05", XMP "2024-06-01T15:04:05.250+02:00"; programs mix both. XMP may leave out seconds.
DATE = re.compile(r"(\d{4})[:/-](\d\d)[:/-](\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?", re.ASCII)

# Offsets on earth go from -12:00 to +14:00.
OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d", re.ASCII)


def wall_clock(text: str, fraction: str = "") -> str | None:
    """ISO 8601 without a time zone; None for anything that is no date, such as the zeros of an unset clock."""
    parts = DATE.match(text.strip())
    if not parts:
        return None
    numbers = [int(part or 0) for part in parts.groups()[:6]]
    try:
        moment = datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001 - a wall clock has no time zone
    except ValueError:
        return None
    digits = re.match(r"\d{1,9}", fraction.strip() or parts[7] or "", re.ASCII)
    return moment.isoformat() + (f".{digits[0]}" if digits else "")


def utc_offset(text: str) -> str | None:
    """Such as "+02:00", from the end of a date or alone; None where it is not said."""
    text = text.strip()
    if text.endswith("Z"):
        return "+00:00"
    return text[-6:] if OFFSET.fullmatch(text[-6:]) else None
