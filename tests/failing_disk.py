"""A disk that lists a name and fails when it is asked for more about it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["failing_for"]

SCANDIR = os.scandir


class _Broken:
    """An entry whose facts cannot be read."""

    def __init__(self, entry: os.DirEntry[str]) -> None:
        self.name, self.path = entry.name, entry.path

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        raise OSError(errno.EIO, "Input/output error", self.path)


def failing_for(name: str) -> Callable[[str], Any]:
    """An ``os.scandir`` of such a disk; no real one fails when a test wants it to."""

    @contextmanager
    def scandir(path: str) -> Iterator[Iterator[Any]]:
        with SCANDIR(path) as entries:
            yield (_Broken(entry) if entry.name == name else entry for entry in entries)

    return scandir
