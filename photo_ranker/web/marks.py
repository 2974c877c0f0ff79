"""Picks, rejects and stars: a user's own judgement of photos, stored by the content of the photo.

Renaming or moving a file keeps its mark. Files with the same content each have their own mark, by content and path:
rejecting one keeps the other. A photo that is not measured yet is marked by its path until :meth:`Marks.settle`.
Every change can be undone. Marks that cannot be read are never overwritten.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from photo_ranker.album import AlbumPhoto
from photo_ranker.errors import MetadataError, NewerSchema
from photo_ranker.metadata.document import to_key
from photo_ranker.web import storage

__all__ = ["Flag", "Mark", "Marks", "early_key", "mark_key"]

log = logging.getLogger(__name__)

SCHEMA = 1

Flag = Literal["pick", "reject"]


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """The judgement of one photo by the user."""

    flag: Flag | None = None
    stars: int = 0


NONE = Mark()


def mark_key(photo: AlbumPhoto) -> str:
    """The key of a mark: the content hash, or the name if the content could not be read."""
    return photo.record.stamp.hash or to_key(photo.name)


def _own_key(photo: AlbumPhoto) -> str:
    """The key of the mark of one of several files with the same content."""
    return f"{mark_key(photo)}/{to_key(photo.path)}"


def early_key(photo: AlbumPhoto) -> str:
    """The key of the mark of a photo that is not measured yet."""
    return f"{to_key(photo.name)}/{to_key(photo.path)}"


class _File(msgspec.Struct):
    schema: int = SCHEMA
    marks: dict[str, Mark] = {}
    """Key of the photo -> mark; an empty mark is kept where it overrides the mark of the same content."""


class Marks:
    """The marks of one album. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._marks: dict[str, Mark] = {}
        self._is_loaded = False
        self.version = 0
        """Increases with every change."""
        self.note = ""
        """What the user should know about these marks."""
        try:
            self._load()
        except MetadataError as error:  # the photos can still be viewed
            log.warning("%s", error)
            self.note = f"picks and stars are not shown: {error.message}"

    def _load(self) -> None:
        found, note = storage.read_or_heal(self._path, _File, _healed)
        if found is not None and found.schema > SCHEMA:
            raise _newer(found.schema)
        self._marks = found.marks if found else {}
        self._is_loaded = True
        self.note = f"{note}; {len(self._marks)} picks and stars of it could be read" if note else ""

    def of(self, photo: AlbumPhoto) -> Mark:
        """The mark of a photo."""
        found = (self._marks.get(key) for key in (_own_key(photo), early_key(photo), mark_key(photo)))
        return next((mark for mark in found if mark is not None), NONE)

    def key(self, photo: AlbumPhoto, *, has_copies: bool) -> str:
        """The key to change so that this photo, and no other, is marked."""
        own, early = _own_key(photo), early_key(photo)
        if own in self._marks or early not in self._marks:
            return own if has_copies or own in self._marks or not photo.record.stamp.hash else mark_key(photo)
        return early

    def settle(self, photos: Sequence[AlbumPhoto]) -> None:
        """Move marks to the keys of the photos' contents if they were given before the photos were measured."""
        with self._lock:
            early = {key: photo for photo in photos if (key := early_key(photo)) in self._marks}
            ready = {key: photo for key, photo in early.items() if photo.record.stamp.hash}
            if not ready:
                return
            alike = Counter(map(mark_key, photos))
            after = dict(self._marks)
            for key, photo in ready.items():
                after[_own_key(photo) if alike[mark_key(photo)] > 1 else mark_key(photo)] = after.pop(key)
            self._store(after)

    def change(self, changes: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Mark]:
        """Change fields of marks, by the keys of photos; returns the marks before the change."""
        with self._lock:
            if not self._is_loaded:
                self._load()  # raises the reason, or continues with what is there now
            before: dict[str, Mark] = {}
            after = dict(self._marks)
            for name, fields in changes:
                of_content = after.get(name.partition("/")[0], NONE)
                before.setdefault(name, self._marks.get(name, of_content))
                after[name] = msgspec.structs.replace(after.get(name, of_content), **fields)
            self._store(after)
        return before

    def _store(self, marks: Mapping[str, Mark]) -> None:
        kept = {name: mark for name, mark in marks.items() if mark != NONE or "/" in name}
        storage.write_value(self._path, _File(marks=kept))  # if this fails, memory and file still agree
        self._marks = kept
        self.version += 1


_PAIR = re.compile(rb'("(?:[^"\\]|\\.)*")\s*:\s*(\{[^{}]*\})')
_SCHEMA = re.compile(rb'"schema"\s*:\s*(\d+)')


def _healed(content: bytes) -> _File:
    """All marks that can still be read, wherever the damage is."""
    schema = _SCHEMA.search(content)
    if schema and int(schema[1]) > SCHEMA:
        raise _newer(int(schema[1]))
    marks = {}
    for key, text in _PAIR.findall(content):
        try:
            marks[msgspec.json.decode(key, type=str)] = msgspec.json.decode(text, type=Mark)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue  # part of the damage; the file is kept aside
    return _File(marks=marks)


def _newer(schema: int) -> NewerSchema:
    return NewerSchema(
        f"the picks and stars have schema {schema}; this version knows up to {SCHEMA}",
        "update Photo Ranker; the file is left as it is",
    )
