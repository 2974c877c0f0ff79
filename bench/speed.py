"""Speed and memory: the bare work, ``photo-ranker index`` and face_recognition on the same photos, in turns.

``python -m bench.speed [PHOTOS]``; without PHOTOS it builds photos of camera size from samples. The rounds go in
turns, so that whatever else the machine does hits all alike; each figure is the median of the rounds.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.calibration import calibrate
from bench.camera_photos import build, link
from bench.contestants import BARE, PEER, index_figures, loop_figures, peer_python

__all__ = ["main"]

STAGES = {"decode": 13, "detect": 25, "identity": 11, "mesh": 7}
"""Milliseconds of throw-away code on one core, as floors: decoding to 1.5 MP and detection at 1024 px per photo,
identity and mesh per face."""

ALONE = 24
"""Photos to measure the cost of each stage, with one process: two on the threads of one core slow each other down."""

LIMITS = {"index / bare": 1.15, "peak MB": 450.0}
AT_LEAST = {"index / face_recognition": 10.0}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, and the JSON if asked for."""
    args = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="photo-ranker-bench-") as temporary:
        folder = Path(temporary, "photos")
        if args.growth:
            return _growth(Path(temporary), args)
        paths = link(args.photos, folder, args.count) if args.photos else build(folder, args.count)
        if not paths:
            sys.exit(f"no photos in {args.photos}")
        rounds = [_round(folder, paths, args) for _ in range(args.rounds)]
    figures = _summary(rounds, paths, args)
    print("\n".join(_table(figures)))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2), "utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("photos", nargs="?", type=Path, help="a folder; default: photos built from samples")
    parser.add_argument("--count", type=int, default=400, help="so many photos (default: 400)")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (default: 3)")
    parser.add_argument("--workers", type=int, default=2, help="processes of each contestant (default: 2)")
    parser.add_argument("--peer-photos", type=int, default=8, help="photos for face_recognition, which is slow")
    parser.add_argument("--growth", action="store_true", help="only memory: at --count photos and at ten times as many")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


def _growth(temporary: Path, args: argparse.Namespace) -> int:
    """Peak memory may not depend on how many photos there are."""
    peaks = {}
    for count in (args.count, 10 * args.count):
        folder = temporary / str(count)
        paths = link(args.photos, folder, count) if args.photos else build(folder, count)
        peaks[count] = index_figures(folder, paths, args.workers)["peak"] / 1e6
        print(f"{count} photos: peak {peaks[count]:.0f} MB of all processes together", flush=True)
    print(f"ratio: {peaks[10 * args.count] / peaks[args.count]:.3f}")
    return 0


def _round(folder: Path, paths: Sequence[Path], args: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"calibration": calibrate()}
    figures["alone"] = loop_figures(BARE, _some(paths, ALONE), 1)
    figures["bare"] = loop_figures(BARE, paths, args.workers)
    figures["index"] = index_figures(folder, paths, args.workers)
    if peer_python():
        figures["peer"] = loop_figures(PEER, _some(paths, args.peer_photos), args.workers)
    print(f"round: {json.dumps({name: _short(value) for name, value in figures.items()})}", file=sys.stderr)
    return figures


def _short(value: Any) -> Any:
    return round(value["wall"], 2) if isinstance(value, dict) else round(value, 3)


