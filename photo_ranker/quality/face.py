"""One face in a picture -> its figures."""

from __future__ import annotations

from math import log2

import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.base import DetectedFace, FaceMesh, Picture
from photo_ranker.quality.chip import SIDE, Chip, Grey, chip_of
from photo_ranker.quality.eyewear import dark_glasses
from photo_ranker.quality.sharpness import light_of, noise_of, sharpness_of, side_light
from photo_ranker.records import FaceFigures

__all__ = ["measure_face"]

_DETAIL = (0.16, 0.19)
"""Eyes, nose and mouth; hair and background stay outside, so that what is behind a face counts for nothing."""
_SKIN = (0.2, 0.24)
"""The whole face."""
_PER_HALVING = 0.35
"""What sharp faces lose when they are reduced to half their size (mean of 220 faces at 90, 64, 48 and 36 px)."""
# fmt: off
_OUTLINE = np.array([
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
])
# fmt: on
"""The oval of the face in the mesh."""


def measure_face(picture: Picture, face: DetectedFace, mesh: FaceMesh | None) -> FaceFigures | None:
    """The figures of one face, ``None`` where nothing of it lies in the picture."""
    chip = chip_of(picture, face)
    if chip is None:
        return None
    detail, skin = chip.weights(*_DETAIL), chip.weights(*_SKIN)
    noise = noise_of(chip.grey, detail)
    sharpness = _sharpness(chip, detail, noise)
    light = light_of(chip.grey, skin)
    return FaceFigures(
        sharpness=sharpness,
        noise=round(noise, 2),
        brightness=round(light.middle, 3),
        bright_end=round(light.bright_end, 3),
        black=round(light.black, 3),
        white=round(light.white, 3),
        side_light=round(side_light(chip.grey, skin), 3),
        outside=round(_outside(picture, face, mesh), 3),
        dark_glasses=None if mesh is None else round(dark_glasses(chip, mesh.points), 2),
    )


def _sharpness(chip: Chip, detail: Grey, noise: float) -> float | None:
    found = sharpness_of(chip.grey, detail, noise)
    if found is None:
        return None
    # A face of fewer pixels has fewer octaves to show; that it is small is said by its size, not by its sharpness.
    return round(found + _PER_HALVING * log2(SIDE / len(chip.grey)), 4)


def _outside(picture: Picture, face: DetectedFace, mesh: FaceMesh | None) -> float:
    """The part of the outline that lies beyond the picture's edge."""
    outline = _box_edge(face) if mesh is None else mesh.points[_OUTLINE, :2]
    height, width = picture.shape[:2]
    inside = (outline >= 0) & (outline < (width, height))
    return float(1 - inside.all(axis=1).mean())


def _box_edge(face: DetectedFace) -> NDArray[np.float32]:
    x, y, width, height = face.box
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    edge = np.stack([x + width * (1 + np.cos(turn)) / 2, y + height * (1 + np.sin(turn)) / 2], axis=1)
    return edge.astype(np.float32)
