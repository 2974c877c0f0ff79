"""The manifest of an album: one line per file says what it is and where it came from.

A line is written before its file appears, so that a later run recognises every file in the folder, however the former
run ended.
"""

from __future__ import annotations

import io
import os
from base64 import b64encode
from pathlib import Path

import msgspec

from photo_ranker.core import files
from photo_ranker.core.terminal import shown
from photo_ranker.errors import FileRefused, UserError

__all__ = ["MANIFEST_NAME", "Entry", "Manifest", "entry_path", "read_manifest"]

MANIFEST_NAME = "photo_ranker_manifest.jsonl"
"""Lies in the album's folder."""
SCHEMA = 1
"""Raised only when older versions would misread the lines."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file of the album."""

    target: str
    """Path below the album's folder, with / between folders."""
    source: str
    """Absolute path."""
    size: int
    """Size and time of the source; if they differ now, it has changed since."""
    mtime_ns: int
    way: str
    """How it was placed: a :data:`Way`."""
    belongs_to: str | None = None
    """Target of the photo that this is a companion of."""
    person: str | None = None
    """The person whose photo it is, if photos of people were exported."""
    rank: int | None = None
    """Its place in the ranking, from 1."""
    score: float | None = None
    picture: str | None = None
    """Content hash of a photo, which a rating does not change; older versions noted none."""
    target_bytes: str | None = None
    """The target's bytes in base64, only if they are not valid UTF-8; likewise for the source."""
    source_bytes: str | None = None


class _Head(msgspec.Struct, frozen=True):
    photo_ranker_album: int
    """The schema."""


_HEAD = msgspec.json.encode(_Head(SCHEMA)) + b"\n"
"""First line of every manifest: it marks the file as ours."""
_ELSEWHERE = "choose another folder for the album"
"""Advice when the folder cannot be used."""


def entry_path(text: str, raw: str | None) -> str:
    """A path of an entry as the system names it."""
    if raw is None:
        return text
    return os.fsdecode(msgspec.json.decode(f'"{raw}"', type=bytes))


def read_manifest(folder: Path) -> list[Entry]:
    """The entries of an album; none if there is no manifest yet. A foreign file of this name is a ``UserError``."""
    path = folder / MANIFEST_NAME
    try:
        text = _text(path)
    except FileRefused as error:
        raise UserError(f"{path} is no manifest of ours: it {error.reason}", _ELSEWHERE) from error
    if _is_unfinished(text):
        return []
    lines = text.splitlines()
    try:
        head = msgspec.json.decode(lines[0], type=_Head)
    except msgspec.DecodeError as error:
        raise UserError(f"{path} is no manifest of ours", _ELSEWHERE) from error
    if head.photo_ranker_album > SCHEMA:
        raise UserError(f"{path} was written by a newer version", "use that version, or choose another folder")
    entries = []
    for line in lines[1:]:
        try:
            entries.append(msgspec.json.decode(line, type=Entry))
        except msgspec.DecodeError:  # a line that was cut by a kill: its file never appeared
            continue
    return entries


class Manifest:
    """A manifest that is open for appending."""

    def __init__(self, folder: Path) -> None:
        path = folder / MANIFEST_NAME
        text = _text(path)
        if _is_unfinished(text):
            files.replace(path, [_HEAD], mode=None)
        self._file = io.BufferedWriter(files.append(path))
        # Ends a line that was cut by a kill, so that the next one is readable.
        if text and not text.endswith(b"\n"):
            self._file.write(b"\n")

    def add(self, entry: Entry) -> None:
        """Append the line of a file that is about to appear; it is handed to the system before this returns."""
        self._file.write(msgspec.json.encode(_in_utf8(entry)) + b"\n")
        self._file.flush()

    def sync(self) -> None:
        """Sync all lines to the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _text(path: Path) -> bytes:
    try:
        return files.read(path)
    except FileNotFoundError:
        return b""


def _is_unfinished(text: bytes) -> bool:
    """Whether this is what a kill or a power cut has left of our first line; after a power cut zeros may follow."""
    return _HEAD.startswith(text.rstrip(b"\0"))


def _in_utf8(entry: Entry) -> Entry:
    texts = {"target": entry.target, "source": entry.source}
    changed: dict[str, str] = {}
    for name, text in texts.items():
        if (readable := shown(text)) != text:
            changed |= {name: readable, f"{name}_bytes": b64encode(os.fsencode(text)).decode()}
    belongs_to = None if entry.belongs_to is None else shown(entry.belongs_to)
    return msgspec.structs.replace(entry, belongs_to=belongs_to, **changed)
