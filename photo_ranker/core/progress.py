"""Who is told what a run does. Imports nothing, so that a command can be refused before anything heavy is loaded."""

from __future__ import annotations

from typing import Protocol

__all__ = ["SILENT_WATCHER", "SilentWatcher", "Watcher"]


class Watcher(Protocol):
    """Told of the progress of a run that measures photos."""

    def say(self, line: str) -> None:
        """Take a note for the user."""
        ...

    def begin(self, todo: int) -> None:
        """Photos are going to be measured: this number of them."""
        ...

    def step(self, faces: int) -> None:
        """One of them is measured; it has this number of faces."""
        ...

    def end(self) -> None:
        """No more steps come."""
        ...


class SilentWatcher:
    """Tells nobody."""

    def say(self, line: str) -> None:
        """Drop the note."""

    def begin(self, todo: int) -> None:
        """Do nothing."""

    def step(self, faces: int) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


SILENT_WATCHER: Watcher = SilentWatcher()
