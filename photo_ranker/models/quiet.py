"""Silences libraries that print, since our standard output is for results."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

__all__ = ["no_stderr", "no_stdout"]

_TURN = threading.RLock()
"""The streams belong to the process: two threads that redirect them at once would never restore them."""


@contextlib.contextmanager
def no_stdout() -> Iterator[None]:
    """Drop what Python and C code print meanwhile."""
    with _TURN, _dropped(1), open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        yield


@contextlib.contextmanager
def no_stderr() -> Iterator[None]:
    """Drop what C code prints on stderr meanwhile; failures still raise exceptions."""
    with _TURN, _dropped(2):
        yield


@contextlib.contextmanager
def _dropped(stream: int) -> Iterator[None]:
    for python in (sys.stdout, sys.stderr):
        if python is not None:
            python.flush()  # text printed before must appear
    try:
        kept = os.dup(stream)
    except OSError:  # a service may run without this stream
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
