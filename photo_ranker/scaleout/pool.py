"""A pool whose workers are actors of a cluster; if one dies, others do its work.

An actor holds the models, reads one photo ahead and measures one at a time. When it dies or stops answering, nobody
knows which photo was the cause. So all photos that it had are tried again, each alone in an actor, and one that kills
that actor too is given up and stored as unreadable.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from typing import Any, Protocol, Self

import msgspec

from photo_ranker.errors import RunFailed
from photo_ranker.indexing.interfaces import JobQueue, MeasureTask, Outcome
from photo_ranker.indexing.pool import NO_MEMORY, STARTS, seconds_for
from photo_ranker.indexing.worker import ENVIRONMENT, Stage, decode_photo, measure_photo, open_measurer, silence
from photo_ranker.records import PhotoRecord

__all__ = ["AHEAD", "ActorLost", "Actors", "RayPool", "RemoteWorker"]


AHEAD = 2
"""Calls that an actor runs at once: one photo is decoded while the other is measured."""

Said = tuple[Stage, Any]
"""What a call returns: the stage that was reached, and its value."""


class RemoteWorker:
    """The actor: measures photos by path, with the same functions as the worker processes of one machine."""

    def __init__(self, spec: bytes, second_network: bytes | None = None) -> None:
        self._spec, self._second_network = spec, second_network
        self._measurer: Any = None
        self._models = threading.Lock()
        self._loaded = threading.Event()

    def load(self) -> Said:
        """Load the models; READY, or the stage that says why not."""
        silence()
        os.environ.update(ENVIRONMENT)
        stage, opened = open_measurer(self._spec, self._second_network)
        if stage is not Stage.DONE:
            return stage, opened
        self._measurer = opened
        self._loaded.set()
        return Stage.READY, None

    def look(self, path: str, known: PhotoRecord | None) -> Said:
        """The record of a photo, or the reason why there is none."""
        self._loaded.wait()
        stage, photo = decode_photo(self._measurer, path, known)
        if stage is not Stage.DONE:
            return stage, photo
        with self._models:
            return measure_photo(self._measurer, photo, known)


IN_HAND = 4
"""Jobs sent to an actor at once: two in work and two waiting there, so that it never waits for the network."""

LOST = "takes down the worker that reads it"
"""Reason of a photo that kills actors."""


class ActorLost(Exception):
    """An actor or its machine has died."""


class Actors(Protocol):
    """What a pool needs of a cluster; tests have a fake."""

    def start(self) -> tuple[Any, Any]:
        """A new actor, and the future of its loaded models."""
        ...

    def look(self, actor: Any, path: str, known: Any) -> Any:
        """The future of a photo's record."""
        ...

    def wait(self, promises: Sequence[Any], seconds: float) -> list[Any]:
        """The futures that are finished or failed; waits at most this time for the first."""
        ...

    def result(self, promise: Any) -> Any:
        """The result of a future; :class:`ActorLost` if the actor has died."""
        ...

    def end(self, actor: Any) -> None:
        """Kill an actor; one that is dead already is no error."""
        ...


class _Worker(msgspec.Struct, eq=False):
    """An actor with the jobs that were sent to it."""

    actor: Any
    """The handle by which the cluster knows it."""
    loading: Any
    """The future of its models; None once they are loaded."""
    jobs: dict[Any, MeasureTask] = msgspec.field(default_factory=dict)
    """Future -> its job."""
    last_heard: float = msgspec.field(default_factory=time.monotonic)
    """Time of its last result, or when it got its first job after being idle."""

    @property
    def is_ready(self) -> bool:
        return self.loading is None

    @property
    def has_suspect(self) -> bool:
        return any(job.is_suspect for job in self.jobs.values())


