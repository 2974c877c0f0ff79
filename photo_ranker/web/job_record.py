"""One piece of long work: what is known of it, and the server's end of its process."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import Any, Literal

import msgspec

__all__ = [
    "ENDED",
    "LANES",
    "SMALL_JOB",
    "Job",
    "Progress",
    "State",
    "apart",
    "give_order",
    "tell_to_end",
    "wait_for_end",
]


State = Literal["queued", "running", "done", "failed", "cancelled"]

ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled"})

LANES: dict[str, str] = {
    "index": "measure",
    "unpack": "files",
    "people": "measure",
    "event": "measure",
    "copy": "files",
    "xmp": "files",
}
"""Kind of job -> its queue: copying files need not wait for measuring."""


SMALL_JOB = 200
"""Photos of a job that goes before all larger ones: it takes seconds."""


class Progress(msgspec.Struct, frozen=True):
    """Progress of a job: things done, and things in all."""

    done: int = 0
    total: int = 0
    words: str = ""
    """What is being done, for a person to read."""


class Job(msgspec.Struct, frozen=True):
    """One piece of long work."""

    id: str
    kind: str
    album: str
    created_at: str
    params: dict[str, Any] = {}
    state: State = "queued"
    progress: Progress = Progress()
    result: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None
    """Why it failed, as problem+json."""
    ended_at: str | None = None
    restarts: int = 0
    """How often the server ended while the job was at work."""
    size: int = 0
    """Photos of the album when the job was submitted; 0 = not counted."""

    @property
    def left(self) -> int:
        """Photos that are still to be done, as far as anybody can tell."""
        return self.progress.total - self.progress.done if self.progress.total else self.size


STOP_SECONDS = 25.0


def apart() -> dict[str, Any]:
    """Ctrl-C on the server's terminal reaches the server alone, which ends its jobs in order."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def give_order(process: subprocess.Popen[bytes], order: dict[str, Any]) -> None:
    """Write the order to the input of the process."""
    assert process.stdin
    # A process that has ended, or was told to end just now, is seen as such by the listener.
    with suppress(BrokenPipeError, ValueError):
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        process.stdin.flush()


def tell_to_end(process: subprocess.Popen[bytes]) -> None:
    """Close the input of the process, upon which it saves and ends."""
    assert process.stdin
    with suppress(BrokenPipeError):
        process.stdin.close()


def wait_for_end(process: subprocess.Popen[bytes]) -> None:
    """Wait while the process saves; kill it if that takes too long."""
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
