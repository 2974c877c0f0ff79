from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from people.crowds import Rows, a_crowd, unit
from photo_ranker.people.clustering import Grouping, Material, group_faces, lowest_threshold, seen_strangers, threshold
from photo_ranker.people.neighbours import above, near_pairs
from photo_ranker.person_finder.populations import population_of
from yardstick import multiple_of, processor_seconds

SFACE = population_of("sface")


def grouped(
    rows: Rows,
    tokens: Sequence[set[int]] | None = None,
    solid: NDArray[np.bool_] | None = None,
    together: Sequence[Sequence[int]] = (),
    exact_limit: int = 60_000,
) -> Grouping:
    count = len(rows)
    tokens = [{number} for number in range(count)] if tokens is None else tokens
    solid = np.ones(count, np.bool_) if solid is None else solid
    return group_faces(Material(rows, tokens, solid, together), SFACE, exact_limit=exact_limit)


def same(labels: NDArray[np.int64], who: list[int]) -> bool:
    return all((labels[a] == labels[b]) == (who[a] == who[b]) for a, b in combinations(range(len(who)), 2))


@pytest.mark.parametrize(("people", "each"), [(2, 3), (5, 10), (60, 4), (200, 2)])
def test_people_are_found_whatever_the_size(people: int, each: int) -> None:
    rows, who = a_crowd(people, each)
    assert same(grouped(rows).labels, who)


def test_the_index_finds_the_same_people() -> None:
    rows, who = a_crowd(150, 6)
    assert same(grouped(rows, exact_limit=0).labels, who)


def test_nobody_is_no_error() -> None:
    assert len(grouped(np.zeros((0, 128), np.float32)).labels) == 0


def test_groups_are_numbered_by_their_first_face() -> None:
    rows, who = a_crowd(3, 2)
    assert grouped(rows).labels.tolist() == who


def test_every_run_gives_the_same() -> None:
    rows, _ = a_crowd(80, 5, alike=0.5)
    assert (grouped(rows).labels == grouped(rows.copy()).labels).all()


def test_two_faces_of_one_photo_are_two_people() -> None:
    rows, _ = a_crowd(1, 2)
    assert len(set(grouped(rows, tokens=[{0}, {0}]).labels.tolist())) == 2


def test_of_two_alike_in_one_photo_the_more_alike_joins() -> None:
    rows, _ = a_crowd(1, 4, alike=0.8)
    sibling = unit(rows[:3].mean(0) + 0.9 * a_crowd(1, 1, seed=5)[0][0])
    labels = grouped(np.vstack([rows, sibling]), tokens=[{0}, {1}, {2}, {3}, {3}]).labels
    assert labels[3] == labels[0]
    assert labels[4] != labels[0]


def test_a_users_word_puts_strangers_and_faces_of_one_photo_together() -> None:
    rows, _ = a_crowd(2, 2)
    labels = grouped(rows, tokens=[{0}, {1}, {0}, {2}], together=[[0, 2]]).labels
    assert labels[0] == labels[2]


def test_a_poor_face_ties_no_two_people_and_joins_the_nearer() -> None:
    rows, _ = a_crowd(2, 4)
    between = unit(rows[:4].mean(0) * 1.2 + rows[4:].mean(0))
    solid = np.array([True] * 8 + [False])
    labels = grouped(np.vstack([rows, between]), solid=solid).labels
    assert labels[8] == labels[0] != labels[4]


def test_poor_faces_alone_found_nobody() -> None:
    rows, _ = a_crowd(1, 4)
    assert grouped(rows, solid=np.zeros(4, np.bool_)).labels.tolist() == [-1] * 4


def test_a_poor_face_joins_even_a_single_face() -> None:
    rows, _ = a_crowd(1, 2, alike=0.8)
    assert grouped(rows, solid=np.array([True, False])).labels.tolist() == [0, 0]


