"""Realistic ways to change a photo, most of them for the worse: for albums whose right order is known."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = [
    "Pixels",
    "blurred",
    "covered",
    "cropped",
    "exposed",
    "load",
    "mirrored",
    "noisy",
    "resized",
    "save",
    "shaken",
    "tilted",
    "turned",
]

Pixels = NDArray[np.uint8]
"""RGB, height x width x 3."""

_EXIF_IFD, _TAKEN, _SUBSEC, _MODEL, _ORIENTATION = 0x8769, 0x9003, 0x9291, 0x0110, 0x0112


def load(path: Path) -> Pixels:
    """The photo as RGB."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def save(pixels: Pixels, path: Path, taken: datetime | None = None, *, orientation: int = 1) -> None:
    """Write a photo in the format of its suffix; with orientation 6 the pixels are stored sideways, as phones do."""
    exif = Image.Exif()
    exif[_MODEL] = "Sample"
    exif[_ORIENTATION] = orientation
    if taken:
        exif.get_ifd(_EXIF_IFD)[_TAKEN] = taken.strftime("%Y:%m:%d %H:%M:%S")
        exif.get_ifd(_EXIF_IFD)[_SUBSEC] = f"{taken.microsecond // 1000:03d}"
    stored = np.rot90(pixels) if orientation == 6 else pixels
    Image.fromarray(np.ascontiguousarray(stored)).save(path, quality=90, exif=exif)


def cropped(pixels: Pixels, left: int, top: int, right: int, bottom: int) -> Pixels:
    """A part of the photo."""
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def resized(pixels: Pixels, scale: float) -> Pixels:
    """The photo larger or smaller."""
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=way), np.uint8)


def mirrored(pixels: Pixels) -> Pixels:
    """Left and right exchanged."""
    return np.ascontiguousarray(pixels[:, ::-1])


def exposed(pixels: Pixels, stops: float) -> Pixels:
    """Taken with more or less light: doubled for each stop, in linear light, clipped as a sensor clips."""
    linear = (pixels / 255.0) ** 2.2 * 2.0**stops
    return np.asarray(np.round(np.clip(linear, 0, 1) ** (1 / 2.2) * 255), np.uint8)


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8)


def shaken(pixels: Pixels, length: int) -> Pixels:
    """Blurred along a line, as by a hand that moved."""
    line = np.zeros((length, length), np.float32)
    cv2.line(line, (0, length * 2 // 3), (length - 1, length // 3), 1.0)
    return np.asarray(cv2.filter2D(pixels, -1, line / line.sum(), borderType=cv2.BORDER_REFLECT), np.uint8)


def noisy(pixels: Pixels, sigma: float) -> Pixels:
    """Taken in too little light with too much gain; the same noise in every run."""
    noise = np.random.default_rng(7).normal(0, sigma, pixels.shape)
    return np.asarray(np.clip(pixels + noise, 0, 255), np.uint8)


def tilted(pixels: Pixels, degrees: float) -> Pixels:
    """The camera held at an angle; positive turns the picture counter-clockwise."""
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.15)
    return np.asarray(
        cv2.warpAffine(pixels, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), np.uint8
    )


def turned(pixels: Pixels, head: tuple[float, float, float, float], degrees: float) -> Pixels:
    """The head turned about its vertical axis as if it were an egg; positive turns it to the right of the picture.

    ``head`` is its centre and its half width and half height. What the camera never saw cannot be shown,
    so this looks right up to about 30 degrees.
    """
    height, width = pixels.shape[:2]
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    x, y = (across - head[0]) / head[2], (down - head[1]) / head[3]
    radius = np.sqrt(x * x + y * y)
    depth = np.sqrt(np.clip(1 - radius * radius, 0, 1))
    angle = np.radians(degrees)
    moved = x * np.cos(angle) - depth * np.sin(angle) - x
    # The full turn within the face, none outside the head.
    fading = np.clip((1.25 - radius) / 0.6, 0, 1)
    fading = fading * fading * (3 - 2 * fading)
    source = (across + moved * fading * head[2]).astype(np.float32)
    return np.asarray(cv2.remap(pixels, source, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), np.uint8)


def covered(pixels: Pixels, box: tuple[int, int, int, int], cloth: Pixels) -> Pixels:
    """Something held in front of a part of the photo: left, top, right, bottom."""
    left, top, right, bottom = box
    result = pixels.copy()
    result[top:bottom, left:right] = cv2.resize(cloth, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    return result
