"""How well scores tell two groups apart; a missing score counts as wrong."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

__all__ = ["auc", "filled"]


def auc(good: Sequence[float | None], bad: Sequence[float | None]) -> tuple[float, float]:
    """The chance that one of ``good`` scores above one of ``bad`` (ties half), and its standard error (DeLong's)."""
    above, below = filled(good, -np.inf), filled(bad, np.inf)
    wins = (above[:, None] > below[None]) + 0.5 * (above[:, None] == below[None])
    spread = wins.mean(axis=1).var(ddof=1) / len(above) + wins.mean(axis=0).var(ddof=1) / len(below)
    return float(wins.mean()), sqrt(float(spread))


def filled(values: Sequence[float | None], missing: float) -> NDArray[np.float64]:
    """The values with a number for those that are missing."""
    return np.array([missing if value is None else value for value in values], np.float64)