def test_poor_faces_found_a_person_by_a_users_word() -> None:
    rows, _ = a_crowd(1, 4)
    labels = grouped(rows, solid=np.zeros(4, np.bool_), together=[[0, 1]]).labels
    assert labels.tolist() == [0] * 4


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_tokens_always_hold(data: st.DataObject) -> None:
    rows, _ = a_crowd(3, 5, alike=data.draw(st.floats(0.3, 0.95)), seed=data.draw(st.integers(0, 9)))
    tokens = [data.draw(st.sets(st.integers(0, 6), max_size=2)) for _ in rows]
    solid = np.array([data.draw(st.booleans()) for _ in rows])
    labels = grouped(rows, tokens=tokens, solid=solid).labels
    for one, other in combinations(range(len(rows)), 2):
        if labels[one] >= 0 and labels[one] == labels[other]:
            assert tokens[one].isdisjoint(tokens[other])


def test_more_people_or_fewer_met_again_ask_for_more() -> None:
    assert threshold(10, 10, SFACE) < threshold(1000, 1000, SFACE) < threshold(1000, 10, SFACE)
    assert lowest_threshold(1000, SFACE) < threshold(1000, 1000, SFACE)


def test_an_album_of_look_alikes_moves_what_is_known_of_strangers() -> None:
    rows, _ = a_crowd(300, 1)
    common = unit(rows + 0.7 * unit(np.ones(128)))
    assert seen_strangers(common, SFACE).stranger_mean > seen_strangers(rows, SFACE).stranger_mean + 0.2
    assert seen_strangers(common[:2], SFACE) == SFACE


def test_pairs_are_those_above_the_floor_each_once() -> None:
    rows, _ = a_crowd(40, 3, alike=0.5)
    cosine = rows @ rows.T
    wanted = {(a, b) for a, b in combinations(range(len(rows)), 2) if cosine[a, b] > 0.3}
    found = near_pairs(rows, 0.3)
    assert set(zip(found.first.tolist(), found.second.tolist(), strict=True)) == wanted
    assert len(found.first) == len(wanted)
    assert (np.diff(found.cosine) <= 0).all()


def test_one_person_in_very_many_photos_makes_no_millions_of_pairs() -> None:
    rows, _ = a_crowd(1, 1500, alike=0.9)
    assert len(near_pairs(rows, 0.3).first) < 1500 * 64
    assert set(grouped(rows).labels.tolist()) == {0}


def like(cosine: float, aside: int) -> Rows:
    row = np.zeros(128, np.float32)
    row[0], row[aside] = cosine, (1 - cosine * cosine) ** 0.5
    return row


def pairs_of(rows: Rows, floor: float, exact_limit: int) -> list[tuple[int, int]]:
    found = near_pairs(rows, floor, exact_limit)
    assert (found.first < found.second).all()
    assert (np.diff(found.cosine) <= 0).all()
    assert found.cosine == pytest.approx(np.einsum("ij,ij->i", rows[found.first], rows[found.second]), abs=1e-6)
    return list(zip(found.first.tolist(), found.second.tolist(), strict=True))


def test_the_index_meets_each_pair_once() -> None:
    """Up to 24 cells each face meets all of them, so that no pair is missed; nor is one met twice."""
    rows, _ = a_crowd(250, 6, alike=0.6)
    exact, indexed = pairs_of(rows, 0.35, 60_000), pairs_of(rows, 0.35, 0)
    assert len(set(indexed)) == len(indexed)
    assert set(indexed) == set(exact)


def test_the_index_keeps_the_nearest_pairs_of_a_crowd() -> None:
    """Each pair that is kept is among the 32 most alike that its first face begins, or its second face ends."""
    rows, _ = a_crowd(1, 400, alike=0.8)
    begins, ends = Counter[int](), Counter[int]()
    places = []
    for one, other in pairs_of(rows, 0.3, 0):
        places.append(min(begins[one], ends[other]))
        begins[one] += 1
        ends[other] += 1
    assert max(places) == 31


def test_an_album_is_exact_up_to_its_limit() -> None:
    rows, _ = a_crowd(100, 6, alike=0.5)
    assert pairs_of(rows, 0.3, 600) == pairs_of(rows, 0.3, 60_000)


