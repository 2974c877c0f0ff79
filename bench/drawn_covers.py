"""Draws things in front of faces: masks, fingers, other heads, balls, microphones, bands."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Canvas", "draw_cover"]

Pixels = NDArray[np.uint8]
Layer = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Colours and opacity, each of the picture's size."""
Chance = np.random.Generator

_MASK = [234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454]
"""Points of the mesh along the lower outline of a face; a mask ends at the nose."""
_NOSE = (4, 5, 195)


class Canvas(NamedTuple):
    """What is drawn on."""

    pixels: Pixels
    box: tuple[float, float, float, float]
    points: NDArray[np.float32]
    """The face's mesh."""
    other: Pixels
    """Another face with its surroundings."""

    @property
    def side(self) -> float:
        """The longer side of the face."""
        return max(self.box[2:])

    def place(self, across: float, down: float) -> tuple[int, int]:
        """The pixel at a place given as shares of the face's box."""
        x, y, width, height = self.box
        return round(x + across * width), round(y + down * height)

    def empty(self) -> NDArray[np.float32]:
        """An opacity of 0 everywhere."""
        return np.zeros(self.pixels.shape[:2], np.float32)


def draw_cover(canvas: Canvas, chance: Chance) -> Pixels:
    """The picture with one thing in front of the face."""
    kind = _KINDS[chance.integers(len(_KINDS))]
    colours, opacity = kind(canvas, chance)
    soft = cv2.GaussianBlur(opacity, (0, 0), max(0.7, canvas.side * chance.uniform(0.006, 0.025)))[..., None]
    return np.asarray(canvas.pixels * (1 - soft) + colours * soft).astype(np.uint8)


def _plain(canvas: Canvas, chance: Chance, colour: NDArray[np.float64]) -> NDArray[np.float32]:
    """One colour, shaded from side to side, with some grain."""
    height, width = canvas.pixels.shape[:2]
    shade = np.linspace(chance.uniform(0.75, 1.2), chance.uniform(0.75, 1.2), width)[None, :, None]
    grain = chance.normal(0, 4, (height, width, 1))
    return np.clip(colour * shade + grain, 0, 255).astype(np.float32)


def _any_colour(chance: Chance) -> NDArray[np.float64]:
    return chance.uniform(0, 255, 3)


def _mask(canvas: Canvas, chance: Chance) -> Layer:
    usual = ([150, 190, 220], [235, 235, 235], [30, 30, 35])
    colour = np.array(usual[chance.integers(3)], float) if chance.random() < 0.7 else _any_colour(chance)
    opacity = canvas.empty()
    outline = canvas.points[[*_MASK, _NOSE[chance.integers(3)]], :2]
    cv2.fillPoly(opacity, [np.round(outline).astype(np.int32)], 1)
    return _plain(canvas, chance, colour * chance.uniform(0.8, 1.05)), opacity


def _fingers(canvas: Canvas, chance: Chance) -> Layer:
    across, down = canvas.place(chance.choice([0.3, 0.7]), 0.6)
    height, width = canvas.pixels.shape[:2]
    skin = canvas.pixels[min(max(down, 0), height - 1), min(max(across, 0), width - 1)].astype(float)
    opacity, gaps = canvas.empty(), canvas.empty()
    x, y = canvas.place(*chance.uniform((0.2, 0.35), (0.8, 0.95)))
    angle, thick = chance.uniform(0, 2 * np.pi), canvas.side * chance.uniform(0.12, 0.2)
    along, beside = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    for finger in range(chance.integers(1, 6)):
        start = np.array([x, y]) + beside * finger * thick * 0.95
        end = start + along * canvas.side * chance.uniform(0.6, 1.2)
        _line(opacity, start, end, thick)
        _line(gaps, start + beside * thick / 2, end + beside * thick / 2, thick * 0.12)
    shaded = _plain(canvas, chance, skin * chance.uniform(0.75, 1.2)) * (1 - 0.4 * gaps[..., None])
    return shaded.astype(np.float32), opacity


def _head(canvas: Canvas, chance: Chance) -> Layer:
    tall = round(canvas.side * chance.uniform(1.3, 2.2))
    head = cv2.resize(canvas.other, (tall, tall), interpolation=cv2.INTER_AREA)
    if chance.random() < 0.4:
        head = cv2.GaussianBlur(head, (0, 0), canvas.side * 0.03)
    side = chance.choice([0.0, 0.0, -1.0, 1.0])
    if side == 0:
        x, y = canvas.place(chance.uniform(0.1, 0.9), chance.uniform(0.45, 0.8))
        y += round(tall * 0.46)
    else:
        x, y = canvas.place(0.5 + side * chance.uniform(0, 0.3), chance.uniform(0.3, 0.8))
        x += round(side * tall * 0.36)
    opacity = canvas.empty()
    cv2.ellipse(opacity, (x, y), (round(tall * 0.36), round(tall * 0.46)), 0, 0, 360, 1, -1)
    move = np.array([[1, 0, x - tall / 2], [0, 1, y - tall / 2]])
    moved = cv2.warpAffine(head, move, canvas.pixels.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    return moved.astype(np.float32), opacity


def _blob(canvas: Canvas, chance: Chance) -> Layer:
    """A ball, a cup, a leaf."""
    opacity = canvas.empty()
    radii = tuple(round(value) for value in canvas.side * chance.uniform(0.15, 0.32, 2))
    place = canvas.place(*chance.uniform((0.15, 0.25), (0.85, 0.9)))
    cv2.ellipse(opacity, place, radii, chance.uniform(0, 180), 0, 360, 1, -1)
    return _plain(canvas, chance, _any_colour(chance)), opacity


def _microphone(canvas: Canvas, chance: Chance) -> Layer:
    opacity = canvas.empty()
    x, y = canvas.place(*chance.uniform((0.3, 0.68), (0.7, 0.85)))
    radius = canvas.side * chance.uniform(0.14, 0.25)
    cv2.circle(opacity, (x, y), round(radius), 1, -1)
    lean = chance.uniform(-1, 1)
    _line(opacity, np.array([x, y]), np.array([x + lean * canvas.side, y + canvas.side]), radius)
    return _plain(canvas, chance, np.full(3, chance.uniform(10, 90))), opacity


def _band(canvas: Canvas, chance: Chance) -> Layer:
    """A racket, a rail, a sheet of paper."""
    opacity = canvas.empty()
    middle = np.array(canvas.place(*chance.uniform((0.15, 0.25), (0.85, 0.9))))
    angle = chance.uniform(0, np.pi)
    along = np.array([np.cos(angle), np.sin(angle)]) * canvas.side * 0.8
    _line(opacity, middle - along, middle + along, canvas.side * chance.uniform(0.12, 0.3))
    return _plain(canvas, chance, _any_colour(chance)), opacity


def _line(opacity: NDArray[np.float32], start: NDArray[np.float64], end: NDArray[np.float64], thick: float) -> None:
    first, last = (tuple(int(value) for value in np.round(point)) for point in (start, end))
    cv2.line(opacity, first, last, 1, max(1, round(thick)))


_KINDS: tuple[Callable[[Canvas, Chance], Layer], ...] = (
    _mask, _mask, _head, _head, _fingers, _fingers, _blob, _microphone, _band
)  # fmt: skip
