"""The server's end of a job's process: started apart, given its order, told to end."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import Any

import msgspec

__all__ = ["apart", "give_order", "tell_to_end", "wait_for_end"]

STOP_SECONDS = 25.0


def apart() -> dict[str, Any]:
    """Ctrl-C on the server's terminal reaches the server alone, which ends its jobs in order."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def give_order(process: subprocess.Popen[bytes], order: dict[str, Any]) -> None:
    """Say what to do."""
    assert process.stdin
    # A process that has ended, or was told to end just now, is seen as such by the listener.
    with suppress(BrokenPipeError, ValueError):
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        process.stdin.flush()


def tell_to_end(process: subprocess.Popen[bytes]) -> None:
    """Close its input, which it takes as the word to save and end."""
    assert process.stdin
    with suppress(BrokenPipeError):
        process.stdin.close()


def wait_for_end(process: subprocess.Popen[bytes]) -> None:
    """Give it time to save; then it ends in any case."""
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
