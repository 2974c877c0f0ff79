"""One writer per folder at a time, on one machine and between machines that share the folder.

The lock is a file beside the metadata that names its owner, who removes it at the end. It is held in two ways:

* by the system's lock on that file, which ends with the process even if it is killed. On many network folders it
  works on one machine only, or not at all;
* so the owner also touches the file every few seconds. Another process that finds the file without a system lock
  treats the owner as dead once the file has not been touched for a minute, or at once if the owner was a process of
  this machine that has ended.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import IO, Self

from photo_ranker.core import files
from photo_ranker.core.files import let_go, try_take
from photo_ranker.core.leftovers import Owner, read_owner, this_process, write_owner
from photo_ranker.errors import FileRefused, MetadataError
from photo_ranker.metadata.places import METADATA_NAME

__all__ = ["FolderLock", "is_held", "lock_of"]

BEAT_SECONDS = 10.0
"""How often the owner touches the lock; several times within :data:`DEAD_SECONDS`, since a network may be slow."""
DEAD_SECONDS = 60.0
"""Age from which an untouched lock counts as abandoned."""
SETTLE_SECONDS = 1.0
"""Pause after taking over from another machine, to see whether a third one did the same."""
_RETRY_SECONDS = 0.1
"""Pause between two tries to take the lock."""

_holders: dict[str, int] = {}
"""Place -> the thread of this process that holds its lock."""


def lock_of(place: Path) -> Path:
    """The lock beside a metadata file."""
    return place / f"{METADATA_NAME}.lock"


def is_held(place: Path) -> bool:
    """Whether a run is at work there, as far as one look can tell; nothing is changed."""
    try:
        file = files.open_in_place(lock_of(place), make=False)
    except (OSError, FileRefused):  # missing, another user's, or not a file: taking the lock reports that
        return False
    with file:
        hold = _take(file, patient=False)
        if hold is _Hold.OURS:
            let_go(file)
        owner = read_owner(file)
    return hold is _Hold.BUSY or (owner is not None and owner.may_live())


class FolderLock:
    """The right to write one place's metadata; ``with`` takes it, and waits while another process has it."""

    def __init__(self, place: Path, say: Callable[[str], None], *, dead_seconds: float = DEAD_SECONDS) -> None:
        self._path = lock_of(place)
        self._place = place
        self._name = os.path.realpath(place)
        self._say = say
        self._dead_seconds = dead_seconds
        self._me = this_process()
        self._file: IO[bytes] | None = None
        self._released = threading.Event()
        self._idle_clock = _IdleClock()

    def __enter__(self) -> Self:
        told = False
        while not self._try():
            if _holders.get(self._name) == threading.get_ident():
                raise MetadataError(
                    f"the same thread is at work on {self._place} already", "end that first; it would wait for itself"
                )
            if not told:
                self._say(f"waiting: {self._idle_clock.owner or 'another run'} is at work on {self._place}")
                told = True
            time.sleep(_RETRY_SECONDS)
        _holders[self._name] = threading.get_ident()
        threading.Thread(target=self._beat, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        file, self._file = self._file, None
        if file is None:
            return
        _holders.pop(self._name, None)
        mine = read_owner(file) == self._me and _is_at(file, self._path)
        if mine and sys.platform != "win32" and not self._remove():
            with contextlib.suppress(OSError):  # the disk has failed; others wait until the lock is old enough
                file.truncate(0)
        with contextlib.suppress(OSError):  # no locks on this file system
            let_go(file)
        file.close()
        if mine and sys.platform == "win32":  # no open file can be removed there
            self._remove()

    def _remove(self) -> bool:
        """Remove the file; False if it stays. It must not name this process then, which may live on for hours."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return False
        return True

    def check(self) -> None:
        """Raise if another machine has taken over because this one slept and its lock looked abandoned."""
        try:
            with files.open_read(self._path) as file:
                owner = read_owner(file)
        except FileNotFoundError:
            owner = None
            if not self._path.parent.is_dir():
                advice = "it was moved, renamed or unmounted; run again where it is now"
                raise MetadataError(f"{self._place} is not there any more", advice) from None
        if owner != self._me:
            raise MetadataError(f"{owner or 'another run'} has taken over {self._place}", "run again when it is done")

    def _try(self) -> bool:
        file, is_new = _open(self._path)
        if file is None:
            return False
        if is_new:  # write our name first: only one process can have created the file
            self._sign(file)
        hold = _take(file, patient=is_new)
        if hold is _Hold.BUSY or not _is_at(file, self._path) or not (is_new or self._inherit(file, hold)):
            self._idle_clock.look(file)
            file.close()
            return False
        self._file = file
        return True

    def _sign(self, file: IO[bytes]) -> None:
        try:
            write_owner(file, self._me)
        except OSError:  # a full disk
            file.close()
            self._remove()
            raise

    def _inherit(self, file: IO[bytes], hold: _Hold) -> bool:
        """Take over a lock file that was left behind."""
        owner, idle = read_owner(file), self._idle_clock.look(file)
        # No owner in the file: its maker is about to write one, or was killed before it could.
        patience = SETTLE_SECONDS if owner is None else self._dead_seconds
        if idle < patience and (owner is None or owner.may_live()):
            return False
        write_owner(file, self._me)
        # Without a system lock two processes may have signed at once: wait, then see whose name is in the file.
        if hold is _Hold.NO_LOCKS or owner is None or owner.machine != self._me.machine:
            time.sleep(SETTLE_SECONDS)
        return read_owner(file) == self._me

    def _beat(self) -> None:
        while not self._released.wait(BEAT_SECONDS):
            # The network may be away for a while; check() finds out whether it was too long.
            with contextlib.suppress(OSError):
                _touch(self._path)


class _IdleClock:
    """How long a lock file has not been touched, by our own clock, since other machines' clocks may differ."""

    def __init__(self) -> None:
        self.owner: Owner | None = None
        self._seen: tuple[Owner | None, int] | None = None
        self._since = time.monotonic()

    def look(self, file: IO[bytes]) -> float:
        """Seconds since the file was first seen in its present state."""
        self.owner = read_owner(file)
        seen = (self.owner, os.fstat(file.fileno()).st_mtime_ns)
        if seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        return time.monotonic() - self._since


def _open(path: Path) -> tuple[IO[bytes] | None, bool]:
    """The lock file, and whether we created it, which only one process of all machines can."""
    try:
        return files.create(path), True
    except FileExistsError:
        pass
    try:
        return files.open_in_place(path, make=False), False
    except FileNotFoundError:  # its owner has just removed it
        return None, False


def _touch(path: Path) -> None:
    """Set the file's time to now; a link that has taken its name is not followed."""
    os.utime(path, follow_symlinks=os.utime not in os.supports_follow_symlinks)


class _Hold(Enum):
    """The state of the system's lock."""

    OURS = auto()
    """We have just taken it."""
    BUSY = auto()
    """Another process has it."""
    NO_LOCKS = auto()
    """This file system has no locks."""


def _take(file: IO[bytes], *, patient: bool) -> _Hold:
    """Try to take the system's lock. The file's maker is ``patient``: others may hold it briefly to read the owner."""
    deadline = time.monotonic() + (SETTLE_SECONDS if patient else 0)
    try:
        while not try_take(file):
            if time.monotonic() >= deadline:
                return _Hold.BUSY
            time.sleep(0.005)
    except OSError:
        return _Hold.NO_LOCKS
    return _Hold.OURS


def _is_at(file: IO[bytes], path: Path) -> bool:
    """Whether the open file is still the one at that path: an owner removes its file before unlocking it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    except FileNotFoundError:
        return False
