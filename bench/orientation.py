"""Do photos with EXIF orientation 0 to 8 come out upright, and are faces found in turned photos without one?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure
from photo_ranker.images import Limits, OpenPhoto, Picture, open_photo
from photo_ranker.models import DetectedFace, EngineOptions
from photo_ranker.models.yunet import YuNetDetector
from photo_ranker.settings import Settings

__all__ = ["AGREES_BELOW", "differences", "measure"]

AGREES_BELOW = 5.0
"""Grey levels. The files differ by the number painted on them and by compression (up to 4); turned wrongly, by 40."""

SCALES = (1, 2, 4, 8)

EVERY, SIDE = 12, 1600
"""One in so many photos of the events is turned, reduced to this many px."""
LEAST_PX, LEAST_SCORE = 30.0, 0.8
"""Faces of at least this many px, with at least this score, must be found again."""
FLOORS = {1: 0.95, 3: 0.95}
"""By quarter turns. Upside down has none: nobody knows how many such photos there are, but hardly any."""
NEAR = 0.15
"""A face is found again where its five points are moved by no more than this share of its side, on average."""


def measure(data: Path) -> Iterator[Figure]:
    """The share of files that come out like number 1 of their series."""
    found = differences(data)
    upright = sum(difference < AGREES_BELOW for difference in found.values())
    note = f"{len(found)} files, largest difference {max(found.values(), default=0.0):.1f} grey levels"
    yield Figure("orientation", "EXIF orientation, files upright", upright / max(len(found), 1), None, 1.0, note=note)
    for quarters, (again, faces) in _found_when_turned(data).items():
        name, note = f"faces found with the photo turned by {90 * quarters} degrees", f"{faces} faces, no EXIF"
        yield Figure("orientation", name, again / max(faces, 1), None, FLOORS.get(quarters), note=note)


def _found_when_turned(data: Path) -> dict[int, tuple[int, int]]:
    """Quarter turns -> how many faces are found again, of how many."""
    settings = Settings().measure
    detector = YuNetDetector(EngineOptions(settings.detect_side, settings.detect_threshold))
    counts = dict.fromkeys((1, 2, 3), (0, 0))
    for path in sorted((data / "events").rglob("*.jpg"))[::EVERY]:
        pixels = open_photo(path, Limits.of(settings)).picture(SIDE).pixels
        faces = [
            face for face in detector.detect(pixels) if min(face.box[2:]) >= LEAST_PX and face.score >= LEAST_SCORE
        ]
        for quarters, (again, many) in counts.items():
            found = detector.detect(np.ascontiguousarray(np.rot90(pixels, quarters)))
            points = _turned_back(found, quarters, pixels)
            counts[quarters] = again + sum(_is_among(face, points) for face in faces), many + len(faces)
    return counts


def _turned_back(faces: Sequence[DetectedFace], quarters: int, upright: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The points of faces that were found in the turned picture, where they lie in the upright one."""
    across, down = np.moveaxis(np.array([face.points for face in faces]).reshape(-1, 5, 2), 2, 0)
    right, bottom = upright.shape[1] - 1, upright.shape[0] - 1
    back = {1: (right - down, across), 2: (right - across, bottom - down), 3: (down, bottom - across)}
    return np.stack(back[quarters], axis=2)


def _is_among(face: DetectedFace, points: NDArray[np.float64]) -> bool:
    away = np.linalg.norm(points - np.array(face.points), axis=2).mean(axis=1)
    return bool(away.min(initial=np.inf) <= NEAR * min(face.box[2:]))


def differences(data: Path) -> dict[str, float]:
    """File name -> mean difference in grey levels to number 1 of its series, the largest of all scales."""
    limits = Limits.of(Settings().measure)
    paths = sorted((data / "formats" / "exif_orientation").glob("*_[0-8].jpg"))
    photos = {path.stem: open_photo(path, limits) for path in paths}
    return {name: _largest(photo, photos[f"{name[:-1]}1"]) for name, photo in photos.items()}


def _largest(photo: OpenPhoto, upright: OpenPhoto) -> float:
    full = max(upright.info.width, upright.info.height)
    return max(_difference(photo.picture(full // scale), upright.picture(full // scale)) for scale in SCALES)


def _difference(one: Picture, other: Picture) -> float:
    if one.pixels.shape != other.pixels.shape:
        return 255.0  # lies on its side
    return float(np.abs(one.pixels.astype(np.int16) - other.pixels).mean())
