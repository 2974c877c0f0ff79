"""Measure how many mistakes the tests notice: python scripts/mutants.py [--count 100] [--seed 1] [--jobs 2] [--room R].

A mutant is the package with one small mistake: another comparison, a changed number, ``and`` for ``or``, a missing
sign or ``not``. It is caught when the quick tests of its room fail in a copy of the checkout; a test that hangs fails.
Those that survive are printed: each has no effect, or shows a missing test. A seed gives the same mutants again.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import cache_from_source
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
ROOMS = {
    "ranker": "ranker",  # with the table of signals
    "selection.py": "test_selection.py",
    "person_finder": "person_finder",
    "people": "people",
    "metadata": "metadata",
    "indexing": "indexing",
}
"""Source below photo_ranker -> its tests below tests."""
PYTEST = ["pytest", "-xq", "-n", "0", "-m", "not slow and not perf and not e2e", "-p", "no:cacheprovider"]
TEST_SECONDS = "60"
"""A test that takes longer hangs; quick ones take a few seconds, and more on a busy machine."""
PAIRS: list[tuple[type[ast.AST], type[ast.AST]]] = [
    (ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn),
    (ast.Add, ast.Sub), (ast.And, ast.Or),
]  # fmt: skip
SWAPPED = {one: other for pair in PAIRS for one, other in (pair, pair[::-1])}
"""An operator -> the one that is mistaken for it."""


class Spot(NamedTuple):
    """A place in a file where one mistake can be made."""

    line: int
    mistake: str
    make: Callable[[], object]
    """Changes the tree that the spot was found in."""


class Mutant(NamedTuple):
    """One mistake: the spot of this number in a file, whose path begins below the checkout."""

    room: str
    path: str
    number: int


def spots(node: ast.AST) -> Iterator[Spot]:
    """All places for mistakes in a tree. Annotations, decorators and the words after a class's name have none."""
    idle = [getattr(node, "annotation", None), getattr(node, "returns", None), *getattr(node, "decorator_list", [])]
    idle += node.keywords if isinstance(node, ast.ClassDef) else []
    yield from _spots_of(node)
    for child in ast.iter_child_nodes(node):
        if child not in idle:
            yield from spots(child)


def _spots_of(node: ast.AST) -> Iterator[Spot]:
    def spot(words: str, field: str, value: object) -> Spot:
        return Spot(getattr(node, "lineno", 0), words, lambda: setattr(node, field, value))

    match node:
        case ast.Compare(ops=[first, *rest]):
            new = SWAPPED[type(first)]
            yield spot(f"{type(first).__name__} -> {new.__name__}", "ops", [new(), *rest])
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if new := SWAPPED.get(type(op)):
            yield spot(f"{type(op).__name__} -> {new.__name__}", "op", new())
        case ast.UnaryOp(op=ast.USub()):
            yield spot("- left out", "op", ast.UAdd())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield spot("not left out", "operand", ast.UnaryOp(ast.Not(), operand))
        case ast.Constant(value=bool(value)):
            yield spot(f"{value} -> {not value}", "value", not value)
        case ast.Constant(value=int(value) | float(value)):
            changed = value + 1 if isinstance(value, int) else value * 1.5 or 1.0
            yield spot(f"{value} -> {changed}", "value", changed)


def mutants(root: Path, rooms: Iterable[str] = ROOMS) -> list[Mutant]:
    """Every mutant of these rooms."""
    found = []
    for room in rooms:
        home = root / "photo_ranker" / room
        for path in [home] if home.is_file() else sorted(home.rglob("*.py")):
            count = sum(1 for _ in spots(ast.parse(path.read_text("utf-8"))))
            found += [Mutant(room, path.relative_to(root).as_posix(), number) for number in range(count)]
    return found


def mutated(source: str, number: int) -> tuple[str, Spot]:
    """The source with the mistake at one spot; comments and the breaks of lines are lost."""
    tree = ast.parse(source)
    spot = list(spots(tree))[number]
    spot.make()
    return ast.unparse(tree), spot


def passes(room: str, copy: Path) -> bool:
    """Run the quick tests of a room in a copy of the checkout."""
    command = [sys.executable, "-m", *PYTEST, "--timeout", TEST_SECONDS, f"tests/{ROOMS[room]}"]
    # The copy goes before the installed package, also in processes that the tests start.
    environment = {**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1, 2}:  # passed, failed, or broken on import
        raise SystemExit(f"pytest cannot run tests/{ROOMS[room]}:\n{done.stdout[-2000:]}")
    return done.returncode == 0


def count_caught(share: Sequence[Mutant], copy: Path) -> int:
    """Try mutants one after the other in a copy of the checkout, and print those that survive."""
    caught = 0
    for mutant in share:
        path = copy / mutant.path
        source = path.read_text("utf-8")
        text, spot = mutated(source, mutant.number)
        path.write_text(text, "utf-8")
        if passes(mutant.room, copy):
            print(f"survived: {mutant.path}:{spot.line}: {spot.mistake}", flush=True)
        else:
            caught += 1
        path.write_text(source, "utf-8")
        Path(cache_from_source(str(path))).unlink(missing_ok=True)  # known by size and second, which may be the same
    return caught


def main(words: Sequence[str] | None = None) -> int:
    """Try some mutants; print those that survive, and the share that is caught."""
    parser = argparse.ArgumentParser(description="Measure how many mistakes the tests notice.")
    parser.add_argument("--count", type=int, default=100, help="how many mistakes (default: 100)")
    parser.add_argument("--seed", type=int, default=1, help="which of them (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, help="how many test runs at once (default: 2)")
    parser.add_argument("--room", choices=ROOMS, action="append", help="only this room (may be repeated)")
    args = parser.parse_args(words)
    everything = mutants(ROOT, args.room or ROOMS)
    chosen = random.Random(args.seed).sample(everything, min(args.count, len(everything)))
    with TemporaryDirectory() as folder, ThreadPoolExecutor(args.jobs) as pool:
        copies = [Path(folder, str(job)) for job in range(args.jobs)]
        for copy in copies:
            shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        for room in sorted({mutant.room for mutant in chosen}):
            if not passes(room, copies[0]):
                raise SystemExit(f"the tests of {room} fail without any mistake")
        shares = [chosen[job :: args.jobs] for job in range(args.jobs)]
        caught = sum(pool.map(count_caught, shares, copies))
    print(f"{caught} of {len(chosen)} mutants caught ({caught / max(len(chosen), 1):.0%}), seed {args.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
