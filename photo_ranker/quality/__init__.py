"""Measures a face, or a whole picture, as raw figures; signals decide later what they are worth."""

from __future__ import annotations

from math import atan, atan2, degrees, hypot, log, log2
from typing import cast

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import encode_array
from photo_ranker.models import DetectedFace, FaceMesh, Picture
from photo_ranker.quality.eyewear import dark_glasses
from photo_ranker.quality.sharpness import (
    SIDE,
    Chip,
    Grey,
    chip_of,
    light_of,
    light_of_counts,
    noise_of,
    noise_of_counts,
    sharpness_of,
    side_light,
    steps_of,
)
from photo_ranker.records import FaceFigures, MeshFigures, PictureFigures

__all__ = ["Geometry", "Pose", "geometry_of", "measure_face", "measure_mesh", "measure_picture", "pose_of"]

_DETAIL = (0.16, 0.19)
"""Eyes, nose and mouth; hair and background stay outside, so that what is behind a face counts for nothing."""
_SKIN = (0.2, 0.24)
"""The whole face."""
_PER_HALVING = 0.35
"""What sharp faces lose when they are reduced to half their size (mean of 220 faces at 90, 64, 48 and 36 px)."""
# fmt: off
_OUTLINE = np.array([
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
])
# fmt: on
"""The oval of the face in the mesh."""


def measure_face(picture: Picture, face: DetectedFace, mesh: FaceMesh | None) -> FaceFigures | None:
    """The figures of one face, ``None`` where nothing of it lies in the picture."""
    chip = chip_of(picture, face)
    if chip is None:
        return None
    detail, skin = chip.weights(*_DETAIL), chip.weights(*_SKIN)
    noise = noise_of(chip.grey, detail)
    sharpness = _face_sharpness(chip, detail, noise)
    light = light_of(chip.grey, skin)
    return FaceFigures(
        sharpness=sharpness,
        noise=round(noise, 2),
        brightness=round(light.middle, 3),
        bright_end=round(light.bright_end, 3),
        black=round(light.black, 3),
        white=round(light.white, 3),
        side_light=round(side_light(chip.grey, skin), 3),
        outside=round(_outside(picture, face, mesh), 3),
        dark_glasses=None if mesh is None else round(dark_glasses(chip, mesh.points), 2),
    )


def _face_sharpness(chip: Chip, detail: Grey, noise: float) -> float | None:
    found = sharpness_of(chip.grey, detail, noise)
    if found is None:
        return None
    # A face of fewer pixels has fewer octaves to show; its size says that it is small, so its sharpness must not.
    return round(found + _PER_HALVING * log2(SIDE / len(chip.grey)), 4)


def _outside(picture: Picture, face: DetectedFace, mesh: FaceMesh | None) -> float:
    """The part of the outline that lies beyond the picture's edge."""
    outline = _box_edge(face) if mesh is None else mesh.points[_OUTLINE, :2]
    height, width = picture.shape[:2]
    inside = (outline >= 0) & (outline < (width, height))
    return float(1 - inside.all(axis=1).mean())


def _box_edge(face: DetectedFace) -> NDArray[np.float32]:
    x, y, width, height = face.box
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    edge = np.stack([x + width * (1 + np.cos(turn)) / 2, y + height * (1 + np.sin(turn)) / 2], axis=1)
    return edge.astype(np.float32)


_SIDE = 512
"""Pixels: a picture is judged as it looks on half a screen."""
_TILES = 6
"""Along the longer side."""
_LEAST_TILE = 8
"""Pixels; nothing can be said about smaller tiles."""
_BEST = 80
"""Percentile of the tiles: one part in focus makes a picture sharp, one sharp twig does not."""


def measure_picture(picture: Picture) -> PictureFigures:
    """The figures of a picture."""
    grey = _reduced_grey(picture)
    light = light_of_counts(np.bincount(grey.ravel(), minlength=256))
    sharpness = _picture_sharpness(grey)
    return PictureFigures(
        sharpness=None if sharpness is None else round(sharpness, 4),
        brightness=round(light.middle, 3),
        bright_end=round(light.bright_end, 3),
        black=round(light.black, 3),
        white=round(light.white, 3),
        phash=perceptual_hash(grey.astype(np.float32)),
    )


def _reduced_grey(picture: Picture) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)  # before reducing: one channel takes a third of the time
    height, width = grey.shape
    scale = _SIDE / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return cast("NDArray[np.uint8]", grey)


