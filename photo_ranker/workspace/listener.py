"""How the workspace reports to its adapter: notes, progress, and unreadable photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from photo_ranker.core.progress import SilentWatcher, Watcher

__all__ = ["SILENT", "Listener", "Step"]

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


class _Silent(SilentWatcher):
    @contextmanager
    def progress(self, unit: str) -> Iterator[Step]:  # noqa: ARG002 - it is told to nobody
        yield lambda _done, _total: None

    def unreadable(self, reasons: Sequence[str], photos: int) -> None:
        pass


SILENT: Listener = _Silent()
"""Ignores everything; has no state, so one serves everybody."""
