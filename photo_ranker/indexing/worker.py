"""What runs in a worker process: one thread reads and decodes ahead, the other measures.

Messages to the pool are ``(stage, job number, value)``. They report every stage of every photo, so the pool knows
which photo is to blame when this process hangs or dies.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum, auto
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from types import ModuleType
from typing import Any

import msgspec

from photo_ranker.core.installation import failure_of_ours, is_memory_short, out_of_memory
from photo_ranker.core.terminal import command
from photo_ranker.errors import OutOfMemory, PhotoOutOfReach, PhotoRankerError, PhotoUnreadable, RunFailed
from photo_ranker.indexing.interfaces import Measurer, MeasureTask
from photo_ranker.metadata import pass_through
from photo_ranker.records import PhotoRecord

__all__ = [
    "ENVIRONMENT",
    "KILLED",
    "PAUSE",
    "PAUSE_SECONDS",
    "Stage",
    "Task",
    "WorkerProcess",
    "decode_photo",
    "measure_photo",
    "open_measurer",
    "pause_workers",
    "silence",
    "take_pauses",
    "work",
]


class Stage(IntEnum):
    """What a message says about a photo, or about the worker."""

    READY = auto()
    """The models are loaded."""
    FAILED = auto()
    """A model or a library does not load, so the run must end; the value is the exception."""
    READING = auto()
    """The photo is being opened and decoded."""
    READ = auto()
    """It is decoded, and waits while the photo before it is measured."""
    MEASURING = auto()
    """The models work on it."""
    DONE = auto()
    """The value is the record."""
    UNREADABLE = auto()
    """The value is the reason."""
    OUT_OF_REACH = auto()
    """The value is the reason, which is not the file's fault."""
    EXHAUSTED = auto()
    """Out of memory; the value is the exception."""


_Received = tuple[int, str, "PhotoRecord | None"]
"""A job's number, the photo's path, and its record if it has one."""


def work(connection: Connection, spec: bytes) -> None:
    """Measure photos that come through the connection, until it closes."""
    take_pauses()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process; it closes the connection
    silence()
    talk = _Talk(connection)
    with contextlib.suppress(EOFError, OSError):  # the main process has gone
        stage, measurer = open_measurer(spec)
        if stage is not Stage.DONE:
            talk.say(stage, -1, measurer)
            return
        talk.say(Stage.READY, -1)
        # The queue holds one photo, since a decoded photo of 12 MP takes 36 MB.
        ahead: Queue[tuple[_Received, Any] | None] = Queue(maxsize=1)
        threading.Thread(target=_read_ahead, args=(talk, measurer, ahead), daemon=True).start()
        while (task_and_photo := ahead.get()) is not None:
            _measure(talk, measurer, *task_and_photo)


def _read_ahead(talk: _Talk, measurer: Measurer, ahead: Queue[tuple[_Received, Any] | None]) -> None:
    with contextlib.suppress(EOFError, OSError):
        while True:
            task = talk.hear()
            number, path, known = task
            talk.say(Stage.READING, number)
            stage, photo = decode_photo(measurer, path, known)
            if stage is Stage.DONE:
                talk.say(Stage.READ, number)
                ahead.put((task, photo))
            else:
                talk.say(stage, number, photo)
    ahead.put(None)


def _measure(talk: _Talk, measurer: Measurer, task: _Received, photo: Any) -> None:
    number, _, known = task
    talk.say(Stage.MEASURING, number)
    stage, value = measure_photo(measurer, photo, known)
    talk.say(stage, number, value)


def open_measurer(spec: bytes, second_network: bytes | None = None) -> tuple[Stage, Any]:
    """Load the models: DONE and the measurer, or FAILED and the error.

    ``second_network`` is the content of the second network's file, for a machine that may be unable to fetch it.
    """

    def opened() -> Measurer:
        if second_network is not None:
            from photo_ranker.models.store import OPTIONAL, SECOND_NETWORK, keep_sent

            keep_sent(OPTIONAL[SECOND_NETWORK], second_network)
        measurer: Measurer = pickle.loads(spec).open()  # noqa: S301 - our own
        return measurer

    stage, value = _attempt(opened)
    if stage is Stage.EXHAUSTED:
        return Stage.FAILED, value
    if stage in {Stage.UNREADABLE, Stage.OUT_OF_REACH}:
        return Stage.FAILED, RunFailed(f"the models do not load: {value}", f"see {command('doctor')}")
    return stage, value


def decode_photo(measurer: Measurer, path: str, known: PhotoRecord | None) -> tuple[Stage, Any]:
    """Open a photo and decode it."""
    return _attempt(partial(measurer.read, Path(path), known))


def measure_photo(measurer: Measurer, photo: Any, known: PhotoRecord | None) -> tuple[Stage, Any]:
    """The record of an opened photo, as it would come back from the metadata file."""
    return _attempt(lambda: pass_through(measurer.measure(photo, known)))


