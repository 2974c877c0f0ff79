"""Which process holds a lock or made a file; its start time tells it from a later process with the same number."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import IO

import msgspec

__all__ = ["Owner", "process_tag", "read_owner", "tag_may_live", "this_process", "write_owner"]


class Owner(msgspec.Struct, frozen=True):
    """A process that holds, or held, a lock."""

    host: str
    """The name of the computer, for messages."""
    machine: str
    """The computer and its container: a process number means something only within one of them."""
    pid: int
    """The number of the process."""
    started: int | None
    """When the process started, in clock ticks since the machine's start; None where the system does not tell."""
    token: str
    """Tells two locks of one process apart."""

    def __str__(self) -> str:
        where = "on this machine" if self.machine == _machine() else f"on {self.host}"
        return f"another run of photo-ranker {where} (process {self.pid})"

    def may_live(self) -> bool:
        """False if the process is certainly gone."""
        if self.machine != _machine():
            return True
        if sys.platform == "win32":
            # Windows enforces locks on network folders too: whoever could take the lock has outlived the owner.
            return False
        return _lives(self.pid, self.started)


def this_process() -> Owner:
    """This process, with a new token."""
    pid = os.getpid()
    return Owner(_host(), _machine(), pid, _started(pid), os.urandom(16).hex())


def process_tag() -> str:
    """This process as a tag that fits into the name of a temporary file."""
    pid = os.getpid()
    return f"{_machine_digest()}-{pid}-{_started(pid) or 0}"


def tag_may_live(tag: str) -> bool | None:
    """Whether the process of a :func:`process_tag` is alive; None if it cannot be known here."""
    machine, pid, started = tag.split("-")
    if machine != _machine_digest() or sys.platform == "win32":
        return None
    return _lives(int(pid), int(started) or None)


def write_owner(file: IO[bytes], owner: Owner) -> None:
    """Put the owner's name into an open lock file."""
    file.seek(0)
    # On Windows nobody else can read the locked first byte, so it holds a blank.
    file.write(b" " + msgspec.json.encode(owner))
    file.truncate()
    with contextlib.suppress(OSError):  # some network folders cannot sync, and write through anyway
        os.fsync(file.fileno())


def read_owner(file: IO[bytes]) -> Owner | None:
    """The name in an open lock file; None while it is being written."""
    file.seek(1)
    try:
        return msgspec.json.decode(file.read(), type=Owner)
    except msgspec.DecodeError:
        return None


def _lives(pid: int, started: int | None) -> bool:
    try:
        # Signal 0 sends nothing: it only reports whether the process exists.
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # alive, and another user's
        # A process of another computer or container cannot be looked up from here.
        return True
    return started is None or _started(pid) == started


@cache
def _machine_digest() -> str:
    return blake2b(_machine().encode(), digest_size=4).hexdigest()


@cache
def _machine() -> str:
    """The machine, and within it the container."""
    with contextlib.suppress(OSError):
        return f"{_host()} {Path('/proc/self/ns/pid').readlink()}"
    return _host()


def _host() -> str:
    if sys.platform != "win32":
        return os.uname().nodename
    import socket  # slow to load, and only writers need a lock

    return socket.gethostname()


def _started(pid: int) -> int | None:
    """Clock ticks from the machine's start to the process's, as Linux tells."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The name in brackets may hold anything; the start time is the 20th number after it.
    return int(stat.rpartition(b")")[2].split()[19])
