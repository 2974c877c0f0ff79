from __future__ import annotations

import subprocess
import sys
import time

import pytest

from photo_ranker.core.pauses import PAUSE, PAUSE_SECONDS, pause

COUNTS = """
import sys, time, types
from photo_ranker.core.pauses import call_pausable

def count(step):
    while True:
        print(time.monotonic(), flush=True)
        time.sleep(step)

sys.modules["counting"] = types.SimpleNamespace(count=count)
call_pausable("counting", "count", 0.01)
"""

pytestmark = pytest.mark.skipif(PAUSE is None, reason="this system has no pauses")


def test_a_child_rests_and_goes_on_by_itself() -> None:
    with subprocess.Popen([sys.executable, "-c", COUNTS], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        times = [float(child.stdout.readline())]
        pause([child.pid])
        while len(times) < 2 or times[-1] - times[-2] < PAUSE_SECONDS:
            times.append(float(child.stdout.readline()))
            assert time.monotonic() - times[0] < 30, "it never rested"
        after = [float(child.stdout.readline()) for _ in range(5)]
        assert after[-1] - times[-1] < PAUSE_SECONDS, "one pause for one word"
        child.kill()


def test_a_child_that_has_ended_is_left_alone() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    pause([child.pid])
