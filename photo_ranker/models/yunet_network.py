"""Runs YuNet's network: pictures of one size go in, rows of candidates come out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.base import Picture
from photo_ranker.models.doubles import COLUMNS, Rows
from photo_ranker.models.onnx_prepare import prepare, prepared_model
from photo_ranker.models.sessions import OnnxModel

__all__ = ["YuNetNetwork"]

FILE = "face_detection_yunet_2023mar_int8bq.onnx"
_STRIDES = (8, 16, 32)
"""px between the cells of each grid."""

Outputs = dict[str, NDArray[np.float32]]


class YuNetNetwork:
    """Runs the network and reads its three grids."""

    def __init__(self, threads: int, device: str) -> None:
        model = prepared_model(FILE, partial(prepare, free_axes={0: "batch", 2: "height", 3: "width"}))
        self._model = OnnxModel(model, threads, device)
        self.batch = self._model.batch
        """Faces per call."""

    def rows(self, pictures: Sequence[Picture], threshold: float) -> list[Rows]:
        """All candidates above the threshold in each picture, with double detections."""
        batch = _batch(pictures)
        outputs = self._model.run(batch)
        columns = batch.shape[3]
        grids = [_decoded(outputs, stride, columns // stride, threshold) for stride in _STRIDES]
        numbers = np.concatenate([grid[0] for grid in grids])
        rows = np.concatenate([grid[1] for grid in grids])
        return [rows[numbers == number] for number in range(len(pictures))]


def _batch(pictures: Sequence[Picture]) -> NDArray[np.float32]:
    """Pictures as the network takes them: BGR, 0..255, padded with black to sides that are multiples of 32."""
    height, width = pictures[0].shape[:2]
    batch = np.zeros((len(pictures), 3, _filled_up(height), _filled_up(width)), np.float32)
    for number, picture in enumerate(pictures):
        batch[number, :, :height, :width] = picture[:, :, ::-1].transpose(2, 0, 1)
    return batch


def _filled_up(length: int) -> int:
    return -(-length // 32) * 32


def _decoded(outputs: Outputs, stride: int, columns: int, threshold: float) -> tuple[NDArray[np.intp], Rows]:
    """The candidates of one grid: numbers of their pictures, and rows."""
    classes, objects = outputs[f"cls_{stride}"][..., 0], outputs[f"obj_{stride}"][..., 0]
    scores = np.sqrt(np.clip(classes, 0, 1) * np.clip(objects, 0, 1))
    numbers, places = np.nonzero(scores >= threshold)
    corner = np.stack([places % columns, places // columns], axis=1).astype(np.float32)
    box = outputs[f"bbox_{stride}"][numbers, places]
    size = np.exp(box[:, 2:]) * stride
    left_top = (corner + box[:, :2]) * stride - size / 2
    points = (outputs[f"kps_{stride}"][numbers, places].reshape(-1, 5, 2) + corner[:, None]) * stride
    rows = [left_top, size, points.reshape(-1, 10), scores[numbers, places][:, None]]
    return numbers, np.concatenate(rows, axis=1, dtype=np.float32).reshape(-1, COLUMNS)
