"""The bare work: the same decoding, models and signals in one loop, with no pool, queue, file or progress.

Run by speed.py, one process per core: ``python -m bench.bare LIST`` loads the models, says so, waits for a line
on stdin, works through the photos that LIST names, and prints what it took as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.stopwatch import Stopwatch
from photo_ranker.errors import PhotoUnreadable

__all__ = ["main"]

REST = "reading, hash, EXIF, alignment"


def main(list_of_photos: Path) -> None:
    """Do the work and print the figures."""
    started = time.perf_counter()
    watch, analyser = _analyser()
    paths = [os.fsdecode(line) for line in list_of_photos.read_bytes().split(b"\0") if line]
    # Measuring one photo in advance loads what is loaded on first use, so the loop times the work alone.
    _measure(analyser, paths[0])
    startup = time.perf_counter() - started
    print(json.dumps({"startup": startup, "networks": _networks(analyser)}), flush=True)
    sys.stdin.readline()
    watch.restart()
    wall, cpu = time.perf_counter(), time.process_time()
    photos, faces = [], 0
    for path in paths:
        began = time.perf_counter()
        faces += _measure(analyser, path)
        photos.append(time.perf_counter() - began)
    figures = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "faces": faces}
    print(json.dumps({**figures, "stages": watch.stop(), "photos": photos}), flush=True)


def _networks(analyser: Any) -> dict[str, float]:
    """Milliseconds that each network alone takes here: detection in one photo at 1024 px, identity of one face."""
    from photo_ranker.models.yunet import YuNetNetwork

    photo, face = np.zeros((768, 1024, 3), np.uint8), np.zeros((1, 112, 112, 3), np.uint8)
    detector = YuNetNetwork(threads=1, device="cpu")
    works = {"detect": lambda: detector.rows([photo], 0.6), "identity": lambda: analyser.engine.embedder.embed(face)}
    return {name: median(_milliseconds(work) for _ in range(15)) for name, work in works.items()}


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def _measure(analyser: Any, path: str) -> int:
    try:
        return len(analyser.analyse(Path(path)).faces)
    except PhotoUnreadable:
        return 0


def _analyser() -> tuple[Stopwatch, Any]:
    """An analyser whose stages are timed."""
    from photo_ranker import quality
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.images import OpenPhoto

    watch = Stopwatch(REST)
    analyser = AnalyserSpec().open()
    engine = analyser.engine
    for owner, name, stage in (
        (OpenPhoto, "picture", "decode"),
        (engine.detector, "detect", "detect"),
        (engine.embedder, "embed", "identity"),
        (engine.mesher, "measure", "mesh"),
        (quality, "measure_face", "signals"),
        (quality, "measure_mesh", "signals"),
        (quality, "measure_picture", "signals"),
    ):
        setattr(owner, name, watch.timed(stage, getattr(owner, name)))
    return watch, analyser


if __name__ == "__main__":
    main(Path(sys.argv[1]))
