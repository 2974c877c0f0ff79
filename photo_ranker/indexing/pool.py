"""Worker processes that cannot end the run: a photo that kills or blocks its worker costs only that photo.

The standard executors fail as a whole when one process dies. Here every worker has its own connection; when that
breaks, the photos that the worker had are tried again one at a time, and only one that kills its worker again is
given up. So the outcome depends on the photo, not on its neighbours.
"""

from __future__ import annotations

import pickle
import time
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Self, cast

from photo_ranker.core.installation import is_memory_limited
from photo_ranker.errors import RunFailed
from photo_ranker.images.video import is_video
from photo_ranker.indexing.interfaces import PHOTO_SECONDS, JobQueue, MeasureTask, Outcome, Spec
from photo_ranker.indexing.worker import KILLED, Stage, WorkerProcess

__all__ = ["NO_MEMORY", "STARTS", "Pool", "seconds_for"]

VIDEO_TIMES = 10
"""A film may take this many times as long as a photo: twenty minutes, enough for hours of film in 4K."""

IN_HAND = 3
"""Jobs of a worker at once: one measured, one being read, one waiting, so that it never idles."""

STARTS = 3
"""Workers in a row that may die before they are ready; then the run ends, since more would die too."""

NO_MEMORY = "needs more memory than there is"
"""Reason of a photo whose worker ran out of memory."""


def seconds_for(job: MeasureTask, photo_seconds: float) -> float:
    """Seconds that a worker may take for a photo, or for a film."""
    return photo_seconds * (VIDEO_TIMES if is_video(Path(job.path)) else 1)


class Pool(JobQueue):
    """Up to ``size`` worker processes, started when there is work for them."""

    def __init__(self, spec: Spec, size: int, photo_seconds: float = PHOTO_SECONDS) -> None:
        super().__init__()
        self._spec = pickle.dumps(spec)
        self._size = size
        self._photo_seconds = photo_seconds
        self._workers: list[WorkerProcess] = []
        self._number = 0
        self._failed_starts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._workers:
            self._workers.pop().end()

    @property
    def has_room(self) -> bool:
        """Whether a worker would take another job at once."""
        return not self._pending and not self._is_in_doubt() and self._has_free_worker()

    @property
    def is_idle(self) -> bool:
        """Whether every job has its outcome."""
        return not (self._pending or self._suspects or self._outcomes or self._is_busy())

    @property
    def is_loading(self) -> bool:
        """Whether all workers are still loading the models."""
        return bool(self._workers) and not any(worker.is_ready for worker in self._workers)

    def prepare(self) -> None:
        """Start a worker, so that its models load while the folders are examined."""
        self._start()

    def submit(self, job: MeasureTask) -> None:
        """Have a photo measured; check ``has_room`` first."""
        self._pending.append(job)
        self._hand_out()

    def wait(self, seconds: float) -> list[Outcome]:
        """The outcomes since the last call; waits at most this time for the first."""
        by_connection = {worker.connection: worker for worker in self._workers}
        for connection in wait(by_connection, max(0.0, min(seconds, self._seconds_left()))):
            self._listen(by_connection[cast("Connection", connection)])
        self._end_overdue()
        self._hand_out()
        return self._take_outcomes()

    def _is_busy(self) -> bool:
        return any(worker.tasks for worker in self._workers)

    def _is_in_doubt(self) -> bool:
        """Whether a suspect waits or runs; no other job starts meanwhile, so that a crash has one cause."""
        tasks = (task for worker in self._workers for task in worker.tasks.values())
        return bool(self._suspects) or any(task.job.is_suspect for task in tasks)

    def _has_free_worker(self) -> bool:
        return len(self._workers) < self._size or any(len(worker.tasks) < IN_HAND for worker in self._workers)

    def _hand_out(self) -> None:
        if self._failure:
            return
        while self._pending and not self._is_in_doubt() and self._has_free_worker():
            self._send(self._pending.popleft())
        if self._suspects and not self._is_busy():
            self._send(self._suspects.popleft())

    def _send(self, job: MeasureTask) -> None:
        # The worker with the fewest jobs; a new one is started only when all have something to do.
        worker = min(self._workers, key=lambda worker: len(worker.tasks), default=None)
        if worker is None or (worker.tasks and len(self._workers) < self._size):
            worker = self._start()
        self._number += 1
        worker.send(self._number, job)

    def _start(self) -> WorkerProcess:
        worker = WorkerProcess(self._spec)
        self._workers.append(worker)
        return worker

    def _listen(self, worker: WorkerProcess) -> None:
        try:
            while worker.connection.poll():
                stage, number, value = worker.connection.recv()
                if stage is Stage.EXHAUSTED:
                    return self._exhausted(worker, number)
                self._handle(worker, stage, number, value)
        except (EOFError, OSError):
            self._died(worker)

    def _handle(self, worker: WorkerProcess, stage: Stage, number: int, value: Any) -> None:
        if stage is Stage.READY:
            worker.is_ready, self._failed_starts = True, 0
        elif stage is Stage.FAILED:
            self._failure = value
        elif stage is Stage.DONE:
            self._outcomes.append(Outcome(worker.tasks.pop(number).job, record=value))
        elif stage in {Stage.UNREADABLE, Stage.OUT_OF_REACH}:
            is_temporary = stage is Stage.OUT_OF_REACH
            self._outcomes.append(Outcome(worker.tasks.pop(number).job, reason=value, is_temporary=is_temporary))
        else:
            worker.tasks[number].stage, worker.tasks[number].since = stage, time.monotonic()

    def _died(self, worker: WorkerProcess) -> None:
        """Make suspects of the jobs that a dead worker had begun; the others wait again."""
        # Ending it first gives the exit code, which tells a crash from a kill.
        how = self._end(worker)
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= STARTS:
                raise RunFailed(
                    f"the worker processes end before they are ready: {how}", "it may be the memory: try --workers 1"
                )
        for task in worker.tasks.values():
            if not task.stage:
                self._pending.append(task.job)
            else:
                self._suspect(task.job, how, is_starved=how == KILLED or is_memory_limited())

    def _exhausted(self, worker: WorkerProcess, number: int) -> None:
        self._suspect(worker.tasks.pop(number).job, NO_MEMORY, is_starved=True)
        self._end(worker)
        self._pending.extend(task.job for task in worker.tasks.values())

    def _seconds_left(self) -> float:
        """Seconds until the first photo has taken too long."""
        tasks = (task for worker in self._workers for task in worker.tasks.values())
        return min(
            (task.seconds_left(seconds_for(task.job, self._photo_seconds)) for task in tasks),
            default=self._photo_seconds,
        )

    def _end_overdue(self) -> None:
        for worker in list(self._workers):
            for number, task in list(worker.tasks.items()):
                limit = seconds_for(task.job, self._photo_seconds)
                if task.seconds_left(limit) <= 0:
                    del worker.tasks[number]
                    self._outcomes.append(Outcome(task.job, reason=f"takes longer than {limit:g} s"))
                    self._end(worker)
                    self._pending.extend(other.job for other in worker.tasks.values())
                    break

    def _end(self, worker: WorkerProcess) -> str:
        self._workers.remove(worker)
        return worker.end()
