"""The process of one job: it reads its order from its input and writes progress to its output, a line of JSON each.

It ends when its input ends: the server has gone, or the job is cancelled. Whatever was measured by then is kept.
"""

from __future__ import annotations

import _thread
import logging
import os
import sys
import threading
import time
from typing import Any

import msgspec

from photo_ranker.settings import from_values
from photo_ranker.web.job_record import Progress
from photo_ranker.web.job_tasks import TASKS, Call
from photo_ranker.web.problems import problem_of

__all__ = ["run_job"]


NICENESS = 15
"""Jobs leave the processor to those who look at photos; Windows is told when the process is made."""

GRACE_SECONDS = 20.0
"""Time to save what was measured; then the process ends in any case."""

SAY_EVERY_SECONDS = 0.2


def run_job() -> int:
    """Read one order, and do it."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    order = msgspec.json.decode(sys.stdin.buffer.readline())
    say = _Speaker()
    threading.Thread(target=_watch, daemon=True).start()
    try:
        call = Call(**{**order, "settings": from_values(order["settings"])}, progress=say.progress)
        say.line({"result": TASKS[order["kind"]](call)})
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        logging.getLogger(__name__).exception("the job failed")
        say.line({"problem": problem_of(error).model_dump()})
        return 1
    return 0


class _Speaker:
    """Writes lines to the server; what libraries print goes to the log instead."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._next = 0.0

    def line(self, value: Any) -> None:
        """Write one line."""
        self._out.write(msgspec.json.encode(value) + b"\n")
        self._out.flush()

    def progress(self, done: int, total: int, words: str) -> None:
        """Write the progress, unless that was done a moment ago."""
        if time.monotonic() >= self._next or done == total:
            self._next = time.monotonic() + SAY_EVERY_SECONDS
            self.line({"progress": Progress(done, total, words)})


def _watch() -> None:
    while os.read(0, 4096):  # sys.stdin would hold its lock, and the end of the process wait for that a second
        pass
    _thread.interrupt_main()
    time.sleep(GRACE_SECONDS)
    os._exit(130)


if __name__ == "__main__":
    sys.exit(run_job())
