"""How a run is to work, and whom it tells what it does."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

__all__ = ["PHOTO_SECONDS", "SILENT", "IndexOptions", "Watcher", "processors"]

PHOTO_SECONDS = 120.0
"""A photo that is read or measured for longer is given up; the slowest whole ones take a few seconds."""


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """What a user may choose."""

    recursive: bool = False
    workers: int = 0
    """Processes that measure; 0 = one for each processor."""
    retry_failed: bool = False
    no_cache: bool = False
    """Read and write no metadata; measure everything."""
    dry_run: bool = False
    """Find out what is to do, and do nothing."""
    photo_seconds: float = PHOTO_SECONDS


class Watcher(Protocol):
    """Told of the progress of a run."""

    def say(self, line: str) -> None:
        """A note for the user."""
        ...

    def begin(self, todo: int) -> None:
        """So many photos will be looked into."""
        ...

    def step(self, faces: int) -> None:
        """One of them is done, with so many faces."""
        ...

    def end(self) -> None:
        """No more steps come."""
        ...


class _Silent:
    def say(self, line: str) -> None:
        pass

    def begin(self, todo: int) -> None:
        pass

    def step(self, faces: int) -> None:
        pass

    def end(self) -> None:
        pass


SILENT: Watcher = _Silent()


def processors() -> int:
    """How many processors we may use: of this process, and of the container it may run in."""
    if sys.platform == "linux":
        return min(len(os.sched_getaffinity(0)), _container_limit())
    return os.cpu_count() or 1


def _container_limit() -> int:
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text("ascii").split()
        return max(1, round(int(quota) / int(period)))
    except (OSError, ValueError):  # no container, or "max": no limit
        return os.cpu_count() or 1
