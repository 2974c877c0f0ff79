"""Small JSON files of the app: read with types, written whole or not at all, readable by the user alone.

A file that cannot be read is never taken for a missing one, since the next change would overwrite it.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from photo_ranker.core import files
from photo_ranker.errors import MetadataError

__all__ = [
    "ENTRY_NAME",
    "AlbumEntry",
    "DamagedFile",
    "album_id",
    "heal_entry",
    "read_derived",
    "read_or_heal",
    "read_value",
    "write_value",
]

log = logging.getLogger(__name__)

T = TypeVar("T")


class DamagedFile(Exception):
    """A file does not contain what it should."""

    def __init__(self, content: bytes) -> None:
        super().__init__("damaged")
        self.content = content


def read_value(path: Path, kind: type[T]) -> T | None:
    """What the file holds, or None if there is none.

    Raises :class:`DamagedFile`, or MetadataError if the file cannot be reached.
    """
    try:
        content = files.read(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise MetadataError(
            f"{path} cannot be read: {error.strerror}", "check the disk and its permissions; the file is left as it is"
        ) from error
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedFile(content) from error


def read_derived(path: Path, kind: type[T]) -> T | None:
    """Read a file that can be made again: a damaged or unreadable one counts as missing, and is logged."""
    try:
        return read_value(path, kind)
    except (DamagedFile, MetadataError) as error:
        log.warning("%s is left out: %s", path, error)
        return None


def read_or_heal(path: Path, kind: type[T], heal: Callable[[bytes], T | None]) -> tuple[T | None, str]:
    """Read a file that holds what a user has entered; if it is damaged, what is left of it, and a note.

    The damaged file is kept beside it; ``heal`` makes the value that replaces it from its bytes.
    """
    try:
        return read_value(path, kind), ""
    except DamagedFile as damage:
        healed = heal(damage.content)
        aside = _keep_aside(path, damage.content)
        if healed is None:
            path.unlink()
        else:
            write_value(path, healed)
        log.warning("%s was damaged: it is kept as %s", path, aside.name)
        return healed, f"{path.name} was damaged: it is kept as {aside}"


def write_value(path: Path, value: Any) -> None:
    """Replace the contents of the file by a value as JSON."""
    files.replace(files.private_folder(path.parent) / path.name, [msgspec.json.encode(value)])


def _keep_aside(path: Path, content: bytes) -> Path:
    """Keep a damaged file under another name. It is copied, so that a kill cannot lose it."""
    name = f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (path.with_name(name if number == 1 else f"{name}-{number}") for number in count(1))
    aside = next(one for one in names if not os.path.lexists(one))
    files.write_new(aside, [content], mode=files.PRIVATE)
    return aside


# What is stored about an album of the app: ``album.json``, and what can be recovered when it is damaged.
#
# This file imports nothing else of the app, since ``photo-ranker forget`` uses it too.


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
    is_sample: bool = False
    """Whether it is the session with the photos that come with the app."""

    @property
    def path(self) -> Path:
        """The folder of its photos."""
        return Path(self.folder)


def album_id(folder: str) -> str:
    """The id of a folder's album; it is the same at every start."""
    return blake2b(os.fsencode(folder), digest_size=8).hexdigest()


def heal_entry(place: Path, content: bytes) -> AlbumEntry | None:
    """The album whose ``album.json`` is damaged; None if its folder cannot be determined.

    The result is never marked as deleted: deleted albums are removed for good later, and whether it was is not certain.
    """
    fields = _fields(content)
    when = fields.get("created_at") or datetime.fromtimestamp(place.stat().st_mtime, UTC).isoformat("T", "milliseconds")
    photos, folder = place / "photos", fields.get("folder", "")
    if photos.is_dir():  # only sessions have it
        title = fields.get("title") or "Recovered session"
        return AlbumEntry(place.name, title, "session", str(photos), recursive=True, created_at=when)
    if album_id(folder) != place.name:
        return None
    title = fields.get("title") or Path(folder).name or folder
    is_recursive = _IS_RECURSIVE.search(content) is not None
    return AlbumEntry(place.name, title, "folder", folder, recursive=is_recursive, created_at=when)


def _fields(content: bytes) -> dict[str, str]:
    found = {}
    for name, text in _FIELD.findall(content):
        with suppress(msgspec.DecodeError, UnicodeDecodeError):  # this field is part of the damage
            found[name.decode()] = msgspec.json.decode(text, type=str)
    return found
