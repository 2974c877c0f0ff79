"""The strips around the eyes of labelled faces."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from bench.labels import Labelled
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.images import Limits, open_photo
from photo_ranker.models import DetectedFace, Engine
from photo_ranker.models.engines import open_engine
from photo_ranker.quality.eyewear import STRIP, eye_strip
from photo_ranker.quality.sharpness import Grey, chip_of
from photo_ranker.records import Face
from photo_ranker.settings import Settings

__all__ = ["Strips", "strips_of"]

Strips = np.ndarray[tuple[int, int, int], np.dtype[np.float32]]
"""One strip after the other."""


def strips_of(data: Path, labelled: Sequence[Labelled]) -> Strips:
    """The strip of each face that was found."""
    found = [(data / item.row["file"], item.face) for item in labelled if item.face is not None]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        strips = [strip for strip in pool.map(_strip, *zip(*found, strict=True), chunksize=16) if strip is not None]
    return np.stack(strips).reshape(len(strips), *STRIP)


@cache
def _engine() -> Engine:
    spec = AnalyserSpec()
    return open_engine(spec.engine, spec.options)


def _strip(path: Path, face: Face) -> Grey | None:
    settings = Settings()
    photo = open_photo(path, Limits.of(settings.measure))
    picture = photo.picture(max(photo.info.width, photo.info.height))
    spot = DetectedFace(face.box, face.points, face.detection).moved(picture.scale)
    mesh = _engine().mesher.measure(picture.pixels, [spot])[0]
    chip = chip_of(picture.pixels, spot)
    return None if mesh is None or chip is None else eye_strip(chip, mesh.points)
