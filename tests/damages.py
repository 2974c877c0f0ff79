"""What may become of a file of ours in the cache: damaged, or something else planted in its place."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cut", "directory", "empty", "link", "pipe"]


def cut(path: Path) -> None:
    """Take the end away."""
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    """Leave a file without content."""
    path.write_bytes(b"")


def link(path: Path) -> None:
    """Put a link to the content in its place."""
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def pipe(path: Path) -> None:
    """Put a named pipe in its place."""
    path.unlink()
    os.mkfifo(path)


def directory(path: Path) -> None:
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()
