"""What indexing asks of an analyser and of a pool of workers; the tests have fakes of both."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from photo_ranker.indexing.jobs import MeasureTask, Outcome
from photo_ranker.records import PhotoRecord

__all__ = ["Measurer", "PoolMaker", "Spec", "WorkerPool"]


class Measurer(Protocol):
    """Measures photos in two steps, so that one photo is decoded while the models look at another."""

    def read(self, path: Path, known: PhotoRecord | None = None) -> Any:
        """Open a photo and do what needs no model; raises ``PhotoUnreadable``."""
        ...

    def measure(self, photo: Any, known: PhotoRecord | None = None) -> PhotoRecord:
        """The record of an opened photo; what is ``known`` of the same picture is not measured again."""
        ...


class Spec(Protocol):
    """What a worker process needs to make its measurer; small, and can be pickled."""

    @property
    def engine(self) -> str:
        """The engine whose faces are wanted."""
        ...

    def keys(self) -> dict[str, str]:
        """Part of the measurement -> what measures it now; loads nothing heavy."""
        ...

    def open(self) -> Measurer:
        """Load the models."""
        ...


class WorkerPool(Protocol):
    """Has photos measured: by processes of this machine, or elsewhere."""

    @property
    def has_room(self) -> bool:
        """Whether another job would come into the hands of a worker."""
        ...

    @property
    def is_idle(self) -> bool:
        """Whether every job has its outcome."""
        ...

    @property
    def is_loading(self) -> bool:
        """Whether nothing has begun yet because the models are being loaded."""
        ...

    def prepare(self) -> None:
        """A job will come soon."""
        ...

    def submit(self, job: MeasureTask) -> None:
        """Have a photo measured; ask ``has_room`` before."""
        ...

    def wait(self, seconds: float) -> list[Outcome]:
        """The outcomes that have come, waiting at most so long for the first."""
        ...


class PoolMaker(Protocol):
    """Opens a pool for the time of a run."""

    def __call__(self, spec: Spec, size: int, photo_seconds: float) -> AbstractContextManager[WorkerPool]:
        """A pool of so many workers, which gives up a photo after so many seconds."""
        ...