def _picture_sharpness(grey: NDArray[np.uint8]) -> float | None:
    side = max(_LEAST_TILE, -(-max(grey.shape) // _TILES))
    exact, steps = grey.astype(np.float32), steps_of(grey)
    tiles = [
        np.s_[top : top + side, left : left + side]
        for top in range(0, max(1, grey.shape[0] - side // 2), side)
        for left in range(0, max(1, grey.shape[1] - side // 2), side)
    ]
    found = [_tile_sharpness(exact[tile], steps[tile]) for tile in tiles if min(exact[tile].shape) >= _LEAST_TILE]
    known = [value for value in found if value is not None]
    return float(np.percentile(known, _BEST)) if known else None


def _tile_sharpness(tile: Grey, steps: NDArray[np.int16]) -> float | None:
    return sharpness_of(tile, None, noise_of_counts(np.bincount(steps[1:-1, 1:-1].ravel())))


# A perceptual hash: near-duplicates differ in few of its 64 bits.


_HASH_SIDE = 32
_KEPT = 8
"""The 8 x 8 slowest waves of the cosine transform."""


def perceptual_hash(grey: Grey) -> str:
    """16 hex digits: which of the 64 slowest waves are stronger than their median; size and brightness cancel out."""
    small = cv2.resize(grey, (_HASH_SIDE, _HASH_SIDE), interpolation=cv2.INTER_AREA)
    waves = cv2.dct(small)[:_KEPT, :_KEPT].ravel()
    bits = waves > np.median(waves[1:])  # the first is the mean brightness
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


# What the mesh says about a face: which way it is turned, and its geometry.


_FIVE_POINTS = (468, 473, 4, 61, 291)
"""The detector's five points in the mesh: irises, tip of the nose, corners of the mouth."""


def measure_mesh(mesh: FaceMesh, face: DetectedFace) -> MeshFigures:
    """The figures of one mesh, including how far it disagrees with the detector."""
    pose, geometry = pose_of(mesh.points), geometry_of(mesh.points)
    return MeshFigures(
        presence=round(mesh.presence, 4),
        yaw=round(pose.yaw, 2),
        pitch=round(pose.pitch, 2),
        roll=round(pose.roll, 2),
        expressions=encode_array(mesh.expressions),
        certainty=round(_log_odds(mesh.presence), 1),
        doubt=round(_doubt(mesh, face), 4),
        mouth_lift=round(geometry.mouth_lift, 4),
        mouth_cheek=round(geometry.mouth_cheek, 4),
        mouth_chin=round(geometry.mouth_chin, 4),
        iris_drop=round(geometry.iris_drop, 4),
    )


def _log_odds(probability: float) -> float:
    # 1 - 1e-16 is the largest number below 1; the model's log odds reach only about 30.
    inner = min(max(probability, 1e-16), 1 - 1e-16)
    return log(inner / (1 - inner))


def _doubt(mesh: FaceMesh, face: DetectedFace) -> float:
    apart = mesh.points[_FIVE_POINTS, :2] - np.array(face.points)
    return float(np.hypot(*apart.T).mean()) / max(face.box[2], face.box[3], 1e-6)


# Which way a head is turned, from the flat outline of the mesh.
#
# The tip of the nose stands out from the line between the ears by a fixed part of the head's width,
# so where it appears along and across that line gives yaw and pitch. The mesh's own depth is not
# used: it is a guess towards the average face, and judges frontal faces worse (AUC 0.956 against 0.969
# on MTFL's labels).


_EARS = (234, 454)
"""Picture-left and picture-right end of the face's outline, beside the ears."""
_NOSE = (1, 4, 5)
_HEAD = 1.65
"""Width between the ears, divided by how far the nose stands out: slope 1 against GENKI's yaw labels."""
_LEVEL = 0.138
"""How far the nose lies below the line between the ears, in widths, on a head held level."""


class Pose(msgspec.Struct, frozen=True):
    """Degrees; 0 = frontal."""

    yaw: float
    """Positive = turned to the right side of the picture."""
    pitch: float
    """Positive = looking up."""
    roll: float
    """Positive = tilted clockwise."""


def pose_of(points: NDArray[np.float32]) -> Pose:
    """The pose of a head with these 478 points."""
    left, right = points[_EARS[0], :2], points[_EARS[1], :2]
    across = right - left
    width = max(float(hypot(*across)), 1e-6)
    nose = points[_NOSE, :2].mean(axis=0) - (left + right) / 2
    along = float(nose @ across) / width**2
    below = float(across[0] * nose[1] - across[1] * nose[0]) / width**2
    return Pose(
        yaw=degrees(atan(_HEAD * along)),
        pitch=degrees(atan(_HEAD * (_LEVEL - below))),
        roll=degrees(atan2(across[1], across[0])),
    )


# Distances on a face that its expression changes, measured as if the head were frontal and upright.


_EYE_CORNERS = (33, 133, 362, 263)
"""Picture-left eye outer and inner, picture-right eye inner and outer corner."""
_TOP, _CHIN = 10, 152
_MOUTH_CORNERS = (61, 291)
_LIP_LINE = 13
_CHEEKS = (50, 280)
_IRISES = (468, 473)


class Geometry(msgspec.Struct, frozen=True):
    """Distances down the face, as multiples of the distance between the outer corners of the eyes."""

    mouth_lift: float
    """From the corners of the mouth down to the middle of the upper lip's edge; negative = corners hang."""
    mouth_cheek: float
    """From the cheeks down to the corners of the mouth."""
    mouth_chin: float
    """From the corners of the mouth down to the chin."""
    iris_drop: float
    """From the eyes' corners down to the irises; grows as the lids sink."""


def geometry_of(points: NDArray[np.float32]) -> Geometry:
    """The distances on a face with these 478 points."""
    height = _heights(points)
    corners = float(height[list(_MOUTH_CORNERS)].mean())
    return Geometry(
        mouth_lift=float(height[_LIP_LINE]) - corners,
        mouth_cheek=corners - float(height[list(_CHEEKS)].mean()),
        mouth_chin=float(height[_CHIN]) - corners,
        iris_drop=float(height[list(_IRISES)].mean() - height[list(_EYE_CORNERS)].mean()),
    )


def _heights(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far down the face each point lies, along the line from forehead to chin."""
    spots = points.astype(np.float64)
    across = spots[_EYE_CORNERS[3]] - spots[_EYE_CORNERS[0]]
    size = max(float(np.linalg.norm(across)), 1e-6)
    across = across / size
    down = spots[_CHIN] - spots[_TOP]
    down = down - across * float(down @ across)
    down = down / max(float(np.linalg.norm(down)), 1e-6)
    heights: NDArray[np.float64] = spots @ down / size
    return heights
