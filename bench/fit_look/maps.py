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

from bench.drawn_covers import Canvas, draw_cover
from photo_ranker.images import Limits, open_photo
from photo_ranker.models import DetectedFace, EngineOptions, Picture
from photo_ranker.models.mesh import MediaPipeMesher
from photo_ranker.records import Face
from photo_ranker.settings import Settings

__all__ = ["maps_behind", "maps_of"]

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
    return _maps_of(*_read(path, face))


def maps_behind(behind: tuple[Path, Face], drawn_from: tuple[Path, Face], seed: int) -> NDArray[np.float16]:
    """The same of one face after something was drawn before it; other heads are taken from ``drawn_from``."""
    pixels, found = _read(*behind)
    points = _mesher().views(pixels, found)[0].points
    canvas = Canvas(pixels, found.box, points, _surroundings(*_read(*drawn_from)))
    return _maps_of(draw_cover(canvas, np.random.default_rng(seed)), found)


def _read(path: Path, face: Face) -> tuple[Picture, DetectedFace]:
    """The pixels that a face is measured in, and where it is in them."""
    settings = Settings().measure
    photo = open_photo(path, Limits.of(settings))
    longer = max(photo.info.width, photo.info.height)
    gain = max(settings.detect_side / longer, _GOOD_FACE_PX / max(face.size_px, 1.0))
    picture = photo.picture(min(longer, ceil(longer * gain)))
    return picture.pixels, DetectedFace(face.box, face.points, face.detection).moved(picture.scale)


def _surroundings(pixels: Picture, face: DetectedFace) -> Picture:
    x, y, width, height = face.box
    more = 0.45 * max(width, height)
    return pixels[max(0, int(y - more)) : int(y + height + more), max(0, int(x - more)) : int(x + width + more)]


def _maps_of(pixels: Picture, found: DetectedFace) -> NDArray[np.float16]:
    # A small face has one view only, which then counts as both.
    views = (_mesher().views(pixels, found) * 2)[:2]
    return np.stack([view.inner_map for view in views]).astype(np.float16)
