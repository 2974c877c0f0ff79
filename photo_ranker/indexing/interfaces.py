"""What a run takes and gives: options, a report, and the interfaces of an analyser and of a pool of workers."""

from __future__ import annotations

import os
import sys
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import msgspec

from photo_ranker.indexing.file_kinds import Skipped
from photo_ranker.records import Drawings, EditedFace, PhotoRecord

__all__ = [
    "PHOTO_SECONDS",
    "IndexOptions",
    "JobQueue",
    "MeasureTask",
    "Measurer",
    "Outcome",
    "PoolMaker",
    "Report",
    "Spec",
    "WorkerPool",
    "processors",
]


class MeasureTask(msgspec.Struct, eq=False):
    """One photo to measure."""

    path: str
    """Path of the photo."""
    known: PhotoRecord | None = None
    """Its record so far: parts that are up to date are not measured again."""
    subject: Any = None
    """Anything that the caller needs to handle the outcome."""
    is_suspect: bool = False
    """A worker died while it had this job, which is tried once more, alone."""


class Outcome(msgspec.Struct, frozen=True):
    """The result of a job: a record, or the reason why there is none."""

    job: MeasureTask
    """With the subject by which the caller knows the photo."""
    record: PhotoRecord | None = None
    reason: str = ""
    """Why there is no record; empty if there is one."""
    is_temporary: bool = False
    """The failure is not the file's fault, so it is not stored: the next run may succeed."""
    is_starved: bool = False
    """Even alone in a fresh process it ran out of memory."""


class JobQueue:
    """Base of all pools: jobs that no worker has yet, and outcomes that the caller has not taken yet.

    A worker that dies cannot always tell which photo was the cause. So all photos that it had become suspects: each is
    tried once more, alone in a worker, and only one that kills that worker too is given up.
    """

    def __init__(self) -> None:
        self._pending: deque[MeasureTask] = deque()
        """Jobs that wait for a worker, first in first out."""
        self._suspects: deque[MeasureTask] = deque()
        """Jobs that wait to run alone."""
        self._outcomes: list[Outcome] = []
        self._failure: Exception | None = None
        """An error that ends the run, such as a missing model."""

    def _suspect(self, job: MeasureTask, reason: str, *, is_starved: bool = False) -> None:
        """Try a job once more, alone; one that was alone already is given up with this reason.

        Running out of memory says nothing about the photo, so it is not stored.
        """
        if job.is_suspect:
            self._outcomes.append(Outcome(job, reason=reason, is_temporary=is_starved, is_starved=is_starved))
        else:
            job.is_suspect = True
            self._suspects.append(job)

    def _take_outcomes(self) -> list[Outcome]:
        """The outcomes since the last call. A failure is raised only after them, so that they are saved."""
        outcomes, self._outcomes = self._outcomes, []
        if self._failure and not outcomes:
            raise self._failure
        return outcomes


class Measurer(Protocol):
    """Measures photos in two steps, so that one photo is decoded while the models work on another."""

    def read(self, path: Path, known: PhotoRecord | None = None) -> Any:
        """Open a photo and do what needs no model; raises ``PhotoUnreadable``."""
        ...

    def measure(self, photo: Any, known: PhotoRecord | None = None) -> PhotoRecord:
        """The record of an opened photo; parts of ``known`` that are up to date are not measured again."""
        ...


class Spec(Protocol):
    """What a worker process needs to create its measurer; small, and can be pickled."""

    @property
    def engine(self) -> str:
        """The engine that finds and identifies faces."""
        ...

    @property
    def drawn(self) -> Mapping[str, Drawings]:
        """Content hash of a picture -> the faces that a user has drawn in it."""
        ...

    def keys(self) -> dict[str, str]:
        """Part of the measurement -> key of what measures it now; loads nothing heavy."""
        ...

    def open(self) -> Measurer:
        """Load the models."""
        ...


class WorkerPool(Protocol):
    """Measures photos in processes of this machine, or elsewhere."""

    @property
    def has_room(self) -> bool:
        """Whether a worker would take another job at once."""
        ...

    @property
    def is_idle(self) -> bool:
        """Whether every job has its outcome."""
        ...

    @property
    def is_loading(self) -> bool:
        """Whether all workers are still loading the models."""
        ...

    def prepare(self) -> None:
        """Get ready: a job will come soon."""
        ...

    def submit(self, job: MeasureTask) -> None:
        """Have a photo measured; check ``has_room`` first."""
        ...

    def wait(self, seconds: float) -> list[Outcome]:
        """The outcomes since the last call; waits at most this time for the first."""
        ...


class PoolMaker(Protocol):
    """Opens a pool for one run."""

    def __call__(self, spec: Spec, size: int, photo_seconds: float) -> AbstractContextManager[WorkerPool]:
        """A pool of ``size`` workers, which gives up a photo after ``photo_seconds``."""
        ...


PHOTO_SECONDS = 120.0
"""Limit for reading, and for measuring, one photo; the slowest undamaged ones take a few seconds."""


class IndexOptions(msgspec.Struct, frozen=True):
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
    edited: Mapping[str, Sequence[EditedFace]] = msgspec.field(default_factory=dict)
    """Content hash of a picture -> faces in it whose ids come from before an edit, by the decisions about people."""
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
"""Skipped without telling the user: nobody expects photos there."""


class Report(msgspec.Struct):
    """found = fresh + analysed + moved + waiting + unreadable."""

    fresh: int = 0
    """Photos with an up-to-date record."""
    analysed: int = 0
    """Photos measured now, completely or in part."""
    moved: int = 0
    """Photos with a record under another name or in another folder of this run; nothing was measured."""
    unreadable: list[tuple[str, str]] = msgspec.field(default_factory=list)
    """Path and reason."""
    waiting: list[tuple[str, str]] = msgspec.field(default_factory=list)
    """Photos that the first network has measured before, and why the second cannot look at their faces now."""
    starved: int = 0
    """How many of the unreadable ones need more memory than this machine has."""
    dropped: int = 0
    """Records whose file is gone; moved photos are not counted."""
    faces: int = 0
    """In all photos that could be read."""
    companions: int = 0
    """Files that belong to a photo: its RAW, the film of a live photo, sidecars."""
    skipped: list[tuple[str, str]] = msgspec.field(default_factory=list)
    """Path and reason of everything that is not a photo."""
    kept_elsewhere: list[tuple[str, str]] = msgspec.field(default_factory=list)
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
