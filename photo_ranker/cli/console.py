"""How commands write: results on stdout, notes and progress on stderr."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from photo_ranker.core.terminal import escaped, printable

if TYPE_CHECKING:
    from photo_ranker.core.terminal import Step

__all__ = [
    "Say",
    "TerminalListener",
    "keep_to_the_end",
    "say_to_stderr",
    "spoken_duration",
    "tell_log",
    "write_exact",
    "write_json",
    "write_line",
]


Say = Callable[[str], None]
"""Receives one note."""


_kept: list[object] = []
"""What :func:`keep_to_the_end` holds."""


def keep_to_the_end(thing: object) -> None:
    """Keep a large object alive until the process ends, since freeing an album record by record takes time."""
    _kept[:] = [thing]


def say_to_stderr(*, quiet: bool) -> Say:
    """A function that prints notes, or ignores them when ``quiet``."""
    return (lambda _: None) if quiet else (lambda line: print(printable(line), file=sys.stderr))


def write_line(text: str) -> None:
    """Print one line of a result for a person; control characters in names are made harmless."""
    write_exact(printable(text))


def write_json(document: Any, *, indent: int = 0) -> None:
    """Print a result for a program: on one line, or indented."""
    import msgspec

    data = escaped(msgspec.json.encode(document))
    write_exact((msgspec.json.format(data, indent=indent) if indent else data).decode())


def write_exact(text: str) -> None:
    """Print text unchanged, such as encoded JSON."""
    sys.stdout.buffer.write(os.fsencode(text) + b"\n")
    sys.stdout.flush()


def spoken_duration(seconds: float) -> str:
    """A duration for a person: seconds below a minute, else hours, minutes and seconds."""
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))


def tell_log(say: Say) -> None:
    """Print the log of the models, which says what the user waits for (downloads)."""

    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage())

    log = logging.getLogger("photo_ranker.models")
    log.setLevel(logging.INFO)
    log.handlers = [Teller()]


_NO_PHOTOS = ("not a photo", "is a folder", "is a pipe", "is no file", "empty file")
"""Beginnings of reasons of files that are no photos; these are not counted for the warning."""


class TerminalListener:
    """Shows notes and progress on stderr; bars only if stderr is a terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Any = None
        self._faces = 0
        self.warning: str | None = None
        """The warning that :meth:`finish` prints."""

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
        """Advance the bar by one photo with this number of faces."""
        if self._bar is not None:
            self._faces += faces
            self._bar.set_postfix_str(f"{self._faces} faces", refresh=False)
            self._bar.update()

    def end(self) -> None:
        """Close the bar, and leave it visible."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    @contextmanager
    def progress(self, unit: str) -> Iterator[Step]:
        """Show a bar of things in this unit."""
        from tqdm import tqdm

        # None = no bar unless stderr is a terminal.
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
        """Print the warning last, even with ``--quiet``: the result may be meaningless."""
        if self.warning is None:
            return
        from photo_ranker.exporters import colour_wanted

        sys.stdout.flush()
        text = printable(self.warning)
        print(f"\033[31m{text}\033[0m" if colour_wanted(sys.stderr) else text, file=sys.stderr)


def _kind(reason: str) -> str:
    """The reason without its numbers, since those that differ only in an offset are the same."""
    return re.sub(r"\d[\d.,]*", "0", reason)
