"""``make chaos``: every call that changes the disk goes wrong once, in every scenario; a table says what came of it."""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.preload import KINDS, WRITING, Call, State, Unavailable, compile_library, environment
from chaos.scenarios import SCENARIOS
from chaos.worlds import make_photos, measure_photos, remove
from photo_ranker.models.store import models_folder

SEED = 13
FULL_SECONDS, SHORT_SECONDS = 560.0, 100.0
"""For the attempts; preparing takes its time too."""
HERE = Path(__file__).parent


def main() -> int:
    """Count, choose, attempt, print."""
    args = _arguments()
    if args.list:
        print("\n".join(SCENARIOS))
        return 0
    with tempfile.TemporaryDirectory(prefix="photo-ranker-chaos-") as folder:
        base = Path(folder)
        try:
            library = compile_library(base)
        except Unavailable as reason:
            print(f"*** SKIPPED: make chaos. {reason} ***", file=sys.stderr)
            return 0
        make_photos(base / "photos")
        os.environ["PHOTO_RANKER_MODELS"] = str(models_folder())
        measure_photos(base / "photos")
        crew = [Worker(base / f"worker-{number}", library, base / "photos") for number in range(args.jobs)]
        try:
            return Run(args, crew).go()
        finally:
            for worker in crew:
                worker.end()
            for number in range(args.jobs):
                remove(base / f"worker-{number}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos ARGS=...", description=__doc__)
    add = parser.add_argument
    add("--scenario", action="append", default=[], help="only these whose names begin so")
    add("--call", type=int, action="append", default=[], help="only this call")
    add("--fault", choices=KINDS, action="append", default=[], help="only this kind of failure")
    add("--short", action="store_true", help=f"a sample, within {SHORT_SECONDS:.0f} seconds")
    add("--seconds", type=float, help=f"stop after so long (default: {FULL_SECONDS:.0f}, short {SHORT_SECONDS:.0f})")
    add("--seed", type=int, default=SEED)
    add("--jobs", type=int, default=2, help="attempts at a time (default: 2)")
    add("--calls", action="store_true", help="only print the calls of each scenario")
    add("--list", action="store_true", help="only print the names of the scenarios")
    return parser.parse_args()


