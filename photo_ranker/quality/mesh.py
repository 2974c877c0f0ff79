"""What the mesh says of a face: where it is turned, and its geometry."""

from __future__ import annotations

from math import log

import numpy as np

from photo_ranker.core.codec import encode_array
from photo_ranker.models.base import DetectedFace, FaceMesh
from photo_ranker.quality.geometry import geometry_of
from photo_ranker.quality.pose import pose_of
from photo_ranker.records import MeshFigures

__all__ = ["measure_mesh"]

_FIVE_POINTS = (468, 473, 4, 61, 291)
"""The detector's five points in the mesh: irises, tip of the nose, corners of the mouth."""


def measure_mesh(mesh: FaceMesh, face: DetectedFace) -> MeshFigures:
    """The figures of one mesh, and of how far it disagrees with the detector."""
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
    # 1 - 1e-16 is the last number below 1; the model goes on to about 30.
    inner = min(max(probability, 1e-16), 1 - 1e-16)
    return log(inner / (1 - inner))


def _doubt(mesh: FaceMesh, face: DetectedFace) -> float:
    apart = mesh.points[_FIVE_POINTS, :2] - np.array(face.points)
    return float(np.hypot(*apart.T).mean()) / max(face.box[2], face.box[3], 1e-6)
