"""How runs and the workspace report notes and progress. Imports nothing heavy, so wrong options are refused at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

__all__ = ["SILENT", "Listener", "Step", "Watcher"]


class Watcher(Protocol):
    """Receives the notes and the progress of a run that measures photos."""

    def say(self, line: str) -> None:
        """Receive a note for the user."""
        ...

    def begin(self, todo: int) -> None:
        """``todo`` photos will be measured."""
        ...

    def step(self, faces: int) -> None:
        """One photo is measured; it has this number of faces."""
        ...

    def end(self) -> None:
        """No more steps come."""
        ...


Step = Callable[[int, int], None]
"""Called with the number of things done, and of all."""


class Listener(Watcher, Protocol):
    """Receives notes and progress: a terminal shows them, a job of the app stores them, the API ignores them."""

    def progress(self, unit: str) -> AbstractContextManager[Step]:
        """Report work that is counted in this unit, such as files."""
        ...

    def unreadable(self, reasons: Sequence[str], photos: int) -> None:
        """Report unreadable photos: the reason of each, and the number of all photos."""
        ...


class _Silent:
    def say(self, line: str) -> None:
        pass

    def begin(self, todo: int) -> None:
        pass

    def step(self, faces: int) -> None:
        pass

    def end(self) -> None:
        pass

    @contextmanager
    def progress(self, unit: str) -> Iterator[Step]:  # noqa: ARG002 - it is told to nobody
        yield lambda _done, _total: None

    def unreadable(self, reasons: Sequence[str], photos: int) -> None:
        pass


SILENT: Listener = _Silent()
"""Ignores everything; has no state, so one serves everybody."""