class RayPool(JobQueue):
    """Up to ``size`` actors, started when there is work for them."""

    def __init__(self, actors: Actors, size: int, photo_seconds: float) -> None:
        super().__init__()
        self._actors, self._size, self._photo_seconds = actors, size, photo_seconds
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        self._has_begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._workers:
            self._actors.end(self._workers.pop().actor)

    @property
    def has_room(self) -> bool:
        """Whether an actor would take another job at once."""
        return not self._pending and (not self._workers or self._free() is not None)

    @property
    def is_idle(self) -> bool:
        """Whether every job has its outcome."""
        return not (self._pending or self._suspects or self._outcomes or any(worker.jobs for worker in self._workers))

    @property
    def is_loading(self) -> bool:
        """Whether all actors are still loading the models."""
        return bool(self._workers) and not self._has_begun

    def prepare(self) -> None:
        """Start all actors, so that their models load while the folders are examined."""
        while len(self._workers) < self._size:
            self._start()

    def submit(self, job: MeasureTask) -> None:
        """Have a photo measured; check ``has_room`` first."""
        self._pending.append(job)
        self._hand_out()

    def wait(self, seconds: float) -> list[Outcome]:
        """The outcomes since the last call; waits at most this time for the first."""
        holders = {worker.loading: worker for worker in self._workers if worker.loading is not None}
        holders |= {promise: worker for worker in self._workers for promise in worker.jobs}
        for promise in self._actors.wait(list(holders), seconds):
            worker = holders[promise]
            if worker in self._workers:  # an earlier result in this loop may have ended it
                self._handle(worker, promise)
        self._end_silent()
        self._hand_out()
        return self._take_outcomes()

    def _start(self) -> _Worker:
        worker = _Worker(*self._actors.start())
        self._workers.append(worker)
        return worker

    def _free(self) -> _Worker | None:
        """The ready actor with the fewest jobs, if one can take more."""
        workers = [one for one in self._workers if one.is_ready and len(one.jobs) < IN_HAND and not one.has_suspect]
        return min(workers, key=lambda worker: len(worker.jobs), default=None)

    def _hand_out(self) -> None:
        while len(self._workers) < min(self._size, len(self._pending) + len(self._suspects) + self._busy()):
            self._start()
        while self._suspects and (worker := self._idle()):
            self._give(worker, self._suspects.popleft())
        while self._pending and (worker := self._free()):
            if self._suspects and worker is self._workers[0]:
                return  # keep this one free, so that it runs empty and can take a suspect
            self._give(worker, self._pending.popleft())

    def _busy(self) -> int:
        return sum(bool(worker.jobs) for worker in self._workers)

    def _idle(self) -> _Worker | None:
        return next((worker for worker in self._workers if worker.is_ready and not worker.jobs), None)

    def _give(self, worker: _Worker, job: MeasureTask) -> None:
        if not worker.jobs:
            worker.last_heard = time.monotonic()
        worker.jobs[self._actors.look(worker.actor, job.path, job.known)] = job

    def _handle(self, worker: _Worker, promise: Any) -> None:
        try:
            stage, value = self._actors.result(promise)
        except ActorLost as lost:
            self._lost(worker, str(lost))
            return
        worker.last_heard = time.monotonic()
        if stage is Stage.FAILED:
            self._failure = value
            return
        if promise is worker.loading:
            worker.loading, self._has_begun, self._failed_starts = None, True, 0
            return
        job = worker.jobs.pop(promise)
        if stage is Stage.DONE:
            self._outcomes.append(Outcome(job, record=value))
        elif stage is Stage.EXHAUSTED:
            self._suspect(job, NO_MEMORY, is_starved=True)
        else:
            self._outcomes.append(Outcome(job, reason=value, is_temporary=stage is Stage.OUT_OF_REACH))

    def _lost(self, worker: _Worker, how: str) -> None:
        self._give_up(worker)
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts >= STARTS:
                raise RunFailed(
                    f"the workers of the cluster end before they are ready: {how}", "see the logs of its nodes"
                )
        for job in worker.jobs.values():
            self._suspect(job, LOST)

    def _end_silent(self) -> None:
        for worker in list(self._workers):
            limit = max((seconds_for(job, self._photo_seconds) for job in worker.jobs.values()), default=0.0)
            if worker.jobs and time.monotonic() - worker.last_heard > limit:
                self._give_up(worker)
                for job in worker.jobs.values():
                    self._suspect(job, f"takes longer than {seconds_for(job, self._photo_seconds):g} s")

    def _give_up(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._actors.end(worker.actor)
