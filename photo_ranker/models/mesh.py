"""MediaPipe's face landmarker in LiteRT: 478 points on a face, 52 expressions, and how it looks.

A detector's box moves by a pixel or two with whatever is beside the face, and the network's results move with it.
So each face is measured twice: in a crop around the detector's box, and mirrored in a crop around the points found
first, which is how MediaPipe follows faces through films. The mean of both varies half as much.
"""

from __future__ import annotations

import hashlib
import math
import struct
import zipfile
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.errors import ModelUnavailable
from photo_ranker.models import DetectedFace, EngineOptions, FaceMesh, Picture
from photo_ranker.models.align import Matrix, cut
from photo_ranker.models.sessions import LiteModel
from photo_ranker.models.store import model_path

__all__ = [
    "EXPRESSIONS",
    "MAP_CHANNELS",
    "MAP_SIDES",
    "POINTS_MODEL",
    "PREPARED_SHA256",
    "WEIGHTS",
    "LookNetwork",
    "MediaPipeMesher",
    "View",
    "layers",
    "seen_directly",
    "windows",
    "with_inner_maps",
]

FILE = "face_landmarker.task"
"""A ZIP of both networks."""
POINTS_MODEL = "face_landmarks_detector.tflite"
"""The network in that ZIP that finds the points."""
_SIDE = 256
"""px of the crop that the network takes."""
_MARGIN = 1.28
"""The crop's side, as a multiple of the larger side of the box.

MediaPipe's own detector gives boxes from brows to chin and widens them by 1.5; YuNet's boxes reach up to the hair.
With 1.28 the mesh is surer than with 1.5 (5th percentile of the logit 10.8 instead of 6.5).
"""
_LOWER = 0.04
"""The crop's centre is lower than the box's by this share of the crop's side, for the same reason."""
_AROUND_POINTS = 4.81
"""The second crop's side, as a multiple of the root mean square distance of the mesh's points from their middle.

For the median face the two crops then have the same size, so what was fitted on the first holds for both.
"""
_FACE_POINTS = 468
"""The first points are those of the face itself; the irises follow."""
_EYES = (33, 263)
"""Outer corners of the eyes."""
_TWICE_FROM = 64
"""px of a box's shorter side; a smaller face is measured only once, since a crowd would take too long."""
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


class View(NamedTuple):
    """What the network says of one crop."""

    points: NDArray[np.float32]
    """In pixels of the picture."""
    log_odds: float
    """Of there being a face."""
    inner_maps: tuple[NDArray[np.float32], ...]
    """One for each of :data:`MAP_SIDES`."""


class MediaPipeMesher:
    """Measures meshes and expressions of faces."""

    def __init__(self, options: EngineOptions) -> None:
        with zipfile.ZipFile(model_path(FILE)) as pack:
            self._points = LiteModel(with_inner_maps(pack.read(POINTS_MODEL)), options.threads)
            self._expressions = LiteModel(pack.read("face_blendshapes.tflite"), options.threads)
        self._look = LookNetwork()

    def measure(self, picture: Picture, faces: Sequence[DetectedFace]) -> list[FaceMesh | None]:
        """One mesh per face; ``None`` if the face cannot be cut out of the picture."""
        return [self._measure(picture, face) if _has_area(face, picture) else None for face in faces]

    def views(self, picture: Picture, face: DetectedFace) -> tuple[View, ...]:
        """A view around the face's box and, unless it is small, a mirrored one around the points found in the first."""
        first = self._view(picture, _around_box(face))
        if min(face.box[2:]) < _TWICE_FROM:
            return (first,)
        return first, self._view(picture, _around_points(first.points), mirrored=True)

    def _measure(self, picture: Picture, face: DetectedFace) -> FaceMesh:
        views = self.views(picture, face)
        points = np.mean([view.points for view in views], axis=0)
        presence = 1 / (1 + math.exp(-sum(view.log_odds for view in views) / len(views)))
        subset = np.ascontiguousarray(points[_EXPRESSION_POINTS, :2][None])
        expressions = self._expressions.run(subset)[0].reshape(52).copy()
        look = np.mean([self._look.numbers(view.inner_maps) for view in views], axis=0)
        return FaceMesh(points, presence, expressions, look)

    def _view(self, picture: Picture, matrix: Matrix, *, mirrored: bool = False) -> View:
        crop = cut(picture, matrix, _SIDE, cv2.BORDER_REPLICATE)
        seen = crop[:, ::-1] if mirrored else crop
        raw, logit, *others = self._points.run(np.divide(seen[None], 255, dtype=np.float32))
        points = raw.reshape(478, 3)
        if mirrored:
            points = seen_directly(points, _SIDE)
        return View(
            _in_picture(points, matrix), float(logit.item()), tuple(inner[0] for inner in others[-len(MAP_SIDES) :])
        )


