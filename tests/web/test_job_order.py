"""Which job goes first, and which makes way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from photo_ranker.web import WebOptions
from photo_ranker.web.job_runner import Job, Jobs

CHILD = """
import json, sys
order = json.loads(sys.stdin.buffer.readline())
if order["params"]["is_long"]:
    sys.stdin.buffer.read()
    sys.exit(130)
print(json.dumps({"result": {}}), flush=True)
"""
"""A long job measures until it is told to end."""


@pytest.fixture
def looked_at() -> set[str]:
    return set()


@pytest.fixture
def jobs(tmp_path: Path, looked_at: set[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    monkeypatch.setattr("photo_ranker.web.job_runner.CHILD", ["-c", CHILD])
    jobs = Jobs(WebOptions(home=tmp_path), lambda _: None, is_looked_at=looked_at.__contains__)
    yield jobs
    jobs.stop()


def submit(jobs: Jobs, album: str, size: int, *, is_long: bool = False) -> Job:
    return jobs.submit("index", album, {"is_long": is_long}, size)


def until(jobs: Jobs, job: Job, state: str) -> Job:
    end = time.monotonic() + 30
    while jobs.get(job.id).state != state:
        assert time.monotonic() < end, jobs.get(job.id)
        time.sleep(0.02)
    return jobs.get(job.id)


def test_thirty_photos_do_not_wait_for_five_thousand(jobs: Jobs) -> None:
    jobs.start()
    large = submit(jobs, "large", 5000, is_long=True)
    until(jobs, large, "running")
    until(jobs, submit(jobs, "small", 30), "done")
    assert until(jobs, large, "running").restarts == 0, "it goes on by itself"


def test_an_album_that_is_looked_at_goes_before_others(jobs: Jobs, looked_at: set[str]) -> None:
    jobs.start()
    first = submit(jobs, "first", 5000, is_long=True)
    until(jobs, first, "running")
    second = submit(jobs, "second", 6000)
    time.sleep(0.2)
    assert jobs.get(second.id).state == "queued", "of two that nobody looks at the older one stays"
    looked_at.add("second")
    jobs.make_way()
    until(jobs, second, "done")
    until(jobs, first, "running")


def test_waiting_jobs_go_by_size(jobs: Jobs) -> None:
    large, small = submit(jobs, "large", 5000), submit(jobs, "small", 30)
    jobs.start()
    assert until(jobs, large, "done").ended_at > until(jobs, small, "done").ended_at  # type: ignore[operator]
