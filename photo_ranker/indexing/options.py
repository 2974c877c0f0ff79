"""The options of an index run, and its report."""

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
"""Limit for reading, and for measuring, one photo; the slowest sound ones take a few seconds."""


@dataclass(frozen=True, slots=True)
class IndexOptions:
    """What a user may choose for a run."""

    recursive: bool = False
    """Take subfolders too."""
    workers: int = 0
    """Processes that measure; 0 = one for each processor."""
    retry_failed: bool = False
    """Measure photos again that were unreadable."""
    no_cache: bool = False
    """Neither read nor write metadata; measure everything."""
    dry_run: bool = False
    """Only count what would be measured."""
    photo_seconds: float = PHOTO_SECONDS
    """Limit per photo; a film may take longer."""


def processors() -> int:
    """Number of processors that this process, and its container, may use."""
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
"""Skipped without a word to the user: nobody expects photos there."""


@dataclass(slots=True)
class Report:
    """found = fresh + analysed + moved + waiting + unreadable."""

    fresh: int = 0
    """Photos with an up-to-date record."""
    analysed: int = 0
    """Photos measured now, completely or in part."""
    moved: int = 0
    """Photos with a record under another name or in another folder of this run; nothing was measured."""
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    """Path and reason."""
    waiting: list[tuple[str, str]] = field(default_factory=list)
    """Photos that the first network has measured before, and why the second cannot look at their faces now."""
    starved: int = 0
    """How many of the unreadable ones need more memory than this machine has."""
    dropped: int = 0
    """Records whose file is gone; moved photos are not counted."""
    faces: int = 0
    """In all photos that could be read."""
    companions: int = 0
    """Files that belong to a photo: its RAW, the film of a live photo, sidecars."""
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """Path and reason of everything that is not a photo."""
    kept_elsewhere: list[tuple[str, str]] = field(default_factory=list)
    """Folders that are not writable, and where their records are kept instead."""
    folders: int = 0
    """Folders that were listed."""
    seconds: float = 0.0
    """Duration of the run."""
    is_complete: bool = True
    """False if the run was stopped before its end."""

    @property
    def found(self) -> int:
        """All photos there are."""
        return self.fresh + self.analysed + self.moved + len(self.waiting) + len(self.unreadable)

    @property
    def photos_per_second(self) -> float:
        """Speed of measuring, including the start of the workers."""
        return self.analysed / self.seconds if self.seconds else 0.0

    def counts(self) -> dict[str, int]:
        """Every count of the run, as commands and the app show them."""
        return {
            "found": self.found,
            "fresh": self.fresh,
            "analysed": self.analysed,
            "moved": self.moved,
            "waiting": len(self.waiting),
            "unreadable": len(self.unreadable),
            "dropped": self.dropped,
            "skipped": len(self.skipped),
            "companions": self.companions,
            "faces": self.faces,
            "folders": self.folders,
        }

    def skipped_counts(self) -> Mapping[str, int]:
        """Reason -> number of files, the most frequent first."""
        return dict(Counter(reason for _, reason in self.skipped).most_common())

    def left_out_counts(self) -> Mapping[str, int]:
        """The same without what nobody expects to be indexed: hidden files, system folders, pictures that we made."""
        return {reason: count for reason, count in self.skipped_counts().items() if reason not in _NEVER_MEANT}
