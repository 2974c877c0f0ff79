"""MediaPipe's face landmarker in LiteRT: 478 points on a face and 52 expressions."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.align import Matrix, cut
from photo_ranker.models.base import DetectedFace, EngineOptions, FaceMesh, Picture
from photo_ranker.models.inner_map import with_inner_map
from photo_ranker.models.look import LookNetwork
from photo_ranker.models.sessions import LiteModel
from photo_ranker.models.store import model_path

__all__ = ["EXPRESSIONS", "POINTS_MODEL", "MediaPipeMesher", "face_crop"]

FILE = "face_landmarker.task"
"""A ZIP of both networks."""
POINTS_MODEL = "face_landmarks_detector.tflite"
"""The network of points in that ZIP."""
_SIDE = 256
"""px of the crop that the network takes."""
_MARGIN = 1.28
"""The crop's side, as a multiple of the larger side of the box.

MediaPipe's own detector gives boxes from brows to chin and widens them by 1.5; YuNet's boxes reach up to the hair.
With 1.28 the mesh is surer than with 1.5 (5th percentile of the logit 10.8 instead of 6.5).
"""
_LOWER = 0.04
"""The crop's centre is lower than the box's by this share of the crop's side, for the same reason."""
_SMALLEST_BOX = 2.0
"""px; a smaller box cannot show a face."""

# fmt: off
EXPRESSIONS: tuple[str, ...] = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel",
    "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker",
    "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft",
    "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)
# fmt: on
"""Names of the 52 expression values; left and right are the person's own."""

# The points that the expression model reads (kLandmarksSubsetIdxs in MediaPipe's face_blendshapes_graph.cc).
# fmt: off
_EXPRESSION_POINTS = np.array([
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251,
    263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318,
    321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386,
    387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
])
# fmt: on


class MediaPipeMesher:
    """Measures meshes and expressions of faces."""

    def __init__(self, options: EngineOptions) -> None:
        with zipfile.ZipFile(model_path(FILE)) as pack:
            self._points = LiteModel(with_inner_map(pack.read(POINTS_MODEL)), options.threads)
            self._expressions = LiteModel(pack.read("face_blendshapes.tflite"), options.threads)
        self._look = LookNetwork()

    def measure(self, picture: Picture, faces: Sequence[DetectedFace]) -> list[FaceMesh | None]:
        """One mesh per face; ``None`` if the face cannot be cut out of the picture."""
        return [self._measure(picture, face) if _has_area(face, picture) else None for face in faces]

    def _measure(self, picture: Picture, face: DetectedFace) -> FaceMesh:
        crop, matrix = face_crop(picture, face)
        raw, logit, *_, inner = self._points.run(np.divide(crop[None], 255, dtype=np.float32))
        points = _in_picture(raw.reshape(478, 3), matrix)
        subset = np.ascontiguousarray(points[_EXPRESSION_POINTS, :2][None])
        presence = 1 / (1 + math.exp(-float(logit.item())))
        expressions = self._expressions.run(subset)[0].reshape(52).copy()
        return FaceMesh(points, presence, expressions, self._look.numbers(inner[0]))


def _has_area(face: DetectedFace, picture: Picture) -> bool:
    """Whether enough of the box lies inside the picture."""
    x, y, width, height = face.box
    across = min(x + width, picture.shape[1]) - max(x, 0.0)
    down = min(y + height, picture.shape[0]) - max(y, 0.0)
    return bool(min(across, down) >= _SMALLEST_BOX)


def face_crop(picture: Picture, face: DetectedFace) -> tuple[Picture, Matrix]:
    """The crop that the network sees, and the matrix from picture to crop."""
    matrix = _crop_matrix(face)
    return cut(picture, matrix, _SIDE, cv2.BORDER_REPLICATE), matrix


def _crop_matrix(face: DetectedFace) -> Matrix:
    """The matrix from picture to crop: a square around the box's centre, turned so that the eyes are level."""
    x, y, width, height = face.box
    (left_x, left_y), (right_x, right_y) = face.points[:2]
    angle = math.atan2(right_y - left_y, right_x - left_x)
    scale = _SIDE / (_MARGIN * max(width, height))
    along, across = scale * math.cos(angle), scale * math.sin(angle)
    lower = _LOWER * _SIDE / scale
    middle_x = x + width / 2 - lower * math.sin(angle)
    middle_y = y + height / 2 + lower * math.cos(angle)
    return np.array(
        [
            [along, across, _SIDE / 2 - along * middle_x - across * middle_y],
            [-across, along, _SIDE / 2 + across * middle_x - along * middle_y],
        ]
    )


def _in_picture(points: NDArray[np.float32], matrix: Matrix) -> NDArray[np.float32]:
    """Points of the crop as points of the picture; depth is scaled likewise."""
    back = cv2.invertAffineTransform(matrix)
    flat = points[:, :2] @ back[:, :2].T + back[:, 2]
    depth = points[:, 2:] * float(np.hypot(back[0, 0], back[1, 0]))
    return np.concatenate([flat, depth], axis=1).astype(np.float32)
