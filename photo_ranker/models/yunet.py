"""YuNet: finds faces, with five points on each.

The network detects faces well from 24 to 400 pixels (measured on real faces). So a picture is searched at the set
size, and at a quarter of it for faces that fill the picture. Then each candidate is detected again: small ones must be
confirmed in the largest picture available, and all others get better points.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.base import Closer, DetectedFace, EngineOptions, Picture
from photo_ranker.models.doubles import SCORE, Rows, scaled, sizes, without_doubles
from photo_ranker.models.resizing import reduced
from photo_ranker.models.second_look import BEST_SIZE, SecondLook
from photo_ranker.models.yunet_network import YuNetNetwork

__all__ = ["YuNetDetector"]

_HINT = 0.25
"""Score from which a small candidate is checked: 8 of 10 faces of 9 px reach it, and few other things do."""
_SMALL = 32.0
"""px in the first search; smaller candidates need proof."""
_LARGE = 350
"""px; of larger faces the network detects parts, so they are searched in a smaller picture."""
_SMALLEST = 8.0
"""px in the first search; a narrower strip shows no face."""


class YuNetDetector:
    """Finds faces from about 9 pixels on in the reduced picture, and of any size above."""

    def __init__(self, options: EngineOptions) -> None:
        self._side = options.detect_side
        self._threshold = options.detect_threshold
        self._network = YuNetNetwork(options.threads, options.device)
        self._second_look = SecondLook(self._network, min(_HINT, options.detect_threshold))

    def detect(self, picture: Picture, closer: Closer | None = None) -> list[DetectedFace]:
        """Every face, best score first."""
        scale = min(1.0, self._side / max(picture.shape[:2]))
        if min(picture.shape[:2]) * scale < _SMALLEST:
            return []
        seen = reduced(picture, scale)
        rows = self._first_look(seen)
        rows = rows[(rows[:, SCORE] >= self._threshold) | (sizes(rows) < _SMALL)]
        is_clear = sizes(rows) >= BEST_SIZE
        clear = self._second_look.look(seen, rows[is_clear], sizes(rows[is_clear]) < _SMALL)
        unclear = self._nearer(picture, scaled(rows[~is_clear], 1 / scale), _SMALL / scale, closer)
        rows = np.concatenate([scaled(clear, 1 / scale), unclear])
        return [_face(row) for row in without_doubles(rows[rows[:, SCORE] >= self._threshold])]

    def _nearer(self, picture: Picture, rows: Rows, small: float, closer: Closer | None) -> Rows:
        """Detect unclear candidates again, in a larger picture if there is one.

        That has to be decoded, so small candidates that are not confirmed in the present picture are dropped before.
        """
        gain, larger = 1.0, picture
        if closer:
            is_small = sizes(rows) < small
            rows = np.concatenate([rows[~is_small], self._second_look.proven(picture, rows[is_small])])
            if (sizes(rows) < BEST_SIZE).any():
                larger = closer(BEST_SIZE / float(sizes(rows).min()))
                gain = larger.shape[1] / picture.shape[1]
        return scaled(self._second_look.look(larger, scaled(rows, gain), sizes(rows) < small), 1 / gain)

    def _first_look(self, picture: Picture) -> Rows:
        """Candidates in the whole picture, and in smaller and smaller ones for faces that fill it."""
        rows = self._network.rows([picture], min(_HINT, self._threshold))[0]
        found, shrink = [], 1
        while min(picture.shape[:2]) > _LARGE / 2 and max(picture.shape[:2]) > _LARGE:
            found.append(scaled(rows[sizes(rows) < _LARGE], shrink))
            picture, shrink = reduced(picture, 1 / 4), shrink * 4
            rows = self._network.rows([picture], self._threshold)[0]
            rows = rows[sizes(rows) >= BEST_SIZE]
        return without_doubles(np.concatenate([*found, scaled(rows, shrink)]))


def _face(row: NDArray[np.float32]) -> DetectedFace:
    x, y, width, height, *flat, score = (float(value) for value in row)
    one, two, three, four, five = zip(flat[0::2], flat[1::2], strict=True)
    return DetectedFace((x, y, width, height), (one, two, three, four, five), score)
