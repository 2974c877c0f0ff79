"""The one place that catches everything and turns it into an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from photo_ranker.core.installation import about_missing, failure_of_ours
from photo_ranker.core.terminal import printable
from photo_ranker.errors import Explained, ExtraMissing, OutOfMemory, PhotoRankerError, RunFailed, UserError

__all__ = ["EXIT_FAILED", "EXIT_INTERRUPTED", "EXIT_OK", "EXIT_USER", "run_safely"]

EXIT_OK = 0
EXIT_FAILED = 1
"""A failure that the user cannot mend."""
EXIT_USER = 2
"""The user must change something; as argparse has it."""
EXIT_INTERRUPTED = 130
"""Ctrl-C, as shells report it: 128 + SIGINT."""

_DISK_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Errors of a full disk or quota."""
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}
"""Errors of missing permissions."""


def run_safely(work: Callable[[], int]) -> int:
    """Run a command; every kind of failure gets its exit code and message."""
    try:
        return work()
    except PhotoRankerError as error:
        return _say_what_to_mend(error)
    except KeyboardInterrupt:
        _say("stopped; everything measured so far is kept")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has closed the pipe: no error.
        _leave_stdout()
        return EXIT_OK
    except Exception as error:  # noqa: BLE001 - the last resort: write a log for a bug report
        if mendable := _in_words(error):
            return _say_what_to_mend(mendable)
        _say(f"error: unexpected failure: {type(error).__name__}: {error}")
        _say(f"  please report it with this log: {_write_log()}")
        return EXIT_FAILED


def _in_words(error: Exception) -> Explained | None:
    """The message for a missing library, a full disk, no memory or no permission, wherever it happens."""
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
    if error.errno in _CLOSED and error.filename:
        return UserError(f"cannot open {error.filename}: {reason}", "check its permissions")
    fails = UserError(f"{error.filename or 'a file'}: {reason}", "the disk or the network folder fails; check it")
    return fails if error.errno == errno.EIO else None


def _is_in_our_code(error: ImportError) -> bool:
    return (error.name or "").partition(".")[0] == "photo_ranker"


def _leave_stdout() -> None:
    """Redirect stdout to nothing, or flushing its buffer at exit would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_what_to_mend(error: PhotoRankerError) -> int:
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
