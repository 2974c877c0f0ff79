"""What the pool is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from photo_ranker.records import PhotoRecord

__all__ = ["Job", "Outcome"]


@dataclass(slots=True, eq=False)
class Job:
    """One photo to measure."""

    path: str
    known: PhotoRecord | None = None
    subject: Any = None
    """Whatever the caller wants to find again in the outcome."""
    is_suspect: bool = False
    """A worker that had it in hand has died; it is tried once more, alone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: a record, or the reason why there is none."""

    job: Job
    record: PhotoRecord | None = None
    reason: str = ""
    may_pass: bool = False
    """The failure is not the file's own: the next run may read it."""
    is_starved: bool = False
    """There was not enough memory for it, alone in a fresh process."""