class Worker:
    """A process that does one attempt after the other, under the eyes of the preloaded library."""

    def __init__(self, base: Path, library: Path, photos: Path) -> None:
        base.mkdir(parents=True)
        state = State.make(base / "state")
        variables = {**os.environ, **environment(library, state.path), "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "chaos.worker", str(base), str(photos), str(models_folder())]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, env=variables, stdin=pipe, stdout=pipe, text=True)

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Have it do something."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"a worker has died over {order}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """No more work comes."""
        self._process.communicate()


@dataclass(frozen=True)
class Attempt:
    """What is to go wrong where."""

    scenario: str
    call: Call
    kind: str


class Run:
    """All attempts, and what they have shown."""

    def __init__(self, args: argparse.Namespace, crew: list[Worker]) -> None:
        self._args, self._crew = args, crew
        self._calls: dict[str, list[Call]] = {}
        self._results: dict[str, list[tuple[Attempt, dict[str, Any]]]] = defaultdict(list)
        self._broken: list[str] = []
        """Scenarios that cannot be made, or fail without a fault."""
        self._lock = threading.Lock()

    def go(self) -> int:
        """Count, choose, attempt, print; the exit code."""
        wanted = [name for name in SCENARIOS if not self._args.scenario or name.startswith(tuple(self._args.scenario))]
        self._share([({"scenario": name}, self._take_calls) for name in wanted])
        if self._args.calls:
            for name in self._calls:
                print(name, *(f"  {call.number:4} {call.name:8} {call.path}" for call in self._calls[name]), sep="\n")
            return 0
        possible = [attempt for name in wanted if name in self._calls for attempt in self._possible(name)]
        random.Random(self._args.seed).shuffle(possible)
        chosen = _spread(possible)
        seconds = self._args.seconds or (SHORT_SECONDS if self._args.short else FULL_SECONDS)
        self._share([(_order(attempt), self._taker(attempt)) for attempt in chosen], time.monotonic() + seconds)
        return self._report(len(possible))

    def _possible(self, name: str) -> list[Attempt]:
        kinds = self._args.fault or KINDS
        return [
            Attempt(name, call, kind)
            for call in self._calls[name]
            for kind in kinds
            if (not self._args.call or call.number in self._args.call) and (kind != "torn" or call.name in WRITING)
        ]

    def _take_calls(self, order: dict[str, Any], answer: dict[str, Any]) -> None:
        if "broken" in answer:
            print(f"*** {answer['broken']} ***", file=sys.stderr)
            self._broken.append(order["scenario"])
            return
        self._calls[order["scenario"]] = [Call(*call) for call in answer["calls"]]

    def _taker(self, attempt: Attempt) -> Any:
        def take(_: dict[str, Any], answer: dict[str, Any]) -> None:
            self._results[attempt.scenario].append((attempt, answer))

        return take

    def _share(self, work: list[tuple[dict[str, Any], Any]], deadline: float = float("inf")) -> None:
        """Have the crew work through a list, until the time is over."""
        todo: queue.SimpleQueue[tuple[dict[str, Any], Any]] = queue.SimpleQueue()
        for item in work:
            todo.put(item)

        def keep_busy(worker: Worker) -> None:
            while time.monotonic() < deadline:
                try:
                    order, take = todo.get_nowait()
                except queue.Empty:
                    return
                answer = worker.ask(order)
                with self._lock:
                    take(order, answer)

        threads = [threading.Thread(target=keep_busy, args=(worker,)) for worker in self._crew]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _report(self, possible: int) -> int:
        print(f"{'scenario':24} {'calls':>5} {'attempts':>8}  " + " ".join(f"{kind:>6}" for kind in KINDS))
        failing: list[tuple[Attempt, dict[str, Any]]] = []
        for name in self._calls:
            results = self._results[name]
            wrong = [(attempt, answer) for attempt, answer in results if answer.get("found") or "broken" in answer]
            failing += wrong
            by_kind = Counter(attempt.kind for attempt, _ in wrong)
            shown = " ".join(f"{by_kind[kind] or '-':>6}" for kind in KINDS)
            print(f"{name:24} {len(self._calls[name]):5} {len(results):8}  {shown}")
        attempts = sum(map(len, self._results.values()))
        unhit = sum(not answer.get("hit") for results in self._results.values() for _, answer in results)
        calls = sum(map(len, self._calls.values()))
        print(f"{attempts} of {possible} attempts on {calls} calls, {len(failing)} failures (seed {self._args.seed})")
        if unhit:
            print(f"in {unhit} attempts the call did not come: its number depends on time")
        for attempt, answer in failing:
            number, name, path = attempt.call
            print(f"\n{attempt.scenario}, {attempt.kind} at call {number}: {name} {path}")
            for severity, text in answer.get("found", [("broken", answer.get("broken"))]):
                print(f"  {severity}: {text}")
            words = f"--scenario '{attempt.scenario}' --call {number} --fault {attempt.kind}"
            print(f'  again: make chaos ARGS="{words}"')
        return 1 if failing or self._broken else 0


def _spread(attempts: list[Attempt]) -> list[Attempt]:
    """So that every scenario has its share, whenever the time is over."""
    by_scenario: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_scenario[attempt.scenario].append(attempt)
    share = {
        id(attempt): (number + 0.5) / len(found)
        for found in by_scenario.values()
        for number, attempt in enumerate(found)
    }
    return sorted(attempts, key=lambda attempt: share[id(attempt)])


def _order(attempt: Attempt) -> dict[str, Any]:
    return {"scenario": attempt.scenario, "call": attempt.call.number, "kind": attempt.kind}


if __name__ == "__main__":
    sys.exit(main())
