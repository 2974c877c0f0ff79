from __future__ import annotations

import pytest
from hypothesis import given, strategies

from photo_ranker.ranker.curves import curve, ratio_curve, soft_curve

ENDS = strategies.tuples(strategies.floats(-100, 100), strategies.floats(-100, 100))
VALUES = strategies.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("value", "ends", "score"),
    [(5, (0, 10), 0.5), (-1, (0, 10), 0), (11, (0, 10), 1), (15, (60, 0), 0.75), (80, (60, 0), 0), (3, (3, 3), 1)],
)
def test_straight_between_the_ends_and_flat_beyond(value: float, ends: tuple[float, float], score: float) -> None:
    assert curve(value, ends) == pytest.approx(score)


def test_unknown_stays_unknown() -> None:
    assert curve(None, (0, 1)) is None
    assert soft_curve(None, (0, 1)) is None


def test_soft_ends() -> None:
    assert soft_curve(0, (0, 10)) == pytest.approx(0.047, abs=0.001)
    assert soft_curve(5, (0, 10)) == pytest.approx(0.5)
    assert soft_curve(10, (0, 10)) == pytest.approx(0.953, abs=0.001)
    assert 0.953 < (soft_curve(11, (0, 10)) or 0) < 1


@given(VALUES, VALUES, ENDS)
def test_more_is_never_less(one: float, other: float, ends: tuple[float, float]) -> None:
    low, high = sorted((one, other))
    if ends[0] > ends[1]:
        low, high = high, low
    for shape in (curve, soft_curve):
        first, second = shape(low, ends), shape(high, ends)
        assert first is not None
        assert second is not None
        assert 0 <= first <= second <= 1


def test_ends_that_are_one_value_are_a_step() -> None:
    for shape in (curve, soft_curve):
        assert [shape(value, (3, 3)) for value in (2.9, 3, 3.1)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("value", "score"), [(10, 0), (20, 1 / 3), (40, 2 / 3), (80, 1), (5, 0), (160, 1), (0, 0), (-1, 0)]
)
def test_twice_as_large_is_an_equal_step(value: float, score: float) -> None:
    assert ratio_curve(value, (10, 80)) == pytest.approx(score)
    assert ratio_curve(value, (80, 10)) == pytest.approx(1 - score)
