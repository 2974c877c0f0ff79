"""A toy engine: whatever is not grey is a face, and its colours are who it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photo_ranker.models import Closer, Crops, DetectedFace, FaceMesh, Picture

__all__ = ["ToyDetector", "ToyEmbedder", "ToyMesher"]


class ToyDetector:
    """Finds the one colourful part of a picture."""

    def detect(self, picture: Picture, closer: Closer | None = None) -> list[DetectedFace]:
        """One face, or none."""
        down, across = np.nonzero(np.ptp(picture, axis=2) > 30)
        if not len(down):
            return []
        left, top, right, bottom = (
            float(edge) for edge in (across.min(), down.min(), across.max() + 1, down.max() + 1)
        )
        places = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))
        one, two, three, four, five = ((left + x * (right - left), top + y * (bottom - top)) for x, y in places)
        return [DetectedFace((left, top, right - left, bottom - top), (one, two, three, four, five), 0.9)]


class ToyEmbedder:
    """Who has which colours."""

    dimensions = 48

    def embed(self, crops: Crops) -> NDArray[np.float32]:
        """The mean colours of 4 x 4 parts, less their mean."""
        parts = crops.reshape(len(crops), 4, 28, 4, 28, 3).mean(axis=(2, 4)).reshape(len(crops), self.dimensions)
        rows: NDArray[np.float32] = (parts - parts.mean(axis=1, keepdims=True)).astype(np.float32)
        return rows


class ToyMesher:
    """Sees no expression in colours."""

    def measure(self, picture: Picture, faces: Sequence[DetectedFace]) -> list[FaceMesh | None]:
        """Nothing for every face."""
        return [None for _ in faces]
