"""Whether something dark lies over the eyes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.quality.chip import Chip, Grey

__all__ = ["eye_detail", "eye_shade"]

_EYES = ((33, 133), (263, 362))
"""Outer and inner corner of each eye."""
_BELOW = ((228, 229, 230, 231, 232), (448, 449, 450, 451, 452))
"""Skin just below each eye."""
_CHEEKS = ((50, 101, 36, 205, 187), (280, 330, 266, 425, 411))
_FOREHEAD = (151, 108, 337, 9, 69, 299)
_CAP_SHADOW = 0.5
"""What part of a forehead's darkness is forgiven: a cap's shadow falls on forehead and eyes, glasses on eyes alone."""
_SMOOTH = 0.02
"""Of the distance between the eyes' outer corners: wrinkles and noise go, lenses stay."""
_LIFT = 4.0
"""Grey levels added to both sides of a ratio: in the dark, noise is not a shade."""
_EYE_HEIGHT = 0.6
"""Of an eye's width: what is looked at from the upper to the lower lid."""


def eye_shade(chip: Chip, points: NDArray[np.float32]) -> float:
    """Octaves by which the skin below the eyes is brighter than the cheek, on the side where it is darker.

    Compared side by side, so that light from one side cancels out. Lenses may mirror the sky on one side,
    so the darker side counts.
    """
    smooth = _smoothed(chip, points)

    def brightness(which: tuple[int, ...]) -> float:
        return float(np.log2(np.median(chip.at(smooth, points[list(which)])) + _LIFT))

    cheeks = [brightness(cheek) for cheek in _CHEEKS]
    below = [brightness(skin) - cheek for skin, cheek in zip(_BELOW, cheeks, strict=True)]
    above = brightness(_FOREHEAD) - sum(cheeks) / 2
    return min(below) - _CAP_SHADOW * min(0.0, above)


def eye_detail(chip: Chip, points: NDArray[np.float32]) -> float:
    """Deviation of the brightness within an eye in brightnesses of the cheek, of the eye where it is less.

    White, iris and lashes make an eye; a lens is nearly uniform.
    """
    smooth = _smoothed(chip, points)
    found = []
    for (outer, inner), cheek in zip(_EYES, _CHEEKS, strict=True):
        spread = chip.at(chip.grey, _grid(points[outer, :2], points[inner, :2])).std()
        found.append(float(spread / (np.median(chip.at(smooth, points[list(cheek)])) + _LIFT)))
    return min(found)


def _smoothed(chip: Chip, points: NDArray[np.float32]) -> Grey:
    across = points[_EYES[1][0], :2] - points[_EYES[0][0], :2]
    distance = float(np.hypot(*across)) * chip.scale
    smooth: Grey = cv2.GaussianBlur(chip.grey, (0, 0), max(0.5, _SMOOTH * distance))
    return smooth


def _grid(outer: NDArray[np.float32], inner: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points all over one eye."""
    along = inner - outer
    across = np.array([-along[1], along[0]]) * _EYE_HEIGHT
    columns, rows = np.meshgrid(np.linspace(0, 1, 15), np.linspace(-0.5, 0.5, 9))
    grid = outer + columns[..., None] * along + rows[..., None] * across
    return grid.reshape(-1, 2).astype(np.float32)
