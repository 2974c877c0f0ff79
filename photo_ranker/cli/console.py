"""What a command says: results on stdout, notes and progress on stderr."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from datetime import timedelta

__all__ = ["Say", "say_to_stderr", "spoken_duration", "tell_log", "write_line"]

Say = Callable[[str], None]


def say_to_stderr(*, quiet: bool) -> Say:
    """A function for notes; it keeps silent when ``quiet``."""
    return (lambda _: None) if quiet else (lambda line: print(line, file=sys.stderr))


def write_line(text: str) -> None:
    """Print a result; names that are not valid text come out as the bytes they are."""
    sys.stdout.buffer.write(os.fsencode(text) + b"\n")
    sys.stdout.flush()


def spoken_duration(seconds: float) -> str:
    """A duration as a person would say it."""
    return f"{seconds:.1f} s" if seconds < 60 else str(timedelta(seconds=round(seconds)))


def tell_log(say: Say) -> None:
    """Show what the model store logs: it says what a user waits for."""

    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(record.getMessage())

    log = logging.getLogger("photo_ranker.models")
    log.setLevel(logging.INFO)
    log.handlers = [Teller()]
