"""Does sharpness fall with blur, and with nothing else? Faces blurred, set before a blurred background, reduced."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure, share
from bench.measured import central, face_at, largest, records_of
from photo_ranker.ranker import face_signals
from photo_ranker.records import Face
from photo_ranker.settings import Settings

__all__ = ["measure"]

Pixels = NDArray[np.uint8]
FACES = 200
GAUSSIAN = (0.005, 0.01, 0.015, 0.02, 0.03)
"""Standard deviations, as shares of the face's size: from just visible to hopeless."""
MOTION = (0.015, 0.03, 0.05, 0.08, 0.12)
"""Lengths of the motion, as shares of the face's size."""
SMALL_PX = (48, 36)


@dataclass(frozen=True, slots=True)
class _Original:
    path: Path
    face: Face
    pixels: Pixels
    angle: float

    @property
    def size(self) -> float:
        return max(self.face.box[2:])


def measure(data: Path) -> Iterator[Figure]:
    """All figures of sharpness."""
    originals = _originals(data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before = _sharpness([(item.path, item.face.box) for item in originals])
        for title, levels, blur in (("gaussian", GAUSSIAN, _gaussian), ("motion", MOTION, _motion)):
            steps = [before, *(_after(folder, originals, _by(blur, level)) for level in levels)]
            yield _ordered(title, steps)
        yield from _background(before, _after(folder, originals, _before_soft_background))
        for side in SMALL_PX:
            yield _small(side, before, _after(folder, originals, lambda item, side=side: _reduced(item, side)))  # type: ignore[misc]


def _originals(data: Path) -> list[_Original]:
    """Half from LFW (about 120 px), half from MTFL (up to 300 px)."""
    rng = random.Random(2)
    chosen = [(path, True) for path in rng.sample(sorted((data / "faces_lfw").glob("*/*.jpg")), FACES // 2)]
    chosen += [(path, False) for path in rng.sample(sorted((data / "face_attributes_mtfl").glob("*.jpg")), FACES // 2)]
    records = records_of(path for path, _ in chosen)
    faces = [(path, central(records[path]) if middle else largest(records[path])) for path, middle in chosen]
    return [
        _Original(path, face, cast("Pixels", cv2.imread(str(path))), rng.uniform(0, pi))
        for path, face in faces
        if face is not None
    ]


def _by(blur: Callable[[_Original, float], Pixels], level: float) -> Callable[[_Original], Pixels]:
    return lambda item: blur(item, level * item.size)


def _after(folder: Path, originals: Sequence[_Original], change: Callable[[_Original], Pixels]) -> list[float | None]:
    """The sharpness of each face after a change of its picture."""
    wanted = []
    for number, item in enumerate(originals):
        changed = change(item)
        path = Path(tempfile.mkdtemp(dir=folder), f"{number}.png")
        cv2.imwrite(str(path), changed)
        scale = changed.shape[0] / item.pixels.shape[0]
        x, y, width, height = (value * scale for value in item.face.box)
        wanted.append((path, (x, y, width, height)))
    return _sharpness(wanted)


def _sharpness(wanted: Sequence[tuple[Path, tuple[float, float, float, float]]]) -> list[float | None]:
    settings = Settings()
    records = records_of(path for path, _ in wanted)
    found: list[float | None] = []
    for path, (x, y, width, height) in wanted:
        record = records[path]
        face = face_at(record, (x + width / 2, y + height / 2))
        found.append(None if face is None or record is None else face_signals(face, record, settings).sharpness)
    return found


def _gaussian(item: _Original, deviation: float) -> Pixels:
    return cast("Pixels", cv2.GaussianBlur(item.pixels, (0, 0), deviation))


def _motion(item: _Original, length: float) -> Pixels:
    """Blurred along a line of this length, which is drawn at eight times the size so that any length and angle fit."""
    side = 2 * int(length / 2 + 2) + 1
    middle = side * 4
    across, down = cos(item.angle) * length * 4, sin(item.angle) * length * 4
    line = np.zeros((side * 8, side * 8), np.float32)
    start, end = (round(middle - across), round(middle - down)), (round(middle + across), round(middle + down))
    cv2.line(line, start, end, 1.0, 8)
    kernel = cv2.resize(line, (side, side), interpolation=cv2.INTER_AREA)
    return cast("Pixels", cv2.filter2D(item.pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))


def _before_soft_background(item: _Original) -> Pixels:
    """All but the head blurred as by a wide aperture; the head is an ellipse 1.3 times as large as the face's box."""
    x, y, width, height = item.face.box
    head = np.zeros(item.pixels.shape[:2], np.float32)
    middle, axes = (round(x + width / 2), round(y + height / 2)), (round(width * 0.65), round(height * 0.65))
    cv2.ellipse(head, middle, axes, 0, 0, 360, 1.0, -1)
    head = cv2.GaussianBlur(head, (0, 0), max(1.0, item.size * 0.01))[..., None]
    soft = _gaussian(item, item.size * 0.06)
    return cast("Pixels", np.rint(item.pixels * head + soft * (1 - head)).astype(np.uint8))


def _reduced(item: _Original, side: int) -> Pixels:
    scale = side / item.size
    return cast("Pixels", cv2.resize(item.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _ordered(title: str, steps: Sequence[Sequence[float | None]]) -> Figure:
    pairs = [
        sharper is not None and softer is not None and sharper > softer
        for before, after in pairwise(steps)
        for sharper, softer in zip(before, after, strict=True)
    ]
    value, error = share(sum(pairs), len(pairs))
    lost = sum(value is None for step in steps for value in step)
    note = f"{len(steps[0])} faces, {len(steps) - 1} levels; {lost} times not found, counted as wrong"
    return Figure("sharpness", f"{title} blur, neighbours in order", value, error, 0.99, note=note)


def _background(before: Sequence[float | None], after: Sequence[float | None]) -> Iterator[Figure]:
    known = [(one, two) for one, two in zip(before, after, strict=True) if one is not None and two is not None]
    apart = [abs(one - two) for one, two in known]
    value, error = share(sum(difference <= 0.05 for difference in apart), len(before))
    yield Figure(
        "sharpness", "before a blurred background, within 0.05", value, error, 0.95, note=f"{len(before)} faces"
    )
    mean, deviation = float(np.mean(apart)), float(np.std(apart) / len(apart) ** 0.5)
    yield Figure("sharpness", "  mean difference", mean, deviation, 0.05, at_most=True)


def _small(side: int, before: Sequence[float | None], after: Sequence[float | None]) -> Figure:
    """How many of the sharp faces are still sharp (0.5 and more) when they are small."""
    sharp = [two for one, two in zip(before, after, strict=True) if one is not None and one >= 0.65]
    value, error = share(sum(two is not None and two >= 0.5 for two in sharp), len(sharp))
    return Figure("sharpness", f"sharp ones still sharp at {side} px", value, error, 0.95, note=f"{len(sharp)} faces")
