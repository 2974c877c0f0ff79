from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photo_ranker.models.align import CROP_SIDE, FIVE_POINTS, align, averaged, cut, reduced, similarity
from photo_ranker.records import Point
from pictures import picture

EYES = ((202.0, 103.0), (246.0, 104.0), (222.0, 126.0), (202.0, 144.0), (241.0, 145.0))
"""Of the astronaut."""


def moved(points: tuple[Point, ...], scale: float, angle: float, x: float, y: float) -> list[Point]:
    turn = complex(np.cos(angle), np.sin(angle)) * scale
    return [((turn * complex(*point)).real + x, (turn * complex(*point)).imag + y) for point in points]


@given(st.floats(0.01, 100), st.floats(-np.pi, np.pi), st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_a_turn_a_scale_and_a_shift_are_found_again(scale: float, angle: float, x: float, y: float) -> None:
    matrix = similarity(moved(FIVE_POINTS, scale, angle, x, y), FIVE_POINTS)
    assert np.allclose(np.linalg.norm(matrix[:, 0]) * scale, 1, rtol=1e-6)
    there = matrix[:, :2] @ np.array(moved(FIVE_POINTS, scale, angle, x, y)).T + matrix[:, 2:]
    assert np.allclose(there.T, FIVE_POINTS, atol=1e-5 * max(1, (abs(x) + abs(y)) / scale))


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=5, max_size=5))
def test_any_five_points_give_a_matrix_without_a_reflection(points: list[Point]) -> None:
    matrix = similarity(points, FIVE_POINTS)
    assert np.isfinite(matrix).all()
    assert np.linalg.det(matrix[:, :2]) >= 0


def test_no_other_matrix_of_its_kind_fits_better() -> None:
    best = similarity(EYES, FIVE_POINTS)

    def miss(matrix: np.ndarray) -> float:
        return float(np.sum((np.array(EYES) @ matrix[:, :2].T + matrix[:, 2] - FIVE_POINTS) ** 2))

    for change in ([1e-3, 0, 0, 0], [0, 1e-3, 0, 0], [0, 0, 0.1, 0], [0, 0, 0, 0.1]):
        a, b, x, y = change
        assert miss(best + np.array([[a, -b, x], [b, a, y]])) > miss(best)
        assert miss(best - np.array([[a, -b, x], [b, a, y]])) > miss(best)


def test_the_crop_is_what_opencv_cuts_where_nothing_is_strongly_reduced() -> None:
    pixels = picture("astronaut.png")
    matrix = similarity(EYES, FIVE_POINTS)
    assert np.array_equal(align(pixels, EYES), cv2.warpAffine(pixels, matrix, (CROP_SIDE, CROP_SIDE)))


def test_a_large_face_gives_the_same_crop_as_the_same_face_small() -> None:
    small = picture("astronaut.png")
    large = cv2.resize(small, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
    in_large = [(x * 5 + 2, y * 5 + 2) for x, y in EYES]
    difference = np.abs(align(large, in_large).astype(float) - align(small, EYES))
    assert difference.mean() < 2


def test_a_large_face_does_not_turn_fine_detail_into_noise() -> None:
    rng = np.random.default_rng(1)
    grain = rng.integers(0, 256, (2000, 2000, 3), np.uint8)
    crop = cut(grain, np.array([[0.06, 0, 0], [0, 0.06, 0]]), 112)
    assert crop.std() < 10  # sampling alone would leave about 50


def test_a_face_beyond_the_edge_is_filled_up_with_black() -> None:
    crop = align(np.full((50, 50, 3), 200, np.uint8), [(x - 30, y - 30) for x, y in FIVE_POINTS])
    assert (crop[:29, :29] == 0).all()
    assert (crop[31:79, 31:79] == 200).all()


@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.02, 1))
def test_reducing_keeps_a_plain_colour(height: int, width: int, scale: float) -> None:
    if min(height, width) * scale < 1:
        return
    small = reduced(np.full((height, width, 3), 77, np.uint8), scale)
    assert (small == 77).all()
    assert abs(small.shape[0] - height * scale) <= 1 / scale * scale + 1
    assert abs(small.shape[1] - width * scale) <= 2


def test_averaging_leaves_out_an_incomplete_row() -> None:
    pixels = np.zeros((5, 4, 3), np.uint8)
    pixels[4] = 255
    assert averaged(pixels, 2).shape == (2, 2, 3)
    assert averaged(pixels, 2).max() == 0
