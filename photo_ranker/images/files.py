"""A path -> its bytes and its stamp, read once; nothing here can block or fill the memory."""

from __future__ import annotations

import io
import os
from pathlib import Path

from photo_ranker.core.files import open_with_stat
from photo_ranker.errors import FileRefused, PhotoOutOfReach, PhotoUnreadable
from photo_ranker.installation import out_of_memory

__all__ = ["read_once"]


def read_once(path: Path, max_bytes: int) -> tuple[bytes, os.stat_result]:
    """The content of a plain file, and what the file looked like before it was read."""
    try:
        raw, before = open_with_stat(path)
        with io.BufferedReader(raw) as file:  # reads on where the system gives only a part
            _must_fit(before.st_size, max_bytes)
            data = file.read(before.st_size)  # and no more, should it be growing
    except FileRefused as error:
        raise PhotoUnreadable(error.reason) from error
    except OSError as error:
        raise PhotoOutOfReach(_in_words(error)) from error
    except ValueError as error:
        raise PhotoUnreadable("impossible file name") from error
    except MemoryError as error:
        raise out_of_memory() from error
    if not data:
        raise PhotoUnreadable("empty file")
    return data, before


def _must_fit(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise PhotoUnreadable(f"{size / 1e6:,.0f} MB: larger than max_file_bytes")


def _in_words(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, PermissionError):
        return "no permission to read it"
    return f"cannot be read: {(error.strerror or type(error).__name__).lower()}"