def _has_area(face: DetectedFace, picture: Picture) -> bool:
    """Whether enough of the box lies inside the picture."""
    x, y, width, height = face.box
    across = min(x + width, picture.shape[1]) - max(x, 0.0)
    down = min(y + height, picture.shape[0]) - max(y, 0.0)
    return bool(min(across, down) >= _SMALLEST_BOX)


def _around_box(face: DetectedFace) -> Matrix:
    """Picture -> crop: a square around the middle of the box, turned so that the eyes are level."""
    x, y, width, height = face.box
    (left_x, left_y), (right_x, right_y) = face.points[:2]
    angle = math.atan2(right_y - left_y, right_x - left_x)
    side = _MARGIN * max(width, height)
    lower = _LOWER * side
    return _square(x + width / 2 - lower * math.sin(angle), y + height / 2 + lower * math.cos(angle), side, angle)


def _around_points(points: NDArray[np.float32]) -> Matrix:
    """Picture -> crop: the same around the points of a mesh, which together are steadier than any box."""
    flat = points[:_FACE_POINTS, :2].astype(np.float64)
    middle = flat.mean(axis=0)
    spread = math.sqrt(float(((flat - middle) ** 2).sum(axis=1).mean()))
    across, down = flat[_EYES[1]] - flat[_EYES[0]]
    side = _AROUND_POINTS * max(spread, _SMALLEST_BOX / 4)
    return _square(float(middle[0]), float(middle[1]), side, math.atan2(down, across))


def _square(middle_x: float, middle_y: float, side: float, angle: float) -> Matrix:
    """Picture -> crop of the square with this middle and side, turned by an angle."""
    along, across = _SIDE / side * math.cos(angle), _SIDE / side * math.sin(angle)
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


# Turns the mesh of a mirrored face into that of the face itself.


# fmt: off
_COUNTERPARTS = np.array([
    0, 1, 2, 248, 4, 5, 6, 249, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 250, 251, 252, 253, 254, 255, 256,
    257, 258, 259, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 270, 271, 272, 273, 274, 275, 276, 277, 278,
    279, 280, 281, 282, 283, 284, 285, 286, 287, 288, 289, 290, 291, 292, 293, 294, 295, 296, 297, 298, 299, 300,
    301, 302, 303, 304, 305, 306, 307, 308, 309, 310, 311, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 322,
    323, 94, 324, 325, 326, 327, 328, 329, 330, 331, 332, 333, 334, 335, 336, 337, 338, 339, 340, 341, 342, 343,
    344, 345, 346, 347, 348, 349, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 360, 361, 362, 363, 364, 365,
    366, 367, 368, 369, 370, 371, 372, 373, 374, 375, 376, 377, 378, 379, 151, 152, 380, 381, 382, 383, 384, 385,
    386, 387, 388, 389, 390, 164, 391, 392, 393, 168, 394, 395, 396, 397, 398, 399, 175, 400, 401, 402, 403, 404,
    405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 195, 419, 197, 420, 199, 200, 421, 422,
    423, 424, 425, 426, 427, 428, 429, 430, 431, 432, 433, 434, 435, 436, 437, 438, 439, 440, 441, 442, 443, 444,
    445, 446, 447, 448, 449, 450, 451, 452, 453, 454, 455, 456, 457, 458, 459, 460, 461, 462, 463, 464, 465, 466,
    467, 3, 7, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44,
    45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72,
    73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 95, 96, 97, 98, 99, 100,
    101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122,
    123, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144,
    145, 146, 147, 148, 149, 150, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 165, 166, 167, 169, 170,
    171, 172, 173, 174, 176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189, 190, 191, 192, 193,
    194, 196, 198, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 213, 214, 215, 216, 217, 218, 219,
    220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241,
    242, 243, 244, 245, 246, 247, 473, 476, 475, 474, 477, 468, 471, 470, 469, 472,
])
# fmt: on
"""For each point of the mesh, the one on the other side of the face; one on the middle line is its own counterpart."""


