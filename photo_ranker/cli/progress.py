"""The progress of a run on a terminal: photos a second, time left, faces so far."""

from __future__ import annotations

import sys
from typing import Any

from photo_ranker.terminal import printable

__all__ = ["Progress"]


class Progress:
    """A bar on stderr while photos are measured; nothing where stderr is no terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Any = None
        self._faces = 0

    def say(self, line: str) -> None:
        """A note, above the bar if there is one."""
        if self._quiet:
            return
        if self._bar is None:
            print(printable(line), file=sys.stderr)
        else:
            self._bar.write(printable(line), file=sys.stderr)

    def begin(self, todo: int) -> None:
        """Show the bar."""
        if self._quiet or not todo:
            return
        from tqdm import tqdm

        self._bar = tqdm(total=todo, unit=" photos", smoothing=0.05, dynamic_ncols=True, file=sys.stderr, disable=None)

    def step(self, faces: int) -> None:
        """One photo more."""
        if self._bar is not None:
            self._faces += faces
            self._bar.set_postfix_str(f"{self._faces} faces", refresh=False)
            self._bar.update()

    def end(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
