"""Where a head is turned, from the flat outline of the mesh.

The tip of the nose stands out from the line between the ears by a fixed part of the head's width,
so where it appears along and across that line gives yaw and pitch. The mesh's own depth is not
used: it is a guess towards the average face, and judges frontal faces worse (AUC 0.956 against 0.969
on MTFL's labels).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, atan2, degrees, hypot

import numpy as np
from numpy.typing import NDArray

__all__ = ["Pose", "pose_of"]

_EARS = (234, 454)
"""Picture-left and picture-right end of the face's outline, beside the ears."""
_NOSE = (1, 4, 5)
_HEAD = 1.65
"""Width between the ears, divided by how far the nose stands out: slope 1 against GENKI's yaw labels."""
_LEVEL = 0.138
"""Where the nose lies below the line of the ears, in widths, on a head held level."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees; 0 = frontal."""

    yaw: float
    """Positive = turned to the right side of the picture."""
    pitch: float
    """Positive = looking up."""
    roll: float
    """Positive = tilted clockwise."""


def pose_of(points: NDArray[np.float32]) -> Pose:
    """The pose of a head with these 478 points."""
    left, right = points[_EARS[0], :2], points[_EARS[1], :2]
    across = right - left
    width = max(float(hypot(*across)), 1e-6)
    nose = points[_NOSE, :2].mean(axis=0) - (left + right) / 2
    along = float(nose @ across) / width**2
    below = float(across[0] * nose[1] - across[1] * nose[0]) / width**2
    return Pose(
        yaw=degrees(atan(_HEAD * along)),
        pitch=degrees(atan(_HEAD * (_LEVEL - below))),
        roll=degrees(atan2(across[1], across[0])),
    )
