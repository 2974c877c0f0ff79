"""A stranger never raises a score: real models on photos that differ in the stranger alone."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.analysis.analyser import Analyser
from photo_ranker.ranker import RankedPhoto, score_photo
from photo_ranker.records import Match
from photo_ranker.settings import Settings
from pictures import picture

Pixels = NDArray[np.uint8]
NOISE = 0.005
"""The detector's boxes differ a little when something else in the picture does."""
HEADS = ((60, 210, 120), (210, 120, 120), (470, 230, 130))
"""Left, top and side of squares around three heads in the television still."""


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return AnalyserSpec(engine="sface").open()


def ranked(pixels: Pixels, analyser: Analyser, path: Path) -> RankedPhoto:
    """The astronaut, who is the largest face."""
    cv2.imwrite(str(path), np.ascontiguousarray(pixels[..., ::-1]))
    album = Album([AlbumPhoto(path.name, analyser.analyse(path))])
    largest = max(range(len(album.faces)), key=lambda number: album.faces[number].size_px)
    return score_photo(album, Match(0, largest, 1.0, 1.0, None), Settings())


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(("side", "left"), [(60, 0), (150, 350)], ids=["far behind", "beside"])
def test_a_stranger_raises_no_score(
    head: tuple[int, int, int], side: int, left: int, analyser: Analyser, tmp_path: Path
) -> None:
    alone = picture("astronaut.png").copy()
    x, y, size = head
    beside = alone.copy()
    stranger = picture("t1.jpg")[y : y + size, x : x + size]
    beside[10 : 10 + side, left : left + side] = cv2.resize(stranger, (side, side), interpolation=cv2.INTER_AREA)
    before, after = (ranked(pixels, analyser, tmp_path / "a.png") for pixels in (alone, beside))
    assert len(analyser.analyse(tmp_path / "a.png").faces) > 1
    assert after.score <= before.score + NOISE
