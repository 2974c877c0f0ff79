"""Names of files in an album."""

from __future__ import annotations

import os

from photo_ranker.core.names import folded

__all__ = ["numbered", "renamed"]


def numbered(name: str, number: int, digits: int) -> str:
    """``007_IMG_1.jpg``, so that sorting by name gives the ranking; shortened if a system would refuse it."""
    return _fitting(f"{number:0{digits}}_", name)


def renamed(name: str, photo: str, wanted: str, again: int = 1) -> str:
    """The new name of a companion of ``photo``, or of the photo itself, when the photo gets the name ``wanted``.

    The ``again``-th file of one name gets its number: ``IMG_1_2.jpg`` with ``IMG_1_2.CR2`` and ``IMG_1_2.jpg.xmp``.
    """
    stem, suffix = os.path.splitext(wanted)
    if again > 1:
        stem = f"{stem}_{again}"
    if folded(name[: len(photo)]) == folded(photo):
        return stem + suffix + name[len(photo) :]
    old = os.path.splitext(photo)[0]
    if folded(name[: len(old)]) == folded(old):
        return stem + name[len(old) :]
    return f"{stem}.{name}"


def _fitting(prefix: str, name: str) -> str:
    raw = os.fsencode(name)
    # Systems take 255 bytes; 15 are left for a second number and the suffix of a sidecar.
    room = 240 - len(prefix)
    if len(raw) <= room:
        return prefix + name
    suffix = os.fsencode(os.path.splitext(name)[1])[:20]
    return prefix + os.fsdecode(raw[: room - len(suffix)]) + os.fsdecode(suffix)
