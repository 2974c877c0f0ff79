from __future__ import annotations

import subprocess
import sys
import time

import pytest

from photo_ranker.indexing.worker import PAUSE, PAUSE_SECONDS, pause_workers

COUNTS = """
import time
from photo_ranker.indexing.worker import take_pauses

take_pauses()
while True:
    print(time.monotonic(), flush=True)
    time.sleep(0.01)
"""

pytestmark = pytest.mark.skipif(PAUSE is None, reason="this system has no pauses")


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The numbers of the processes that count as workers."""
    numbers: set[int] = set()
    monkeypatch.setattr("photo_ranker.indexing.worker._alive", numbers)
    return numbers


def test_a_worker_pauses_and_goes_on_by_itself(workers: set[int]) -> None:
    with subprocess.Popen([sys.executable, "-c", COUNTS], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        times = [float(child.stdout.readline())]
        workers.add(child.pid)
        pause_workers()
        while len(times) < 2 or times[-1] - times[-2] < PAUSE_SECONDS:
            times.append(float(child.stdout.readline()))
            assert time.monotonic() - times[0] < 30, "it never rested"
        after = [float(child.stdout.readline()) for _ in range(5)]
        assert after[-1] - times[-1] < PAUSE_SECONDS, "one pause for one word"
        child.kill()


def test_a_worker_that_has_ended_is_left_alone(workers: set[int]) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    workers.add(child.pid)
    pause_workers()
