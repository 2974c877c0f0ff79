"""How a run reports its progress. Imports nothing heavy, so that a wrong option is refused at once."""

from __future__ import annotations

from typing import Protocol

__all__ = ["SILENT_WATCHER", "SilentWatcher", "Watcher"]


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


class SilentWatcher:
    """Ignores all that it is told."""

    def say(self, line: str) -> None:
        """Ignore it."""

    def begin(self, todo: int) -> None:
        """Do nothing."""

    def step(self, faces: int) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


SILENT_WATCHER: Watcher = SilentWatcher()
"""Has no state, so one serves everybody."""
