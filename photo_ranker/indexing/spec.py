"""The interfaces of an analyser and of a pool of workers, and the base of every pool; tests have fakes of both."""

from __future__ import annotations

from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from photo_ranker.records import PhotoRecord

__all__ = ["JobQueue", "MeasureTask", "Measurer", "Outcome", "PoolMaker", "Spec", "WorkerPool"]


@dataclass(slots=True, eq=False)
class MeasureTask:
    """One photo to measure."""

    path: str
    """Path of the photo."""
    known: PhotoRecord | None = None
    """Its record so far: parts that are up to date are not measured again."""
    subject: Any = None
    """Anything that the caller needs to handle the outcome."""
    is_suspect: bool = False
    """A worker died while it had this job; it is tried once more, alone."""


@dataclass(frozen=True, slots=True)
class Outcome:
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
        """Have a photo measured; ask ``has_room`` before."""
        ...

    def wait(self, seconds: float) -> list[Outcome]:
        """The outcomes since the last call; waits at most this time for the first."""
        ...


class PoolMaker(Protocol):
    """Opens a pool for one run."""

    def __call__(self, spec: Spec, size: int, photo_seconds: float) -> AbstractContextManager[WorkerPool]:
        """A pool of ``size`` workers, which gives up a photo after ``photo_seconds``."""
        ...
