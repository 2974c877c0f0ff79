"""A pause of child processes, for somebody who needs the processor more."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from typing import Any

__all__ = ["PAUSE", "call_pausable", "pause"]

PAUSE: signal.Signals | None = getattr(signal, "SIGUSR1", None)
"""A child goes on by itself, whatever becomes of those who asked; Windows has no such signal, and no pauses."""

PAUSE_SECONDS = 0.7
"""How long it lasts."""


def call_pausable(module: str, function: str, *arguments: Any) -> None:
    """What a child process calls first: from here on it can pause, also while it imports the module."""
    if PAUSE is not None:
        signal.signal(PAUSE, lambda *_: time.sleep(PAUSE_SECONDS))
        signal.siginterrupt(PAUSE, False)  # no reading of a photo may fail for it
    getattr(import_module(module), function)(*arguments)


def pause(children: Iterable[int]) -> None:
    """Have child processes pause; until they can, they must have been told to ignore the signal."""
    if PAUSE is None:
        return
    for number in children:
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(number, PAUSE)
