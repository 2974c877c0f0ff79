"""Run the parts of `make check` and print how long each took: python scripts/check.py.

Parts that use one core run side by side in lanes; a phase begins when the one before it has passed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

ROOT = Path(__file__).parent.parent

Lane = tuple[str, ...]
"""Targets of the Makefile that run one after the other."""

PHASES: tuple[tuple[Lane, ...], ...] = (
    (("lint", "house-check", "types-js"), ("types",)),
    # Each of these fills two cores by itself.
    (("test",),),
    (("test-slow",),),
    # The browser is idle now and then, and pip waits for the disk, so these fit side by side.
    (("e2e",), ("test-card", "test-install", "test-devices", "chaos-short")),
)


@dataclass
class Part:
    """One target and what became of it."""

    target: str
    beside: tuple[str, ...] = ()
    """The targets of the lanes that ran at the same time."""
    seconds: float = 0.0
    result: str = "not run"


def main(phases: Sequence[Sequence[Lane]] = PHASES, root: Path = ROOT) -> int:
    """Run the phases until one fails; the table is printed in any case."""
    start, code = time.monotonic(), 1
    plan = [_lanes(phase) for phase in phases]
    try:
        code = 0 if all(_passes(lanes, root) for lanes in plan) else 1
    except KeyboardInterrupt:
        code = 130
    finally:
        parts = [part for lanes in plan for lane in lanes for part in lane]
        print(table(parts, time.monotonic() - start), flush=True)
    return code


def _lanes(phase: Sequence[Lane]) -> list[list[Part]]:
    return [
        [Part(target, tuple(name for other in phase if other is not lane for name in other)) for target in lane]
        for lane in phase
    ]


def _passes(lanes: Sequence[Sequence[Part]], root: Path) -> bool:
    with ThreadPoolExecutor(len(lanes)) as pool:
        return all(list(pool.map(lambda lane: all(_run(part, root) for part in lane), lanes)))


def _run(part: Part, root: Path) -> bool:
    """Whether the part passes. If others run beside it, its output comes when it ends, so that outputs do not mix."""
    start = time.monotonic()
    part.result = "interrupted"
    with TemporaryFile() as held:
        target = held if part.beside else None
        done = subprocess.run(
            ["make", "--no-print-directory", part.target], cwd=root, stdout=target, stderr=target, check=False
        )
        held.seek(0)
        sys.stdout.buffer.write(held.read())
        sys.stdout.flush()
    part.seconds, part.result = time.monotonic() - start, "FAILED" if done.returncode else "ok"
    return done.returncode == 0


def table(parts: Sequence[Part], seconds: float) -> str:
    """Each part with its time and result, and the time of all."""
    width = max(len(part.target) for part in parts)
    lines = [
        f"{part.target:<{width}}  {_clock(part.seconds):>7}  {part.result}"
        + (f", beside {' and '.join(part.beside)}" if part.beside and part.seconds else "")
        for part in parts
    ]
    one_by_one = sum(part.seconds for part in parts)
    return "\n".join(["", *lines, f"{'all':<{width}}  {_clock(seconds):>7}  {_clock(one_by_one)} one after the other"])


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


if __name__ == "__main__":
    sys.exit(main())
