from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import pytest
from hypothesis import given, settings, strategies
from numpy.typing import NDArray

from photo_ranker import quality
from pictures import picture, scaled

Pixels = NDArray[np.uint8]
NAMES = ("t1.jpg", "astronaut.png", "Tom_Hanks_54745.png", "mask_blue.jpg", "mask_white.jpg")


def distance(one: Pixels, other: Pixels) -> int:
    return (int(quality.measure_picture(one).phash, 16) ^ int(quality.measure_picture(other).phash, 16)).bit_count()


def as_jpeg(pixels: Pixels, quality_percent: int) -> Pixels:
    data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality_percent])[1]
    return cast("Pixels", cv2.imdecode(data, cv2.IMREAD_COLOR))


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_that_is_smaller_lighter_or_compressed_has_nearly_the_same_hash(name: str) -> None:
    pixels = picture(name)
    assert distance(pixels, scaled(pixels, 0.5)) <= 4
    assert distance(pixels, as_jpeg(pixels, 40)) <= 4
    assert distance(pixels, (pixels * 0.8 + 20).astype(np.uint8)) <= 4


def test_other_pictures_have_other_hashes() -> None:
    assert min(distance(picture(one), picture(other)) for one in NAMES for other in NAMES if one != other) >= 20


def test_a_hash_is_16_hex_digits_also_of_nothing() -> None:
    for pixels in (np.zeros((1, 1, 3), np.uint8), np.full((9, 700, 3), 255, np.uint8)):
        assert len(quality.measure_picture(pixels).phash) == 16
        int(quality.measure_picture(pixels).phash, 16)


def test_sharpness_and_light_of_a_picture() -> None:
    sharp = quality.measure_picture(picture("t1.jpg"))
    soft = quality.measure_picture(cast("Pixels", cv2.GaussianBlur(picture("t1.jpg"), (0, 0), 6)))
    assert sharp.sharpness is not None
    assert soft.sharpness is not None
    assert sharp.sharpness > 1.8
    assert soft.sharpness < 1.0
    assert sharp.brightness == pytest.approx(0.5, abs=0.05)
    assert sharp.white < 0.02


def test_a_picture_with_one_part_in_focus_is_sharp() -> None:
    pixels = picture("t1.jpg")
    mixed = cv2.GaussianBlur(pixels, (0, 0), 8)
    mixed[:, :640] = pixels[:, :640]
    half, whole = quality.measure_picture(cast("Pixels", mixed)), quality.measure_picture(pixels)
    assert half.sharpness == pytest.approx(whole.sharpness, abs=0.25)


def test_a_flat_picture_has_no_sharpness() -> None:
    assert quality.measure_picture(np.full((300, 400, 3), 90, np.uint8)).sharpness is None


@given(strategies.integers(1, 700), strategies.integers(1, 700))
@settings(deadline=None, max_examples=30)
def test_any_size_is_measured(rows: int, columns: int) -> None:
    figures = quality.measure_picture(np.random.default_rng(0).integers(0, 256, (rows, columns, 3), np.uint8))
    assert figures.sharpness is None or np.isfinite(figures.sharpness)
    assert 0 <= figures.brightness <= 1
