"""``make chaos``: every call that changes the disk goes wrong once, in every scenario; a table says what came of it."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.crew import Crew, Take
from chaos.power import unsafe
from chaos.preload import KINDS, WRITING, Call, Unavailable
from chaos.scenarios import MISSING, SCENARIOS

SEED = 13
FULL_SECONDS, SHORT_SECONDS = 600.0, 110.0
"""For counting and attempts together."""


def main() -> int:
    """Count, choose, attempt, print."""
    args = _arguments()
    if args.list:
        print("\n".join(SCENARIOS))
        return 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="photo-ranker-chaos-") as folder:
        try:
            with Crew(Path(folder), args.jobs) as crew:
                return Run(args, crew, started).go()
        except Unavailable as reason:
            print(f"*** SKIPPED: make chaos. {reason} ***", file=sys.stderr)
            return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos ARGS=...", description=__doc__)
    add = parser.add_argument
    add("--scenario", action="append", default=[], help="only those whose names begin so; may be given several times")
    add("--call", type=int, action="append", default=[], help="only the call of this number")
    add("--fault", choices=KINDS, action="append", default=[], help="only this kind of failure")
    add("--short", action="store_true", help=f"a sample, within {SHORT_SECONDS:.0f} seconds")
    add("--seconds", type=float, help=f"stop after so long (default: {FULL_SECONDS:.0f}, short {SHORT_SECONDS:.0f})")
    add("--seed", type=int, default=SEED, help=f"of the sample, where the time is not enough for all (default: {SEED})")
    add("--jobs", type=int, default=2, help="attempts at a time (default: 2)")
    add("--calls", action="store_true", help="only print the calls of each scenario")
    add("--list", action="store_true", help="only print the names of the scenarios")
    return parser.parse_args()


@dataclass(frozen=True)
class Attempt:
    """What is to go wrong where."""

    scenario: str
    call: Call
    kind: str

    @property
    def order(self) -> dict[str, Any]:
        """As a worker is told."""
        return {"scenario": self.scenario, "call": self.call.number, "kind": self.kind}


Result = tuple[Attempt, dict[str, Any]]


class Run:
    """All attempts, and what they have shown."""

    def __init__(self, args: argparse.Namespace, crew: Crew, started: float) -> None:
        self._args, self._crew = args, crew
        self._deadline = started + (args.seconds or (SHORT_SECONDS if args.short else FULL_SECONDS))
        self._calls: dict[str, list[Call]] = {}
        self._results: dict[str, list[Result]] = defaultdict(list)
        self._broken: list[str] = []
        """Scenarios that cannot be made, or fail without a fault."""

    def go(self) -> int:
        """Count, choose, attempt, print; the exit code."""
        wanted = [name for name in SCENARIOS if not self._args.scenario or name.startswith(tuple(self._args.scenario))]
        self._crew.share([({"scenario": name}, self._take_calls) for name in wanted])
        self._calls = {name: self._calls[name] for name in wanted if name in self._calls}
        if self._args.calls:
            self._print_calls()
            return 1 if self._broken else 0
        possible = [attempt for name in self._calls for attempt in self._possible(name)]
        random.Random(self._args.seed).shuffle(possible)
        self._crew.share([(each.order, self._taker(each)) for each in _spread(possible)], self._deadline)
        return self._report(len(possible))

    def _possible(self, name: str) -> list[Attempt]:
        kinds = self._args.fault or KINDS
        calls = [call for call in self._calls[name] if not self._args.call or call.number in self._args.call]
        # What is not written in parts cannot be torn.
        return [Attempt(name, call, kind) for call in calls for kind in kinds if kind != "torn" or call.name in WRITING]

    def _take_calls(self, order: dict[str, Any], answer: dict[str, Any]) -> None:
        if "broken" in answer:
            print(f"*** {answer['broken']} ***", file=sys.stderr)
            self._broken.append(order["scenario"])
        else:
            self._calls[order["scenario"]] = [Call(*call) for call in answer["calls"]]

    def _taker(self, attempt: Attempt) -> Take:
        return lambda _, answer: self._results[attempt.scenario].append((attempt, answer))

    def _print_calls(self) -> None:
        for name, calls in self._calls.items():
            print(name, *(f"  {call.number:4} {call.name:8} {call.path}" for call in calls), sep="\n")

    def _report(self, possible: int) -> int:
        failing = [result for name in self._calls for result in self._results[name] if result[1].get("found")]
        broken = [result for name in self._calls for result in self._results[name] if "broken" in result[1]]
        exposed = {name: texts for name, calls in self._calls.items() if (texts := unsafe(calls))}
        self._print_table(failing)
        done = [answer for results in self._results.values() for _, answer in results]
        calls = sum(map(len, self._calls.values()))
        print(f"{len(done)} of {possible} attempts on {calls} calls, {len(failing)} failures (seed {self._args.seed})")
        files = sum(map(len, exposed.values()))
        print(f"power cut after each of {len(self._calls)} scenarios: {files} files exposed")
        if unhit := sum(not answer.get("hit") for answer in done):
            print(f"in {unhit} attempts the call did not come: its number depends on time")
        for name, program in MISSING.items():
            print(f"*** SKIPPED: {name}. There is no {program} here. ***", file=sys.stderr)
        for attempt, answer in failing + broken:
            _print_failure(attempt, answer)
        for name, texts in exposed.items():
            print(f"\n{name}: what a power cut after the run could take", *texts, sep="\n  ")
        return 1 if failing or broken or exposed or self._broken else 0

    def _print_table(self, failing: list[Result]) -> None:
        print(f"{'scenario':24} {'calls':>5} {'attempts':>8}  failures: " + " ".join(f"{kind:>6}" for kind in KINDS))
        for name, calls in self._calls.items():
            by_kind = Counter(attempt.kind for attempt, _ in failing if attempt.scenario == name)
            shown = " ".join(f"{by_kind[kind] or '-':>6}" for kind in KINDS)
            print(f"{name:24} {len(calls):5} {len(self._results[name]):8}            {shown}")


def _print_failure(attempt: Attempt, answer: dict[str, Any]) -> None:
    number, name, _, path = attempt.call
    print(f"\n{attempt.scenario}, {attempt.kind} at call {number}: {name} {path}")
    for severity, text in answer.get("found", [("broken", answer.get("broken"))]):
        print(f"  {severity}: {text}")
    words = f"--scenario '{attempt.scenario}' --call {number} --fault {attempt.kind}"
    print(f'  again: make chaos ARGS="{words}"')


def _spread(attempts: list[Attempt]) -> list[Attempt]:
    """So that every scenario has its share, whenever the time is over."""
    by_scenario: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_scenario[attempt.scenario].append(attempt)
    shares = {
        attempt: (number + 0.5) / len(found) for found in by_scenario.values() for number, attempt in enumerate(found)
    }
    return sorted(attempts, key=shares.__getitem__)


if __name__ == "__main__":
    sys.exit(main())
