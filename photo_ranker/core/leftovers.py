"""Processes and their temporary files and folders: recognises and removes what killed runs have left."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import IO

import msgspec

from photo_ranker.core.names import sync_folder

__all__ = [
    "Owner",
    "process_tag",
    "read_owner",
    "remove_leftovers",
    "tag_may_live",
    "temporary_folder",
    "temporary_name",
    "this_process",
    "tidy_cache",
    "whole_folder",
    "write_owner",
]

# Which process holds a lock or made a file; its start time tells it from a later process with the same number.


class Owner(msgspec.Struct, frozen=True):
    """A process that holds, or held, a lock."""

    host: str
    """The name of the computer, for messages."""
    machine: str
    """The computer and its container: a process number means something only there."""
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
            # A process of another computer or container cannot be looked up from here.
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
    """Clock ticks from the machine's start to the process's; None where the system does not tell."""
    try:
        found = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    # The name in brackets may hold anything; the start time is the 20th number after it.
    return int(found.rpartition(b")")[2].split()[19])


# Temporary files and folders: their names tell which process made them, so what killed runs left can be removed.


_TEMPORARY = ".photo-ranker-{tag}-{number}.tmp"
"""``tag`` is the process (:func:`process_tag`), ``number`` counts within it."""
_IS_TEMPORARY = re.compile(r"\.photo-ranker-(?P<tag>[0-9a-f]+-\d+-\d+)-\d+\.tmp")

# Temporary names of older versions. In the user's folders only those that no other program would choose.
_FORMER_FILES = re.compile(
    r"\.photo_ranker_(metadata|people)\.json\..+\.tmp|\.photo-ranker-part-\d+-\d+|\.photo-ranker-[a-z0-9_]{8}"
)
_FORMER_FOLDERS = re.compile(r"\.photo-ranker-part-[a-z0-9_]{8}")
_FORMER_IN_CACHES = re.compile(r"\.(fetch|prepare|digests)-[a-z0-9_]{8}|tmp[a-z0-9_]{8}(\.[a-z0-9]{1,6})?")

_FORGOTTEN_SECONDS = 24 * 3600
"""Age from which temporary files of other machines and of older versions are removed: no write takes a day."""

_numbers = itertools.count()
"""Tells the temporary files of one process apart."""


def temporary_name(folder: Path) -> Path:
    """A name in that folder that no other process uses, and that a later run recognises as a leftover."""
    return folder / _TEMPORARY.format(tag=process_tag(), number=next(_numbers))


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """A folder that only the user may read, removed with its content when the block ends."""
    folder = temporary_name(parent)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        _remove_folder(folder)


@contextmanager
def whole_folder(path: Path, mode: int = 0o777) -> Iterator[Path]:
    """A folder to fill: renamed to ``path`` when the block ends well, removed when it raises.

    The name must be free, or that of an empty folder, which is replaced; its mode is kept.
    """
    # A rename onto a link would replace the link, not the folder that it leads to.
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path.parent)
    with temporary_folder(path.parent) as place:
        part = place / path.name
        part.mkdir(mode)
        yield part
        _sync_below(part)
        if path.is_dir():
            # Not every system renames onto an empty folder, so it is removed first; its mode is kept.
            part.chmod(stat.S_IMODE(path.stat().st_mode))
            path.rmdir()
        part.rename(path)
    sync_folder(path.parent)


def remove_leftovers(folder: Path, *, in_cache: bool = False) -> None:
    """Remove temporary files and folders of processes that are gone; ``in_cache`` says that all files here are ours."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:  # the folder is missing or not readable
        for entry in entries:
            if entry.name.startswith((".", "tmp")) and _is_leftover(entry, in_cache=in_cache):
                if entry.is_dir(follow_symlinks=False):
                    _remove_folder(Path(entry.path))
                else:
                    with contextlib.suppress(OSError):  # another run removed it first, or we have no permission
                        Path(entry.path).unlink()


@cache
def tidy_cache(folder: Path) -> None:
    """Remove leftovers from a folder of the user's cache; once per process, since listing a large cache takes time."""
    remove_leftovers(folder, in_cache=True)


def _sync_below(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            # Windows flushes only files that are open for writing.
            with Path(place, name).open("rb+" if sys.platform == "win32" else "rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(place))


def _remove_folder(folder: Path) -> None:
    import shutil  # slow to load, and a question that needs no measuring writes nothing

    shutil.rmtree(folder, ignore_errors=True)  # the next run tries again


def _is_leftover(entry: os.DirEntry[str], *, in_cache: bool) -> bool:
    if found := _IS_TEMPORARY.fullmatch(entry.name):
        alive = tag_may_live(found["tag"])
        # None: not known, as for a process of another machine; then the age decides.
        return alive is False or (alive is None and _is_forgotten(entry))
    former = _FORMER_FOLDERS if entry.is_dir(follow_symlinks=False) else _FORMER_FILES
    is_former = former.fullmatch(entry.name) or (in_cache and _FORMER_IN_CACHES.fullmatch(entry.name))
    return bool(is_former) and _is_forgotten(entry)


def _is_forgotten(entry: os.DirEntry[str]) -> bool:
    return time.time() - entry.stat(follow_symlinks=False).st_mtime > _FORGOTTEN_SECONDS
