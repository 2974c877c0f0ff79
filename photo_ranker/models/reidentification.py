"""Intel's ``face-reidentification-retail-0095``: a second identity network, whose errors differ from SFace's."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.base import Crops, EngineOptions
from photo_ranker.models.onnx_prepare import prepared_model
from photo_ranker.models.reidentification_graph import DIMENSIONS, OUTPUT, SIDE, build
from photo_ranker.models.sessions import OnnxModel
from photo_ranker.models.store import SECOND_NETWORK

__all__ = ["ReidentificationEmbedder", "placed"]

_FROM_CROP = np.array([[1.2163, -0.0022, -3.9535], [0.0022, 1.2163, -5.3258]])
"""Affine map from a crop of 112 px to the positions of eyes, nose and mouth that this network expects."""


class ReidentificationEmbedder:
    """Identity from aligned crops."""

    dimensions = DIMENSIONS

    def __init__(self, options: EngineOptions) -> None:
        self._model = OnnxModel(prepared_model(SECOND_NETWORK, build), options.threads, options.device)

    def embed(self, crops: Crops) -> NDArray[np.float32]:
        """One row per crop; the network takes BGR in 0..255 and scales it itself."""
        rows = np.zeros((len(crops), self.dimensions), np.float32)
        for start in range(0, len(crops), self._model.batch):
            batch = np.stack([placed(crop) for crop in crops[start : start + self._model.batch]])
            rows[start : start + self._model.batch] = self._model.run(batch)[OUTPUT]
        return rows


def placed(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A crop in the network's form: BGR, 128 px, channels first."""
    warped = cv2.warpAffine(crop, _FROM_CROP, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return np.ascontiguousarray(warped[:, :, ::-1].transpose(2, 0, 1), np.float32)
