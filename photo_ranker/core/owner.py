"""Who holds a lock or makes a file: a process, known well enough to tell it from a later one with the same number."""

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
    machine: str
    """Processes see each other, and can be asked for by number, only within one machine (or container)."""
    pid: int
    started: int | None
    """When the process started, in the system's own count; None where the system does not tell."""
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
            # Its locks hold on network folders too: whoever could open the lock has outlived the owner.
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
    # Windows hides the locked first byte from others, so nothing is said with it.
    file.write(b" " + msgspec.json.encode(owner))
    file.truncate()
    with contextlib.suppress(OSError):  # some network folders cannot; they write through by themselves
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
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # alive, and another user's
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
    import socket  # takes its time to load, and who only reads needs no lock

    return socket.gethostname()


def _started(pid: int) -> int | None:
    """Clock ticks from the machine's start to the process's, as Linux tells."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The name in brackets may hold anything; the start time is the 20th number after it.
    return int(stat.rpartition(b")")[2].split()[19])
