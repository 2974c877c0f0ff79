from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from fakes import FakeSpec, write_photo
from photo_ranker.errors import InstallationBroken, ModelUnavailable, RunFailed
from photo_ranker.indexing.interfaces import MeasureTask, Outcome
from photo_ranker.indexing.pool import Pool
from photo_ranker.indexing.worker import KILLED, PAUSE, PAUSE_SECONDS, WorkerProcess, pause_workers

FAKE = FakeSpec()


def run(paths: list[Path], spec: FakeSpec = FAKE, size: int = 2, photo_seconds: float = 60) -> dict[str, Outcome]:
    jobs = [MeasureTask(str(path)) for path in paths]
    done: dict[str, Outcome] = {}
    with Pool(spec, size, photo_seconds) as pool:
        while jobs or not pool.is_idle:
            while jobs and pool.has_room:
                pool.submit(jobs.pop(0))
            for outcome in pool.wait(10):
                name = Path(outcome.job.path).name
                assert name not in done, "each job has one outcome"
                done[name] = outcome
    assert not multiprocessing.active_children()
    return done


def photos(folder: Path, **orders: str) -> list[Path]:
    return [write_photo(folder / f"{name}.jpg", f"{order} {name}") for name, order in orders.items()]


def good(folder: Path, count: int) -> list[Path]:
    return [write_photo(folder / f"good{number}.jpg", f"faces=2 {number}") for number in range(count)]


def reasons(done: dict[str, Outcome]) -> dict[str, str]:
    return {name.removesuffix(".jpg"): outcome.reason for name, outcome in done.items() if outcome.record is None}


def test_every_photo_comes_back_measured(tmp_path: Path) -> None:
    done = run(good(tmp_path, 20))
    assert len(done) == 20
    assert all(outcome.record and len(outcome.record.faces) == 2 for outcome in done.values())


@pytest.mark.skipif(PAUSE is None, reason="this system has no pauses")
def test_workers_that_rest_measure_every_photo_all_the_same(tmp_path: Path) -> None:
    def ask() -> None:
        for _ in range(10):  # while they begin, too
            time.sleep(0.1)
            pause_workers()

    asking = threading.Thread(target=ask)
    started = time.monotonic()
    asking.start()
    done = run(good(tmp_path, 20))
    assert time.monotonic() - started > PAUSE_SECONDS
    asking.join()
    assert len(done) == 20
    assert all(outcome.record and len(outcome.record.faces) == 2 for outcome in done.values())


@pytest.mark.skipif(PAUSE is None, reason="this system has no pauses")
def test_a_pause_waits_until_a_worker_can_take_it_whichever_thread_began_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as other:
        running = other.submit(run, good(tmp_path, 4))
        for _ in range(10):  # from before a worker has loaded anything
            time.sleep(0.03)
            pause_workers()
    assert all(outcome.record for outcome in running.result().values())


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("crash", "crashes the process that reads it (SIGSEGV)"),
        ("crash-read", "crashes the process that reads it (SIGSEGV)"),
        ("exit", "crashes the process that reads it (exit code 7)"),
        ("memory", "needs more memory than there is"),
        ("unreadable", "not a photo"),
        ("bug", "cannot be measured: ValueError: a bug ?"),
        ("disk", "cannot be measured: OSError: [Errno 5] Input/output error"),
        ("decoder", "cannot be measured: OSError: cannot identify"),
    ],
)
def test_a_bad_photo_costs_itself_alone(tmp_path: Path, order: str, reason: str) -> None:
    paths = good(tmp_path, 12)
    paths[3:3] = photos(tmp_path, bad=order)
    done = run(paths)
    assert len(done) == 13
    assert reasons(done) == {"bad": reason}
    assert done["bad.jpg"].is_temporary == (order in {"disk", "memory"}), "these say nothing of the photo"
    assert done["bad.jpg"].is_starved == (order == "memory")


def test_a_file_that_cannot_be_had_may_be_had_another_time(tmp_path: Path) -> None:
    (outcome,) = run([tmp_path / "missing.jpg"]).values()
    assert (outcome.reason, outcome.is_temporary) == ("no such file", True)


