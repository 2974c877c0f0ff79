"""What a run is asked, whom it tells of its work, and what it found and did."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from photo_ranker.indexing.file_kinds import Skipped

__all__ = ["PHOTO_SECONDS", "IndexOptions", "Report", "processors"]


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


_NEVER_MEANT = frozenset({Skipped.HIDDEN, Skipped.SYSTEM_FOLDER, Skipped.MADE})


@dataclass(slots=True)
class Report:
    """found = fresh + analysed + moved + waiting + unreadable."""

    fresh: int = 0
    """Known from before, nothing measured."""
    analysed: int = 0
    """Measured now, as a whole or in part."""
    moved: int = 0
    """Known under another name or in another folder of this run (or as a copy), nothing measured."""
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    """Path and reason."""
    waiting: list[tuple[str, str]] = field(default_factory=list)
    """Photos that the first network has measured before, and why the second cannot look at their faces now."""
    starved: int = 0
    """Those of them that this machine has not enough memory for."""
    dropped: int = 0
    """Known from before, but the file is gone; those that have moved are not counted."""
    faces: int = 0
    """In all photos that could be read."""
    companions: int = 0
    """Files that belong to a photo: RAW, the video of a live photo, sidecars."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Path and reason of everything that is not a photo to us."""
    kept_elsewhere: list[tuple[str, str]] = field(default_factory=list)
    """A folder that cannot be written, and where its facts are kept instead."""
    folders: int = 0
    seconds: float = 0.0
    is_complete: bool = True
    """False if the run was stopped before its end."""

    @property
    def found(self) -> int:
        """All photos there are."""
        return self.fresh + self.analysed + self.moved + len(self.waiting) + len(self.unreadable)

    @property
    def photos_per_second(self) -> float:
        """Speed of measuring, the start of the workers included."""
        return self.analysed / self.seconds if self.seconds else 0.0

    def skipped_counts(self) -> Mapping[str, int]:
        """Reason -> how many, the most frequent first."""
        return dict(Counter(reason for _, reason in self.skipped).most_common())

    def left_out_counts(self) -> Mapping[str, int]:
        """Reason -> how many, without what nobody expects among photos: hidden files, bins, pictures that we made."""
        return {reason: count for reason, count in self.skipped_counts().items() if reason not in _NEVER_MEANT}
