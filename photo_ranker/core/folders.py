"""The folders of our own: the cache, the app's data, and folders of pictures that we made of photos."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

from photo_ranker.core import files

__all__ = ["app_home", "cache_folder", "is_made", "make_folder"]

_MADE = ".photo_ranker_made"
"""Marks folders of crops, thumbnails and pages that we made, so that no run indexes them as the user's photos."""


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder for pictures that we derive from photos; a run over the parent folder skips it."""
    folder.mkdir(mode, parents=True, exist_ok=True)
    try:
        files.create(folder / _MADE, files.USUAL).close()
    except FileExistsError:
        # Opened only to refuse a link or a pipe planted under the name.
        files.open_read(folder / _MADE).close()


def is_made(folder: str) -> bool:
    """Whether we made the pictures in this folder from photos."""
    with contextlib.suppress(OSError):
        return stat.S_ISREG(Path(folder, _MADE).lstat().st_mode)
    return False


def cache_folder() -> Path:
    """The user's cache folder for Photo Ranker; ``PHOTO_RANKER_CACHE`` names another. It may not exist yet."""
    if chosen := os.environ.get("PHOTO_RANKER_CACHE"):
        return Path(chosen).expanduser()
    return _users_caches() / "photo-ranker"


def app_home() -> Path:
    """Where the app keeps sessions, jobs and picks; ``PHOTO_RANKER_DATA`` names another place."""
    if chosen := os.environ.get("PHOTO_RANKER_DATA"):
        return Path(chosen).expanduser() / "web"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "photo-ranker" / "web"


def _users_caches() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
