"""Small JSON files of the app: read typed, written whole or not at all, for the user's eyes alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, TypeVar

import msgspec

__all__ = ["private_folder", "read", "write", "write_bytes"]

T = TypeVar("T")


def private_folder(path: Path) -> Path:
    """The folder, made if need be; only the user may look into it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def read(path: Path, kind: type[T]) -> T | None:
    """What the file holds; None when there is none or it is damaged."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def write(path: Path, value: Any) -> None:
    """Replace the file by a value as JSON."""
    write_bytes(path, msgspec.json.encode(value))


def write_bytes(path: Path, content: bytes) -> None:
    """Replace the file."""
    handle, temporary = tempfile.mkstemp(dir=private_folder(path.parent))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