@pytest.mark.parametrize("count", [64, 65, 200])
def test_of_very_many_alike_the_nearest_and_some_of_the_rest_are_kept(count: int) -> None:
    """A face that is like all the others; these are in order, the most alike last."""
    cosine = np.linspace(0.5, 0.9, count, dtype=np.float32)[None, :]
    one, other, value = above(cosine, 0.3)
    assert one.tolist() == [0] * len(other)
    assert len(set(other.tolist())) == len(other) <= 64
    assert set(range(count - 32, count)) <= set(other.tolist())
    assert value == pytest.approx(cosine[0, other])
    if count <= 64:
        assert len(other) == count
    else:
        assert min(other.tolist()) < count // 8, "others are spread over the rest"
        assert len(other) < count


def test_others_are_spread_evenly_over_the_rest() -> None:
    """Of 640 every twentieth is kept, whatever it is like, beside the 32 most alike."""
    _, other, _ = above(np.linspace(0.5, 0.9, 640, dtype=np.float32)[None, :], 0.3)
    kept = sorted(other.tolist())
    assert kept[0] < 20
    assert np.diff(kept).max() == 20


@pytest.mark.parametrize("count", [63, 64])
def test_faces_with_as_many_pairs_as_are_kept_keep_all_beside_a_crowded_one(count: int) -> None:
    cosine = np.full((2, 100), 0.5, np.float32)
    cosine[1, count:] = 0.1
    one, other, _ = above(cosine, 0.3)
    assert sorted(other[one == 1].tolist()) == list(range(count))


def test_crowded_faces_do_not_cost_the_others_their_pairs() -> None:
    cosine = np.full((2, 100), 0.5, np.float32)
    cosine[1, 3:] = 0.1
    one, other, _ = above(cosine, 0.3)
    assert sorted(other[one == 1].tolist()) == [0, 1, 2]
    assert 32 <= (one == 0).sum() <= 64