def seen_directly(points: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Points found in the mirror image of a crop with this side, as points of the crop itself."""
    direct: NDArray[np.float32] = points[_COUNTERPARTS]
    direct[:, 0] = side - direct[:, 0]
    return direct


# How a face looks, as two numbers from small convolutional networks on the mesh network's inner maps.
#
# The mesh network has learnt how lips, lids and cheeks move; its maps hold more of that than its outputs. The first
# number says how much raters would prefer the face, the second whether something is in front of it. The weights are
# made by ``python -m bench.fit_look DATA`` and ``python -m bench.fit_hidden DATA``. New weights need a new file name,
# which is part of the key of stored results.


WEIGHTS = ("look-3.npz", "hidden-1.npz")
"""Files in this package, one for each number."""

Floats = NDArray[np.float32]


def layers(side: int) -> tuple[str, ...]:
    """A network's layers: a 1 x 1 convolution, some of 3 x 3 that halve the map down to 2 x 2, and a dense layer."""
    return ("points", *("middle", "wide")[: side.bit_length() - 2], "last")


class LookNetwork:
    """The networks that compute all the numbers."""

    def __init__(self) -> None:
        self._networks = [_Networks(name) for name in WEIGHTS]

    def numbers(self, maps: Sequence[Floats]) -> Floats:
        """The numbers for the maps of one face, each of shape side x side x channels."""
        return np.concatenate([networks.number(maps) for networks in self._networks])


class _Networks:
    """The networks for one number: several per map, fitted from different starts. The means per map are added up."""

    def __init__(self, name: str) -> None:
        with files("photo_ranker.models").joinpath(name).open("rb") as file, np.load(file) as stored:
            self._weights = {name: stored[name].astype(np.float32) for name in stored.files}
        self._read = [number for number, side in enumerate(MAP_SIDES) if f"{side}.last" in self._weights]

    def number(self, maps: Sequence[Floats]) -> Floats:
        return cast("Floats", sum(self._on(maps[number]) for number in self._read))

    def _on(self, inner: Floats) -> Floats:
        first, *halving, last = (f"{len(inner)}.{name}" for name in layers(len(inner)))
        seen = np.maximum(self._layer(first, inner.reshape(1, -1, MAP_CHANNELS)), 0)
        for number, name in enumerate(halving):
            side = len(inner) >> number
            seen = np.maximum(self._layer(name, windows(seen.reshape(len(seen), side, side, -1))), 0)
        return cast("Floats", self._layer(last, seen.reshape(len(seen), 1, -1))[:, 0].mean(axis=0))

    def _layer(self, name: str, seen: Floats) -> Floats:
        return cast("Floats", seen @ self._weights[name] + self._weights[f"{name}_start"][:, None])


def windows(maps: Floats) -> Floats:
    """Every second 3 x 3 window of each map as a row, padded with 0 at the far edges."""
    count, rows, columns, channels = maps.shape
    around = np.zeros((count, rows + 1, columns + 1, channels), np.float32)
    around[:, :rows, :columns] = maps
    shifted = [
        around[:, down : down + rows : 2, across : across + columns : 2] for down in range(3) for across in range(3)
    ]
    return np.concatenate(shifted, axis=-1).reshape(count, -1, 9 * channels)


# Adds inner maps of the mesh network to its model's outputs; the published model does not output them.
#
# A LiteRT model is a FlatBuffer: tables whose fields point to vectors by offsets. A longer list of outputs is
# appended, and the offset is changed to point to it; all other bytes stay the same.


MAP_SIDES, MAP_CHANNELS = (8, 4, 2), 128
"""Shapes of the maps: side x side x channels."""
_TENSORS = (408, 439, 470)
"""The last activations of these shapes in ``face_landmarks_detector.tflite``; the first still shows lips and lids."""

PREPARED_SHA256 = "c29ae2398c789cf3b447190ae75ea8b17cd46c4480a66592d3e4bb4895395b84"
"""SHA-256 of the changed model; another version of the file would have its maps elsewhere."""

_SUBGRAPHS, _OUTPUTS = 2, 2
"""Field numbers in the tables ``Model`` and ``SubGraph`` of LiteRT's schema."""


def with_inner_maps(content: bytes) -> bytes:
    """The model with its inner maps as the last outputs."""
    prepared = _with_outputs(content, _TENSORS)
    if hashlib.sha256(prepared).hexdigest() != PREPARED_SHA256:
        raise ModelUnavailable("the face mesh network is not the one that is known", "fetch its file anew")
    return prepared


def _with_outputs(content: bytes, more: Sequence[int]) -> bytes:
    model = bytearray(content)
    model += bytes(-len(model) % 4)
    graphs = _target(model, _field(model, _target(model, 0), _SUBGRAPHS))
    outputs = _field(model, _target(model, graphs + 4), _OUTPUTS)
    old = _target(model, outputs)
    tensors = (*struct.unpack_from(f"<{_number(model, old)}i", model, old + 4), *more)
    struct.pack_into("<I", model, outputs, len(model) - outputs)
    return bytes(model + struct.pack(f"<I{len(tensors)}i", len(tensors), *tensors))


def _field(model: bytearray, table: int, number: int) -> int:
    """The offset of a field of a table: the table begins with the distance back to its list of fields."""
    places: int = table - struct.unpack_from("<i", model, table)[0]
    place: int = struct.unpack_from("<H", model, places + 4 + 2 * number)[0]
    return table + place


def _target(model: bytearray, offset: int) -> int:
    """Where an offset points to; offsets count from their own place."""
    return offset + _number(model, offset)


def _number(model: bytearray, place: int) -> int:
    found: int = struct.unpack_from("<I", model, place)[0]
    return found
