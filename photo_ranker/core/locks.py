"""One process at a time: a lock on a file, on every system."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from photo_ranker.core.files import open_in_place

__all__ = ["let_go", "locked", "try_take"]

_RETRY_SECONDS = 0.05
"""Pause between two tries: neither system call can wait and still report that it waits."""


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock ``path`` (made if needed, never removed); ``on_wait`` is called once if another holds it.

    The system releases it when the process ends, even when it is killed.
    """
    with open_in_place(path) as handle:
        told = False
        while not try_take(handle):
            if on_wait and not told:
                on_wait()
                told = True
            time.sleep(_RETRY_SECONDS)
        try:
            yield
        finally:
            let_go(handle)


if sys.platform == "win32":
    import msvcrt

    def try_take(handle: IO[bytes]) -> bool:
        """Take the lock if nobody has it; an OSError means that this file system has no locks."""
        handle.seek(0)
        try:
            # The first byte stands for the file: Windows locks ranges of bytes.
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def let_go(handle: IO[bytes]) -> None:
        """Give the lock back."""
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def try_take(handle: IO[bytes]) -> bool:
        """Take the lock if nobody has it; an OSError means that this file system has no locks."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def let_go(handle: IO[bytes]) -> None:
        """Give the lock back."""
        fcntl.flock(handle, fcntl.LOCK_UN)
