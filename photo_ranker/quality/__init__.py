"""A face in a picture, and a picture, as raw figures; what they are worth is decided later, in signals."""

from __future__ import annotations

from photo_ranker.quality.face import measure_face
from photo_ranker.quality.mesh import measure_mesh
from photo_ranker.quality.picture import measure_picture

__all__ = ["measure_face", "measure_mesh", "measure_picture"]
