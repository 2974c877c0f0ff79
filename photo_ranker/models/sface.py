"""SFace: the default identity network, with 128 numbers per face."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.base import Crops, EngineOptions
from photo_ranker.models.onnx_prepare import prepare, prepared_model
from photo_ranker.models.sessions import OnnxModel

__all__ = ["SFaceEmbedder"]

FILE = "face_recognition_sface_2021dec_int8bq.onnx"


class SFaceEmbedder:
    """Identity from aligned crops."""

    dimensions = 128

    def __init__(self, options: EngineOptions) -> None:
        model = prepared_model(FILE, partial(prepare, free_axes={0: "batch"}))
        self._model = OnnxModel(model, options.threads, options.device)

    def embed(self, crops: Crops) -> NDArray[np.float32]:
        """One row per crop; the network takes RGB in 0..255 and scales it itself."""
        rows = np.zeros((len(crops), self.dimensions), np.float32)
        for start in range(0, len(crops), self._model.batch):
            batch = np.ascontiguousarray(crops[start : start + self._model.batch].transpose(0, 3, 1, 2), np.float32)
            rows[start : start + self._model.batch] = self._model.run(batch)["fc1"]
        return rows
