"""How a face is lit: brightness, what is clipped, one side against the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.quality.chip import Grey
from photo_ranker.quality.sharpness import percentiles_of

__all__ = ["Light", "light_of", "light_of_counts", "side_light"]

_BLACK, _WHITE = 6, 249
"""Grey levels from which on no detail is left (JPEG leaves a few levels of ripple)."""

_PERCENTS = (50, 95)


@dataclass(frozen=True, slots=True)
class Light:
    """Brightness figures, each a part of the full range."""

    middle: float
    """Median luminance."""
    bright_end: float
    """The 95th percentile: how bright the lightest skin and the whites of the eyes are."""
    black: float
    """Part of the area without detail in the dark."""
    white: float
    """Part of the area without detail in the light."""


def light_of(grey: Grey, weights: Grey) -> Light:
    """The light in the part of the picture where the weights are large."""
    values = grey[weights > 0.3 * weights.max()]  # a face of two pixels has no weight near 1
    middle, bright_end = np.percentile(values, _PERCENTS) / 255
    return Light(float(middle), float(bright_end), float(np.mean(values <= _BLACK)), float(np.mean(values >= _WHITE)))


def light_of_counts(counts: NDArray[np.int64]) -> Light:
    """The same of a whole picture, from how often each of the 256 grey levels occurs."""
    middle, bright_end = percentiles_of(counts, _PERCENTS) / 255
    share = counts / counts.sum()
    return Light(float(middle), float(bright_end), float(share[: _BLACK + 1].sum()), float(share[_WHITE:].sum()))


def side_light(grey: Grey, weights: Grey) -> float:
    """Octaves by which one half of the face is brighter than the other; 0 = even."""
    half = grey.shape[1] // 2
    left, right = (
        float((grey[:, part] * weights[:, part]).sum() / max(float(weights[:, part].sum()), 1e-6))
        for part in (slice(0, half), slice(half, None))
    )
    return abs(float(np.log2((left + 4) / (right + 4))))  # 4 grey levels: sensor black, no light to speak of
