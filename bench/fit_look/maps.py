"""The inner maps of the mesh network for the faces of the sheets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from photo_ranker.images import Limits, open_photo
from photo_ranker.models.base import DetectedFace, EngineOptions
from photo_ranker.models.mesh import MediaPipeMesher
from photo_ranker.records import Face
from photo_ranker.settings import Settings

__all__ = ["maps_of"]

_GOOD_FACE_PX = 112
"""As in photo_ranker/analysis/analyser.py: smaller faces are read again at a larger scale."""


def maps_of(faces: Sequence[tuple[Path, Face]]) -> NDArray[np.float16]:
    """Of each face both views of ``photo_ranker/models/mesh.py``: faces x 2 x 8 x 8 x 128."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(_maps, *zip(*faces, strict=True), chunksize=16)))


@cache
def _mesher() -> MediaPipeMesher:
    settings = Settings().measure
    return MediaPipeMesher(EngineOptions(settings.detect_side, settings.detect_threshold))


def _maps(path: Path, face: Face) -> NDArray[np.float16]:
    settings = Settings().measure
    photo = open_photo(path, Limits.of(settings))
    longer = max(photo.info.width, photo.info.height)
    gain = max(settings.detect_side / longer, _GOOD_FACE_PX / max(face.size_px, 1.0))
    picture = photo.picture(min(longer, ceil(longer * gain)))
    found = DetectedFace(face.box, face.points, face.detection).moved(picture.scale)
    # A small face has one view only, which then counts as both.
    views = (_mesher().views(picture.pixels, found) * 2)[:2]
    return np.stack([view.inner_map for view in views]).astype(np.float16)
