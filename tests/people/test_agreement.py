"""The measures of agreement, against their definitions worked out face by face and pair by pair."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, permutations
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_ranker.people.agreement import Agreement, agreement

some_labels = st.integers(2, 6).flatmap(
    lambda count: st.tuples(*[st.lists(st.integers(0, 3), min_size=count, max_size=count)] * 2)
)


def compared(found: list[int], true: list[int]) -> Agreement:
    return agreement(np.array(found, np.int64), np.array(true, np.int64))


def entropy(labels: list[int]) -> float:
    return -sum(n / len(labels) * log(n / len(labels)) for n in Counter(labels).values())


def information(one: list[int], other: list[int]) -> float:
    joint = list(zip(one, other, strict=True))
    return entropy(one) + entropy(other) + sum(n / len(joint) * log(n / len(joint)) for n in Counter(joint).values())


def same_pairs(labels: list[int]) -> set[tuple[int, int]]:
    return {(one, two) for one, two in combinations(range(len(labels)), 2) if labels[one] == labels[two]}


@given(some_labels)
def test_information_is_what_the_entropies_say(both: tuple[list[int], list[int]]) -> None:
    found, true = both
    result, mutual = compared(found, true), information(found, true)
    homogeneity = mutual / entropy(true) if len(set(true)) > 1 else 1.0
    completeness = mutual / entropy(found) if len(set(found)) > 1 else 1.0
    assert result.homogeneity == pytest.approx(homogeneity, abs=1e-9)
    assert result.completeness == pytest.approx(completeness, abs=1e-9)
    total = homogeneity + completeness
    expected = 2 * homogeneity * completeness / total if total > 1e-9 else 0.0
    assert result.v_measure == pytest.approx(expected, abs=1e-7)


@given(some_labels)
def test_chance_is_what_all_orders_give_on_the_mean(both: tuple[list[int], list[int]]) -> None:
    found, true = both
    orders = list(permutations(found))
    chance = sum(information(list(order), true) for order in orders) / len(orders)
    most = (entropy(found) + entropy(true)) / 2
    if abs(most - chance) > 1e-9:
        assert compared(found, true).ami == pytest.approx(
            (information(found, true) - chance) / (most - chance), abs=1e-6
        )
    said, real = same_pairs(found), same_pairs(true)
    shuffled = [len(same_pairs(list(order)) & real) for order in orders]
    expected, best = sum(shuffled) / len(shuffled), (len(said) + len(real)) / 2
    if abs(best - expected) > 1e-9:
        ari = (len(said & real) - expected) / (best - expected)
        assert compared(found, true).ari == pytest.approx(ari, abs=1e-9)


@given(some_labels)
def test_pairs_and_faces_are_counted_one_by_one(both: tuple[list[int], list[int]]) -> None:
    found, true = both
    result, said, real = compared(found, true), same_pairs(found), same_pairs(true)
    precision = len(said & real) / len(said) if said else 1.0
    recall = len(said & real) / len(real) if real else 1.0
    assert result.pairwise[:2] == pytest.approx((precision, recall))
    assert result.fowlkes_mallows == pytest.approx(sqrt(precision * recall))
    faces = range(len(found))
    mine = [{other for other in faces if found[other] == found[face]} for face in faces]
    theirs = [{other for other in faces if true[other] == true[face]} for face in faces]
    shares = [(len(m & t) / len(m), len(m & t) / len(t)) for m, t in zip(mine, theirs, strict=True)]
    assert result.bcubed[:2] == pytest.approx(tuple(np.mean(shares, axis=0)))


def test_the_same_groups_agree_wholly_whatever_they_are_called() -> None:
    result = compared([5, 5, 9, 9, 0], [0, 0, 1, 1, 2])
    values = (result.ami, result.ari, result.homogeneity, result.completeness, result.v_measure)
    assert values == pytest.approx((1,) * 5)
    assert (*result.bcubed, *result.pairwise, result.fowlkes_mallows) == (1,) * 7
    assert compared([3, 3], [0, 0]) == compared([], []) == compared([0], [5]), "nor is there anything to get wrong"


def test_everybody_in_one_group_is_complete_and_says_nothing() -> None:
    result = compared([0, 0, 0, 0], [0, 0, 1, 1])
    assert (result.completeness, result.homogeneity, result.ami, result.ari) == pytest.approx((1, 0, 0, 0))
    assert result.pairwise == pytest.approx((1 / 3, 1, 1 / 2))


def test_groups_without_a_pair_in_common_agree_in_no_pair() -> None:
    result = compared([0, 0, 1, 1], [0, 1, 0, 1])
    assert (*result.pairwise, result.fowlkes_mallows) == (0, 0, 0, 0)
    assert result.bcubed == (1 / 2, 1 / 2, 1 / 2)


def test_nothing_disagrees_with_nothing() -> None:
    assert compared([], []).ami == compared([0], [3]).ami == 1.0


def test_scikit_learn_says_the_same_of_many_faces() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    true = rng.integers(0, 40, 500)
    found = np.where(rng.random(500) < 0.8, true, rng.integers(0, 60, 500))
    result = agreement(found, true)
    assert result.ami == pytest.approx(metrics.adjusted_mutual_info_score(true, found))
    assert result.ari == pytest.approx(metrics.adjusted_rand_score(true, found))
    assert result.v_measure == pytest.approx(metrics.v_measure_score(true, found))
    assert result.fowlkes_mallows == pytest.approx(metrics.fowlkes_mallows_score(true, found))


def test_nothing_agrees_with_nothing() -> None:
    nothing = compared([], [])
    whole = (1.0, 1.0, 1.0)
    assert (nothing.ami, nothing.ari, nothing.homogeneity, nothing.completeness) == (1.0, 1.0, 1.0, 1.0)
    assert (nothing.v_measure, nothing.fowlkes_mallows, nothing.bcubed, nothing.pairwise) == (1.0, 1.0, whole, whole)