def _attempt(do: Callable[[], Any]) -> tuple[Stage, Any]:
    """Run one step; any exception becomes a stage and its value, so that the worker goes on with the next photo."""
    try:
        return Stage.DONE, do()
    except PhotoUnreadable as error:
        return _blame(_plain(error.reason), is_photos_own=not isinstance(error, PhotoOutOfReach))
    except OutOfMemory as error:
        return Stage.EXHAUSTED, error
    except PhotoRankerError as error:  # a model file or a library is missing, which is no photo's fault
        return Stage.FAILED, error
    except Exception as error:  # noqa: BLE001 - recorded as the photo's reason
        if ours := failure_of_ours(error):
            return Stage.EXHAUSTED if isinstance(ours, OutOfMemory) else Stage.FAILED, ours
        # Errors of the system have a number; Pillow's OSError about a damaged picture has none.
        is_systems = isinstance(error, OSError) and error.errno is not None
        return _blame(_plain(f"cannot be measured: {type(error).__name__}: {error}"), is_photos_own=not is_systems)


def _blame(reason: str, *, is_photos_own: bool) -> tuple[Stage, str | OutOfMemory]:
    if is_memory_short():
        return Stage.EXHAUSTED, out_of_memory()
    return Stage.UNREADABLE if is_photos_own else Stage.OUT_OF_REACH, reason


def _plain(reason: str) -> str:
    """The reason as valid Unicode, for JSON: it may contain a file name that is not."""
    return reason.encode("utf-8", "replace").decode("utf-8")


def silence() -> None:
    """Discard stdout and stderr: decoders complain there about every broken file, and records hold better reasons."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


class _Talk:
    """The connection, shared by two threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def say(self, stage: Stage, number: int, value: object = None) -> None:
        with self._lock:
            self._connection.send((stage, number, value))

    def hear(self) -> _Received:
        task: _Received = self._connection.recv()
        return task


# One worker process as the main process sees it: its jobs, and how it ends.


KILLED = "its process was killed, probably for lack of memory"
"""Reason of a photo whose worker was killed, which systems do when they run out of memory."""

_alive: set[int] = set()
"""Ids of the worker processes that were started here and not yet waited for."""


PAUSE: signal.Signals | None = getattr(signal, "SIGUSR1", None)
"""The signal for a pause, which ends by itself whatever happens to the process that asked; None on Windows."""

PAUSE_SECONDS = 0.7
"""How long a pause lasts."""


def pause_workers() -> None:
    """Make the workers of this process pause, since somebody needs the processor more."""
    if PAUSE is None:
        return
    for number in tuple(_alive):
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(number, PAUSE)


def take_pauses() -> None:
    """Allow pauses; a worker calls this first. A pause requested while the process started happens now."""
    if PAUSE is not None:
        signal.signal(PAUSE, lambda *_: time.sleep(PAUSE_SECONDS))
        signal.siginterrupt(PAUSE, False)  # reading a photo must not fail because of it
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [PAUSE])


_MIB = 1 << 20

ENVIRONMENT = {
    # There are as many workers as processors, so more threads would only compete.
    **dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"], "1"),
    # Saves 30 MB with glibc: it returns what loading a model took for a moment, and keeps memory that is used again.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(8 * _MIB),
    "MALLOC_TRIM_THRESHOLD_": str(64 * _MIB),
}
"""The environment variables that workers start with."""

BUSY = frozenset([Stage.READING, Stage.MEASURING])
"""Stages that the time limit applies to; a photo that waits is not slow."""


class Task(msgspec.Struct, eq=False):
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
    """A process that runs :func:`work`."""

    def __init__(self, spec: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, spec), daemon=True)
        with _starting, _child_environment(), _without_main(), _allowed_in_a_daemon():
            self._process.start()
        assert self._process.pid is not None
        _alive.add(self._process.pid)
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
        _alive.discard(self._process.pid or 0)  # first, since its id may be reused once it was waited for
        self._process.join(0.2)  # a dying process needs a moment before it has its exit code
        self._process.kill()
        self._process.join()
        code = self._process.exitcode or 0
        self._process.close()
        if code == -getattr(signal, "SIGKILL", 9):
            return KILLED
        return f"crashes the process that reads it ({signal.Signals(-code).name if code < 0 else f'exit code {code}'})"


_starting = threading.Lock()
"""One start at a time: each changes what all threads share, and two that overlap would restore each other's changes."""


@contextmanager
def _child_environment() -> Iterator[None]:
    """Set what a child inherits: one thread per library, Ctrl-C ignored, and pauses held back until it takes them."""
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    # Only the main thread may set handlers; a child started by another thread ignores Ctrl-C itself, a moment later.
    is_main = threading.current_thread() is threading.main_thread()
    interrupted = signal.signal(signal.SIGINT, signal.SIG_IGN) if is_main else None
    mask = None if PAUSE is None else signal.pthread_sigmask(signal.SIG_BLOCK, [PAUSE])
    try:
        yield
    finally:
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if is_main:
            signal.signal(signal.SIGINT, interrupted)
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


@contextmanager
def _allowed_in_a_daemon() -> Iterator[None]:
    """Let a daemon, such as a process of ``multiprocessing.Pool``, start workers: they end when their pipe closes."""
    current = multiprocessing.current_process()
    is_daemon = current.daemon
    if is_daemon:
        current.daemon = False
    try:
        yield
    finally:
        if is_daemon:
            current.daemon = True
