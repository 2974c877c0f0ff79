"""Runs YuNet's network: pictures of one size go in, rows of candidates come out, also without double detections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.base import Picture
from photo_ranker.models.prepared import prepared_model, with_free_axes
from photo_ranker.models.sessions import OnnxModel

__all__ = ["COLUMNS", "SCORE", "Rows", "YuNetNetwork", "centres", "scaled", "sizes", "without_doubles"]

Rows = NDArray[np.float32]
"""One candidate per row: x, y, width, height, five times x and y, score."""

COLUMNS = 15
"""Numbers of one row."""
SCORE = 14
"""Column of the score."""

_OVERLAP = 0.3
"""Overlap (intersection over union) from which two boxes are one face."""
_PART = 0.6
"""A box smaller than this share of a surer one, and among its points, is that face's eye, nose or mouth."""


def without_doubles(rows: Rows) -> Rows:
    """The best row of each face, best first."""
    rest = rows[np.argsort(-rows[:, SCORE], kind="stable")]
    kept = []
    while len(rest):
        kept.append(rest[0])
        rest = rest[1:][_shared(rest[0], rest[1:]) <= _OVERLAP]
    best = np.array(kept, np.float32).reshape(-1, COLUMNS)
    return best[~_is_part(best)]


def sizes(rows: Rows) -> NDArray[np.float32]:
    """The shorter side of each box."""
    return cast("NDArray[np.float32]", rows[:, 2:4].min(axis=1))


def centres(rows: Rows) -> NDArray[np.float32]:
    """The middle of each box."""
    return cast("NDArray[np.float32]", rows[:, :2] + rows[:, 2:4] / 2)


def scaled(rows: Rows, scale: float) -> Rows:
    """The same rows in a picture that is ``scale`` times as large."""
    factors = np.full(COLUMNS, scale, np.float32)
    factors[SCORE] = 1
    return cast("Rows", rows * factors)


def _shared(one: NDArray[np.float32], others: Rows) -> NDArray[np.float32]:
    """Intersection over union of one box with others."""
    low = np.maximum(one[:2], others[:, :2])
    high = np.minimum(one[:2] + one[2:4], others[:, :2] + others[:, 2:4])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    both = np.prod(one[2:4]) + np.prod(others[:, 2:4], axis=1) - shared
    return cast("NDArray[np.float32]", shared / np.maximum(both, 1e-9))


def _is_part(rows: Rows) -> NDArray[np.bool_]:
    """Which rows are an eye, a nose or a mouth of another row; ``rows`` are sorted, best first."""
    points = rows[:, 4:14].reshape(-1, 5, 2)
    low, high = points.min(axis=1), points.max(axis=1)
    middle = centres(rows)[:, None]
    amid = ((middle >= low) & (middle <= high)).all(axis=2)
    side = sizes(rows)
    much_smaller = side[:, None] < _PART * side
    return cast("NDArray[np.bool_]", np.tril(amid & much_smaller, -1).any(axis=1))


FILE = "face_detection_yunet_2023mar_int8bq.onnx"
_STRIDES = (8, 16, 32)
"""px between the cells of each grid."""

Outputs = dict[str, NDArray[np.float32]]


class YuNetNetwork:
    """Runs the network and reads its three grids."""

    def __init__(self, threads: int, device: str) -> None:
        model = prepared_model(FILE, with_free_axes({0: "batch", 2: "height", 3: "width"}))
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
