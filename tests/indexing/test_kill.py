"""Runs in processes of their own: killed at random moments, and two at a time."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from fakes import FakeSpec, write_photo
from photo_ranker.indexing import IndexOptions, index
from photo_ranker.metadata import METADATA_NAME, load

RUN = """
import sys
from fakes import FakeSpec
from photo_ranker.indexing import IndexOptions, index

class Aloud:
    def say(self, line): print("said", line, flush=True)
    def begin(self, todo): print("begin", todo, flush=True)
    def step(self, faces): print("step", flush=True)
    def end(self): pass

if __name__ == "__main__":
    report = index([sys.argv[1]], FakeSpec(log=sys.argv[2]), IndexOptions(workers=2), Aloud())
    print("report", report.found, report.fresh, report.analysed, flush=True)
"""


def start(folder: Path, log: Path) -> subprocess.Popen[str]:
    script = log.with_name("run.py")
    script.write_text(RUN)
    return subprocess.Popen(
        [sys.executable, str(script), str(folder), str(log)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a process group of its own, with all its workers
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )


def fill(folder: Path, count: int, orders: str) -> Path:
    folder.mkdir()
    for number in range(count):
        write_photo(folder / f"{number:03}.jpg", f"faces={number % 4} {orders} picture {number}")
    return folder


def facts(folder: Path) -> dict[str, object]:
    """The file's content but for the stamps."""
    photos: dict[str, dict[str, object]] = json.loads((folder / METADATA_NAME).read_bytes())["photos"]
    return {name: {**record, "stamp": None} for name, record in photos.items()}


def kill(run: subprocess.Popen[str]) -> None:
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()


@pytest.mark.slow
def test_twenty_kills_cost_next_to_nothing(tmp_path: Path) -> None:
    dice = random.Random(0)
    album, log = fill(tmp_path / "album", 400, "sleep=0.01"), tmp_path / "log"
    lost = worst = 0
    for _ in range(20):
        run = start(album, log)
        assert run.stdout is not None
        steps = dice.randrange(40)
        while steps and run.stdout.readline():
            steps -= 1
        time.sleep(dice.random() * 0.05)
        kill(run)
        if (album / METADATA_NAME).exists():
            json.loads((album / METADATA_NAME).read_bytes())
        stored, measured = len(load(album)), log.read_text().count("picture") if log.exists() else 0
        # Only what was on its way from a worker to us is measured twice.
        worst = max(worst, measured - stored - lost)
        lost = measured - stored
    assert worst <= 8, "photos measured by one run and not stored"
    last = start(album, log)
    assert last.communicate()[0].splitlines()[-1].startswith("report 400 ")
    assert sorted(path.name for path in album.iterdir() if path.name.startswith(".")) == [METADATA_NAME]
    undisturbed = fill(tmp_path / "undisturbed", 400, "sleep=0.01")
    index([str(undisturbed)], FakeSpec(), IndexOptions(workers=2))
    assert facts(album) == facts(undisturbed)


def test_two_runs_at_once_share_the_work(tmp_path: Path) -> None:
    album, log = fill(tmp_path / "album", 60, "sleep=0.02"), tmp_path / "log"
    runs = [start(album, log), start(album, log)]
    said = [run.communicate()[0].splitlines() for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sorted(lines[-1] for lines in said) == ["report 60 0 60", "report 60 60 0"]
    assert sum("said waiting: another run of photo-ranker" in line for lines in said for line in lines) == 1
    assert Counter(log.read_text().split()) == {"detect": 60, "picture": 60}, "nothing is measured twice"
    assert len(facts(album)) == 60


def test_ctrl_c_on_a_terminal_keeps_everything(tmp_path: Path) -> None:
    """The whole group gets the signal, the workers as well."""
    # Long enough that a busy machine, too, sends the signal before the end.
    album, log = fill(tmp_path / "album", 200, "sleep=0.2"), tmp_path / "log"
    run = start(album, log)
    assert run.stdout is not None
    for _ in range(20):
        assert run.stdout.readline()
    os.killpg(run.pid, signal.SIGINT)
    steps = 19 + run.communicate()[0].count("step")
    assert run.returncode != 0
    assert len(load(album)) >= steps - 1
    assert sorted(path.name for path in album.iterdir() if path.name.startswith(".")) == [METADATA_NAME]


def test_the_workers_of_a_killed_run_do_not_stay(tmp_path: Path) -> None:
    album, log = fill(tmp_path / "album", 200, "sleep=0.02"), tmp_path / "log"
    run = start(album, log)
    assert run.stdout is not None
    for _ in range(10):
        assert run.stdout.readline()
    run.kill()  # the main process alone
    run.communicate()
    deadline = time.monotonic() + 20
    while _in_group(run.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _in_group(run.pid)


def _in_group(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
