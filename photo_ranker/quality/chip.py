"""The square around one face at a fixed size, so that every face is judged alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.base import DetectedFace, Picture

__all__ = ["SIDE", "Chip", "Grey", "chip_of", "grey_of"]

SIDE = 112
"""Pixels. Larger faces are reduced to it; smaller ones stay as they are and are judged by the pixels they have."""

Grey = NDArray[np.float32]
"""Luminance, 0 to 255."""


@dataclass(frozen=True, slots=True)
class Chip:
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
    """Brought to ``SIDE``: coarsely by area, then by Lanczos, which keeps all detail that fits.

    Area averaging by 113/112 would blur as much as a shaken hand, and 112/112 would not.
    """
    from PIL import Image  # loading it takes longer than all figures of a face

    coarse = len(square) // (2 * SIDE)
    if coarse > 1:
        side = len(square) // coarse
        square = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(Image.fromarray(square).resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def grey_of(picture: Picture) -> Grey:
    """The luminance of a picture, not rounded, so that faint grain can be told from none."""
    return cast("Grey", cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_RGB2GRAY))
