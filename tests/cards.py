"""Folders that cannot be written, and memory cards that are mounted at the same path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from builders import a_face, a_record
from permissions import obeyed
from photo_ranker.records import PhotoRecord

__all__ = ["a_card", "mounted", "record_of", "write_protected"]


def a_card(folder: Path, content: str, names: tuple[str, ...] = ("DSC_1.nef", "DSC_2.nef", "DSC_3.nef")) -> Path:
    """A card as cameras of one make write it: names and sizes as on every other card, but photos of its own."""
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(os.fsencode(f"{content} {name}").ljust(40_000, content[-1].encode()))
    return folder


@contextmanager
def mounted(card: Path, path: Path) -> Iterator[Path]:
    """The card, at that path for a while."""
    card.rename(path)
    try:
        yield path
    finally:
        path.rename(card)


@contextmanager
def write_protected(folder: Path) -> Iterator[Path]:
    """A folder that nobody can write in, root included."""
    with obeyed():
        folder.chmod(0o555)
        try:
            yield folder
        finally:
            folder.chmod(0o755)


def record_of(path: Path, face: str, **facts: Any) -> PhotoRecord:
    """A record that is fresh for a file, with one face."""
    found = os.lstat(path)
    return a_record(a_face(face, **facts), hash=face, size=found.st_size, mtime_ns=found.st_mtime_ns)
