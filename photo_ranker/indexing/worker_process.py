"""One worker process as the main process sees it: what it has in hand, and how it ends."""

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

ENVIRONMENT = dict.fromkeys(
    ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"], "1"
)
"""There are as many workers as processors; libraries that start threads of their own would only get in the way."""

BUSY = frozenset([Stage.READING, Stage.MEASURING])


@dataclass(slots=True, eq=False)
class Task:
    """A job in the hands of a worker."""

    job: MeasureTask
    stage: Stage | None = None
    """None until the worker has begun."""
    since: float = 0.0

    def seconds_left(self, limit: float) -> float:
        """Until the current stage has taken too long."""
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
        """Hand over a job."""
        self.tasks[number] = Task(job)
        with suppress(OSError):  # it has just died, which its end of the connection will tell
            self.connection.send((number, job.path, job.known))

    def end(self) -> str:
        """End the process if it has not ended by itself; how it came to its end."""
        self.connection.close()
        self._process.join(0.2)  # one that is dying may need a moment until its exit code is there
        self._process.kill()
        self._process.join()
        code = self._process.exitcode or 0
        self._process.close()
        if code == -getattr(signal, "SIGKILL", 9):
            return KILLED
        return f"crashes the process that reads it ({signal.Signals(-code).name if code < 0 else f'exit code {code}'})"


@contextmanager
def _as_children_need_it() -> Iterator[None]:
    """What a child takes over from us at its start: one thread a library, and Ctrl-C is not for it."""
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    # Only the main thread may set handlers; elsewhere a child is deaf to Ctrl-C a moment later, by itself.
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
    """Keep a child from running the user's script once more, as spawned processes do: it may have no guard."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
