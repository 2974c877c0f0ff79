"""Where the facts of a folder lie: in the folder, or in the user's cache folder if it cannot be written."""

from __future__ import annotations

import contextlib
import os
from hashlib import blake2b
from pathlib import Path

from photo_ranker.core.folders import cache_folder

__all__ = ["FOLDER_NAME", "METADATA_NAME", "cache_place", "cache_places", "is_readable", "journal_of", "newest_place"]

METADATA_NAME = ".photo_ranker_metadata.json"

FOLDER_NAME = "folder"
"""Beside metadata in the cache folder: the path of the photo folder it belongs to, as the system's bytes."""


def journal_of(place: Path) -> Path:
    """The journal beside a metadata file."""
    return place / f"{METADATA_NAME}.journal"


def cache_place(folder: Path) -> Path:
    """The folder in the user's cache that keeps the facts of a photo folder which cannot be written."""
    name = blake2b(os.fsencode(os.path.realpath(folder)), digest_size=16).hexdigest()
    return _root() / name


def cache_places() -> dict[Path, Path]:
    """Every place in the user's cache -> the photo folder it belongs to."""
    return {note.parent: Path(os.fsdecode(note.read_bytes())) for note in _root().glob(f"*/{FOLDER_NAME}")}


def newest_place(folder: Path) -> Path:
    """The place whose facts were written last; the folder itself if there are none."""
    return max(folder, cache_place(folder), key=_last_written)


def is_readable(place: Path) -> bool:
    """False if facts lie there that are another user's."""
    path = place / METADATA_NAME
    return os.access(path, os.R_OK) or not path.exists()


def _last_written(place: Path) -> int:
    if not is_readable(place):
        return -1
    times = [0]
    for path in (place / METADATA_NAME, journal_of(place)):
        with contextlib.suppress(OSError):  # not there
            times.append(path.stat().st_mtime_ns)
    return max(times)


def _root() -> Path:
    return cache_folder() / "folders"
