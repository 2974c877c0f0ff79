"""The square around a face at a fixed size, and how sharp and how well lit a face or a picture is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.models import DetectedFace, Picture

__all__ = [
    "SIDE",
    "Chip",
    "Grey",
    "Light",
    "chip_of",
    "light_of",
    "light_of_counts",
    "noise_of",
    "noise_of_counts",
    "percentiles_of",
    "sharpness_of",
    "side_light",
    "steps_of",
]

SIDE = 112
"""Pixels. Larger faces are reduced to it; smaller ones stay as they are and are judged by the pixels they have."""

Grey = NDArray[np.float32]
"""Luminance, 0 to 255."""


class Chip(msgspec.Struct, frozen=True):
    """The square around a face's box; what lies beyond the picture repeats its edge."""

    pixels: Picture
    grey: Grey
    left: int
    """Where the chip begins in the picture, pixels; may be negative."""
    top: int
    scale: float
    """Chip pixels per picture pixel, at most 1."""

    def weights(self, across: float, down: float) -> Grey:
        """A bell around the middle: 1 there, falling off with these deviations (parts of the side), 0 beyond 2.45."""
        side = len(self.grey)
        offset = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
        bell = np.exp(-0.5 * ((offset[None] / across) ** 2 + (offset[:, None] / down) ** 2))
        bell[bell < 0.05] = 0.0
        return bell.astype(np.float32)

    def at(self, values: Grey, points: NDArray[np.float32]) -> Grey:
        """Values of a chip-sized array at points given in pixels of the picture."""
        spots = (points[:, :2] - (self.left, self.top)) * self.scale
        column, row = np.clip(spots, 0, len(self.grey) - 1).astype(np.intp).T
        return cast("Grey", values[row, column])


def chip_of(picture: Picture, face: DetectedFace) -> Chip | None:
    """The chip of a face, ``None`` where nothing of its box lies in the picture."""
    x, y, width, height = face.box
    side = max(1, round(max(width, height)))
    left, top = round(x + width / 2 - side / 2), round(y + height / 2 - side / 2)
    rows, columns = picture.shape[:2]
    inside = picture[max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)]
    if inside.size == 0:
        return None
    beyond = (max(0, -top), max(0, top + side - rows), max(0, -left), max(0, left + side - columns))
    scale = min(1.0, SIDE / side)
    if any(beyond):
        inside = cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REPLICATE)
    if scale < 1:
        inside = _reduced(inside)
    return Chip(inside, grey_of(inside), left, top, scale)


def _reduced(square: Picture) -> Picture:
    """The square at ``SIDE``: reduced coarsely by area, then by Lanczos, which keeps all detail that fits.

    Area averaging by 113/112 would blur as much as a shaken hand, and by 112/112 not at all.
    """
    from PIL import Image  # loading it takes longer than measuring a face

    coarse = len(square) // (2 * SIDE)
    if coarse > 1:
        side = len(square) // coarse
        square = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(Image.fromarray(square).resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def grey_of(picture: Picture) -> Grey:
    """The luminance of a picture, not rounded, so that faint grain can be told from none."""
    return cast("Grey", cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_RGB2GRAY))


# How sharp: fine detail against coarse contrast, and how much of the detail is noise.
#
# Blur takes fine detail first, in every direction (out of focus) or in one (motion), and leaves coarse
# contrast alone. So the figure is log2 of (finest gradients of the weakest direction / gradients after
# a coarse blur): light, contrast and the size of the face cancel out.


_COARSE = 6.4 / 112
"""The coarse blur's deviation, as a part of the side: features of a face remain, its edges do not."""
_NOISE_SHARE = 0.75
"""At most this share of the fine detail is taken for noise."""
_FAINT_NOISE = 1.5
"""Grey levels."""
_NO_CONTRAST = 0.05
"""Grey levels squared; less is a flat area, about which nothing can be said."""
_FEW = 16
"""With fewer pixels than this no noise is measured."""
_NOISE_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
_QUANTILES = {10: 0.1257, 25: 0.3186, 50: 0.6745}
"""Percentile of |x| -> its place in a normal distribution of deviation 1."""


