"""Whether a file is a photo by its content, where its name says nothing: in ``a.jpg?ssl=1`` and without a suffix."""

from __future__ import annotations

import os
from pathlib import Path

from photo_ranker.core.files import read_head
from photo_ranker.errors import FileRefused, PhotoUnreadable
from photo_ranker.images.sniff import format_of, sniff
from photo_ranker.images.suffixes import OTHER_SUFFIXES, PHOTO_SUFFIXES, VIDEO_SUFFIXES, is_backup, suffix_of
from photo_ranker.indexing.companions import SIDECAR_SUFFIXES

__all__ = ["is_photo", "looks_like_photo", "says_nothing", "why_no_photo"]

HEAD_BYTES = 4096
"""Read of a file: enough for every mark of a format."""

_KNOWN = PHOTO_SUFFIXES | VIDEO_SUFFIXES | SIDECAR_SUFFIXES | OTHER_SUFFIXES


def is_photo(path: Path) -> bool:
    """Whether a file is taken as a photo, by its name or, where that says nothing, by its content; a link may be."""
    suffix = suffix_of(path.name)
    if path.name.startswith(".") or not path.is_file():
        return False
    return suffix in PHOTO_SUFFIXES or (says_nothing(suffix) and looks_like_photo(os.path.realpath(path)))


def says_nothing(suffix: str) -> bool:
    """Whether a file of this suffix may be anything, so that only its content tells."""
    return suffix not in _KNOWN and not is_backup(suffix)


def looks_like_photo(path: str) -> bool:
    """Whether a file is a photo by its first bytes. Waits for no pipe and follows no link."""
    head = _head(path)
    kind = format_of(head, "")
    # Many a text begins with BM; in a bitmap the length of the file and four zeros follow.
    return kind is not None and (kind != "bmp" or head[6:10] == bytes(4))


def why_no_photo(path: str) -> str:
    """What a file is instead of a photo, by its first bytes; of a photo, that its name hides it."""
    try:
        sniff(_head(path), "")
    except PhotoUnreadable as error:
        return error.reason
    return f"a photo by its content, but no photo's name ends in {suffix_of(path)}"


def _head(path: str) -> bytes:
    """The first bytes of a regular file; of anything else nothing."""
    try:
        return read_head(path, HEAD_BYTES)
    except FileRefused:
        return b""
