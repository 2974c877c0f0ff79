"""What a local Ray of two workers costs over the plain pool of two: the same photos, in turns, and the same records.

``python -m bench.ray_overhead [PHOTOS] [--count 1000]``; without PHOTOS it builds photos of camera size from samples.
The start of the cluster and of its workers is apart: the clock runs from the first photo that is done to the last,
for both alike.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.camera_photos import build, link
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.indexing import IndexOptions, index, local_pool
from photo_ranker.indexing.interfaces import PoolMaker
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.scaleout import LOCAL, ray_pool

__all__ = ["main"]

WORKERS = 2
MOST = 1.25


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, compare, print."""
    parser = argparse.ArgumentParser(prog="make bench-ray", description=__doc__)
    parser.add_argument("photos", nargs="?", type=Path, help="a folder; default: photos built from samples")
    parser.add_argument("--count", type=int, default=1000, help="so many photos (default: 1000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often both are measured (default: 3)")
    args = parser.parse_args(argv)
    pools: dict[str, PoolMaker] = {"plain": local_pool, "ray": ray_pool(LOCAL, WORKERS)}
    with tempfile.TemporaryDirectory(prefix="photo-ranker-bench-") as temporary:
        folder = Path(temporary, "photos")
        count = len(link(args.photos, folder, args.count) if args.photos else build(folder, args.count))
        seconds: dict[str, list[float]] = {name: [] for name in pools}
        records: dict[str, str] = {}
        for _ in range(args.rounds):
            for name, make_pool in pools.items():
                start, work = _measured(folder, make_pool)
                seconds[name].append(work)
                records[name] = _facts(folder)
                print(f"{name}: start {start:.1f} s, then {count / work:.1f} photos/s", file=sys.stderr, flush=True)
    ratio = median(mine / theirs for mine, theirs in zip(seconds["ray"], seconds["plain"], strict=True))
    is_same = records["plain"] == records["ray"]
    print(
        f"{count} photos, {WORKERS} workers: plain {median(seconds['plain']):.1f} s, Ray {median(seconds['ray']):.1f} s"
    )
    print(f"Ray / plain: {ratio:.3f} (at most {MOST:g}): {'met' if ratio <= MOST else 'MISSED'}")
    print(f"records identical: {'yes' if is_same else 'NO'}")
    return 0 if is_same else 1


class _Clock:
    """A listener that notes when the first photo is done, and when the last."""

    def __init__(self) -> None:
        self.first = 0.0

    def say(self, line: str) -> None:
        """A note for the user."""

    def begin(self, todo: int) -> None:
        """So many photos will be measured."""

    def step(self, faces: int) -> None:  # noqa: ARG002
        """One of them is done."""
        self.first = self.first or time.monotonic()

    def end(self) -> None:
        """No more steps come."""
        self.last = time.monotonic()


def _measured(folder: Path, make_pool: PoolMaker) -> tuple[float, float]:
    """Seconds until the first photo is done, and from there to the last."""
    (folder / METADATA_NAME).unlink(missing_ok=True)
    clock, started = _Clock(), time.monotonic()
    index([str(folder)], AnalyserSpec(), IndexOptions(workers=WORKERS), clock, make_pool=make_pool)
    return clock.first - started, clock.last - clock.first


def _facts(folder: Path) -> str:
    return json.dumps(json.loads((folder / METADATA_NAME).read_bytes())["photos"], sort_keys=True)


if __name__ == "__main__":
    sys.exit(main())
