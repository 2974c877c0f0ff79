from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from msgspec.structs import replace

from photo_ranker.person_finder.populations import WIDER, Mixture, fit_mixture, population_of

PEOPLE = population_of("sface")


def crowd(count: int, mean: float = 0.08, spread: float = 0.09, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, spread, count).astype(np.float32)


def test_a_large_album_decides_itself_and_a_small_one_does_not() -> None:
    small, large = (fit_mixture(crowd(count, mean=0.12), PEOPLE) for count in (4, 5000))
    assert small.stranger_mean == pytest.approx(PEOPLE.stranger_mean, abs=0.02)
    assert large.stranger_mean == pytest.approx(0.12, abs=0.005)


def test_the_share_of_the_person_is_seen() -> None:
    found = fit_mixture(np.concatenate([crowd(900), crowd(100, mean=0.65)]), PEOPLE)
    assert found.share == pytest.approx(0.1, abs=0.02)
    assert found.stranger_spread == pytest.approx(0.09, abs=0.005)


def test_photos_of_the_person_are_not_taken_for_strangers() -> None:
    """With a reference that is far from most of them they would widen the crowd of strangers."""
    found = fit_mixture(crowd(1000, mean=0.45, spread=0.12), PEOPLE)
    assert found.stranger_mean <= PEOPLE.stranger_mean + 0.061
    assert found.threshold() < 0.4


def test_the_threshold_is_where_the_certainty_is() -> None:
    found = fit_mixture(crowd(300), PEOPLE)
    for certainty in (0.1, 0.5, 0.9):
        assert float(found.certainty(np.array([found.threshold(certainty)]))[0]) == pytest.approx(certainty, abs=0.03)


def test_more_strangers_raise_the_line() -> None:
    lines = [fit_mixture(crowd(count), PEOPLE).threshold() for count in (0, 10, 100, 1000, 10_000, 100_000)]
    assert lines == sorted(lines)
    # At 100,000 faces one stranger in a million still passes: 4.7 spreads.
    assert lines[-1] == pytest.approx(0.08 + 4.7 * 0.09, abs=0.04)


@given(arrays(np.float32, st.integers(0, 60), elements=st.floats(-1, 1, width=32)), st.floats(1.0, 3.0))
def test_whatever_comes_the_line_is_usable(similarity: np.ndarray, gain: float) -> None:
    found = fit_mixture(similarity, PEOPLE, gain)
    assert 0 < found.share <= 0.5
    assert found.stranger_mean < found.threshold() < found.same_mean
    certainty = found.certainty(np.linspace(-1, 1, 200))
    assert np.isfinite(certainty).all()
    assert (np.diff(certainty) >= -1e-9).all()


def test_look_alikes_raise_the_threshold_of_large_albums_more_than_of_small_ones() -> None:
    small, large = Mixture(0.07, 0.08, 0.6, 0.13, 0.2), Mixture(0.07, 0.08, 0.6, 0.13, 0.001)
    raised = [replace(usual, look_alikes=0.1).threshold() - usual.threshold() for usual in (small, large)]
    assert 0.005 < raised[0] < 0.03 < raised[1]
    assert replace(large, look_alikes=0.1).certainty(np.array([0.7]))[0] > 0.99


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("chance", [0.4, 0.01, 1e-5])
def test_two_strangers_exceed_a_likeness_by_its_chance(share: float, chance: float) -> None:
    draw = np.random.default_rng(0).normal(size=4_000_000)
    draw[: int(share * len(draw))] *= WIDER
    likeness = replace(PEOPLE, look_alikes=share).likeness(chance)
    beyond = float((draw > (likeness - PEOPLE.stranger_mean) / PEOPLE.stranger_spread).mean())
    assert beyond == pytest.approx(chance, rel=0.5 if chance < 1e-4 else 0.05)