def _some(paths: Sequence[Path], count: int) -> list[Path]:
    """So many of the photos, spread evenly over all."""
    return [paths[number * len(paths) // count] for number in range(min(count, len(paths)))]


def _summary(rounds: list[dict[str, Any]], paths: Sequence[Path], args: argparse.Namespace) -> dict[str, Any]:
    def middle(contestant: str, figure: str) -> float:
        return median(float(one[contestant][figure]) for one in rounds)

    def row(contestant: str, photos: int) -> dict[str, float]:
        wall = middle(contestant, "wall")
        cpu = middle(contestant, "cpu") / photos
        return {"photos/s": photos / wall, "CPU s/photo": cpu, "start-up s": middle(contestant, "startup")}

    count = len(paths)
    figures: dict[str, Any] = {
        "photos": count,
        "workers": args.workers,
        "calibration s": median(one["calibration"] for one in rounds),
        "bare": row("bare", count),
        "index": row("index", count),
        "peak MB": max(one["index"]["peak"] for one in rounds) / 1e6,
        "stages": _stages(rounds, len(_some(paths, ALONE))),
        "faces a photo": rounds[0]["alone"]["faces"] / len(_some(paths, ALONE)),
        "networks": {
            name: median(one["alone"]["networks"][name] for one in rounds) for name in rounds[0]["alone"]["networks"]
        },
        "ratios": {
            "index / bare": median(one["index"]["wall"] / one["bare"]["wall"] for one in rounds),
            "index / bare, CPU": median(one["index"]["cpu"] / one["bare"]["cpu"] for one in rounds),
            "index / bare, start-up included": median(
                (one["index"]["wall"] + one["index"]["startup"]) / (one["bare"]["wall"] + one["bare"]["startup"])
                for one in rounds
            ),
        },
    }
    if "peer" in rounds[0]:
        figures["face_recognition"] = row("peer", len(_some(paths, args.peer_photos)))
        figures["ratios"]["index / face_recognition"] = median(_against_peer(one, paths, args) for one in rounds)
    return figures


def _against_peer(one: dict[str, Any], paths: Sequence[Path], args: argparse.Namespace) -> float:
    """How many times as fast as the peer, on the same photos that the peer has seen."""
    chosen = {str(path) for path in _some(paths, args.peer_photos)}
    ours = sum(one["bare"]["photos"][str(path)] for path in chosen) / args.workers
    return float(one["peer"]["wall"] / (ours * one["index"]["wall"] / one["bare"]["wall"]))


def _stages(rounds: list[dict[str, Any]], photos: int) -> dict[str, float]:
    """Milliseconds of processor time: identity and mesh per face, the rest per photo."""
    faces = max(1, rounds[0]["alone"]["faces"])
    names = rounds[0]["alone"]["stages"]
    per = {name: faces if name in {"identity", "mesh"} else photos for name in names}
    return {name: median(one["alone"]["stages"][name] for one in rounds) * 1000 / per[name] for name in names}


def _table(figures: dict[str, Any]) -> list[str]:
    lines = [
        f"{figures['photos']} photos, {figures['workers']} workers, calibration {figures['calibration s']:.3f} s",
        "",
    ]
    lines.append(f"{'':<18}{'photos/s':>10}{'CPU s/photo':>13}{'start-up s':>12}")
    for name in ("bare", "index", "face_recognition"):
        if row := figures.get(name):
            lines.append(f"{name:<18}{row['photos/s']:>10.2f}{row['CPU s/photo']:>13.3f}{row['start-up s']:>12.2f}")
        else:
            lines.append(f"{name:<18} not installed: make bench-peers")
    lines += ["", "bare work, ms of one core (a photo; identity and mesh: a face)"]
    for name, value in figures["stages"].items():
        floor = f"   floor {STAGES[name]}" if name in STAGES else ""
        alone = f"   its network once, here: {here:.1f}" if (here := figures["networks"].get(name)) else ""
        lines.append(f"  {name:<32}{value:>7.1f}{floor}{alone}")
    lines += ["", *(_verdict(name, value) for name, value in figures["ratios"].items())]
    return [*lines, _verdict("peak MB", figures["peak MB"])]


def _verdict(name: str, value: float) -> str:
    if name in LIMITS:
        return f"{name}: {value:.2f} (at most {LIMITS[name]:g}): {'met' if value <= LIMITS[name] else 'MISSED'}"
    if name in AT_LEAST:
        return f"{name}: {value:.2f} (at least {AT_LEAST[name]:g}): {'met' if value >= AT_LEAST[name] else 'MISSED'}"
    return f"{name}: {value:.2f}"


if __name__ == "__main__":
    sys.exit(main())
