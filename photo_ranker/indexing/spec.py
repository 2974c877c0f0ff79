"""What indexing asks of an analyser and of a pool of workers, and what every pool is built on.

The tests have fakes of both.
"""

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
    known: PhotoRecord | None = None
    subject: Any = None
    """Whatever the caller wants to find again in the outcome."""
    is_suspect: bool = False
    """A worker that had it in hand has died; it is tried once more, alone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: a record, or the reason why there is none."""

    job: MeasureTask
    record: PhotoRecord | None = None
    reason: str = ""
    may_pass: bool = False
    """The failure is not the file's own: the next run may read it."""
    is_starved: bool = False
    """There was not enough memory for it, alone in a fresh process."""


class JobQueue:
    """What all pools are built on: the jobs that no worker has in hand, and the outcomes that nobody has taken yet.

    A worker that dies does not always say which photo it died of. So the photos that it had in hand become suspects:
    each is tried once more, alone in a worker, and only one that takes that worker down too is given up.
    """

    def __init__(self) -> None:
        self._pending: deque[MeasureTask] = deque()
        """Jobs that wait for a worker, in the order they came."""
        self._suspects: deque[MeasureTask] = deque()
        """Jobs that wait to be tried alone."""
        self._outcomes: list[Outcome] = []
        self._failure: Exception | None = None
        """What ends the run; no photo is to blame."""

    def _suspect(self, job: MeasureTask, reason: str, *, is_starved: bool = False) -> None:
        """Have a job tried once more, alone; a job that was alone already is given up for this reason.

        What dies for want of memory says nothing of the photo, and is not stored.
        """
        if job.is_suspect:
            self._outcomes.append(Outcome(job, reason=reason, may_pass=is_starved, is_starved=is_starved))
        else:
            job.is_suspect = True
            self._suspects.append(job)

    def _take_outcomes(self) -> list[Outcome]:
        """The outcomes since the last call; raises a failure when there are none, so that those before it are kept."""
        outcomes, self._outcomes = self._outcomes, []
        if self._failure and not outcomes:
            raise self._failure
        return outcomes


class Measurer(Protocol):
    """Measures photos in two steps, so that one photo is decoded while the models look at another."""

    def read(self, path: Path, known: PhotoRecord | None = None) -> Any:
        """Open a photo and do what needs no model; raises ``PhotoUnreadable``."""
        ...

    def measure(self, photo: Any, known: PhotoRecord | None = None) -> PhotoRecord:
        """The record of an opened photo; what is ``known`` of the same picture is not measured again."""
        ...


class Spec(Protocol):
    """What a worker process needs to make its measurer; small, and can be pickled."""

    @property
    def engine(self) -> str:
        """The engine whose faces are wanted."""
        ...

    def keys(self) -> dict[str, str]:
        """Part of the measurement -> what measures it now; loads nothing heavy."""
        ...

    def open(self) -> Measurer:
        """Load the models."""
        ...


class WorkerPool(Protocol):
    """Has photos measured: by processes of this machine, or elsewhere."""

    @property
    def has_room(self) -> bool:
        """Whether another job would come into the hands of a worker."""
        ...

    @property
    def is_idle(self) -> bool:
        """Whether every job has its outcome."""
        ...

    @property
    def is_loading(self) -> bool:
        """Whether nothing has begun yet because the models are being loaded."""
        ...

    def prepare(self) -> None:
        """A job will come soon."""
        ...

    def submit(self, job: MeasureTask) -> None:
        """Have a photo measured; ask ``has_room`` before."""
        ...

    def wait(self, seconds: float) -> list[Outcome]:
        """The outcomes since the last call; waits at most this time for the first."""
        ...


class PoolMaker(Protocol):
    """Opens a pool for the time of a run."""

    def __call__(self, spec: Spec, size: int, photo_seconds: float) -> AbstractContextManager[WorkerPool]:
        """A pool of ``size`` workers, which gives up a photo after ``photo_seconds``."""
        ...
