from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from photo_ranker.core.locks import let_go, locked, try_take

HOLD = """
import sys, time
from pathlib import Path
from photo_ranker.core.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_one_at_a_time(tmp_path: Path) -> None:
    inside, most = [0], [0]

    def work() -> None:
        with locked(tmp_path / "lock"):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.01)
            inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_whoever_waits_is_told_once_and_a_killed_holder_lets_go(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "lock")], stdout=subprocess.PIPE)
    assert holder.stdout
    assert holder.stdout.readline().strip() == b"held"
    told = []

    def on_wait() -> None:
        told.append("waiting")
        threading.Timer(0.2, holder.kill).start()

    with holder, locked(tmp_path / "lock", on_wait):
        assert told == ["waiting"]


def test_nobody_is_told_who_does_not_wait(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", lambda: pytest.fail("waited")):
        pass


def test_the_lock_is_let_go_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "lock"):
        raise ZeroDivisionError
    with (tmp_path / "lock").open("a+b") as handle:
        assert try_take(handle)
        let_go(handle)
