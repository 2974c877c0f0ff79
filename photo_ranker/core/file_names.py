"""File names across systems: which count as equal, and which are legal everywhere."""

from __future__ import annotations

import os
import re
import unicodedata

__all__ = ["folded", "is_legal_name", "legal_name"]

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""Windows opens a device when a file has one of these names, whatever its suffix."""

LIMIT_BYTES = 150
"""Of a name that we make; systems take 255, and a number or a suffix may be added."""


def folded(name: str) -> str:
    """The same text for names that some system takes for one: they differ in case or in how accents are composed."""
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def is_legal_name(name: str) -> bool:
    """Whether every system takes this as the name of a file."""
    return bool(name) and not (name.endswith((".", " ")) or _FORBIDDEN.search(name) or _DEVICES.match(name))


def legal_name(text: str) -> str:
    """A person's or an event's name as the name of a folder."""
    name = _FORBIDDEN.sub("_", os.fsencode(text).decode("utf-8", "replace")).strip(" .")
    name = name.encode()[:LIMIT_BYTES].decode("utf-8", "ignore").rstrip(" .")
    return name if is_legal_name(name) else f"_{name}"
