"""The manifest of an album: what lies in it and where it came from, a line a file.

A line is written before its file appears, so that whoever takes up the work again, after whatever end,
knows each file in the folder for what it is.
"""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from typing import BinaryIO

import msgspec

from photo_ranker.errors import UserError

__all__ = ["MANIFEST_NAME", "Entry", "Manifest", "entry_path", "read_manifest"]

MANIFEST_NAME = "photo_ranker_manifest.jsonl"
SCHEMA = 1


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file of the album."""

    target: str
    """Below the album's folder, with / between folders."""
    source: str
    """Whole path."""
    size: int
    mtime_ns: int
    way: str
    belongs_to: str | None = None
    """Target of the photo that this is a sidecar, RAW or live video of."""
    person: str | None = None
    rank: int | None = None
    score: float | None = None
    target_bytes: str | None = None
    """Base64, only where a name is not valid UTF-8; then the same for the source."""
    source_bytes: str | None = None


class _Head(msgspec.Struct, frozen=True):
    photo_ranker_album: int
    """The schema."""


def entry_path(text: str, raw: str | None) -> str:
    """A path of an entry as the system knows it."""
    if raw is None:
        return text
    return os.fsdecode(msgspec.json.decode(f'"{raw}"', type=bytes))


def read_manifest(folder: Path) -> list[Entry]:
    """What the album holds; nothing where there is none yet. Any other file of this name stops us."""
    path = folder / MANIFEST_NAME
    if not os.path.lexists(path):
        return []
    lines = path.read_bytes().splitlines() if path.is_file() and not path.is_symlink() else []
    try:
        head = msgspec.json.decode(lines[0], type=_Head)
    except (IndexError, msgspec.DecodeError) as error:
        if path.is_file() and not path.is_symlink() and not path.stat().st_size:
            return []  # killed before the first line
        raise UserError(f"{path} is no manifest of ours", "choose another folder for the album") from error
    if head.photo_ranker_album > SCHEMA:
        raise UserError(f"{path} was written by a newer version", "use that version, or choose another folder")
    entries = []
    for line in lines[1:]:
        try:
            entries.append(msgspec.json.decode(line, type=Entry))
        except msgspec.DecodeError:  # a line that was cut off by a kill: its file never appeared
            continue
    return entries


class Manifest:
    """Open for adding lines."""

    def __init__(self, folder: Path) -> None:
        # Binary and unbuffered: a line is with the system before its file appears.
        self._file: BinaryIO = (folder / MANIFEST_NAME).open("ab", buffering=0)
        size = os.fstat(self._file.fileno()).st_size
        if not size:
            self._file.write(msgspec.json.encode(_Head(SCHEMA)) + b"\n")
        elif not (folder / MANIFEST_NAME).read_bytes().endswith(b"\n"):
            self._file.write(b"\n")

    def add(self, entry: Entry) -> None:
        """Note a file that is about to appear."""
        self._file.write(msgspec.json.encode(_in_utf8(entry)) + b"\n")

    def close(self) -> None:
        """No more lines come."""
        self._file.close()


def _in_utf8(entry: Entry) -> Entry:
    texts = {"target": entry.target, "source": entry.source}
    changed: dict[str, str] = {}
    for name, text in texts.items():
        raw = os.fsencode(text)
        shown = raw.decode("utf-8", "replace")
        if shown != text:
            changed |= {name: shown, f"{name}_bytes": b64encode(raw).decode()}
    belongs_to = None if entry.belongs_to is None else os.fsencode(entry.belongs_to).decode("utf-8", "replace")
    return msgspec.structs.replace(entry, belongs_to=belongs_to, **changed)
