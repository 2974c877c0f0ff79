"""A whole picture -> its figures."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.base import Picture
from photo_ranker.quality.chip import Grey
from photo_ranker.quality.sharpness import light_of_counts, noise_of_counts, sharpness_of, steps_of
from photo_ranker.records import PictureFigures

__all__ = ["measure_picture", "perceptual_hash"]

_SIDE = 512
"""Pixels: a picture is judged as it looks on half a screen."""
_TILES = 6
"""Along the longer side."""
_LEAST_TILE = 8
"""Pixels; of smaller ones nothing can be said."""
_BEST = 80
"""Percentile of the tiles: one part in focus makes a picture sharp, one sharp twig does not."""


def measure_picture(picture: Picture) -> PictureFigures:
    """The figures of a picture."""
    grey = _reduced_grey(picture)
    light = light_of_counts(np.bincount(grey.ravel(), minlength=256))
    sharpness = _sharpness(grey)
    return PictureFigures(
        sharpness=None if sharpness is None else round(sharpness, 4),
        brightness=round(light.middle, 3),
        bright_end=round(light.bright_end, 3),
        black=round(light.black, 3),
        white=round(light.white, 3),
        phash=perceptual_hash(grey.astype(np.float32)),
    )


def _reduced_grey(picture: Picture) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)  # first: one channel is reduced three times as fast
    height, width = grey.shape
    scale = _SIDE / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return cast("NDArray[np.uint8]", grey)


def _sharpness(grey: NDArray[np.uint8]) -> float | None:
    side = max(_LEAST_TILE, -(-max(grey.shape) // _TILES))
    exact, steps = grey.astype(np.float32), steps_of(grey)
    tiles = [
        np.s_[top : top + side, left : left + side]
        for top in range(0, max(1, grey.shape[0] - side // 2), side)
        for left in range(0, max(1, grey.shape[1] - side // 2), side)
    ]
    found = [_tile_sharpness(exact[tile], steps[tile]) for tile in tiles if min(exact[tile].shape) >= _LEAST_TILE]
    known = [value for value in found if value is not None]
    return float(np.percentile(known, _BEST)) if known else None


def _tile_sharpness(tile: Grey, steps: NDArray[np.int16]) -> float | None:
    return sharpness_of(tile, None, noise_of_counts(np.bincount(steps[1:-1, 1:-1].ravel())))


# A perceptual hash: near-duplicates differ in few of its 64 bits.


_HASH_SIDE = 32
_KEPT = 8
"""The 8 x 8 slowest waves of the cosine transform."""


def perceptual_hash(grey: Grey) -> str:
    """16 hex digits: which of the 64 slowest waves are stronger than their median; size and brightness cancel out."""
    small = cv2.resize(grey, (_HASH_SIDE, _HASH_SIDE), interpolation=cv2.INTER_AREA)
    waves = cv2.dct(small)[:_KEPT, :_KEPT].ravel()
    bits = waves > np.median(waves[1:])  # the first is the mean brightness
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"
