"""The terminal as the listener of a command: notes, bars of progress, and a warning that comes last."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from photo_ranker.terminal import printable

if TYPE_CHECKING:
    from photo_ranker.workspace.listener import Step

__all__ = ["TerminalListener"]

_NO_PHOTOS = ("not a photo", "is a folder", "is a pipe", "is no file", "empty file")
"""How the reasons begin of files that never were photos: they count neither way."""


class TerminalListener:
    """Shows on stderr what is going on; bars only where stderr is a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Any = None
        self._faces = 0
        self.warning: str | None = None
        """What :meth:`finish` prints."""

    def say(self, line: str) -> None:
        """Print a note, above the bar if there is one."""
        if self._quiet:
            return
        if self._bar is None:
            print(printable(line), file=sys.stderr)
        else:
            self._bar.write(printable(line), file=sys.stderr)

    def begin(self, todo: int) -> None:
        """Show the bar of photos that are measured."""
        if self._quiet or not todo:
            return
        from tqdm import tqdm

        self._bar = tqdm(total=todo, unit=" photos", smoothing=0.05, dynamic_ncols=True, file=sys.stderr, disable=None)

    def step(self, faces: int) -> None:
        """Move the bar by one photo, with this number of faces."""
        if self._bar is not None:
            self._faces += faces
            self._bar.set_postfix_str(f"{self._faces} faces", refresh=False)
            self._bar.update()

    def end(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    @contextmanager
    def progress(self, unit: str) -> Iterator[Step]:
        """Show a bar of things in this unit."""
        from tqdm import tqdm

        # None = no bar where stderr is no terminal.
        with tqdm(unit=f" {unit}", file=sys.stderr, disable=self._quiet or None) as bar:

            def step(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            yield step

    def unreadable(self, reasons: Sequence[str], photos: int) -> None:
        """Prepare a warning if more than half of the photos are unreadable for one reason."""
        of_photos = [reason for reason in reasons if not reason.startswith(_NO_PHOTOS)]
        photos -= len(reasons) - len(of_photos)
        kinds = Counter(map(_kind, of_photos))
        kind, count = next(iter(kinds.most_common(1)), ("", 0))
        if count * 2 > photos:
            reason = next(reason for reason in of_photos if _kind(reason) == kind)
            self.warning = f"warning: {count:,} of {photos:,} photos cannot be read: {reason}"

    def finish(self) -> None:
        """Print the warning below everything else. ``--quiet`` does not silence it: the result may mean nothing."""
        if self.warning is None:
            return
        from photo_ranker.exporters.table import colour_wanted

        sys.stdout.flush()
        text = printable(self.warning)
        print(f"\033[31m{text}\033[0m" if colour_wanted(sys.stderr) else text, file=sys.stderr)


def _kind(reason: str) -> str:
    """Reasons that differ in a number alone, such as a place in the file, are one reason."""
    return re.sub(r"\d[\d.,]*", "0", reason)
