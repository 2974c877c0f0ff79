"""Pairs of an earlier count, brought up to date, are those of a whole comparison."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.crowds import a_crowd
from photo_ranker.people.neighbours import (
    FINENESS,
    ExactRows,
    KeptPairs,
    Pairs,
    all_pairs,
    exact_rows,
    keys_of,
    most_alike_first,
    renewed_pairs,
)


def told(pairs: Pairs) -> set[tuple[int, int, float]]:
    found = list(zip(pairs.first.tolist(), pairs.second.tolist(), pairs.cosine.tolist(), strict=True))
    assert len(set(found)) == len(found)
    return set(found)


def ends(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


def test_rows_rounded_when_asked_for_are_those_rounded_at_once() -> None:
    raw = a_crowd(60, 50)[0]
    lazy, whole = ExactRows(raw), exact_rows(raw)
    some = np.array([2999, 0, 17, 17])
    assert lazy[some].tolist() == whole[some].tolist()
    assert np.array_equal(lazy[1000:2100], whole[1000:2100])
    assert (len(lazy), lazy.shape) == (3000, (3000, 128))
    assert keys_of(lazy).tolist() == keys_of(whole).tolist()
    known = all_pairs(whole[:2900], 0.3)
    places, keys = np.arange(2900), keys_of(whole)
    for rows in (lazy, whole):
        assert told(renewed_pairs(known, places, rows, 0.3, keys)[0].pairs) == told(all_pairs(whole, 0.3).pairs)


@pytest.mark.parametrize("seed", range(12))
def test_pairs_brought_up_to_date_are_those_of_a_whole_comparison(seed: int) -> None:
    """Crowds of up to 260 faces of one person: of most of them not all pairs are kept."""
    rng = np.random.default_rng(seed)
    rows = exact_rows(
        a_crowd(int(rng.integers(1, 5)), int(rng.integers(20, 260)), seed, float(rng.uniform(0.3, 0.9)))[0]
    )
    rng.shuffle(rows)
    floor = float(rng.uniform(-0.1, 0.5))
    before, now = (np.flatnonzero(rng.random(len(rows)) < 0.9) for _ in range(2))
    places = np.array([int(np.searchsorted(now, face)) if face in now else -1 for face in before])
    known = all_pairs(rows[before], floor)
    found, gained, lost = renewed_pairs(known, places, rows[now], floor, keys_of(rows[now]))
    expected = all_pairs(rows[now], floor)
    assert told(found.pairs) == told(expected.pairs)
    assert (np.diff(found.pairs.cosine) <= 0).all()
    assert found.is_crowded.tolist() == expected.is_crowded.tolist()
    stayed = set(places.tolist()) - {-1}
    old = {(int(places[one]), int(places[other])) for one, other in ends(known.pairs)}
    old = {pair for pair in old if -1 not in pair}
    new = {pair for pair in ends(expected.pairs) if stayed.issuperset(pair)}
    assert ends(gained) == new - old
    assert ends(lost) == old - new


def test_half_of_a_crowd_are_the_most_alike_and_as_many_are_drawn() -> None:
    rows = exact_rows(a_crowd(1, 700, alike=0.7)[0])
    kept = all_pairs(rows, 0.3)
    mine = kept.pairs.first == 0
    cosine = rows[0] @ rows[1:].T
    nearest = set((1 + np.argsort(-cosine)[:32]).tolist())
    others = set(kept.pairs.second[mine].tolist()) - nearest
    assert nearest <= set(kept.pairs.second[mine].tolist())
    assert 28 <= len(others) <= 32
    assert np.diff([0, *sorted(others), 700]).max() < 150, "from everywhere, not one series"
    assert kept.is_crowded[0]


@given(st.lists(st.sampled_from([-1.0, -0.5, -1e-30, 0.0, 1e-30, 0.25, 0.5, 0.75, 1.0]), max_size=30))
def test_the_most_alike_come_first_and_equal_ones_keep_their_order(cosines: list[float]) -> None:
    cosine = np.array(cosines, np.float32)
    some = np.arange(len(cosines))
    expected = np.argsort(-cosine, kind="stable").tolist()
    assert most_alike_first(Pairs(some, some, cosine)).tolist() == expected


def test_up_to_64_all_are_kept() -> None:
    rows = exact_rows(a_crowd(1, 66, alike=0.9)[0])
    kept = all_pairs(rows, 0.3)
    assert [int((kept.pairs.first == face).sum()) for face in (1, 2, 65)] == [64, 63, 0]
    assert (kept.pairs.first == 0).sum() < 65
    assert kept.is_crowded.tolist() == [True] + 65 * [False]


def test_a_cosine_is_the_same_in_whatever_block_it_is_computed() -> None:
    rows = exact_rows(a_crowd(40, 5)[0])
    whole = rows @ rows.T
    for start, end in ((0, 1), (3, 90), (7, 200)):
        assert np.array_equal(rows[start:end] @ rows.T, whole[start:end])
    assert np.array_equal(np.einsum("ij,ij->i", rows[:-1], rows[1:]), np.diagonal(whole, 1))
    assert np.array_equal(rows * FINENESS, np.rint(rows * FINENESS))


@pytest.mark.parametrize("width", [3, 128, 272])
def test_keys_tell_rows_apart(width: int) -> None:
    rows = exact_rows(np.random.default_rng(0).uniform(-1, 1, (50, width)).astype(np.float32))
    other = rows.copy()
    other[7, width - 1] += np.float32(1 / FINENESS)
    assert len(set(keys_of(rows).tolist())) == 50
    assert np.flatnonzero(keys_of(rows) != keys_of(other)).tolist() == [7]


def test_an_album_without_faces_has_no_pairs() -> None:
    nothing = np.zeros((0, 128), np.float32)
    none = KeptPairs(Pairs(*(np.zeros(0, np.int64),) * 2, np.zeros(0, np.float32)), np.zeros(0, np.bool_))
    found, gained, lost = renewed_pairs(none, np.zeros(0, np.int64), nothing, 0.3, keys_of(nothing))
    assert not len(found.pairs.first) + len(gained.first) + len(lost.first)