def test_a_hanging_photo_costs_itself_alone(tmp_path: Path) -> None:
    paths = good(tmp_path, 12)
    paths[3:3] = photos(tmp_path, bad="hang")
    assert reasons(run(paths, photo_seconds=1.5)) == {"bad": "takes longer than 1.5 s"}


def test_nothing_but_bad_photos(tmp_path: Path) -> None:
    bad = photos(tmp_path, a="crash", b="crash-read", c="exit", d="memory", e="crash", f="unreadable")
    assert set(reasons(run(bad))) == set("abcdef")


def test_a_photo_whose_worker_was_killed_by_chance_is_tried_again(tmp_path: Path) -> None:
    paths = good(tmp_path, 6)
    paths[2:2] = photos(tmp_path, unlucky=f"crash-once={tmp_path / 'mark'}")
    assert not reasons(run(paths))


def test_waiting_for_the_photo_before_is_no_hanging(tmp_path: Path) -> None:
    paths = photos(tmp_path, a="sleep=0.7", b="sleep=0.7", c="sleep=0.7", d="sleep=0.7")
    assert not reasons(run(paths, size=1, photo_seconds=1.2))


def test_no_more_workers_are_started_than_there_is_work_for(tmp_path: Path) -> None:
    with Pool(FakeSpec(), 8) as pool:
        pool.submit(MeasureTask(str(write_photo(tmp_path / "a.jpg"))))
        while not pool.is_idle:
            pool.wait(10)
        assert len(multiprocessing.active_children()) == 1


def test_a_missing_model_is_no_photos_fault(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="the model is missing") as caught:
        run(good(tmp_path, 3), FakeSpec(fails="model"))
    assert caught.value.advice == "fetch it"
    with pytest.raises(ModelUnavailable, match="the model is missing"):
        run(photos(tmp_path, a="model"))


def test_a_missing_library_is_no_photos_fault(tmp_path: Path) -> None:
    with pytest.raises(InstallationBroken, match="simplejpeg is not installed") as caught:
        run(photos(tmp_path, a="library"))
    assert caught.value.advice == "pip install --force-reinstall simplejpeg"


def test_a_photo_whose_worker_is_killed_each_time_may_be_read_with_more_memory(tmp_path: Path) -> None:
    (outcome,) = run(photos(tmp_path, a="kill")).values()
    assert (outcome.reason, outcome.is_temporary, outcome.is_starved) == (KILLED, True, True)


def test_workers_that_cannot_start_end_the_run(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match=r"end before they are ready.*exit code 3"):
        run(good(tmp_path, 3), FakeSpec(fails="exit"))


def test_leaving_ends_the_workers_at_once(tmp_path: Path) -> None:
    started = time.monotonic()
    with Pool(FakeSpec(), 2) as pool:
        for path in photos(tmp_path, a="hang", b="hang"):
            pool.submit(MeasureTask(str(path)))
        while pool.is_loading:
            pool.wait(0.1)
    assert time.monotonic() - started < 20
    assert not multiprocessing.active_children()


def test_workers_that_start_at_once_leave_the_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    main, before = sys.modules["__main__"], dict(os.environ)
    pauses = iter([0.2, 0.4])
    process = multiprocessing.get_context("spawn").Process
    started = process.start

    def start_slowly(self: BaseProcess) -> None:
        time.sleep(next(pauses))
        started(self)

    monkeypatch.setattr(process, "start", start_slowly)
    with ThreadPoolExecutor(2) as threads:
        workers = list(threads.map(lambda _: WorkerProcess(pickle.dumps(FAKE)), range(2)))
    for worker in workers:
        worker.end()
    assert sys.modules["__main__"] is main
    assert dict(os.environ) == before


def _measured(path: Path) -> int:
    return len(run([path]))


def test_a_process_of_a_users_own_pool_may_have_workers(tmp_path: Path) -> None:
    (photo,) = good(tmp_path, 1)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_measured, [photo]) == 1
