from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies

from photo_ranker.models.base import DetectedFace
from photo_ranker.quality.chip import SIDE, chip_of

NUMBERS = strategies.floats(-500, 500)
SIZES = strategies.floats(0.01, 900)


def a_box(x: float, y: float, width: float, height: float) -> DetectedFace:
    return DetectedFace((x, y, width, height), ((x, y),) * 5, 0.9)


def a_picture(height: int = 200, width: int = 300) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(("size", "side"), [(300, SIDE), (113, SIDE), (112, 112), (50, 50), (0.2, 1)])
def test_a_large_face_is_reduced_and_a_small_one_is_left(size: float, side: int) -> None:
    chip = chip_of(a_picture(900, 900), a_box(100, 100, size, size))
    assert chip is not None
    assert chip.pixels.shape == (side, side, 3)
    assert chip.grey.shape == (side, side)


def test_a_small_chip_is_the_picture_itself() -> None:
    picture = a_picture()
    chip = chip_of(picture, a_box(40, 30, 50, 40))
    assert chip is not None
    assert np.array_equal(chip.pixels, picture[25:75, 40:90])


def test_beyond_the_picture_its_edge_is_repeated() -> None:
    picture = a_picture()
    chip = chip_of(picture, a_box(-10, 20, 40, 40))
    assert chip is not None
    assert np.array_equal(chip.pixels[:, 10:], picture[20:60, :30])
    assert (chip.pixels[:, :10] == picture[20:60, :1]).all()


def test_points_of_the_picture_are_found_in_the_chip() -> None:
    picture = np.zeros((600, 600, 3), np.uint8)
    picture[240:260, 300:320] = 255
    chip = chip_of(picture, a_box(100, 100, 400, 400))
    assert chip is not None
    assert chip.at(chip.grey, np.array([[310, 250, 0], [150, 150, 0]], np.float32)).tolist() == pytest.approx(
        [253, 0], abs=4
    )


def test_weights_are_one_in_the_middle_and_nothing_at_the_edge() -> None:
    chip = chip_of(a_picture(), a_box(20, 20, 101, 101))
    assert chip is not None
    weights = chip.weights(0.16, 0.19)
    assert weights[50, 50] == pytest.approx(1)
    assert weights[0].max() == weights[:, 0].max() == 0
    assert weights == pytest.approx(weights[::-1, ::-1], abs=1e-6)


@given(NUMBERS, NUMBERS, SIZES, SIZES)
def test_any_box_gives_a_chip_or_nothing(x: float, y: float, width: float, height: float) -> None:
    chip = chip_of(a_picture(60, 80), a_box(x, y, width, height))
    if chip is None:
        side = max(width, height)
        middle_x, middle_y = x + width / 2, y + height / 2
        assert not (1 < middle_x < 79 and 1 < middle_y < 59) or side < 1
    else:
        assert chip.grey.shape == chip.pixels.shape[:2]
        assert 1 <= len(chip.grey) <= SIDE
