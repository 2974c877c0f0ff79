"""The pool with actors in this very process, that die when a photo says so."""

from __future__ import annotations

import hashlib
import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes import FakeSpec, write_photo
from photo_ranker.errors import ModelUnavailable, PhotoRankerError
from photo_ranker.indexing.interfaces import MeasureTask, Outcome
from photo_ranker.indexing.worker import Stage, decode_photo, measure_photo, open_measurer
from photo_ranker.models import store
from photo_ranker.scaleout.pool import ActorLost, RayPool


@dataclass(eq=False)
class Actor:
    alive: bool = True
    looked: int = 0


@dataclass(eq=False)
class Promise:
    actor: Actor
    path: str = ""
    known: Any = None
    kept: Any = None


class FakeActors:
    """A photo is measured when its promise is waited for; of all promises one is kept at a time."""

    def __init__(self, *, bad_starts: int = 0, killed_at: Sequence[int] = (), fails: bool = False) -> None:
        self._measurer = FakeSpec().open()
        self._bad_starts, self._killed_at, self._fails = bad_starts, set(killed_at), fails
        self._waited = 0
        self.started = self.looked = 0

    def start(self) -> tuple[Actor, Promise]:
        self.started += 1
        actor = Actor(alive=self.started > self._bad_starts)
        return actor, Promise(actor)

    def look(self, actor: Actor, path: str, known: Any) -> Promise:
        return Promise(actor, path, known)

    def wait(self, promises: Sequence[Promise], seconds: float) -> list[Promise]:
        ready = [promise for promise in promises if not self._hangs(promise)][:1]
        if not ready:
            time.sleep(min(seconds, 0.01))
        return ready

    def result(self, promise: Promise) -> Any:
        if promise.path:
            self._waited += 1
        if "kill" in self._orders(promise) or "crash" in self._orders(promise) or self._waited in self._killed_at:
            self._killed_at.discard(self._waited)
            promise.actor.alive = False
        if not promise.actor.alive:
            raise ActorLost("it died")
        if not promise.path:
            return (Stage.FAILED, ModelUnavailable("the model is missing", "")) if self._fails else (Stage.READY, None)
        self.looked += 1
        stage, photo = decode_photo(self._measurer, promise.path, promise.known)
        return measure_photo(self._measurer, photo, promise.known) if stage is Stage.DONE else (stage, photo)

    def end(self, actor: Actor) -> None:
        actor.alive = False

    def _orders(self, promise: Promise) -> str:
        return Path(promise.path).read_bytes().decode("latin-1") if promise.path else ""

    def _hangs(self, promise: Promise) -> bool:
        return promise.actor.alive and "hang" in self._orders(promise)


def photos(folder: Path, count: int, **special: str) -> list[Path]:
    ordinary = [write_photo(folder / f"{number:02}.jpg", f"faces=1 picture {number}") for number in range(count)]
    bad = [write_photo(folder / f"{name}.jpg", orders) for name, orders in special.items()]
    return ordinary[: count // 2] + bad + ordinary[count // 2 :]


def run(actors: FakeActors, paths: Sequence[Path], size: int = 2, photo_seconds: float = 60.0) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    todo = [MeasureTask(str(path)) for path in paths]
    deadline = time.monotonic() + 20
    with RayPool(actors, size, photo_seconds) as pool:
        pool.prepare()
        while (todo or not pool.is_idle) and time.monotonic() < deadline:
            while todo and pool.has_room:
                pool.submit(todo.pop(0))
            for outcome in pool.wait(0.1):
                name = Path(outcome.job.path).stem
                assert name not in found
                found[name] = outcome
    return found


def reasons(found: dict[str, Outcome]) -> dict[str, str]:
    return {name: outcome.reason for name, outcome in found.items() if outcome.record is None}


@pytest.mark.parametrize("size", [1, 2, 5])
def test_every_photo_has_its_record(tmp_path: Path, size: int) -> None:
    found = run(FakeActors(), photos(tmp_path, 30), size)
    assert len(found) == 30
    assert reasons(found) == {}


@pytest.mark.parametrize("size", [1, 2])
def test_a_poison_photo_costs_itself_after_two_tries(tmp_path: Path, size: int) -> None:
    actors = FakeActors()
    found = run(actors, photos(tmp_path, 20, poison="crash"), size)
    assert len(found) == 21
    assert reasons(found) == {"poison": "takes down the worker that reads it"}
    assert actors.started <= size + 2  # one for each time it took one down


def test_lost_workers_cost_nothing(tmp_path: Path) -> None:
    found = run(FakeActors(killed_at=[3, 11, 19]), photos(tmp_path, 30))
    assert len(found) == 30
    assert reasons(found) == {}


def test_a_photo_that_takes_too_long(tmp_path: Path) -> None:
    found = run(FakeActors(), photos(tmp_path, 10, slow="hang"), photo_seconds=0.2)
    assert len(found) == 11
    assert reasons(found) == {"slow": "takes longer than 0.2 s"}


def test_other_ways_to_fail(tmp_path: Path) -> None:
    found = run(FakeActors(), photos(tmp_path, 6, bad="unreadable", large="memory", buggy="bug", lost="disk"))
    assert reasons(found)["bad"] == "not a photo"
    assert reasons(found)["large"] == "needs more memory than there is"
    assert reasons(found)["buggy"].startswith("cannot be measured: ValueError")
    assert reasons(found)["lost"].startswith("cannot be measured: OSError")
    assert [name for name, outcome in found.items() if outcome.is_temporary] == ["large", "lost"]


def test_workers_that_never_get_ready(tmp_path: Path) -> None:
    with pytest.raises(PhotoRankerError, match="before they are ready"):
        run(FakeActors(bad_starts=99), photos(tmp_path, 5))
    assert len(run(FakeActors(bad_starts=2), photos(tmp_path, 5))) == 5


def test_a_missing_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable):
        run(FakeActors(fails=True), photos(tmp_path, 5))


def test_a_worker_of_another_machine_is_given_the_file_of_the_second_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path))
    file = store.OPTIONAL[store.SECOND_NETWORK]
    right = msgspec.structs.replace(file, sha256=hashlib.sha256(b"the weights").hexdigest())
    monkeypatch.setitem(store.OPTIONAL, file.name, right)
    stage, _ = open_measurer(pickle.dumps(FakeSpec()), b"the weights")
    assert stage is Stage.DONE
    assert (store.models_folder() / file.name).read_bytes() == b"the weights"
    stage, error = open_measurer(pickle.dumps(FakeSpec()), b"the weights")
    assert stage is Stage.DONE, error
