"""One worker process as the main process sees it: its jobs, and how it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import ModuleType

from photo_ranker.indexing.spec import MeasureTask
from photo_ranker.indexing.worker import Stage, work

__all__ = ["ENVIRONMENT", "KILLED", "Task", "WorkerProcess"]

KILLED = "its process was killed, probably for want of memory"
"""Reason of a photo whose worker was killed, as systems do that run out of memory."""

ENVIRONMENT = dict.fromkeys(
    ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"], "1"
)
"""One thread per library: there are as many workers as processors, so more threads would only compete."""

BUSY = frozenset([Stage.READING, Stage.MEASURING])
"""Stages that the time limit applies to; a photo that waits is not slow."""


@dataclass(slots=True, eq=False)
class Task:
    """A job that a worker has."""

    job: MeasureTask
    stage: Stage | None = None
    """None until the worker has begun."""
    since: float = 0.0
    """When that stage began, by the monotonic clock."""

    def seconds_left(self, limit: float) -> float:
        """Seconds until the current stage has taken too long."""
        return self.since + limit - time.monotonic() if self.stage in BUSY else limit


class WorkerProcess:
    """A process that runs :func:`photo_ranker.indexing.worker.work`."""

    def __init__(self, spec: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, spec), daemon=True)
        with _as_children_need_it(), _without_main():
            self._process.start()
        theirs.close()
        self.tasks: dict[int, Task] = {}
        self.is_ready = False

    def send(self, number: int, job: MeasureTask) -> None:
        """Send a job to the worker."""
        self.tasks[number] = Task(job)
        with suppress(OSError):  # it has just died; reading from the connection reports that
            self.connection.send((number, job.path, job.known))

    def end(self) -> str:
        """Kill the process unless it has ended by itself; return how it ended, for a message."""
        self.connection.close()
        self._process.join(0.2)  # a dying process needs a moment until it has its exit code
        self._process.kill()
        self._process.join()
        code = self._process.exitcode or 0
        self._process.close()
        if code == -getattr(signal, "SIGKILL", 9):
            return KILLED
        return f"crashes the process that reads it ({signal.Signals(-code).name if code < 0 else f'exit code {code}'})"


@contextmanager
def _as_children_need_it() -> Iterator[None]:
    """Set what a child inherits: one thread per library, and Ctrl-C ignored."""
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    # Only the main thread may set handlers; a child started by another ignores Ctrl-C itself, a moment later.
    is_main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if is_main else None
    try:
        yield
    finally:
        if is_main:
            signal.signal(signal.SIGINT, handler)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _without_main() -> Iterator[None]:
    """Keep a spawned child from importing the user's script, which may lack the guard ``if __name__ == "__main__"``."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
