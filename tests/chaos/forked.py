"""A run in a forked process: quick to start, since everything is loaded already, and free to be killed."""

from __future__ import annotations

import ctypes
import faulthandler
import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

__all__ = ["Ended", "Tell", "Work", "adopt_orphans", "run_forked"]

LIMIT_SECONDS = 120.0
"""A run that takes longer hangs; the longest takes about ten seconds on an idle machine."""
STACKS_SECONDS = 5.0
"""How long one that hangs has to write where it is."""

Tell = Callable[[Any], None]
"""Says something to the parent, as JSON; what was said is there whatever becomes of the process."""

Work = Callable[[Tell], None]


@dataclass
class Ended:
    """How a forked run has ended."""

    told: list[Any] = field(default_factory=list)
    code: int = 0
    has_hung: bool = False
    stacks: str = ""
    """Where all threads of a run that hangs were."""

    def all(self, key: str) -> list[Any]:
        """The values that were told under a key."""
        return [item[key] for item in self.told if key in item]

    @property
    def failures(self) -> str:
        """What it said of its failures, for a person to read."""
        return str(self.all("failed"))[-1500:].replace("\\n", "\n")


def run_forked(work: Work, folder: Path, notes: Path) -> Ended:
    """Do something in a process of its own, in that folder, and wait for it and all that it has started.

    What it prints goes into ``notes``.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _be_the_child(work, writing, folder, notes)
    os.close(writing)
    ended = Ended()
    with os.fdopen(reading, "rb") as told:
        text, ended.has_hung = _read_until(told.fileno(), time.monotonic() + LIMIT_SECONDS)
    ended.told = [json.loads(line) for line in text.splitlines()]
    if ended.has_hung:
        ended.stacks = _stacks(pid, notes)
        os.kill(pid, signal.SIGKILL)
    ended.code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    _end_orphans()
    return ended


def _stacks(pid: int, notes: Path) -> str:
    before = notes.stat().st_size if notes.exists() else 0
    os.kill(pid, signal.SIGUSR1)
    time.sleep(STACKS_SECONDS)
    return notes.read_text("utf-8", "replace")[before:]


def _be_the_child(work: Work, pipe: int, folder: Path, notes: Path) -> NoReturn:
    try:
        os.setpgid(0, 0)
        os.chdir(folder)
        said = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for stream in (1, 2):
            os.dup2(said, stream)
        faulthandler.register(signal.SIGUSR1, file=2)
        try:
            work(lambda item: _write(pipe, item))
        except BaseException:  # noqa: BLE001 - whatever it was, the parent is told
            _write(pipe, {"failed": traceback.format_exc()})
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(0)


def _write(pipe: int, item: Any) -> None:
    with os.fdopen(os.dup(pipe), "wb") as file:
        file.write(json.dumps(item).encode() + b"\n")


def _read_until(pipe: int, deadline: float) -> tuple[bytes, bool]:
    """What comes through the pipe until it is closed, and whether that took too long."""
    pieces: list[bytes] = []
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            piece = os.read(pipe, 1 << 16)
            if not piece:
                return b"".join(pieces), False
            pieces.append(piece)
    return b"".join(pieces), True


def adopt_orphans() -> None:
    """Processes whose parent was killed become ours, and are ended with it."""
    set_child_subreaper = 36
    ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def _end_orphans() -> None:
    me = os.getpid()
    children = Path(f"/proc/{me}/task/{me}/children")
    while pids := [int(word) for word in children.read_text().split()]:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
