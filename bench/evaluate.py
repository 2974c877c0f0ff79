"""Measures accuracy on labelled photos: ``make eval DATA=DIR``, with the folders that docs/ACCURACY.md describes.

It uses the public parts of the package only, copies nothing, and writes no file into DIR.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bench import (
    bystanders,
    clarity,
    events,
    orientation,
    people,
    persons,
    ranking,
    sharpness,
    siblings,
    signals,
    taste_section,
    verification,
    years,
)
from bench.figures import Figure, as_json, table
from bench.measured import use_engine

__all__ = ["SECTIONS", "main"]

SECTIONS: dict[str, Callable[[Path], Iterable[Figure]]] = {
    "signals": signals.measure,
    "sharpness": sharpness.measure,
    "orientation": orientation.measure,
    "verification": verification.measure,
    "persons": persons.measure,
    "people": people.measure,
    "siblings": siblings.measure,
    "years": years.measure,
    "events": events.measure,
    "clarity": clarity.measure,
    "ranking": ranking.measure,
    "taste": taste_section.measure,
    "bystanders": bystanders.measure,
}
"""Name of a section -> what measures it."""


def main() -> int:
    """Print every figure; exit with 1 when one falls short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="these sections alone")
    parser.add_argument("--engine", metavar="NAME", help="what measures (default: as the commands have it)")
    args = parser.parse_args()
    if args.engine:
        use_engine(args.engine)
    if not args.data.is_dir():
        parser.error(f"there is no folder {args.data}: make eval DATA=DIR")
    figures: list[Figure] = []
    for name in args.only:
        started = time.monotonic()
        figures += SECTIONS[name](args.data)
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(as_json(figures) if args.json else table(figures))
    return int(any(figure.verdict == "FALLS SHORT" for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
