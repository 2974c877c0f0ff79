"""The inner maps of the mesh network for the faces of the sheets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import repeat
from math import ceil
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.drawn_covers import Canvas, draw_cover
from photo_ranker.images import Limits, open_photo
from photo_ranker.models import DetectedFace, EngineOptions, Picture
from photo_ranker.models.mesh import MediaPipeMesher, View
from photo_ranker.records import Face
from photo_ranker.settings import Settings

__all__ = ["SMALL", "maps_behind", "maps_of"]

_GOOD_FACE_PX = 112
"""As in photo_ranker/analysis/analyser.py: smaller faces are read again at a larger scale."""


SMALL = (60.0, 40.0, 28.0)
"""px of the shorter side of the box, as if the person stood farther away."""


Maps = list[NDArray[np.float16]]
"""One array for each of ``MAP_SIDES``."""


def maps_of(faces: Sequence[tuple[Path, Face]], sizes: Sequence[float] = ()) -> Maps:
    """For each face, both views of ``photo_ranker/models/mesh.py``: faces x 2 x side x side x channels.

    Then, for each of the sizes, one of the face reduced to it, and one of the mirror image of that.
    """
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(_maps, *zip(*faces, strict=True), repeat(sizes), chunksize=16)
        return [np.stack(maps) for maps in zip(*found, strict=True)]


@cache
def _mesher() -> MediaPipeMesher:
    settings = Settings().measure
    return MediaPipeMesher(EngineOptions(settings.detect_side, settings.detect_threshold))


def _maps(path: Path, face: Face, sizes: Sequence[float]) -> Maps:
    pixels, found = _read(path, face)
    return _stacked(
        [*_views(pixels, found), *(view for side in sizes for view in _views_of_small(pixels, found, side))]
    )


def _views_of_small(pixels: Picture, face: DetectedFace, side: float) -> list[View]:
    """Views of the face, reduced to this side if it is larger, and of its mirror image."""
    scale = min(1.0, side / min(face.box[2:]))
    small = pixels if scale == 1 else cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    shrunk = face.moved(scale)
    x, y, width, height = shrunk.box
    left, right, nose, mouth_left, mouth_right = ((small.shape[1] - across, down) for across, down in shrunk.points)
    box = (small.shape[1] - x - width, y, width, height)
    mirrored = DetectedFace(box, (right, left, nose, mouth_right, mouth_left), face.score)
    both = ((small, shrunk), (np.ascontiguousarray(small[:, ::-1]), mirrored))
    return [_mesher().views(*one)[0] for one in both]


def maps_behind(behind: tuple[Path, Face], drawn_from: tuple[Path, Face], seed: int) -> Maps:
    """Both views of one face after something was drawn in front of it; other heads are taken from ``drawn_from``."""
    pixels, found = _read(*behind)
    points = _mesher().views(pixels, found)[0].points
    canvas = Canvas(pixels, found.box, points, _surroundings(*_read(*drawn_from)))
    return _stacked(_views(draw_cover(canvas, np.random.default_rng(seed)), found))


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


def _views(pixels: Picture, found: DetectedFace) -> list[View]:
    # A small face has one view only, which then counts as both.
    return list((_mesher().views(pixels, found) * 2)[:2])


def _stacked(views: Sequence[View]) -> Maps:
    return [np.stack(maps).astype(np.float16) for maps in zip(*(view.inner_maps for view in views), strict=True)]
