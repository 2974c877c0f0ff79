"""Removes double detections, so that each face has one row."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["COLUMNS", "SCORE", "Rows", "centres", "scaled", "sizes", "without_doubles"]

Rows = NDArray[np.float32]
"""One candidate per row: x, y, width, height, five times x and y, score."""

COLUMNS = 15
"""Numbers of one row."""
SCORE = 14
"""Column of the score."""

_OVERLAP = 0.3
"""Overlap (intersection over union) from which two boxes are one face."""
_PART = 0.6
"""A box smaller than this share of a surer one, and among its points, is that face's eye, nose or mouth."""


def without_doubles(rows: Rows) -> Rows:
    """The best row of each face, best first."""
    rest = rows[np.argsort(-rows[:, SCORE], kind="stable")]
    kept = []
    while len(rest):
        kept.append(rest[0])
        rest = rest[1:][_shared(rest[0], rest[1:]) <= _OVERLAP]
    best = np.array(kept, np.float32).reshape(-1, COLUMNS)
    return best[~_is_part(best)]


def sizes(rows: Rows) -> NDArray[np.float32]:
    """The shorter side of each box."""
    return cast("NDArray[np.float32]", rows[:, 2:4].min(axis=1))


def centres(rows: Rows) -> NDArray[np.float32]:
    """The middle of each box."""
    return cast("NDArray[np.float32]", rows[:, :2] + rows[:, 2:4] / 2)


def scaled(rows: Rows, scale: float) -> Rows:
    """The same rows in a picture that is ``scale`` times as large."""
    factors = np.full(COLUMNS, scale, np.float32)
    factors[SCORE] = 1
    return cast("Rows", rows * factors)


def _shared(one: NDArray[np.float32], others: Rows) -> NDArray[np.float32]:
    """Intersection over union of one box with others."""
    low = np.maximum(one[:2], others[:, :2])
    high = np.minimum(one[:2] + one[2:4], others[:, :2] + others[:, 2:4])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    both = np.prod(one[2:4]) + np.prod(others[:, 2:4], axis=1) - shared
    return cast("NDArray[np.float32]", shared / np.maximum(both, 1e-9))


def _is_part(rows: Rows) -> NDArray[np.bool_]:
    """Which rows are an eye, a nose or a mouth of another row; ``rows`` are sorted, best first."""
    points = rows[:, 4:14].reshape(-1, 5, 2)
    low, high = points.min(axis=1), points.max(axis=1)
    middle = centres(rows)[:, None]
    amid = ((middle >= low) & (middle <= high)).all(axis=2)
    side = sizes(rows)
    much_smaller = side[:, None] < _PART * side
    return cast("NDArray[np.bool_]", np.tril(amid & much_smaller, -1).any(axis=1))
