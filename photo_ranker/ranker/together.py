"""Moments that need no look at the camera: a kiss, a hug, two who look at each other.

Told from what is measured: faces that touch, and faces that are turned to each other. Whoever kisses need not look at
us, nor keep the eyes open.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import hypot

from photo_ranker.records import Face

__all__ = ["are_together", "has_company"]

TOUCHING = 0.95
"""Heads touch when their middles are nearer than this many heights of a face."""
NEAR = 2.0
"""Two who look at each other are nearer than this."""
ALIKE = 0.6
"""The smaller face has at least this share of the larger one's height: they are at one distance."""
TOWARDS = 25.0
"""Degrees that a face is turned to the other one's side."""


def has_company(person: Face, others: Iterable[Face]) -> bool:
    """Whether the person is so close to one of these that looking elsewhere is no fault."""
    return any(are_together(person, other) for other in others)


def are_together(one: Face, other: Face) -> bool:
    """Whether two faces touch, one turned to the other, or look at each other from near."""
    heights = sorted((one.box[3], other.box[3]))
    if heights[0] < ALIKE * heights[1] or one.mesh is None or other.mesh is None:
        return False
    across, down = (_middle(other, axis) - _middle(one, axis) for axis in (0, 1))
    apart = hypot(across, down) / (sum(heights) / 2)
    side = 1.0 if across > 0 else -1.0
    turned = (side * one.mesh.yaw >= TOWARDS, -side * other.mesh.yaw >= TOWARDS)
    return (apart < TOUCHING and any(turned)) or (apart < NEAR and all(turned))


def _middle(face: Face, axis: int) -> float:
    return face.box[axis] + face.box[axis + 2] / 2
