"""Measure how many mistakes the tests notice: python scripts/mutants.py [--count 100] [--seed 1] [--jobs 2] [--room R].

A mutant is the package with one small mistake: another comparison or sign, a changed number, ``and`` for ``or``, no
``not``. It is caught when the quick tests of its room fail, or hang, in a copy of the checkout. Those that survive are
printed: each has no effect, or shows a missing test. The same seed gives the same mutants.

``zip(..., strict=True)`` stays as it is: it guards against lists of different lengths, which the code around it never
makes, so that no test can tell it from ``strict=False``.
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
ROOMS = ("ranker", "person_finder", "people", "metadata", "indexing", "questions")
"""Packages below photo_ranker whose tests lie under the same name below tests; the signals are part of ranker."""
PYTEST = ["pytest", "-xq", "-n0", "-m", "not slow and not perf and not e2e", "-pno:cacheprovider", "--timeout=60"]
"""A test that exceeds the timeout hangs: quick ones take a few seconds, and more on a busy machine."""
PAIRS = "Lt LtE, Gt GtE, Eq NotEq, Is IsNot, In NotIn, Add Sub, And Or"
SWAPPED = {one: other for pair in map(str.split, PAIRS.split(",")) for one, other in (pair, pair[::-1])}
"""Name of an operator in ``ast`` -> the one that a mutant has instead."""


class Spot(NamedTuple):
    """A place in a file for one mistake; ``make`` makes it in the tree that the spot was found in."""

    line: int
    mistake: str
    make: Callable[[], object]


class Mutant(NamedTuple):
    """One mistake: a file, by its path below the checkout, and the number of a spot in it."""

    room: str
    path: str
    number: int


def spots(node: ast.AST) -> Iterator[Spot]:
    """All places for mistakes in a tree.

    Annotations, decorators, a class's keyword arguments and ``strict`` of ``zip`` have none.
    """
    skipped = [getattr(node, "annotation", None), getattr(node, "returns", None), *getattr(node, "decorator_list", [])]
    match node:
        case ast.ClassDef(keywords=words):
            skipped += words
        case ast.Call(func=ast.Name(id="zip"), keywords=words):
            skipped += [word for word in words if word.arg == "strict"]
    yield from _spots_of(node)
    for child in ast.iter_child_nodes(node):
        if child not in skipped:
            yield from spots(child)


def _spots_of(node: ast.AST) -> Iterator[Spot]:
    def spot(words: str, field: str, value: object) -> Spot:
        return Spot(getattr(node, "lineno", 0), words, lambda: setattr(node, field, value))

    match node:
        case ast.Compare(ops=[first, *rest]):
            new = SWAPPED[type(first).__name__]
            yield spot(f"{type(first).__name__} -> {new}", "ops", [getattr(ast, new)(), *rest])
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if new := SWAPPED.get(type(op).__name__):
            yield spot(f"{type(op).__name__} -> {new}", "op", getattr(ast, new)())
        case ast.UnaryOp(op=ast.USub()):
            yield spot("- left out", "op", ast.UAdd())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield spot("not left out", "operand", ast.UnaryOp(ast.Not(), operand))
        case ast.Constant(value=int(value) | float(value)):
            number = value + 1 if isinstance(value, int) else value * 1.5 or 1.0
            changed = not value if isinstance(value, bool) else number
            yield spot(f"{value} -> {changed}", "value", changed)


def mutants(root: Path, rooms: Iterable[str] = ROOMS) -> list[Mutant]:
    """Every mutant of these rooms."""
    files = [(room, path) for room in rooms for path in sorted((root / "photo_ranker" / room).rglob("*.py"))]
    return [
        Mutant(room, path.relative_to(root).as_posix(), number)
        for room, path in files
        for number, _ in enumerate(spots(ast.parse(path.read_text("utf-8"))))
    ]


def mutated(source: str, number: int) -> tuple[str, Spot]:
    """The source with the mistake at one spot; comments and the breaks of lines are lost."""
    tree = ast.parse(source)
    spot = list(spots(tree))[number]
    spot.make()
    return ast.unparse(tree), spot


def survives(mutant: Mutant, copy: Path) -> bool:
    """Whether the tests of its room pass in a copy with the mistake; those of the module first, since they are few."""
    own = sorted((copy / "tests" / mutant.room).rglob(f"test_{Path(mutant.path).stem}*.py"))
    return not ((own and failure(mutant.room, copy, own)) or failure(mutant.room, copy))


def failure(room: str, copy: Path, tests: Sequence[Path] = ()) -> str:
    """Run the quick tests of a room, or some of them, in a copy; returns the end of pytest's output if one failed."""
    command = [sys.executable, "-m", *PYTEST, *(map(str, tests) if tests else [f"tests/{room}"])]
    environment = {**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}  # before the installed package
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1, 2, 5}:  # passed, failed, broken on import, or none of them is quick
        raise SystemExit(f"pytest cannot run the tests of {room}:\n{done.stdout[-2000:]}")
    return "" if done.returncode in {0, 5} else done.stdout[-2000:] or "no output"


def count_caught(share: Sequence[Mutant], copy: Path) -> int:
    """Try mutants one after the other in a copy of the checkout, and print those that survive."""
    caught = 0
    for mutant in share:
        path = copy / mutant.path
        source = path.read_text("utf-8")
        text, spot = mutated(source, mutant.number)
        path.write_text(text, "utf-8")
        is_missed = survives(mutant, copy)
        caught += not is_missed
        if is_missed:
            print(f"survived: {mutant.path}:{spot.line}: {spot.mistake}", flush=True)
        path.write_text(source, "utf-8")
        Path(cache_from_source(str(path))).unlink(missing_ok=True)  # Python compares size and second, which may match
    return caught


def main(words: Sequence[str] | None = None) -> None:
    """Try some mutants; print those that survive, and the share that is caught."""
    parser = argparse.ArgumentParser(description="Measure how many mistakes the tests notice.")
    for option, usual, about in (("--count", 100, "mistakes"), ("--seed", 1, "chooses them"), ("--jobs", 2, "at once")):
        parser.add_argument(option, type=int, default=usual, help=f"{about} (default: {usual})")
    parser.add_argument("--room", choices=ROOMS, action="append", help="only this room (may be repeated)")
    args = parser.parse_args(words)
    everything = mutants(ROOT, args.room or ROOMS)
    chosen = random.Random(args.seed).sample(everything, min(args.count, len(everything)))
    with TemporaryDirectory() as folder, ThreadPoolExecutor(args.jobs) as pool:
        ignore = shutil.ignore_patterns(".*", "__pycache__")
        copies = [shutil.copytree(ROOT, Path(folder, str(job)), ignore=ignore) for job in range(args.jobs)]
        for room in sorted({mutant.room for mutant in chosen}):
            if failure(room, copies[0]) and (printed := failure(room, copies[0])):  # try twice: the machine may be busy
                raise SystemExit(f"the tests of {room} fail without any mistake:\n{printed}")
        caught = sum(pool.map(count_caught, (chosen[job :: args.jobs] for job in range(args.jobs)), copies))
    print(f"{caught} of {len(chosen)} mutants caught ({caught / max(len(chosen), 1):.0%}), seed {args.seed}")


if __name__ == "__main__":
    main()
