"""Photos that the toy models understand: a pattern of colours is a person, a red dot in its middle makes it a face."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from card.toy_models import DOT

__all__ = ["add_dot", "draw_album", "draw_people", "pixels_of"]

SPREAD = 80
"""The pattern reaches so far from the dot's middle."""


def pixels_of(path: Path) -> NDArray[np.uint8]:
    """A picture as the models want it."""
    with Image.open(path) as photo:
        return np.array(photo.convert("RGB"))


def draw_people(path: Path, *people: int, bright: int = 0) -> Path:
    """A photo with these people side by side, each always in the same colours."""
    photo = np.full((512, 320 * len(people), 3), 110, np.uint8)
    for number, person in enumerate(people):
        x, y = 160 + 320 * number, 256
        photo[y - SPREAD : y + SPREAD, x - SPREAD : x + SPREAD] = np.clip(_pattern(person) + bright, 0, 255)
        add_dot(photo, x, y)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(photo).save(path)
    return path


def add_dot(photo: NDArray[np.uint8], x: float, y: float) -> tuple[int, int]:
    """A red dot that fills one cell of the detector and half of those around it; where its middle is."""
    left, top = (round((place - DOT / 2) / 8) * 8 for place in (x, y))
    cv2.rectangle(photo, (left - 4, top - 4), (left + 11, top + 11), (255, 0, 0), -1)
    return left + 4, top + 4


def draw_album(folder: Path) -> Path:
    """Two people in two photos each, and both together."""
    for name, people in {"a1": [1], "a2": [1], "b1": [2], "b2": [2], "both": [1, 2]}.items():
        draw_people(folder / f"{name}.png", *people, bright=len(name) * 2 + sum(map(ord, name)) % 9)
    return folder


def _pattern(person: int) -> NDArray[np.int64]:
    """Coarse squares without red, so that nothing in them looks like a dot."""
    squares = np.random.default_rng(person).integers(40, 200, (5, 5, 3))
    squares[:, :, 0] = squares.min(axis=2)
    large: NDArray[np.int64] = np.kron(squares, np.ones((32, 32, 1), np.int64))
    return large
