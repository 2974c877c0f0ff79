"""Real photos for the tests of the models."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photo_ranker.models import DetectedFace
from photo_ranker.models.store import sample_photo

__all__ = ["middle", "on_grey", "picture", "scaled", "shared_part"]


@cache
def picture(name: str) -> NDArray[np.uint8]:
    """A sample photo as the models want it."""
    with Image.open(sample_photo(name)) as photo:
        pixels = np.array(photo.convert("RGB"))
    pixels.flags.writeable = False
    return pixels


def scaled(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """The same picture in another size."""
    height, width = pixels.shape[:2]
    size = (round(width * scale), round(height * scale))
    return np.array(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def on_grey(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The picture in the middle of a larger, grey one."""
    canvas = np.full((height, width, 3), 128, np.uint8)
    top, left = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
    canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return canvas


def middle(face: DetectedFace) -> tuple[float, float]:
    """The middle of a face's box."""
    x, y, width, height = face.box
    return x + width / 2, y + height / 2


def shared_part(one: DetectedFace, other: DetectedFace) -> float:
    """Intersection over union of two boxes."""
    low = np.maximum(one.box[:2], other.box[:2])
    high = np.minimum(np.add(one.box[:2], one.box[2:]), np.add(other.box[:2], other.box[2:]))
    shared = float(np.prod(np.maximum(high - low, 0)))
    return shared / (one.box[2] * one.box[3] + other.box[2] * other.box[3] - shared)
