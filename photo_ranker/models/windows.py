"""Windows: crops of a picture around one candidate each, at the size of face that YuNet detects best."""

from __future__ import annotations

import math
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.align import cut
from photo_ranker.models.base import Picture
from photo_ranker.models.doubles import COLUMNS, SCORE, Rows, centres, sizes

__all__ = ["Window"]


class Window:
    """A square crop around one candidate, scaled and turned upright."""

    def __init__(self, picture: Picture, row: NDArray[np.float32], *, face: float, side: int, tilt: float) -> None:
        """``face`` and ``side`` are in pixels of the window; ``tilt``, in degrees clockwise, is removed."""
        size = float(min(row[2:4]))
        self._side, self._face, self._zoom = side, face, face / size
        along = self._zoom * math.cos(math.radians(tilt))
        across = self._zoom * math.sin(math.radians(tilt))
        middle_x, middle_y = row[:2] + row[2:4] / 2
        matrix = np.array(
            [
                [along, across, side / 2 - along * middle_x - across * middle_y],
                [-across, along, side / 2 + across * middle_x - along * middle_y],
            ],
            np.float64,
        )
        self._back = cv2.invertAffineTransform(matrix)
        self.pixels = cut(picture, matrix, side)

    @property
    def mirrored(self) -> Picture:
        """The mirrored crop: the network's systematic errors have the opposite sign there."""
        return self.pixels[:, ::-1]

    def answer(self, seen: Rows) -> Rows:
        """The best detection of the window's own face, in pixels of the picture; or no row.

        Other faces in the window may be cut off, and have their own windows.
        """
        amid = (np.abs(centres(seen) - self._side / 2) < self._face / 2).all(axis=1)
        alike = np.abs(np.log2(sizes(seen) / self._face)) < 1
        seen = seen[amid & alike]
        best = seen[np.argsort(-seen[:, SCORE])[:1]]
        moved = best.copy()
        moved[:, 2:4] /= self._zoom
        moved[:, :2] = self._in_picture(centres(best)) - moved[:, 2:4] / 2
        moved[:, 4:SCORE] = self._in_picture(best[:, 4:SCORE].reshape(-1, 2)).reshape(-1, 10)
        return moved

    def answer_mirrored(self, seen: Rows) -> Rows:
        """The same for detections in the mirrored crop, with left and right exchanged back."""
        rows = seen.copy()
        rows[:, 0] = self._side - 1 - rows[:, 0] - rows[:, 2]
        points = rows[:, 4:SCORE].reshape(-1, 5, 2)[:, [1, 0, 2, 4, 3]]
        points[:, :, 0] = self._side - 1 - points[:, :, 0]
        rows[:, 4:SCORE] = points.reshape(-1, 10)
        return self.answer(rows.reshape(-1, COLUMNS))

    def _in_picture(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        return cast("NDArray[np.float32]", (points @ self._back[:, :2].T + self._back[:, 2]).astype(np.float32))
