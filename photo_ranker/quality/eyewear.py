"""Whether dark glasses hide the eyes: a small convolutional network over the strip of the face around them.

Its weights lie in eyewear.npz; ``python -m bench.fit_eyewear DATA`` fits them again and says how well they judge.
New weights give other figures, so raise FACE_VERSION with them.
"""

from __future__ import annotations

from functools import cache
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.quality.sharpness import Chip, Grey

__all__ = ["PLANES", "STRIP", "WEIGHTS", "dark_glasses", "eye_strip", "judge", "odds_of", "planes_of"]

STRIP = (32, 48)
"""Rows and columns."""
PLANES = 2
WEIGHTS = "eyewear.npz"
_CORNERS = (33, 263)
"""Outer corners of the eyes in the mesh; the strip is measured in the distance between them."""
_ACROSS = (-0.25, 1.25)
"""From beyond the first corner to beyond the second."""
_DOWN = (-0.45, 0.55)
"""From the forehead to the cheeks."""
_CHEEK_ROWS = 10
_DARKEST = 8.0
"""Grey levels added before the logarithm, so that noise in the dark does not count as a shade."""
_FLATTEST = 4.0
"""Grey levels added to the deviation, so that noise on a flat strip does not count as contrast."""


def dark_glasses(chip: Chip, points: NDArray[np.float32]) -> float:
    """Log odds that dark glasses hide the eyes."""
    return odds_of(eye_strip(chip, points))


def odds_of(strip: Grey) -> float:
    """The same for a strip: the mean of judging it as it is and mirrored."""
    return float(judge(np.stack([planes_of(strip), planes_of(strip[:, ::-1])])).mean())


def eye_strip(chip: Chip, points: NDArray[np.float32]) -> Grey:
    """The face from forehead to cheeks, the eyes level and always in the same place."""
    left, right = ((points[corner, :2] - (chip.left, chip.top)) * chip.scale for corner in _CORNERS)
    along = right - left
    down = np.array([-along[1], along[0]])
    rows, columns = STRIP
    across, below = np.meshgrid(np.linspace(*_ACROSS, columns), np.linspace(*_DOWN, rows))
    spots = (left + across[..., None] * along + below[..., None] * down).astype(np.float32)
    step = float(np.hypot(*along)) * (_ACROSS[1] - _ACROSS[0]) / columns
    grey = cv2.GaussianBlur(chip.grey, (0, 0), step / 2) if step > 1 else chip.grey
    strip = cv2.remap(grey, spots[..., 0], spots[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast("Grey", strip)


def planes_of(strip: Grey) -> NDArray[np.float32]:
    """The network's input: octaves above the cheeks, and the pattern regardless of its contrast."""
    octaves = np.log2(strip + _DARKEST)
    pattern = (strip - strip.mean()) / (strip.std() + _FLATTEST)
    return np.stack([octaves - np.median(octaves[-_CHEEK_ROWS:]), pattern], axis=-1).astype(np.float32)


def judge(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Log odds of each strip: three layers of 3 x 3 filters, each halved by max pooling, and two dense layers."""
    seen = np.ascontiguousarray(planes.transpose(0, 3, 1, 2))
    for number in range(3):
        seen = np.maximum(_halved(_filtered(seen, *_layer(f"filters{number}"))), 0)
    weights, start = _layer("inner")
    inner = np.maximum(seen.transpose(0, 2, 3, 1).reshape(len(seen), -1) @ weights + start, 0)
    weights, start = _layer("outer")
    return cast("NDArray[np.float32]", (inner @ weights + start)[:, 0])


def _filtered(
    planes: NDArray[np.float32], filters: NDArray[np.float32], start: NDArray[np.float32]
) -> NDArray[np.float32]:
    count, _, rows, columns = planes.shape
    around = np.pad(planes, ((0, 0), (0, 0), (1, 1), (1, 1)))
    shifted = [around[..., down : down + rows, across : across + columns] for down in range(3) for across in range(3)]
    windows = np.concatenate(shifted, axis=1).reshape(count, -1, rows * columns)
    found = filters.reshape(-1, filters.shape[-1]).T @ windows + start[:, None]
    return cast("NDArray[np.float32]", found.reshape(count, -1, rows, columns))


def _halved(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    lower = np.maximum(planes[..., ::2, :], planes[..., 1::2, :])
    return np.maximum(lower[..., ::2], lower[..., 1::2])


def _layer(name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    weights = _weights()
    return weights[name], weights[f"{name}_start"]


@cache
def _weights() -> dict[str, NDArray[np.float32]]:
    from importlib.resources import files

    with files("photo_ranker.quality").joinpath(WEIGHTS).open("rb") as file, np.load(file) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}
