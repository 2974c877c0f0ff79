"""What is known of a job, on disk and on the page."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

__all__ = ["ENDED", "LANES", "Job", "Progress", "State"]

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


class Progress(msgspec.Struct, frozen=True):
    """How far a job is."""

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
