"""Decoding in a second process, for formats whose libraries crash on damaged files or write to stderr.

libheif, LibRaw and libtiff do; JPEG, PNG and the others do not and are decoded in this process.
The second process starts with the first such photo and serves the next ones too.

Each message is the length of its head (4 bytes), the head (msgpack), and as many bytes of data as ``bytes`` says.
"""

from __future__ import annotations

import atexit
import os
import signal
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import msgspec

from photo_ranker import errors
from photo_ranker.core.installation import failure_of_ours, is_memory_limited, out_of_memory
from photo_ranker.core.terminal import command
from photo_ranker.errors import InstallationBroken, PhotoRankerError, PhotoUnreadable
from photo_ranker.images.decoders.base import Limits
from photo_ranker.images.exif import Exif

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["EXHAUSTED", "Head", "IsolatedDecoder", "receive", "send"]

PATIENCE_SECONDS = 60.0
"""A phone's photo takes a second; a file that takes longer than this is damaged or made to stall us."""

EXHAUSTED = 75
"""Exit code of a second process that ran out of memory."""

LENGTH = struct.Struct("<I")

Head = dict[str, Any]
"""What a message says; ``bytes`` is the length of the data after it."""


def send(stream: BinaryIO, head: Head, data: Any = b"") -> None:
    """Write one message; ``data`` is any bytes-like object."""
    body = memoryview(data).cast("B") if len(data) else memoryview(b"")
    packed = msgspec.msgpack.encode(head | {"bytes": len(body)})
    stream.write(LENGTH.pack(len(packed)) + packed)
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO, room: Callable[[Head], Any]) -> tuple[Head, Any]:
    """Read one message; ``room`` makes the buffer for its data. :class:`EOFError` when the other end is gone."""
    (length,) = LENGTH.unpack(_read_exactly(stream, bytearray(LENGTH.size)))
    head: Head = msgspec.msgpack.decode(_read_exactly(stream, bytearray(length)))
    return head, _read_exactly(stream, room(head))


def _read_exactly(stream: BinaryIO, buffer: Any) -> Any:
    left = memoryview(buffer).cast("B") if len(buffer) else memoryview(b"")
    while left:
        count = stream.readinto(left)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        left = left[count:]
    return buffer


class IsolatedDecoder:
    """A file that is opened and decoded in the second process."""

    def __init__(self, kind: str, data: bytes, limits: Limits) -> None:
        self._data = data
        self._request: Head = {"kind": kind, "limits": msgspec.structs.asdict(limits), "shrink": 0}
        about, _ = _ask(self._request, data)
        self.size: tuple[int, int] = tuple(about["size"])
        self.turn: int = about["turn"]
        self.shrinks: tuple[int, ...] = tuple(about["shrinks"])
        self.exif = Exif(**about["exif"])

    def pixels(self, shrink: int) -> NDArray[np.uint8]:
        """The picture as stored, RGB."""
        _, pixels = _ask(self._request | {"shrink": shrink}, self._data)
        return cast("NDArray[np.uint8]", pixels)


def _ask(request: Head, data: bytes) -> tuple[Head, Any]:
    for _ in range(2):  # a second try with a new process: the first may have died of another photo
        helper = _helper()
        reply = helper.ask(request, data)
        if reply:
            head, body = reply
            if "failure" in head:
                raise _failure(*head["failure"])
            return head, body
    if helper.was_exhausted:
        raise out_of_memory()
    raise PhotoUnreadable("damaged: the decoder broke down on it")


def _failure(name: str, *words: str) -> PhotoRankerError:
    """The exception that the second process has described."""
    error: PhotoRankerError = getattr(errors, name)(*words)
    return error


class _Helper:
    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from photo_ranker.images.decoders import serve; serve()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # The same import path as ours, even if it was changed at run time.
                env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                **_own_group(),
            )
        except OSError as error:
            raise failure_of_ours(error) or _not_starting(str(error)) from error
        self._one_at_a_time = threading.Lock()
        self._timed_out = False
        self._is_ready = False

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Head, data: bytes) -> tuple[Head, Any] | None:
        """The reply, or None if the process has died."""
        with self._one_at_a_time:
            watch = threading.Timer(PATIENCE_SECONDS, self._give_up)
            watch.start()
            try:
                if not self._is_ready:
                    self._receive()
                    self._is_ready = True
                send(cast("BinaryIO", self._process.stdin), request, data)
                return self._receive()
            except (EOFError, OSError) as error:
                with suppress(subprocess.TimeoutExpired):  # its exit code tells why it died
                    self._process.wait(1.0)
                self.stop()
                if self._timed_out:
                    raise PhotoUnreadable(f"takes longer than {PATIENCE_SECONDS:.0f} seconds to decode") from error
                # It died before it was ready, so no photo is to blame.
                if not self._is_ready and not self._was_killed:
                    raise out_of_memory() if self.was_exhausted else _not_starting(self._how_it_ended) from error
                return None
            finally:
                watch.cancel()

    @property
    def was_exhausted(self) -> bool:
        """Whether the process probably ran out of memory; a kill by the system counts."""
        return self._process.returncode == EXHAUSTED or self._was_killed or is_memory_limited()

    @property
    def _was_killed(self) -> bool:
        return self._process.returncode == -getattr(signal, "SIGKILL", 9)

    @property
    def _how_it_ended(self) -> str:
        return f"it ends with exit code {self._process.returncode}"

    def _receive(self) -> tuple[Head, Any]:
        return receive(cast("BinaryIO", self._process.stdout), _room)

    def _give_up(self) -> None:
        self._timed_out = True
        self._process.kill()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            try:
                cast("BinaryIO", stream).close()
            except OSError:  # flushing the rest fails, since the process is gone
                continue


def _not_starting(why: str) -> InstallationBroken:
    return InstallationBroken(
        f"the process that decodes HEIC, RAW and TIFF photos does not start: {why}", f"see {command('doctor')}"
    )


def _own_group() -> dict[str, Any]:
    # Ctrl-C must reach only us: it would end this process, and the photo being decoded would count as damaged.
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"process_group": 0}


def _room(head: Head) -> Any:
    import numpy as np

    return np.empty(head["shape"], np.uint8) if "shape" in head else bytearray(head["bytes"])


_helpers: dict[int, _Helper] = {}  # by our own process id, since a forked worker must not share its parent's helper
_starting = threading.Lock()


def _helper() -> _Helper:
    with _starting:
        helper = _helpers.get(os.getpid())
        if helper and not helper.alive:
            helper.stop()  # closes its pipes
            helper = None
        if helper is None:
            helper = _helpers[os.getpid()] = _Helper()
        return helper


@atexit.register
def _stop() -> None:
    helper = _helpers.pop(os.getpid(), None)
    if helper:
        helper.stop()
