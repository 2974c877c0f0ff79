"""Silence for libraries that print: standard output belongs to results."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

__all__ = ["no_stderr", "no_stdout"]

_TURN = threading.RLock()
"""The streams belong to the whole process: threads that take them away take turns, or one would never come back."""


@contextlib.contextmanager
def no_stdout() -> Iterator[None]:
    """Drop what is printed meanwhile, from Python and from C."""
    with _TURN, _dropped(1), open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        yield


@contextlib.contextmanager
def no_stderr() -> Iterator[None]:
    """Drop what libraries say on stderr from C; failures come as exceptions all the same."""
    with _TURN, _dropped(2):
        yield


@contextlib.contextmanager
def _dropped(stream: int) -> Iterator[None]:
    for python in (sys.stdout, sys.stderr):
        if python is not None:
            python.flush()  # what was said before must come out
    try:
        kept = os.dup(stream)
    except OSError:  # a service may run without it
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream)
        yield
    finally:
        os.dup2(kept, stream)
        os.close(kept)
        os.close(nowhere)