def test_pairs_of_crowds_come_in_the_order_of_the_others() -> None:
    """By row, then by column: equally alike pairs then fall the same way on every run."""
    cosine = np.random.default_rng(0).uniform(0, 1, (5, 200)).astype(np.float32)
    cosine[2] *= 0.4
    one, other, value = above(cosine, 0.35)
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == sorted(
        zip(one.tolist(), other.tolist(), strict=True)
    )
    assert value.tolist() == cosine[one, other].tolist()
    assert len(other[one == 2]) == (cosine[2] > 0.35).sum() <= 64
    for row in (0, 1, 3, 4):
        hits = np.flatnonzero(cosine[row] > 0.35)
        step = -(-len(hits) // 32)
        nearest = np.argsort(-cosine[row])[:32]
        assert set(other[one == row].tolist()) == {*nearest.tolist(), *hits[step - 1 :: step].tolist()}


@pytest.mark.perf
def test_people_in_hundreds_of_photos_cost_little_more_than_the_products() -> None:
    rows, _ = a_crowd(40, 300)

    def products() -> None:
        for start in range(0, len(rows), 1024):
            rows[start : start + 1024] @ rows[start:].T

    times = multiple_of(processor_seconds(products), processor_seconds(lambda: near_pairs(rows, 0.3)))
    print(f"pairs of 12,000 faces of 40 people, times the products alone: {times:.2f}")
    assert times < 4


def test_nobody_has_the_first_threshold_or_the_fixed_one() -> None:
    nothing = Material(np.zeros((0, 128), np.float32), [], np.zeros(0, np.bool_))
    assert group_faces(nothing, SFACE).threshold == 0.6
    assert group_faces(nothing, SFACE, fixed=0.3).threshold == 0.3


def test_a_fixed_threshold_is_what_two_groups_must_reach() -> None:
    rows = np.stack([like(1.0, 1), like(0.5, 2)])
    tokens = [{0}, {1}]
    for fixed, together in ((0.49, True), (0.51, False), (0.7, False)):
        found = group_faces(Material(rows, tokens, np.ones(2, np.bool_)), SFACE, fixed=fixed)
        assert found.threshold == fixed
        assert (found.labels[0] == found.labels[1]) is np.bool_(together)


def test_groups_are_as_alike_as_their_faces_on_average() -> None:
    """The third is 0.5 from the first and 0.35 from the second (0.7 alike): 0.425 on average."""
    rows = np.stack([like(1.0, 1), like(0.7, 2), like(0.5, 3)])
    for fixed, together in ((0.42, True), (0.43, False)):
        material = Material(rows, [{0}, {1}, {2}], np.ones(3, np.bool_))
        labels = group_faces(material, SFACE, fixed=fixed).labels
        assert labels[0] == labels[1]
        if together:
            assert labels[2] == labels[0]


def test_the_lowest_threshold_is_below_what_any_album_of_its_size_asks_for() -> None:
    for faces in (10, 100, 10_000):
        lowest = lowest_threshold(faces, SFACE)
        assert lowest < threshold(int(max(5, faces**0.5)), int(max(5, faces**0.5)), SFACE) - 0.4 * SFACE.stranger_spread
    assert lowest_threshold(1, SFACE) == lowest_threshold(25, SFACE)


def test_what_albums_of_each_size_ask_for() -> None:
    """Whoever changes a number here on purpose judges anew: ``make eval DATA=DIR ARGS='--only events'``."""
    asked = {(1, 0): 0.2874, (1, 1): 0.2729, (2, 0): 0.2966, (5, 5): 0.3033, (50, 10): 0.3829, (1400, 1400): 0.4238}
    assert {album: round(threshold(*album, SFACE), 4) for album in asked} == asked
    least = {1: 0.2583, 25: 0.2583, 100: 0.277, 10_000: 0.3289}
    assert {faces: round(lowest_threshold(faces, SFACE), 4) for faces in least} == least


def test_an_album_of_nobody_asks_for_as_much_as_one_of_one() -> None:
    assert threshold(0, 0, SFACE) == threshold(1, 0, SFACE)
    assert threshold(5, 5, SFACE) < threshold(5, 0, SFACE)


def test_fifty_people_weigh_as_much_as_people_in_general() -> None:
    rows = unit(np.random.default_rng(0).normal(size=(50, 128)))
    cosine = (rows @ rows.T)[np.triu_indices(50, 1)]
    low, middle = np.percentile(cosine, [15.87, 50])
    found = seen_strangers(rows, SFACE)
    assert found.stranger_mean == pytest.approx((SFACE.stranger_mean + middle) / 2)
    assert found.stranger_spread == pytest.approx((SFACE.stranger_spread + middle - low) / 2)
    assert seen_strangers(rows[:3], SFACE) != SFACE


@pytest.mark.parametrize(
    ("alike", "wanted"),
    [(0.36, [0.3225, 66, 5, 17491]), (0.42, [0.3175, 48, 5, 19081]), (0.5, [0.3175, 48, 5, 19035])],
)
def test_what_was_judged_on_photos_stays(alike: float, wanted: list[float]) -> None:
    """Whoever changes a number here on purpose judges anew: ``make eval DATA=DIR ARGS='--only people'``."""
    rng = np.random.default_rng(11)
    people = [a_crowd(1, each, seed=each, alike=alike)[0] for each in range(1, 40)]
    # Some people resemble others, and many faces are blurred.
    rows = unit(np.concatenate([*people, *(some + 0.9 * people[8][0] for some in people[9:13])]))
    tokens = [{photo} for photo in rng.integers(0, 500, len(rows)).tolist()]
    found = grouped(rows, tokens, rng.random(len(rows)) < 0.7)
    sizes = np.unique(found.labels[found.labels >= 0], return_counts=True)[1]
    alone = float((found.labels < 0).sum())
    assert [found.threshold, len(sizes), alone, float(np.square(sizes).sum())] == pytest.approx(wanted, abs=5e-4)
