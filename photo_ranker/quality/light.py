"""How a face is lit: brightness, what is clipped, one side against the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photo_ranker.quality.chip import Grey

__all__ = ["Light", "light_of", "side_light"]

_BLACK, _WHITE = 6, 249
"""Grey levels from which on no detail is left (JPEG leaves a few levels of ripple)."""


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
    middle, bright_end = np.percentile(values, (50, 95)) / 255
    return Light(float(middle), float(bright_end), float(np.mean(values <= _BLACK)), float(np.mean(values >= _WHITE)))


def side_light(grey: Grey, weights: Grey) -> float:
    """Octaves by which one half of the face is brighter than the other; 0 = even."""
    half = grey.shape[1] // 2
    left, right = (
        float((grey[:, part] * weights[:, part]).sum() / max(float(weights[:, part].sum()), 1e-6))
        for part in (slice(0, half), slice(half, None))
    )
    return abs(float(np.log2((left + 4) / (right + 4))))  # 4 grey levels: sensor black, no light to speak of
