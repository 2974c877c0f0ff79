"""How commands meet the user: results on stdout, notes and progress on stderr, and an exit code for every failure.

:func:`run_safely` is the one place that catches everything.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photo_ranker.core.installation import about_missing, failure_of_ours
from photo_ranker.core.names import NO_ACCESS
from photo_ranker.core.terminal import counted, escaped, printable
from photo_ranker.errors import Explained, ExtraMissing, OutOfMemory, PhotoRankerError, RunFailed, UserError

if TYPE_CHECKING:
    from photo_ranker.core.terminal import Step

__all__ = [
    "EXIT_FAILED",
    "EXIT_INTERRUPTED",
    "EXIT_OK",
    "EXIT_USER",
    "Say",
    "TerminalListener",
    "keep_to_the_end",
    "run_safely",
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
    """A duration for a person: "9.1 s", "1 min 41 s", "2 h 5 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def tell_log(say: Say) -> None:
    """Print the log of the models, which says what the user is waiting for, such as a download."""
    import logging

    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage())

    log = logging.getLogger("photo_ranker.models")
    log.setLevel(logging.INFO)
    log.handlers = [Teller()]


_NO_PHOTOS = ("not a photo", "is a folder", "is a pipe", "is no file", "empty file")
"""How the reasons of files that are not photos begin; the warning does not count these files."""


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
        """Show a bar of the photos being measured."""
        if self._quiet or not todo:
            return
        from tqdm import tqdm

        self._bar = tqdm(total=todo, unit=" photos", smoothing=0.05, dynamic_ncols=True, file=sys.stderr, disable=None)

    def step(self, faces: int) -> None:
        """Advance the bar by one photo with this number of faces."""
        if self._bar is not None:
            self._faces += faces
            self._bar.set_postfix_str(counted(self._faces, "face"), refresh=False)
            self._bar.update()

    def end(self) -> None:
        """Close the bar, and leave it visible."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    @contextmanager
    def progress(self, unit: str) -> Iterator[Step]:
        """Show a bar that counts in this unit."""
        from tqdm import tqdm

        # None = no bar unless stderr is a terminal.
        with tqdm(unit=f" {unit}", file=sys.stderr, disable=self._quiet or None) as bar:

            def step(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            yield step

    def unreadable(self, reasons: Sequence[str], photos: int) -> None:
        """Prepare a warning if more than half of the photos are unreadable for the same reason."""
        of_photos = [reason for reason in reasons if not reason.startswith(_NO_PHOTOS)]
        photos -= len(reasons) - len(of_photos)
        kinds = Counter(map(_kind, of_photos))
        kind, count = next(iter(kinds.most_common(1)), ("", 0))
        if count * 2 > photos:
            reason = next(reason for reason in of_photos if _kind(reason) == kind)
            self.warning = f"warning: {count:,} of {counted(photos, 'photo')} cannot be read: {reason}"

    def finish(self) -> None:
        """Print the warning last, even with ``--quiet``: the result may be meaningless."""
        if self.warning is None:
            return
        from photo_ranker.exporters import colour_wanted

        sys.stdout.flush()
        text = printable(self.warning)
        print(f"\033[31m{text}\033[0m" if colour_wanted(sys.stderr) else text, file=sys.stderr)


def _kind(reason: str) -> str:
    """The reason without its numbers, since reasons that differ only in an offset count as the same."""
    return re.sub(r"\d[\d.,]*", "0", reason)


EXIT_OK = 0

EXIT_FAILED = 1
"""A failure that the user cannot fix."""

EXIT_USER = 2
"""The user must change something; the same code as argparse uses."""

EXIT_INTERRUPTED = 130
"""Ctrl-C, as shells report it: 128 + SIGINT."""

_DISK_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Errors of a full disk or quota."""


def run_safely(work: Callable[[], int]) -> int:
    """Run a command; every kind of failure gets its exit code and message."""
    try:
        return work()
    except PhotoRankerError as error:
        return _print_error(error)
    except KeyboardInterrupt:
        _say("stopped; everything measured so far is kept")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has closed the pipe, which is not an error.
        _leave_stdout()
        return EXIT_OK
    except Exception as error:  # noqa: BLE001 - the last resort: write a log for a bug report
        if explained := _explained(error):
            return _print_error(explained)
        _say(f"error: unexpected failure: {type(error).__name__}: {error}")
        _say(f"  please report it with this log: {_write_log()}")
        return EXIT_FAILED


def _explained(error: Exception) -> Explained | None:
    """The message for a missing library, a full disk, no memory or no permission; None for any other failure."""
    ours = failure_of_ours(error)
    if isinstance(error, ImportError) and not isinstance(ours, OutOfMemory):
        # A missing module of ours is a bug: write a log.
        return about_missing(error) or (None if _is_in_our_code(error) else ours)
    return ours or (_about_file(error) if isinstance(error, OSError) else None)


def _about_file(error: OSError) -> UserError | None:
    """The message for an error of the disk or of permissions; None for any other."""
    reason = os.strerror(error.errno) if error.errno else ""
    if error.errno in _DISK_FULL:
        _leave_stdout()
        return UserError(f"cannot write {error.filename or 'the result'}: {reason}", "make room, or write elsewhere")
    if error.errno in NO_ACCESS and error.filename:
        return UserError(f"cannot open {error.filename}: {reason}", "check its permissions")
    bad_disk = UserError(f"{error.filename or 'a file'}: {reason}", "the disk or the network folder fails; check it")
    return bad_disk if error.errno == errno.EIO else None


def _is_in_our_code(error: ImportError) -> bool:
    return (error.name or "").partition(".")[0] == "photo_ranker"


def _leave_stdout() -> None:
    """Redirect stdout to nothing, or flushing its buffer at exit would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_error(error: PhotoRankerError) -> int:
    _say(f"error: {error}")
    if isinstance(error, Explained) and error.advice:
        _say(f"  {error.advice}")
    is_ours = isinstance(error, RunFailed) and not isinstance(error, ExtraMissing)
    return EXIT_FAILED if is_ours else EXIT_USER


def _say(line: str) -> None:
    print(printable(line), file=sys.stderr)


def _write_log() -> str:
    import platform
    import secrets
    import tempfile
    import traceback

    from photo_ranker import __version__
    from photo_ranker.core.files import PRIVATE, write_new

    text = f"photo-ranker {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
    text += f"command: {sys.argv}\n\n{traceback.format_exc()}"
    path = Path(tempfile.gettempdir(), f"photo-ranker-{secrets.token_hex(6)}.log")
    write_new(path, [text.encode("utf-8", "replace")], mode=PRIVATE, sync="none")
    return str(path)
