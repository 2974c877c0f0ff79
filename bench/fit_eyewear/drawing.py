"""Draws dark glasses, clear glasses and shadows over strips of bare faces, differently each time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from bench.fit_eyewear.strips import Strips
from photo_ranker.quality.eyewear import STRIP
from photo_ranker.quality.sharpness import Grey

__all__ = ["drawn_bare", "drawn_dark", "photographed"]

_FINER = 2
"""Drawn at twice the size, then reduced, so that edges are smooth."""
_ROWS, _COLUMNS = STRIP
_SIZE = (_COLUMNS * _FINER, _ROWS * _FINER)
_EYE_LINE, _EYE = 0.45, 0.31
"""Where the eyes are in a strip, from the top and from the middle, in distances between their outer corners."""
_ACROSS, _DOWN = np.meshgrid(
    np.linspace(-0.75, 0.75, _SIZE[0]), np.linspace(-_EYE_LINE, 1 - _EYE_LINE, _SIZE[1]), indexing="xy"
)
"""Offset of every point from the middle between the eyes, in the same unit."""
_CHEEK_ROWS = 20


@dataclass(frozen=True, slots=True)
class _Lenses:
    radius: NDArray[np.float64]
    """For every point, 0 in the middle of a lens, 1 on its edge."""
    height: float
    low: float
    """How far the middle of the lenses lies below the eyes."""

    def inside(self, softness: float) -> NDArray[np.float64]:
        return np.clip((1 - self.radius) / softness + 0.5, 0, 1)


def drawn_dark(strip: Grey, others: Strips, rng: Generator) -> Grey:
    """The strip behind dark glasses, with what they reflect."""
    fine, lenses = _enlarged(strip), _lenses(rng)
    cheeks = float(np.median(fine[-_CHEEK_ROWS:])) + 4
    glass = np.full(fine.shape, cheeks * np.exp(rng.uniform(np.log(0.03), np.log(0.55))))
    lighter = rng.uniform(-0.2, 1.2) * (_DOWN - lenses.low + lenses.height) / (2 * lenses.height)
    glass = glass * np.clip(1 + lighter, 0.3, 3)
    if rng.random() < 0.35:
        scene = _enlarged(others[rng.integers(len(others))])
        scene = np.roll(scene, rng.integers(-30, 30), axis=1)[:: rng.choice([-1, 1])]
        glass = glass + rng.uniform(0.1, 0.6) * (scene - scene.min()) * cheeks / 200
    for _ in range(rng.integers(0, 4)):
        if rng.random() < 0.5:
            across, down = rng.choice([-1, 1]) * rng.uniform(0.1, 0.5), lenses.low + rng.uniform(-0.12, 0.12)
            glass = glass + rng.uniform(20, 180) * _spot(across, down, *rng.uniform(0.01, 0.09, 2))
    density = rng.uniform(0.78, 1) if rng.random() < 0.8 else rng.uniform(0.65, 0.8)
    fine = _over(fine, glass, lenses.inside(rng.uniform(0.05, 0.25)) * density)
    if rng.random() < 0.6:
        fine = _framed(fine, lenses, rng)
    if rng.random() < 0.6:
        height = lenses.low - lenses.height * rng.uniform(0, 0.8)
        bridge = np.clip(1 - np.abs(_DOWN - height) / 0.02, 0, 1) * (np.abs(_ACROSS) < 0.14)
        fine = _over(fine, rng.uniform(0, 120), bridge * rng.uniform(0.3, 1))
    return _reduced(fine)


def drawn_bare(strip: Grey, rng: Generator) -> Grey:
    """The strip with clear glasses, with dark or made-up eye sockets, half in shadow, or as it was."""
    fine, chance = _enlarged(strip), rng.random()
    if chance < 0.25:
        lenses = _lenses(rng)
        fine = _framed(fine, lenses, rng)
        if rng.random() < 0.5:
            fine = _over(fine, rng.uniform(0, 255), lenses.inside(0.15) * rng.uniform(0, 0.25))
    elif chance < 0.6:
        for side in (-1, 1):
            across, down = side * rng.uniform(0.24, 0.36), rng.uniform(-0.12, 0.06)
            socket = _spot(across, down, rng.uniform(0.1, 0.3), rng.uniform(0.06, 0.2))
            fine = _over(fine, 0, rng.uniform(0.1, 0.7) * socket)
    elif chance < 0.7:
        edge = (_DOWN * rng.choice([-1, 1]) + 0.1) / rng.uniform(0.05, 0.3)
        fine = _over(fine, 0, rng.uniform(0.2, 0.65) * np.clip(edge, 0, 1))
    return _reduced(fine)


def photographed(strip: Grey, rng: Generator) -> Grey:
    """The strip as another light, lens and camera would show it, cut out with a mesh that is slightly off."""
    seen: NDArray[np.floating] = _moved(strip, rng)
    chance = rng.random()
    if chance < 0.3:
        contrast = rng.uniform(1, 4) * (seen - np.median(seen)) / 60
        seen = 255 / (1 + np.exp(-contrast - rng.uniform(-1, 1)))
    elif chance < 0.5:
        seen = 255 * (np.clip(seen, 0, 255) / 255) ** np.exp(rng.normal(0, 0.5))
    if rng.random() < 0.5:
        seen = seen * np.exp(-abs(rng.normal(0, 0.4)))
    if rng.random() < 0.4:
        seen = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.3, 1.2))
    if rng.random() < 0.4:
        seen = seen + rng.normal(0, rng.uniform(1, 5), seen.shape)
    return cast("Grey", np.clip(seen, 0, 255).astype(np.float32))


def _moved(strip: Grey, rng: Generator) -> Grey:
    middle = (_COLUMNS / 2 - 0.5, _ROWS / 2 - 0.5)
    turn = cv2.getRotationMatrix2D(middle, np.degrees(rng.normal(0, 0.05)), np.exp(rng.normal(0, 0.06)))
    turn[:, 2] += rng.normal(0, 1.2, 2)
    strip = cast("Grey", cv2.warpAffine(strip, turn, (_COLUMNS, _ROWS), borderMode=cv2.BORDER_REPLICATE))
    return np.ascontiguousarray(strip[:, ::-1]) if rng.random() < 0.5 else strip


def _lenses(rng: Generator) -> _Lenses:
    width, height, corners = rng.uniform(0.19, 0.31), rng.uniform(0.1, 0.24), rng.uniform(2, 5)
    apart, low, slant = rng.uniform(-0.02, 0.05), rng.uniform(-0.03, 0.09), rng.uniform(-0.25, 0.25)
    turned, narrower, tilt = rng.choice([-1, 1]), rng.uniform(0.75, 1), rng.normal(0, 0.09)
    radius = np.full(_ACROSS.shape, np.inf)
    for side in (-1, 1):
        across = _ACROSS - side * (_EYE + apart)
        down = _DOWN - low - tilt * _ACROSS - slant * side * across / 2
        half = width * (narrower if side == turned else 1)
        rim = (np.abs(across / half) ** corners + np.abs(down / height) ** corners) ** (1 / corners)
        radius = np.minimum(radius, rim)
    return _Lenses(radius, height, low)


def _framed(fine: Grey, lenses: _Lenses, rng: Generator) -> Grey:
    rim = np.clip(1 - np.abs(lenses.radius - 1) / max(rng.uniform(0, 0.14), 1e-3), 0, 1) * rng.uniform(0.3, 1)
    return _over(fine, rng.uniform(0, 90) if rng.random() < 0.7 else rng.uniform(100, 230), rim)


def _spot(across: float, down: float, width: float, height: float) -> NDArray[np.float64]:
    return np.exp(-0.5 * (((_ACROSS - across) / width) ** 2 + ((_DOWN - down) / height) ** 2))


def _over(below: Grey, above: NDArray[np.float64] | float, density: NDArray[np.float64]) -> Grey:
    return (below * (1 - density) + above * density).astype(np.float32)


def _enlarged(strip: Grey) -> Grey:
    return cast("Grey", cv2.resize(strip, _SIZE, interpolation=cv2.INTER_CUBIC))


def _reduced(fine: NDArray[np.floating]) -> Grey:
    return cast("Grey", cv2.resize(fine.astype(np.float32), (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA))
