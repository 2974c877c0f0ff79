"""What is kept of an album of the app: ``album.json``, and what is left of it when it is damaged.

Imports nothing of the app, since ``photo-ranker forget`` reads it too.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Literal

import msgspec

__all__ = ["ENTRY_NAME", "AlbumEntry", "album_id", "heal_entry"]

ENTRY_NAME = "album.json"

_FIELD = re.compile(rb'"(title|folder|created_at)"\s*:\s*("(?:[^"\\]|\\.)*")')
_IS_RECURSIVE = re.compile(rb'"recursive"\s*:\s*true')


class AlbumEntry(msgspec.Struct, frozen=True):
    """One album."""

    id: str
    title: str
    kind: Literal["folder", "session"]
    folder: str
    recursive: bool
    created_at: str
    deleted_at: str | None = None

    @property
    def path(self) -> Path:
        """The folder of its photos."""
        return Path(self.folder)


def album_id(folder: str) -> str:
    """The id of a folder's album; the same at every start."""
    return blake2b(os.fsencode(folder), digest_size=8).hexdigest()


def heal_entry(place: Path, content: bytes) -> AlbumEntry | None:
    """The album whose ``album.json`` is damaged; None where nobody can tell which folder it was.

    It is never a deleted one: those are removed for good some day, and that much is not certain.
    """
    said = _fields(content)
    when = said.get("created_at") or datetime.fromtimestamp(place.stat().st_mtime, UTC).isoformat("T", "milliseconds")
    photos, folder = place / "photos", said.get("folder", "")
    if photos.is_dir():  # sessions alone have it
        title = said.get("title") or "Recovered session"
        return AlbumEntry(place.name, title, "session", str(photos), recursive=True, created_at=when)
    if album_id(folder) != place.name:
        return None
    title = said.get("title") or Path(folder).name or folder
    is_recursive = _IS_RECURSIVE.search(content) is not None
    return AlbumEntry(place.name, title, "folder", folder, recursive=is_recursive, created_at=when)


def _fields(content: bytes) -> dict[str, str]:
    found = {}
    for name, text in _FIELD.findall(content):
        with suppress(msgspec.DecodeError, UnicodeDecodeError):  # this field is part of the damage
            found[name.decode()] = msgspec.json.decode(text, type=str)
    return found
