"""Runs the same analysis on a Ray cluster, and on photos in object storage.

Neither changes what is measured: photos go through the functions of an ordinary worker process, and records into the
same metadata files. Only the run itself writes those, never a worker.
This is the only file that imports Ray: it connects to a cluster, starts actors and collects their results.
"""

from __future__ import annotations

import logging
import os
import pickle
import socket
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any

from photo_ranker.core import files
from photo_ranker.errors import UserError
from photo_ranker.indexing.interfaces import PoolMaker, Spec, WorkerPool
from photo_ranker.records import DUO
from photo_ranker.scaleout.pool import AHEAD, Actors, RemoteWorker
from photo_ranker.scaleout.remote import index_anywhere, is_url

__all__ = ["LOCAL", "index_anywhere", "is_url", "ray_pool"]


LOCAL = "local"
"""In place of an address: a Ray cluster on this machine, for this run only."""

_ANSWER_SECONDS = 10.0
"""How long an address may take to accept a connection."""

_ADVICE = "start one with: ray start --head; or let it be one of our own: --ray local"
"""For every failure to reach a cluster."""

_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # no usage statistics are sent
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # without a choice Ray prints a warning
}
"""Environment of Ray, set before it is imported."""


def ray_pool(address: str, workers: int = 0, *, gpu: bool = False) -> PoolMaker:
    """A maker of pools on a cluster; ``workers`` 0 = one per processor (or GPU) of the cluster."""

    def make(spec: Spec, size: int, photo_seconds: float) -> AbstractContextManager[WorkerPool]:
        return _pool(address, spec, workers or (size if address == LOCAL else 0), photo_seconds, gpu=gpu)

    return make


@contextmanager
def _pool(address: str, spec: Spec, workers: int, photo_seconds: float, *, gpu: bool) -> Iterator[WorkerPool]:
    from photo_ranker.scaleout.pool import RayPool

    with connected(address, workers) as processors:
        count = workers or processors
        actors: Actors = RayActors(pickle.dumps(spec), gpu=gpu, second_network=_second_network(spec))
        with RayPool(actors, count, photo_seconds) as pool:
            yield pool


def _second_network(spec: Spec) -> bytes | None:
    """The file of the second network where the engine needs it: no package contains it, so a node may lack it."""
    if spec.engine != DUO:
        return None
    from photo_ranker.models.store import SECOND_NETWORK, model_path

    return files.read(model_path(SECOND_NETWORK), follow=True)


@contextmanager
def connected(address: str, workers: int) -> Iterator[int]:
    """Connect to a cluster for one run; yields the number of its processors."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    if ray.is_initialized():  # the calling program has connected; its connection stays open
        yield _processors()
        return
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address == LOCAL:
        # An actor needs one processor, so Ray is told to have as many as we want workers.
        options |= {"num_cpus": workers or None, "include_dashboard": False, "address": LOCAL}
    else:
        _must_answer(address)
        options["address"] = address
    try:
        ray.init(**options)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise UserError(f"there is no Ray cluster at {address}: {str(error).splitlines()[0]}", _ADVICE) from error
    try:
        yield _processors()
    finally:
        ray.shutdown()


def _must_answer(address: str) -> None:
    """Refuse an address where nothing listens: Ray itself would retry for minutes."""
    host, _, port = address.rpartition("://")[2].partition("/")[0].rpartition(":")
    if not port.isdecimal():  # "auto", or another form that only Ray understands
        return
    try:
        socket.create_connection((host, int(port)), timeout=_ANSWER_SECONDS).close()
    except OSError as error:
        raise UserError(f"there is no Ray cluster at {address}: {error.strerror or error}", _ADVICE) from error


def _processors() -> int:
    import ray

    return max(1, int(ray.cluster_resources().get("CPU", 1)))


class RayActors:
    """Starts, calls and ends actors."""

    def __init__(self, spec: bytes, *, gpu: bool, second_network: bytes | None = None) -> None:
        import ray

        self._spec = spec
        # Stored once in the cluster, not sent with every actor.
        self._second_network = None if second_network is None else ray.put(second_network)
        self._lost = (ray.exceptions.RayActorError, ray.exceptions.RayTaskError, ray.exceptions.RaySystemError)
        # No restarts: the pool must know which photos an actor had when it died.
        options: dict[str, Any] = {"num_cpus": 1, "max_concurrency": AHEAD, "max_restarts": 0}
        self._make = ray.remote(**options, **({"num_gpus": 1} if gpu else {}))(RemoteWorker)

    def start(self) -> tuple[Any, Any]:
        """A new actor, and the future of its loaded models."""
        actor = self._make.remote(self._spec, self._second_network)
        return actor, actor.load.remote()

    def look(self, actor: Any, path: str, known: Any) -> Any:
        """The future of a photo's record."""
        return actor.look.remote(path, known)

    def wait(self, promises: Sequence[Any], seconds: float) -> list[Any]:
        """The futures that are finished or failed; waits at most this time for the first."""
        import ray

        if not promises:
            return []
        # Wait for one, then take all others that are finished too.
        done, left = ray.wait(list(promises), num_returns=1, timeout=seconds, fetch_local=False)
        more, _ = ray.wait(left, num_returns=len(left), timeout=0, fetch_local=False) if done and left else ([], [])
        return [*done, *more]

    def result(self, promise: Any) -> Any:
        """The result of a future; :class:`ActorLost` if the actor has died."""
        import ray

        from photo_ranker.scaleout.pool import ActorLost

        try:
            return ray.get(promise)
        except self._lost as error:
            raise ActorLost(str(error).strip().splitlines()[0]) from error

    def end(self, actor: Any) -> None:
        """Kill an actor; one that is dead already is no error."""
        import ray

        with suppress(*self._lost):
            ray.kill(actor)
