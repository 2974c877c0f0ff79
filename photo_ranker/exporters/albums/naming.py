"""What files are called in an album: legal on every system, and no two alike."""

from __future__ import annotations

import os
import re
import unicodedata

__all__ = ["alike", "numbered", "renamed", "safe_name"]

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
LONGEST = 150
"""Bytes of a folder's name; systems take 255."""


def safe_name(text: str) -> str:
    """A person's or an event's name as the name of a folder."""
    name = _UNSAFE.sub("_", os.fsencode(text).decode("utf-8", "replace")).strip(" .")
    name = name.encode()[:LONGEST].decode("utf-8", "ignore").rstrip(" .")
    return f"_{name}" if not name or _DEVICES.match(name) else name


def numbered(name: str, number: int, digits: int) -> str:
    """``007_IMG_1.jpg``: in the order of the ranking wherever names are sorted; cut where a system would refuse it."""
    return _fitting(f"{number:0{digits}}_", name)


def renamed(name: str, photo: str, wanted: str, again: int = 1) -> str:
    """The name of a file that belongs to ``photo``, or of the photo itself, when the photo is called ``wanted``.

    The ``again``-th file of one name gets its number: ``IMG_1_2.jpg`` with ``IMG_1_2.CR2`` and ``IMG_1_2.jpg.xmp``.
    """
    stem, suffix = os.path.splitext(wanted)
    if again > 1:
        stem = f"{stem}_{again}"
    if alike(name[: len(photo)]) == alike(photo):
        return stem + suffix + name[len(photo) :]
    old = os.path.splitext(photo)[0]
    if alike(name[: len(old)]) == alike(old):
        return stem + name[len(old) :]
    return f"{stem}.{name}"


def alike(name: str) -> str:
    """Equal for names that some system takes for one: they differ in case or in how accents are put together."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def _fitting(prefix: str, name: str) -> str:
    raw = os.fsencode(name)
    # Room for a second number and for the suffix of a sidecar.
    room = 240 - len(prefix)
    if len(raw) <= room:
        return prefix + name
    suffix = os.fsencode(os.path.splitext(name)[1])[:20]
    return prefix + os.fsdecode(raw[: room - len(suffix)]) + os.fsdecode(suffix)