def test_an_album_moves_strangers_only_so_far() -> None:
    """The middle by 0.06, the spread to 0.78 and 1.33 times that of people in general."""
    high, low = (fit_mixture(crowd(5000, mean=mean), PEOPLE).stranger_mean for mean in (0.3, -0.2))
    assert (high, low) == pytest.approx((PEOPLE.stranger_mean + 0.06, PEOPLE.stranger_mean - 0.06))
    wide, narrow = (fit_mixture(crowd(5000, spread=spread), PEOPLE).stranger_spread for spread in (0.2, 0.01))
    assert (wide, narrow) == pytest.approx((PEOPLE.stranger_spread * 1.33, PEOPLE.stranger_spread * 0.78))


def test_an_empty_album_says_nothing_and_half_a_face_of_five_is_expected() -> None:
    found = fit_mixture(np.zeros(0, np.float32), PEOPLE)
    assert (found.stranger_mean, found.stranger_spread) == pytest.approx((PEOPLE.stranger_mean, PEOPLE.stranger_spread))
    assert (found.same_mean, found.same_spread) == (PEOPLE.same_mean, PEOPLE.same_spread)
    assert found.share == pytest.approx(0.1)


def test_a_portrait_session_counts_as_half_the_album() -> None:
    assert fit_mixture(crowd(200, mean=0.65), PEOPLE).share == 0.5


def test_photos_are_nearer_to_a_mean_of_several_up_to_a_limit() -> None:
    nobody = np.zeros(0, np.float32)
    assert fit_mixture(nobody, PEOPLE, 1.2).same_mean == pytest.approx(0.72)
    assert fit_mixture(nobody, PEOPLE, 3.0).same_mean == 0.8


def test_a_face_with_a_weight_stands_for_several() -> None:
    similarity = np.concatenate([crowd(300), crowd(30, mean=0.65)])
    weights = np.tile(np.array([1, 2, 3], np.float32), 110)
    weighed = fit_mixture(similarity, PEOPLE, weights=weights)
    whole = fit_mixture(np.repeat(similarity, weights.astype(int)), PEOPLE)
    for name in ("stranger_mean", "stranger_spread", "share"):
        assert getattr(weighed, name) == pytest.approx(getattr(whole, name), rel=1e-6)


def test_if_all_strangers_are_look_alikes_they_scatter_more() -> None:
    usual, grid = Mixture(0.07, 0.08, 0.6, 0.13, 0.2), np.linspace(-1, 1, 50)
    wider = replace(usual, stranger_spread=0.08 * WIDER)
    assert replace(usual, look_alikes=1.0).certainty(grid) == pytest.approx(wider.certainty(grid))
    people = replace(PEOPLE, look_alikes=1.0)
    scattered = replace(PEOPLE, stranger_spread=PEOPLE.stranger_spread * WIDER)
    for chance in (0.3, 0.001):
        assert people.likeness(chance) == pytest.approx(scattered.likeness(chance), abs=1e-5)


def test_beyond_the_means_nothing_changes() -> None:
    found = Mixture(0.07, 0.08, 0.6, 0.13, 0.2)
    certainty = found.certainty(np.linspace(-1, 1, 201))
    assert (np.diff(certainty) >= 0).all()
    assert found.certainty(np.array([1.0]))[0] > 0.999
    assert found.certainty(np.array([-1.0]))[0] < 1e-5


def test_the_certainty_is_the_share_of_densities() -> None:
    """At one spread from both means the densities are as the inverse spreads."""
    found = Mixture(0.1, 0.1, 0.5, 0.3, 0.25)
    same, other = 0.25 / 0.3, 0.75 / 0.1
    assert found.certainty(np.array([0.2]))[0] == pytest.approx(same / (same + other))


def test_nothing_is_as_certain_as_that() -> None:
    found = Mixture(0.07, 0.3, 0.6, 0.13, 1e-6)
    assert found.threshold(0.9) == 1.0
    assert found.threshold(0.0) == pytest.approx(0.07)
