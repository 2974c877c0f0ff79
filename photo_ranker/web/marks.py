"""Picks, rejects and stars: a person's own judgement of photos, kept by the content of the photo.

Renaming or moving a file keeps its mark. Every change can be undone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from photo_ranker.album import AlbumPhoto
from photo_ranker.web import storage

__all__ = ["Flag", "Mark", "Marks", "mark_key"]

Flag = Literal["pick", "reject"]


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a person thinks of a photo."""

    flag: Flag | None = None
    stars: int = 0


NONE = Mark()


def mark_key(photo: AlbumPhoto) -> str:
    """What a mark belongs to: the content; the name where the content could not be read."""
    return photo.record.stamp.hash or photo.name


class _File(msgspec.Struct):
    schema: int = 1
    marks: dict[str, Mark] = {}
    """Key of the photo -> mark."""


class Marks:
    """The marks of one album; may be used from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._marks = (storage.read(path, _File) or _File()).marks
        self.version = 0
        """Grows with every change."""

    def of(self, photo: AlbumPhoto) -> Mark:
        """The mark of a photo."""
        return self._marks.get(mark_key(photo), NONE)

    def change(self, changes: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Mark]:
        """Change the fields that are named, by the keys of photos; gives the marks that stood there before."""
        with self._lock:
            before: dict[str, Mark] = {}
            after = dict(self._marks)
            for name, fields in changes:
                before.setdefault(name, self._marks.get(name, NONE))
                after[name] = msgspec.structs.replace(after.get(name, NONE), **fields)
            self._marks = {name: mark for name, mark in after.items() if mark != NONE}
            storage.write(self._path, _File(marks=self._marks))
            self.version += 1
        return before
