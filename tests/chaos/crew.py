"""The workers: processes that do one attempt after the other, under the eyes of the preloaded library."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from chaos.preload import State, compile_library, environment
from chaos.scenarios import SCENARIOS
from chaos.worlds import make_photos, measure_photos, remove
from photo_ranker.models.store import models_folder

__all__ = ["Crew", "Take"]

Order = dict[str, Any]
Take = Callable[[Order, dict[str, Any]], None]
"""Is given an order and the answer to it."""


class _Worker:
    def __init__(self, base: Path, variables: dict[str, str], photos: Path) -> None:
        self.base = base
        command = [sys.executable, "-m", "chaos.worker", str(base), str(photos), str(models_folder())]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, env=variables, stdin=pipe, stdout=pipe, text=True)

    def ask(self, order: Order) -> dict[str, Any]:
        """Have it do something."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker has died over {order}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """No more work comes."""
        self._process.communicate()
        remove(self.base)


class Crew:
    """Some workers with a place each; ``Unavailable`` where this system cannot preload."""

    scenarios = SCENARIOS

    def __init__(self, folder: Path, jobs: int) -> None:
        self._folder, self._jobs = folder, jobs
        self._library = compile_library(folder)
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        photos = self._folder / "photos"
        make_photos(photos)
        measure_photos(photos)
        for number in range(self._jobs):
            base = self._folder / f"worker-{number}"
            base.mkdir()
            self._workers.append(_Worker(base, {**os.environ, **self.variables(base)}, photos))
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()

    def variables(self, base: Path) -> dict[str, str]:
        """What a process at this place needs to be under the library's eyes."""
        state = State.make(base / "state")
        tests = str(Path(__file__).parents[1])
        return {**environment(self._library, state.path), "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": tests}

    def ask(self, order: Order) -> dict[str, Any]:
        """Have the first of them do something."""
        return self._workers[0].ask(order)

    def share(self, work: list[tuple[Order, Take]], deadline: float = float("inf")) -> None:
        """Have all of them work through a list, until the time is over."""
        todo: queue.SimpleQueue[tuple[Order, Take]] = queue.SimpleQueue()
        for item in work:
            todo.put(item)
        threads = [_Thread(worker, todo, deadline) for worker in self._workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for thread in threads:
            if thread.failure is not None:
                raise thread.failure


class _Thread(threading.Thread):
    """Keeps one worker busy."""

    def __init__(self, worker: _Worker, todo: queue.SimpleQueue[tuple[Order, Take]], deadline: float) -> None:
        super().__init__()
        self._worker, self._todo, self._deadline = worker, todo, deadline
        self.failure: RuntimeError | None = None

    def run(self) -> None:
        while time.monotonic() < self._deadline:
            try:
                order, take = self._todo.get_nowait()
                take(order, self._worker.ask(order))
            except queue.Empty:
                return
            except RuntimeError as failure:
                self.failure = failure
                return
