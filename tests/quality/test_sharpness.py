from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import pytest
from hypothesis import given, strategies
from numpy.typing import NDArray

from looks import looks
from photo_ranker.models import DetectedFace
from photo_ranker.quality.sharpness import (
    SIDE,
    chip_of,
    noise_of,
    noise_of_counts,
    percentiles_of,
    sharpness_of,
    steps_of,
)
from pictures import picture, scaled

Pixels = NDArray[np.uint8]


def blurred(pixels: Pixels, deviation: float) -> Pixels:
    return cast("Pixels", cv2.GaussianBlur(pixels, (0, 0), deviation))


def shaken(pixels: Pixels, length: int, *, upright: bool) -> Pixels:
    kernel = np.ones((length, 1) if upright else (1, length), np.float32) / length
    return cast("Pixels", cv2.filter2D(pixels, -1, kernel))


def with_grain(pixels: Pixels, deviation: float) -> Pixels:
    grain = np.random.default_rng(1).normal(0, deviation, pixels.shape)
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def sharpness(pixels: Pixels) -> float:
    """Of the one face."""
    (look,) = looks(pixels)
    assert look.signals.sharpness is not None
    return look.signals.sharpness


@pytest.fixture(scope="module")
def astronaut() -> Pixels:
    return picture("astronaut.png")


def test_real_faces_are_sharp(astronaut: Pixels) -> None:
    assert sharpness(astronaut) > 0.8
    assert all(0.6 < (look.signals.sharpness or 0) < 0.95 for look in looks(picture("t1.jpg")))


def test_the_more_blurred_the_less_sharp(astronaut: Pixels) -> None:
    found = [sharpness(astronaut), *(sharpness(blurred(astronaut, deviation)) for deviation in (0.5, 1, 1.5, 2, 3, 4))]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)
    assert found[-1] < 0.25


@pytest.mark.parametrize("upright", [False, True])
def test_the_more_shaken_the_less_sharp(astronaut: Pixels, upright: bool) -> None:
    found = [sharpness(astronaut), *(sharpness(shaken(astronaut, length, upright=upright)) for length in (3, 5, 9, 15))]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.45


def test_a_small_sharp_face_is_sharp(astronaut: Pixels) -> None:
    whole = sharpness(astronaut)
    for scale in (0.7, 0.5, 0.4):
        assert sharpness(scaled(astronaut, scale)) == pytest.approx(whole, abs=0.12)


def test_a_small_face_made_large_is_not(astronaut: Pixels) -> None:
    found = [sharpness(scaled(scaled(astronaut, part), 1 / part)) for part in (0.5, 0.25, 0.125)]
    assert sharpness(astronaut) > found[0] > found[1] > found[2]
    assert found[2] < 0.5


def test_a_soft_background_costs_nothing(astronaut: Pixels) -> None:
    (look,) = looks(astronaut)
    x, y, width, height = look.found.box
    head = np.zeros(astronaut.shape[:2], np.float32)
    middle = (round(x + width / 2), round(y + height / 2))
    cv2.ellipse(head, middle, (round(width * 0.65), round(height * 0.65)), 0, 0, 360, 1.0, -1)
    mixed = astronaut * head[..., None] + blurred(astronaut, 8) * (1 - head[..., None])
    assert sharpness(mixed.astype(np.uint8)) == pytest.approx(look.signals.sharpness, abs=0.03)


def test_darkness_costs_nothing(astronaut: Pixels) -> None:
    dark = (astronaut * 0.4).astype(np.uint8)
    assert sharpness(dark) == pytest.approx(sharpness(astronaut), abs=0.04)


def test_grain_is_measured_and_is_not_taken_for_detail(astronaut: Pixels) -> None:
    soft = blurred(astronaut, 3)
    clean, grainy = looks(soft)[0], looks(with_grain(soft, 8))[0]
    assert clean.face.figures is not None
    assert grainy.face.figures is not None
    assert clean.face.figures.noise < 0.5
    assert grainy.face.figures.noise == pytest.approx(8 * 0.67, rel=0.25)  # the mean of three channels has less
    assert grainy.signals.sharpness == pytest.approx(clean.signals.sharpness, abs=0.15)
    assert (grainy.signals.noise or 0) < 0.75 < (clean.signals.noise or 0)


def test_of_a_flat_area_nothing_is_said() -> None:
    flat = np.full((64, 64), 120, np.float32)
    assert sharpness_of(flat, np.ones_like(flat), 0.0) is None


def test_noise_of_known_strength_is_found() -> None:
    rng = np.random.default_rng(3)
    for deviation in (1.0, 4.0, 10.0):
        grey = rng.normal(128, deviation, (112, 112)).astype(np.float32)
        assert noise_of(grey, np.ones_like(grey)) == pytest.approx(deviation, rel=0.1)


def test_a_handful_of_pixels_has_no_noise_to_speak_of() -> None:
    tiny = np.random.default_rng(0).normal(128, 9, (4, 4)).astype(np.float32)
    assert noise_of(tiny, np.ones_like(tiny)) == 0.0


@pytest.mark.parametrize("many", [1, 2, 7, 100])
def test_percentiles_of_counts_are_those_of_the_values(many: int) -> None:
    values = np.random.default_rng(many).integers(0, 40, many)
    wanted = np.percentile(values, (10, 25, 50, 95))
    assert percentiles_of(np.bincount(values), (10, 25, 50, 95)) == pytest.approx(wanted)


def test_noise_by_counting_is_the_same(astronaut: Pixels) -> None:
    grey = np.ascontiguousarray(with_grain(astronaut, 5)[..., 0])
    wanted = noise_of(grey.astype(np.float32), np.ones(grey.shape, np.float32))
    assert noise_of_counts(np.bincount(steps_of(grey)[1:-1, 1:-1].ravel())) == pytest.approx(wanted)
    assert wanted > 0


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
