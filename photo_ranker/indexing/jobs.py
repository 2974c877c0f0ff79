"""What a pool of workers is given and gives back, and what every pool keeps of it meanwhile."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from photo_ranker.records import PhotoRecord

__all__ = ["JobQueue", "MeasureTask", "Outcome"]


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
