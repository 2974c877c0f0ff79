"""A whole picture -> its figures."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np

from photo_ranker.models.base import Picture
from photo_ranker.quality.chip import Grey
from photo_ranker.quality.light import light_of
from photo_ranker.quality.phash import perceptual_hash
from photo_ranker.quality.sharpness import noise_of, sharpness_of
from photo_ranker.records import PictureFigures

__all__ = ["measure_picture"]

_SIDE = 512
"""Pixels: a picture is judged as it looks on half a screen."""
_TILES = 6
"""Along the longer side."""
_BEST = 80
"""Percentile of the tiles: one part in focus makes a picture sharp, one sharp twig does not."""


def measure_picture(picture: Picture) -> PictureFigures:
    """The figures of a picture."""
    grey = _reduced_grey(picture)
    everywhere = np.ones_like(grey)
    light = light_of(grey, everywhere)
    sharpness = _sharpness(grey)
    return PictureFigures(
        sharpness=None if sharpness is None else round(sharpness, 4),
        brightness=round(light.middle, 3),
        bright_end=round(light.bright_end, 3),
        black=round(light.black, 3),
        white=round(light.white, 3),
        phash=perceptual_hash(grey),
    )


def _reduced_grey(picture: Picture) -> Grey:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)  # first: one channel is reduced three times as fast
    height, width = grey.shape
    scale = _SIDE / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return cast("Grey", grey.astype(np.float32))


def _sharpness(grey: Grey) -> float | None:
    side = max(8, -(-max(grey.shape) // _TILES))
    tiles = [
        grey[top : top + side, left : left + side]
        for top in range(0, max(1, grey.shape[0] - side // 2), side)
        for left in range(0, max(1, grey.shape[1] - side // 2), side)
    ]
    found = [_tile_sharpness(tile) for tile in tiles if min(tile.shape) >= 8]
    known = [value for value in found if value is not None]
    return float(np.percentile(known, _BEST)) if known else None


def _tile_sharpness(tile: Grey) -> float | None:
    everywhere = np.ones_like(tile)
    return sharpness_of(tile, everywhere, noise_of(tile, everywhere))
