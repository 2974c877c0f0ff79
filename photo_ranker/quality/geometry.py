"""Distances on a face that its expression changes, measured on the head held frontal and upright."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Geometry", "geometry_of"]

_EYE_CORNERS = (33, 133, 362, 263)
"""Picture-left eye outer and inner, picture-right eye inner and outer corner."""
_TOP, _CHIN = 10, 152
_MOUTH_CORNERS = (61, 291)
_LIP_LINE = 13
_CHEEKS = (50, 280)
_IRISES = (468, 473)


@dataclass(frozen=True, slots=True)
class Geometry:
    """Distances down the face, in distances between the eyes' outer corners."""

    mouth_lift: float
    """From the corners of the mouth down to the middle of the upper lip's edge; negative = corners hang."""
    mouth_cheek: float
    """From the cheeks down to the corners of the mouth."""
    mouth_chin: float
    """From the corners of the mouth down to the chin."""
    iris_drop: float
    """From the eyes' corners down to the irises; grows as the lids sink."""


def geometry_of(points: NDArray[np.float32]) -> Geometry:
    """The distances on a face with these 478 points."""
    height = _heights(points)
    corners = float(height[list(_MOUTH_CORNERS)].mean())
    return Geometry(
        mouth_lift=float(height[_LIP_LINE]) - corners,
        mouth_cheek=corners - float(height[list(_CHEEKS)].mean()),
        mouth_chin=float(height[_CHIN]) - corners,
        iris_drop=float(height[list(_IRISES)].mean() - height[list(_EYE_CORNERS)].mean()),
    )


def _heights(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far down the face each point lies, along the line from forehead to chin."""
    spots = points.astype(np.float64)
    across = spots[_EYE_CORNERS[3]] - spots[_EYE_CORNERS[0]]
    size = max(float(np.linalg.norm(across)), 1e-6)
    across = across / size
    down = spots[_CHIN] - spots[_TOP]
    down = down - across * float(down @ across)
    down = down / max(float(np.linalg.norm(down)), 1e-6)
    heights: NDArray[np.float64] = spots @ down / size
    return heights
