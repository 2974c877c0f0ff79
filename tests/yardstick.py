"""Judges times as multiples of other work, measured in turns in the same run, so that limits hold on any machine.

Processor time counts, not wall time, since that would include other work on the machine.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

__all__ = ["as_installed", "multiple_of", "of_a_process", "processor_seconds", "start_of_python"]

ROUNDS = 7


def multiple_of(yardstick: Callable[[], float], work: Callable[[], float], rounds: int = ROUNDS) -> float:
    """How many times the yardstick the work takes; both give seconds. The median of pairs, each measured in one go."""
    yardstick(), work()  # the first of each reads files that the others find in memory
    pairs = [(yardstick(), work()) for _ in range(rounds)]
    return median(its / stick for stick, its in pairs)


def processor_seconds(work: Callable[[], object]) -> Callable[[], float]:
    """Measures work of this process."""

    def measure() -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    return measure


def of_a_process(command: Sequence[str | Path], environment: Mapping[str, str]) -> Callable[[], float]:
    """Measures a whole process with its start."""

    def measure() -> float:
        before = os.times()
        subprocess.run(list(map(str, command)), env=environment, capture_output=True, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    return measure


def start_of_python(environment: Mapping[str, str]) -> Callable[[], float]:
    """The yardstick of processes: the start that every question needs."""
    return of_a_process([sys.executable, "-c", "import numpy, msgspec"], environment)


def as_installed(folder: Path) -> dict[str, str]:
    """The environment of a process whose modules are compiled in advance, as an installer leaves them."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
