"""Runs each contestant in processes of its own and collects its figures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.memory import MemoryWatch
from photo_ranker.metadata import METADATA_NAME

__all__ = ["BARE", "PEER", "index_figures", "loop_figures", "peer_python"]

ROOT = Path(__file__).parent.parent
BARE = [sys.executable, "-m", "bench.bare"]
PEER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
PEER = [str(PEER_PYTHON), str(ROOT / "bench" / "peers" / "by_face_recognition.py")]

ONE_THREAD = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"], "1")


def peer_python() -> Path | None:
    """The environment of the other library, if ``make bench-peers`` has made it."""
    return PEER_PYTHON if PEER_PYTHON.exists() else None


def loop_figures(command: list[str], paths: Sequence[Path], processes: int) -> dict[str, Any]:
    """Share the photos among processes that all start at the same time; the slowest one sets the time."""
    shares = [paths[number::processes] for number in range(min(processes, len(paths)))]
    with TemporaryDirectory() as temporary:
        loops = []
        for number, share in enumerate(shares):
            names = Path(temporary, str(number))
            names.write_bytes(b"\0".join(map(os.fsencode, share)))
            loops.append(_Loop([*command, str(names)]))
        starts = [loop.said() for loop in loops]
        began = time.perf_counter()
        for loop in loops:
            loop.go()
        found = [loop.said() for loop in loops]
        wall = time.perf_counter() - began
        for loop in loops:
            loop.end()
    figures = {"startup": max(one["startup"] for one in starts), "wall": wall, "networks": starts[0].get("networks")}
    return figures | _together(found, shares)


class _Loop:
    """One process that says when it is ready, waits to be told to go, works, and says how long it took."""

    def __init__(self, command: list[str]) -> None:
        environment = {**os.environ, **ONE_THREAD}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def said(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.communicate()


def _together(found: Sequence[dict[str, Any]], shares: Sequence[Sequence[Path]]) -> dict[str, Any]:
    figures: dict[str, Any] = {name: sum(one[name] for one in found) for name in ("cpu", "faces")}
    if "stages" in found[0]:
        figures["stages"] = {name: sum(one["stages"].get(name, 0.0) for one in found) for name in found[0]["stages"]}
        figures["photos"] = {
            str(path): seconds
            for one, share in zip(found, shares, strict=True)
            for path, seconds in zip(share, one["photos"], strict=True)
        }
    return figures


def index_figures(folder: Path, paths: Sequence[Path], workers: int) -> dict[str, Any]:
    """A first run of ``photo-ranker index``, less its start-up, measured by a run with one photo per worker."""
    with TemporaryDirectory(dir=folder.parent) as temporary:
        for number, path in enumerate(paths[:workers]):
            shutil.copyfile(path, Path(temporary, f"{number}{path.suffix}"))
        startup = _index(Path(temporary), workers)
    (folder / METADATA_NAME).unlink(missing_ok=True)
    whole = _index(folder, workers)
    return {
        "startup": startup["wall"],
        "wall": whole["wall"] - startup["wall"],
        "cpu": whole["cpu"] - startup["cpu"],
        "peak": whole["peak"],
    }


def _index(folder: Path, workers: int) -> dict[str, float]:
    command = [sys.executable, "-m", "photo_ranker", "index", str(folder), "--workers", str(workers), "--quiet"]
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    with MemoryWatch(process.pid) as memory:
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} has failed")
    wall = time.perf_counter() - began
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": float(memory.peak)}
