"""Cuts a face out of a picture, turned upright and scaled to a fixed size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.models import Picture
from photo_ranker.records import Point

__all__ = ["CROP_SIDE", "FIVE_POINTS", "Matrix", "align", "averaged", "cut", "reduced", "similarity"]

Matrix = NDArray[np.float64]
"""2 x 3: [a, -b, x; b, a, y], a rotation, a scale and a shift."""

CROP_SIDE = 112
"""px of the crops that identity networks take."""
FIVE_POINTS: tuple[Point, ...] = (
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)
"""Where eyes, nose and corners of the mouth lie in a crop of 112 x 112 pixels (ArcFace's standard)."""


def align(picture: Picture, points: Sequence[Point]) -> Picture:
    """The face with these five points as a crop of 112 x 112 pixels."""
    return cut(picture, similarity(points, FIVE_POINTS), CROP_SIDE)


def similarity(source: Sequence[Point], target: Sequence[Point]) -> Matrix:
    """The rotation, scale and shift that bring ``source`` nearest to ``target`` by least squares.

    Umeyama's solution without reflections; in two dimensions it is a linear fit of complex numbers.
    """
    start = np.array([complex(x, y) for x, y in source])
    goal = np.array([complex(x, y) for x, y in target])
    from_middle = start - start.mean()
    spread = float(np.sum(np.abs(from_middle) ** 2))
    turn = complex(np.sum(np.conj(from_middle) * (goal - goal.mean()))) / max(spread, 1e-12)
    shift = complex(goal.mean()) - turn * complex(start.mean())
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def cut(picture: Picture, matrix: Matrix, side: int, border: int = cv2.BORDER_CONSTANT) -> Picture:
    """The square of ``side`` pixels that ``matrix`` maps the picture to.

    Warping reads only four pixels per result, so a strong reduction would turn fine detail into noise;
    a face more than twice as large as needed is first reduced by area averaging.
    """
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.5:
        picture, matrix = _reduced(picture, matrix, side, max(scale, 1e-6))
    warped = cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=border)
    return cast("Picture", warped)


def _reduced(picture: Picture, matrix: Matrix, side: int, scale: float) -> tuple[Picture, Matrix]:
    """The needed part of the picture, reduced by a whole number, and the matrix for it."""
    factor = int(1 / scale)
    inverse = cv2.invertAffineTransform(matrix)
    corners = np.array([[0, 0, 1], [side, 0, 1], [0, side, 1], [side, side, 1]]) @ inverse.T
    height, width = picture.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int) - factor, 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int) + factor, (left + 1, top + 1), (width, height))
    factor = min(factor, bottom - top, right - left)
    small = averaged(picture[top:bottom, left:right], factor)
    # Pixel centres: x_part = (x_small + 0.5) * factor - 0.5.
    middle = (factor - 1) / 2
    back = np.array([[factor, 0, left + middle], [0, factor, top + middle], [0, 0, 1]])
    return small, matrix @ back


# Reduces pictures quickly, without turning fine detail into noise.


def reduced(picture: Picture, scale: float) -> Picture:
    """The picture at ``scale``, which is at most 1.

    Interpolation is good enough down to a half; a stronger reduction averages first, by a whole number, since OpenCV
    does that 20 times faster than by any other.
    """
    if scale == 1:
        return picture
    factor = min(int(1 / scale), *picture.shape[:2])
    rest = scale * factor
    small = averaged(picture, factor)
    # Given factors instead of a size, OpenCV maps exactly by them, however the size is rounded.
    return small if rest == 1 else cast("Picture", cv2.resize(small, None, fx=rest, fy=rest))


def averaged(picture: Picture, factor: int) -> Picture:
    """The picture reduced by a whole number; an incomplete last row or column is left out."""
    if factor == 1:
        return picture
    height, width = (length // factor for length in picture.shape[:2])
    whole = picture[: height * factor, : width * factor]
    return cast("Picture", cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA))
