from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from photo_ranker.terms import Penalty, Term, total_score

PARTS = st.floats(0, 1)
TERMS = st.lists(st.builds(Term, st.just("x"), st.none() | PARTS, st.floats(0, 10)), max_size=6)
PENALTIES = st.lists(st.builds(Penalty, st.just("x"), PARTS, PARTS), max_size=3)


def test_a_score_is_the_weighted_mean() -> None:
    assert total_score([Term("a", 1.0, 3.0), Term("b", 0.5, 1.0)], []) == 0.875


def test_an_unknown_signal_gives_its_weight_to_the_others() -> None:
    known = [Term("a", 0.8, 3.0), Term("b", 0.4, 1.0)]
    assert total_score([*known, Term("c", None, 100.0)], []) == total_score(known, [])


def test_a_penalty_takes_its_share() -> None:
    assert total_score([Term("a", 1.0, 1.0)], [Penalty("cut", 0.0, 0.5)]) == 0.5
    assert total_score([Term("a", 1.0, 1.0)], [Penalty("cut", 0.5, 0.5)]) == 0.75


def test_nothing_known_scores_nothing() -> None:
    assert total_score([Term("a", None, 1.0)], []) == 0.0


@given(TERMS, PENALTIES)
def test_a_score_lies_between_0_and_1(terms: list[Term], penalties: list[Penalty]) -> None:
    assert 0.0 <= total_score(terms, penalties) <= 1.0


@given(TERMS, PARTS, PARTS)
def test_a_better_signal_never_scores_less(terms: list[Term], one: float, other: float) -> None:
    low, high = sorted((one, other))
    worse, better = ([*terms, Term("y", value, 2.0)] for value in (low, high))
    assert total_score(worse, []) <= total_score(better, []) + 1e-4
