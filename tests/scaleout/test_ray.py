"""The same run on a local Ray. Its start takes seconds, so that these are slow."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fakes import FakeSpec, write_photo
from photo_ranker.cli import main
from photo_ranker.indexing import IndexOptions, index
from photo_ranker.metadata import METADATA_NAME, load
from photo_ranker.scaleout import LOCAL, ray_pool

TESTS = Path(__file__).parent.parent

RUN = """
import sys
from fakes import FakeSpec
from photo_ranker.indexing import IndexOptions, index
from photo_ranker.scaleout import LOCAL, ray_pool

if __name__ == "__main__":
    report = index(sys.argv[1:], FakeSpec(), IndexOptions(photo_seconds=60), make_pool=ray_pool(LOCAL, 2))
    print("report", report.found, report.fresh, report.analysed, flush=True)
"""


@pytest.fixture(autouse=True)
def workers_know_the_fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TESTS))


def fill(folder: Path, count: int, orders: str = "") -> Path:
    folder.mkdir()
    for number in range(count):
        write_photo(folder / f"{number:03}.jpg", f"faces={number % 4} {orders} picture {number}")
    return folder


def facts(folder: Path) -> dict[str, object]:
    """The file's content but for the times of the files."""
    photos: dict[str, dict[str, dict[str, int]]] = json.loads((folder / METADATA_NAME).read_bytes())["photos"]
    return {name: {**record, "stamp": {**record["stamp"], "mtime_ns": 0}} for name, record in photos.items()}


def start(folder: Path) -> subprocess.Popen[str]:
    script = folder.parent / "run.py"
    script.write_text(RUN)
    return subprocess.Popen([sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True)


def workers_of(run: int) -> list[int]:
    """The actors below a process."""
    parents, names = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            rest = path.read_text().rpartition(")")[2]
            parents[int(path.parent.name)] = int(rest.split()[1])
            names[int(path.parent.name)] = (path.parent / "cmdline").read_text()
    found = []
    for process, name in names.items():
        above = process
        while above in parents and above != run:
            above = parents[above]
        if above == run and "RemoteWorker" in name:
            found.append(process)
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_same_records_as_by_the_plain_pool(tmp_path: Path) -> None:
    for name in ("plain", "ray"):
        folder = fill(tmp_path / name, 40)
        write_photo(folder / "poison.jpg", "exit")
        write_photo(folder / "bad.jpg", "unreadable")
    index([str(tmp_path / "plain")], FakeSpec(), IndexOptions(workers=2))
    report = index([str(tmp_path / "ray")], FakeSpec(), IndexOptions(), make_pool=ray_pool(LOCAL, 2))
    assert (report.analysed, len(report.unreadable)) == (40, 2)
    plain, by_ray = facts(tmp_path / "plain"), facts(tmp_path / "ray")
    assert {name for name in plain if plain[name] != by_ray[name]} == {"poison.jpg"}  # each says it in its own words
    assert load(tmp_path / "ray")["poison.jpg"].unreadable == "takes down the worker that reads it"


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the workers in /proc")
def test_workers_that_are_killed_cost_nothing(tmp_path: Path) -> None:
    folder = fill(tmp_path / "photos", 120, "sleep=0.2")
    run = start(folder)
    killed: set[int] = set()
    deadline = time.monotonic() + 240
    while run.poll() is None and len(killed) < 3 and time.monotonic() < deadline:
        time.sleep(0.5)
        done = len(load(folder)) if (folder / f"{METADATA_NAME}.journal").exists() else 0
        if done > 25 * (len(killed) + 1):
            for worker in [one for one in workers_of(run.pid) if one not in killed][:1]:
                os.kill(worker, signal.SIGKILL)
                killed.add(worker)
    said, _ = run.communicate(timeout=240)
    assert len(killed) == 3
    assert said.splitlines()[-1] == "report 120 0 120"
    index([str(fill(tmp_path / "plain", 120, "sleep=0.2"))], FakeSpec(), IndexOptions(workers=4))
    assert facts(folder) == facts(tmp_path / "plain")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = fill(tmp_path / "photos", 60, "sleep=0.1")
    run = start(folder)
    deadline = time.monotonic() + 120
    while len(load(folder)) < 15 and time.monotonic() < deadline:
        time.sleep(0.2)
    run.kill()
    run.communicate()
    before = len(load(folder))
    assert 15 <= before < 60
    said, _ = start(folder).communicate(timeout=240)
    assert said.splitlines()[-1] == f"report 60 {before} {60 - before}"


def test_no_cluster_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = fill(tmp_path / "photos", 1)
    assert main(["index", str(folder), "--ray", "127.0.0.1:1", "--quiet"]) == 2
    assert "no Ray cluster at 127.0.0.1:1" in capsys.readouterr().err
