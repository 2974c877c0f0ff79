"""Do photos with EXIF orientation 0 to 8 come out upright, at every scale of the decoder?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.figures import Figure
from photo_ranker.images import Limits, OpenPhoto, Picture, open_photo
from photo_ranker.settings import Settings

__all__ = ["AGREES_BELOW", "differences", "measure"]

AGREES_BELOW = 5.0
"""Grey levels. The files differ by the number painted on them and by compression (up to 4); turned wrongly, by 40."""

SCALES = (1, 2, 4, 8)


def measure(data: Path) -> Iterator[Figure]:
    """The share of files that come out like number 1 of their series."""
    found = differences(data)
    upright = sum(difference < AGREES_BELOW for difference in found.values())
    note = f"{len(found)} files, largest difference {max(found.values(), default=0.0):.1f} grey levels"
    yield Figure("orientation", "EXIF orientation, files upright", upright / max(len(found), 1), None, 1.0, note=note)


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
