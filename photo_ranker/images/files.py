"""A path -> its bytes and its stamp, read once; nothing here can block or fill the memory."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from photo_ranker.errors import PhotoOutOfReach, PhotoUnreadable
from photo_ranker.installation import out_of_memory

__all__ = ["read_once"]


def read_once(path: Path, max_bytes: int) -> tuple[bytes, os.stat_result]:
    """The content of a plain file, and what the file looked like before it was read."""
    try:
        _must_be_plain(path.stat())
        with open(path, "rb", opener=_open_without_waiting) as file:
            before = os.fstat(file.fileno())
            _must_be_plain(before)  # again: it may have been replaced since
            _must_fit(before.st_size, max_bytes)
            data = file.read(before.st_size)  # and no more, should it be growing
    except OSError as error:
        raise PhotoOutOfReach(_in_words(error)) from error
    except ValueError as error:
        raise PhotoUnreadable("impossible file name") from error
    except MemoryError as error:
        raise out_of_memory() from error
    if not data:
        raise PhotoUnreadable("empty file")
    return data, before


def _open_without_waiting(name: str, flags: int) -> int:
    # A named pipe without a writer would hold us forever. Windows has no such flag and no such pipes in folders.
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def _must_be_plain(found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    if stat.S_ISDIR(found.st_mode):
        raise PhotoUnreadable("is a folder")
    raise PhotoUnreadable("is a pipe or a device, not a file")


def _must_fit(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise PhotoUnreadable(f"{size / 1e6:,.0f} MB: larger than max_file_bytes")


def _in_words(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    return f"cannot be read: {(error.strerror or type(error).__name__).lower()}"