def sharpness_of(grey: Grey, weights: Grey | None, noise: float) -> float | None:
    """Octaves between fine and coarse detail: about 2.2 for a sharp face, 0.8 with a blur of 3% of its side.

    Without weights every pixel counts alike.
    """
    coarse_grey = cv2.GaussianBlur(grey, (0, 0), _COARSE * len(grey), borderType=cv2.BORDER_REPLICATE)
    coarse = float(_gradients(coarse_grey, weights).mean())
    if coarse < _NO_CONTRAST:
        return None
    fine = _gradients(grey, weights)
    # Noise of deviation s adds 2 s² to the square of a difference of two pixels. The little that is measured in fine
    # pictures is detail as often as noise, so it is not subtracted.
    fine = np.maximum(fine - 2 * max(0.0, noise**2 - _FAINT_NOISE**2), (1 - _NOISE_SHARE) * fine)
    return float(0.5 * np.log2(max(float(fine.min()), 1e-3) / coarse))


def noise_of(grey: Grey, weights: Grey) -> float:
    """The deviation of the noise in grey levels, seen where the picture is smoothest."""
    detail = np.abs(cv2.filter2D(grey, -1, _NOISE_MASK))[1:-1, 1:-1][weights[1:-1, 1:-1] > 0.3]
    if detail.size < _FEW:
        return 0.0
    return _least_noise(np.percentile(detail, list(_QUANTILES)))


def noise_of_counts(counts: NDArray[np.int64]) -> float:
    """The same from how often each value of :func:`steps_of` occurs: ten times as fast."""
    return 0.0 if counts.sum() < _FEW else _least_noise(percentiles_of(counts, tuple(_QUANTILES)))


def steps_of(grey: NDArray[np.uint8]) -> NDArray[np.int16]:
    """How much each pixel differs from its neighbours, which shows noise; whole numbers, so they can be counted."""
    steps: NDArray[np.int16] = np.abs(cv2.filter2D(grey, cv2.CV_16S, _NOISE_MASK))
    return steps


def percentiles_of(counts: NDArray[np.int64], percents: Sequence[float]) -> NDArray[np.float64]:
    """What ``np.percentile`` returns for whole numbers from 0 on, where n occurs ``counts[n]`` times."""
    up_to = np.cumsum(counts)
    place = np.array(percents) / 100 * (up_to[-1] - 1)
    below, above = (np.searchsorted(up_to, edge, side="right") for edge in (np.floor(place), np.ceil(place)))
    return np.asarray(below + (above - below) * (place % 1))


def _least_noise(percentiles: NDArray[np.float64]) -> float:
    # The mask turns noise of deviation 1 into deviation 6; detail only adds to it, so the smallest value is nearest.
    return float((percentiles / list(_QUANTILES.values())).min() / 6)


def _gradients(grey: Grey, weights: Grey | None) -> NDArray[np.float64]:
    """Weighted mean square difference of neighbours in four directions."""
    corner = grey[:-1, :-1]
    across, down = grey[:-1, 1:] - corner, grey[1:, :-1] - corner
    falling, rising = grey[1:, 1:] - corner, grey[1:, :-1] - grey[:-1, 1:]
    steps = (across, down, falling, rising)
    if weights is None:
        energies = [float(np.vdot(step, step)) / max(step.size, 1) for step in steps]
    else:
        inner = weights[:-1, :-1]
        total = max(float(inner.sum()), 1e-6)
        energies = [float((step * step * inner).sum()) / total for step in steps]
    # Diagonal neighbours lie sqrt(2) apart.
    return np.array(energies) / (1, 1, 2, 2)


# How a face is lit: brightness, what is clipped, one side against the other.


_BLACK, _WHITE = 6, 249
"""Grey levels at and beyond which no detail is left (JPEG leaves a few levels of ripple)."""

_PERCENTS = (50, 95)


class Light(msgspec.Struct, frozen=True):
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
