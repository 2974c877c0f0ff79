"""What a command says: results on stdout, notes and progress on stderr."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from photo_ranker.terminal import escaped, printable

__all__ = [
    "Say",
    "keep_to_the_end",
    "say_to_stderr",
    "spoken_duration",
    "tell_log",
    "write_exact",
    "write_json",
    "write_line",
]

Say = Callable[[str], None]


_kept: list[object] = []


def keep_to_the_end(thing: object) -> None:
    """Keep a large thing alive until the process ends: to free an album record by record is slow, and helps nobody."""
    _kept[:] = [thing]


def say_to_stderr(*, quiet: bool) -> Say:
    """A function for notes; it keeps silent when ``quiet``."""
    return (lambda _: None) if quiet else (lambda line: print(printable(line), file=sys.stderr))


def write_line(text: str) -> None:
    """Print one line of a result for a person; no name in it can do anything to the terminal."""
    write_exact(printable(text))


def write_json(document: Any, *, indent: int = 0) -> None:
    """Print a result for a program: on one line, or with ``indent`` on many."""
    import msgspec

    data = escaped(msgspec.json.encode(document))
    write_exact((msgspec.json.format(data, indent=indent) if indent else data).decode())


def write_exact(text: str) -> None:
    """Print text as it is, such as JSON that is ready."""
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
