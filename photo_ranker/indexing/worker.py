"""What runs in a worker process: one thread reads and decodes ahead, the other measures.

Messages to the pool are ``(what, job number, value)``; they name the stage of every photo, so that the pool knows
which photo is to blame when this process hangs or dies.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
from collections.abc import Callable
from enum import IntEnum, auto
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from typing import TYPE_CHECKING, Any

from photo_ranker.errors import OutOfMemory, PhotoOutOfReach, PhotoRankerError, PhotoUnreadable, RunFailed
from photo_ranker.installation import failure_of_ours, is_memory_short, out_of_memory
from photo_ranker.metadata import pass_through
from photo_ranker.terminal import command

if TYPE_CHECKING:
    from photo_ranker.indexing.spec import Measurer
    from photo_ranker.records import PhotoRecord

__all__ = ["Stage", "decode_photo", "measure_photo", "open_measurer", "silence", "work"]


class Stage(IntEnum):
    """What a message says of a photo, or of the worker."""

    READY = auto()
    """The models are loaded."""
    FAILED = auto()
    """The run cannot go on: a model or a library does not load; the value is the exception."""
    READING = auto()
    READ = auto()
    """Waits for the photo before it."""
    MEASURING = auto()
    DONE = auto()
    """The value is the record."""
    UNREADABLE = auto()
    """The value is the reason."""
    OUT_OF_REACH = auto()
    """The value is the reason, which is not the file's own."""
    EXHAUSTED = auto()
    """There was not enough memory; the value is the exception."""


Task = tuple[int, str, "PhotoRecord | None"]


def work(connection: Connection, spec: bytes) -> None:
    """Measure what comes through the connection until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process; it closes the connection
    silence()
    talk = _Talk(connection)
    with contextlib.suppress(EOFError, OSError):  # the main process has gone
        stage, measurer = open_measurer(spec)
        if stage is not Stage.DONE:
            talk.say(stage, -1, measurer)
            return
        talk.say(Stage.READY, -1)
        ahead: Queue[tuple[Task, Any] | None] = Queue(maxsize=1)
        threading.Thread(target=_read_ahead, args=(talk, measurer, ahead), daemon=True).start()
        while (task_and_photo := ahead.get()) is not None:
            _measure(talk, measurer, *task_and_photo)


def _read_ahead(talk: _Talk, measurer: Measurer, ahead: Queue[tuple[Task, Any] | None]) -> None:
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


def _measure(talk: _Talk, measurer: Measurer, task: Task, photo: Any) -> None:
    number, _, known = task
    talk.say(Stage.MEASURING, number)
    stage, value = measure_photo(measurer, photo, known)
    talk.say(stage, number, value)


def open_measurer(spec: bytes, second_network: bytes | None = None) -> tuple[Stage, Any]:
    """Load the models: DONE and the measurer, or FAILED and the error.

    ``second_network`` is that file's content for a machine which may not be able to get it.
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
    """Whatever goes wrong with a photo is said of that photo, and the next one follows."""
    try:
        return Stage.DONE, do()
    except PhotoUnreadable as error:
        return _blame(_plain(error.reason), is_photos_own=not isinstance(error, PhotoOutOfReach))
    except OutOfMemory as error:
        return Stage.EXHAUSTED, error
    except PhotoRankerError as error:  # a model file or a library is missing: no photo's fault
        return Stage.FAILED, error
    except Exception as error:  # noqa: BLE001 - recorded as the photo's reason
        if ours := failure_of_ours(error):
            return Stage.EXHAUSTED if isinstance(ours, OutOfMemory) else Stage.FAILED, ours
        # The system numbers its errors; decoders that call a damaged picture an OSError do not.
        is_systems = isinstance(error, OSError) and error.errno is not None
        return _blame(_plain(f"cannot be measured: {type(error).__name__}: {error}"), is_photos_own=not is_systems)


def _blame(reason: str, *, is_photos_own: bool) -> tuple[Stage, str | OutOfMemory]:
    if is_memory_short():
        return Stage.EXHAUSTED, out_of_memory()
    return Stage.UNREADABLE if is_photos_own else Stage.OUT_OF_REACH, reason


def _plain(reason: str) -> str:
    """Fit for JSON: a name that is not text may be part of it."""
    return reason.encode("utf-8", "replace").decode("utf-8")


def silence() -> None:
    """Decoders complain on stderr about every broken file; the reason in the record says it better."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


class _Talk:
    """The connection, used by two threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def say(self, stage: Stage, number: int, value: object = None) -> None:
        with self._lock:
            self._connection.send((stage, number, value))

    def hear(self) -> Task:
        task: Task = self._connection.recv()
        return task
