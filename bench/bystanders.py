"""Does a photo score higher with somebody else in it? Pairs of the same face with and without a stranger.

Half of the pairs have a passer-by pasted into the background, half are two crops of one group photo, with and without
the neighbour. The pixels of the face are the same in both; a stranger should never raise its score.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure, share
from bench.measured import central, face_at
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.analysis.analyser import Analyser
from photo_ranker.ranker import score_photo
from photo_ranker.records import Box, Match
from photo_ranker.settings import Settings

__all__ = ["Pair", "cropped", "measure", "pasted", "raises"]

Pixels = NDArray[np.uint8]
Place = tuple[float, float]
Pair = tuple[Pixels, Pixels, Place]
"""Without and with the stranger, and where the person is in both, in pixels."""

OF_EACH = 100
NOISE = 0.005
"""The detector's boxes differ a little from crop to crop, and so do scores."""
_ROOM = 110
"""Pixels of background added on either side of a portrait: its edge, repeated; a mirror image could hold faces."""


def measure(data: Path) -> Iterator[Figure]:
    """The largest raise, and how many pairs are raised by more than noise."""
    analyser = AnalyserSpec().open()
    portraits = sorted((data / "faces_lfw").glob("*/*.jpg"))
    groups = sorted([*(data / "albums").glob("**/*.jpg"), *(data / "events").glob("**/*.jpg")])
    random.Random(5).shuffle(groups)
    made = (("a passer-by pasted", pasted(portraits, analyser)), ("a neighbour in the crop", cropped(groups, analyser)))
    for name, pairs in made:
        found = raises(pairs, analyser)
        value, error = share(sum(one > NOISE for one in found), len(found))
        note = f"{len(found)} pairs, largest raise {max(found):+.4f}"
        yield Figure("bystanders", f"{name}: raised by more than {NOISE}", value, error, note=note)


def raises(pairs: Iterator[Pair], analyser: Analyser) -> list[float]:
    """By how much the stranger raises the score of each person who is found in both photos."""
    found = []
    for without, beside, place in pairs:
        scores = [_score(pixels, place, analyser) for pixels in (without, beside)]
        if scores[0] is not None and scores[1] is not None:
            found.append(scores[1] - scores[0])
    return found


def pasted(photos: list[Path], analyser: Analyser, many: int = OF_EACH) -> Iterator[Pair]:
    """Portraits with more background, and the same with the face of somebody else in it."""
    chance = random.Random(3)
    chosen = chance.sample(photos, 4 * many)
    made = 0
    for person, stranger in zip(chosen[::2], chosen[1::2], strict=True):
        face = central(analyser.analyse(stranger))
        if made == many or face is None:
            continue
        pixels = _read(person)
        wide = cast("Pixels", cv2.copyMakeBorder(pixels, 0, 0, _ROOM, _ROOM, cv2.BORDER_REPLICATE))
        beside = wide.copy()
        patch = _patch(_read(stranger), face.box, chance.uniform(0.5, 1.0))
        top = chance.randint(0, wide.shape[0] - patch.shape[0])
        left = 0 if chance.random() < 0.5 else wide.shape[1] - patch.shape[1]
        beside[top : top + patch.shape[0], left : left + patch.shape[1]] = patch
        made += 1
        yield wide, beside, (wide.shape[1] / 2, wide.shape[0] / 2)


def cropped(photos: list[Path], analyser: Analyser, many: int = OF_EACH) -> Iterator[Pair]:
    """Pieces of group photos: one person, and the same piece wide enough to hold the neighbour on the right."""
    made = 0
    for photo in photos:
        faces = sorted(face.box for face in analyser.analyse(photo).faces if face.size_px >= 40)
        pixels = _read(photo)
        for person, neighbour in pairwise(faces):
            x, y, width, height = person
            between = (x + width + neighbour[0]) / 2
            if not 0.6 < neighbour[3] / height < 1.6 or abs(neighbour[1] - y) > height or between < x + width * 1.02:
                continue
            top, bottom, left = max(0, int(y - height)), int(y + 2.2 * height), max(0, int(x - 0.8 * width))
            ends = (int(between), int(neighbour[0] + neighbour[2] * 1.4))
            narrow, wide = (np.ascontiguousarray(pixels[top:bottom, left:end]) for end in ends)
            made += 1
            yield narrow, wide, (x + width / 2 - left, y + height / 2 - top)
            if made == many:
                return


def _patch(pixels: Pixels, box: Box, ratio: float) -> Pixels:
    """Head and some background of a stranger, narrow enough for the added room."""
    x, y, width, height = box
    left, top = max(0, int(x - 0.25 * width)), max(0, int(y - 0.3 * height))
    piece = pixels[top : int(y + 1.25 * height), left : int(x + 1.25 * width)]
    scale = min(ratio, _ROOM / piece.shape[1])
    return cast("Pixels", cv2.resize(piece, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))


def _score(pixels: Pixels, place: Place, analyser: Analyser) -> float | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made.png")
        cv2.imwrite(str(path), pixels)
        record = analyser.analyse(path)
    face = face_at(record, place)
    if face is None:
        return None
    album = Album([AlbumPhoto("made.png", record)])
    number = next(at for at, other in enumerate(album.faces) if other.id == face.id)
    return score_photo(album, Match(0, number, 1.0, 1.0, None), Settings()).score


def _read(path: Path) -> Pixels:
    return cast("Pixels", cv2.imread(str(path)))
