"""The formula: the vectorised one against the plain one, which stands here word for word."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import some_signals
from photo_ranker.ranker.scorer import (
    COLUMNS,
    WEIGHED,
    Seen,
    parts_of_score,
    rounded,
    rows_of,
    scores,
    total_scores,
)
from photo_ranker.ranker.signals import DEFECTS, FaceSignals
from photo_ranker.settings import Settings, WeightSettings

SETTINGS = Settings()
OF_OTHERS = {signal.name for signal in WEIGHED if not signal.single}
PARTS = st.floats(0, 1)
TERMS = st.lists(st.tuples(st.none() | PARTS, st.floats(0, 10)), min_size=1, max_size=6)
ROWS = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0]), *[st.just(nan) | PARTS for _ in COLUMNS[1:]]), min_size=1, max_size=8
)
WEIGHTS = st.fixed_dictionaries({
    name: st.floats(0, 5) if about.slider != "both" else PARTS
    for name, about in WeightSettings.declared().items()
    if about.slider
}).map(lambda values: Settings(**values).weights)  # fmt: skip


def plain_score(row: Sequence[float], weights: WeightSettings) -> float:
    """sum(points) / sum(most) * product(1 - strength * (1 - value)), a photo at a time."""
    terms, penalties = parts_of_score(row, weights)
    known = [(term.weight * term.value + term.free, term.most) for term in terms if term.value is not None]
    most = sum(its_most for _, its_most in known)
    share = max(0.0, sum(points for points, _ in known) / most) if most else 0.0
    return share * prod(1 - item.strength * (1 - item.value) for item in penalties)


def scored(rows: Sequence[Sequence[float]], weights: WeightSettings) -> list[float]:
    columns = dict(zip(COLUMNS, np.array(rows, np.float64).T, strict=True))
    found: list[float] = scores(columns.__getitem__, weights).tolist()
    return found


@given(ROWS, WEIGHTS)
def test_many_at_once_score_as_one_by_one(rows: list[tuple[float, ...]], weights: WeightSettings) -> None:
    assert scored(rows, weights) == pytest.approx([plain_score(row, weights) for row in rows], abs=1e-12)


@given(ROWS, WEIGHTS)
def test_a_score_lies_between_0_and_1(rows: list[tuple[float, ...]], weights: WeightSettings) -> None:
    assert all(0.0 <= score <= 1.0 + 1e-12 for score in scored(rows, weights))


@given(ROWS, WEIGHTS, st.sampled_from(COLUMNS[1:]), PARTS, PARTS)
def test_a_better_signal_never_scores_less(
    rows: list[tuple[float, ...]], weights: WeightSettings, name: str, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    place = COLUMNS.index(name)
    worse, better = (
        scored([[*row[:place], value, *row[place + 1 :]] for row in rows], weights) for value in (low, high)
    )
    assert all(first <= second + 1e-9 for first, second in zip(worse, better, strict=True))


def total_score(terms: Sequence[tuple[float | None, float]]) -> float:
    """The score of one thing by values with their weights."""
    columns = ((np.array([nan if value is None else value]), weight, 0.0, weight) for value, weight in terms)
    return float(total_scores(columns, ())[0])


def test_a_score_is_the_weighted_mean() -> None:
    assert total_score([(1.0, 3.0), (0.5, 1.0)]) == 0.875


@given(TERMS, st.floats(0, 10))
def test_an_unknown_signal_gives_its_weight_to_the_others(terms: list[tuple[float | None, float]], more: float) -> None:
    assert total_score([*terms, (None, more)]) == total_score(terms)


def test_a_penalty_takes_its_share() -> None:
    ones, gone, half, unknown = (np.array([value]) for value in (1.0, 0.0, 0.5, nan))
    left = [float(total_scores([(ones, 1.0, 0.0, 1.0)], [(value, 0.5)])[0]) for value in (gone, half, ones, unknown)]
    assert left == [0.5, 0.75, 1.0, 1.0]


def test_nothing_known_scores_nothing() -> None:
    assert total_score([(None, 1.0)]) == total_score([(1.0, 0.0)]) == 0.0


def test_tiny_weights_beside_what_only_takes_away() -> None:
    ones = np.array([1.0])
    assert total_scores([(ones, 1e-308, 0.0, 1e-308), (ones * 0, 0.0, -5.0, 0.0)], ()).tolist() == [0.0]


def test_rounding_is_pythons() -> None:
    values = np.array([0.00005, 0.12345, 0.5])
    assert rounded(values).tolist() == [round(value, 4) for value in values.tolist()]


def row_of(*faces: FaceSignals) -> list[float]:
    """The values of the columns for a photo of the first one."""
    seen = Seen(np.arange(len(faces)), np.array([len(faces)]), np.zeros(len(faces), np.bool_))
    row: list[float] = rows_of(faces, seen, SETTINGS.signals)[0].tolist()
    return row


def kinds(person: FaceSignals, weights: WeightSettings, *others: FaceSignals) -> tuple[float, float]:
    """The score of the same face alone and among others."""
    alone, among = row_of(person), row_of(person, *(others or [some_signals()]))
    found = scored([alone, among], weights)
    return found[0], found[1]


def test_each_kind_has_its_own_weights() -> None:
    """Where a signal counts 50 in one kind and nothing in the other, it decides there alone."""
    for counting, other in (("single_smile", "group_person_smile"), ("group_person_smile", "single_smile")):
        weights = SETTINGS.changed(**{counting: 50.0, other: 0.0}).weights
        bad, good = (kinds(some_signals(smile=smile), weights) for smile in (0.0, 1.0))
        costs = [better - worse for better, worse in zip(good, bad, strict=True)]
        here, there = costs if counting == "single_smile" else costs[::-1]
        assert here > 0.5
        assert there == pytest.approx(0.0)


def test_the_same_face_earns_the_same_in_either_kind() -> None:
    weights = SETTINGS.changed(**{
        signal.group: getattr(SETTINGS.weights, signal.single) for signal in WEIGHED if signal.single
    }).weights  # fmt: skip
    alone, among = kinds(some_signals(smile=0.2, size=0.4), weights, some_signals(sharpness=1.0))
    assert among == pytest.approx(alone, abs=0.005)


@given(st.tuples(*[PARTS for _ in COLUMNS[1:]]), WEIGHTS)
def test_a_face_never_earns_more_by_company(values: tuple[float, ...], weights: WeightSettings) -> None:
    among = (1.0, *values)
    alone = (0.0, *(nan if name in OF_OTHERS else value for name, value in zip(COLUMNS[1:], values, strict=True)))
    single, group = scored([alone, among], weights)
    assert group <= single + 1e-9


def test_terms_stand_in_the_order_of_their_weights() -> None:
    rows = row_of(some_signals()), row_of(some_signals(), some_signals())
    alone, among = ([term.name for term in parts_of_score(row, SETTINGS.weights)[0]] for row in rows)
    assert alone == ["sharpness", "size", "facing", "eyes_open", "smile", "exposure", "clear", "expression"]
    assert among == ["good_faces", "group_sharpness", *alone]
    assert [signal.name for signal in WEIGHED] == among


@pytest.mark.parametrize(("limit", "left"), [(0.4, 0.5), (0.2, 1.0), (0.0, 1.0)])
def test_a_defect_begins_at_its_limit(limit: float, left: float) -> None:
    weights = SETTINGS.changed(heavy_blur=limit, penalty_blur=1.0).weights
    row = row_of(some_signals(sharpness=0.2))
    whole = scored([row], SETTINGS.changed(penalty_blur=0.0).weights)[0]
    assert scored([row], weights)[0] == pytest.approx(whole * left)
    names = [item.name for item in parts_of_score(row, weights)[1]]
    assert ("heavy_blur" in names) == (left < 1)


def test_what_is_not_known_is_no_column_value() -> None:
    row = dict(zip(COLUMNS, row_of(some_signals(eyes_open=None)), strict=True))
    assert isnan(row["eyes_open"])
    assert isnan(row["good_faces"])
    assert row["is_group"] == 0
    assert {defect.signal for defect in DEFECTS} <= row.keys()


def test_each_photo_has_its_own_people() -> None:
    """The second is excused in one photo, and faulty in the other."""
    faces = [some_signals(smile=0.3), some_signals(facing=0.1, smile=0.6)]
    seen = Seen(np.array([0, 1, 0, 1]), np.array([2, 1, 1]), np.array([False, True, False, False]))
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in rows_of(faces, seen, SETTINGS.signals).tolist()]
    assert [row["smile"] for row in rows] == [0.3, 0.3, 0.6]
    assert [row["is_group"] for row in rows] == [1, 0, 0]
    assert rows[0]["good_faces"] == 1.0
    assert isnan(rows[2]["good_faces"])
    apart = rows_of(faces, seen._replace(excused=seen.excused & False), SETTINGS.signals)
    assert apart[0, COLUMNS.index("good_faces")] == 0.5


def test_who_looks_good_counts_by_the_share() -> None:
    others = [some_signals(eyes_open=0.1), some_signals(eyes_open=None, sharpness=None), some_signals(facing=0.2)]
    row = dict(zip(COLUMNS, row_of(some_signals(), *others), strict=True))
    assert row["good_faces"] == 0.5
    assert dict(zip(COLUMNS, row_of(*[some_signals(looking=None)] * 2), strict=True))["good_faces"] == 0.5, (
        "nobody knows"
    )
    others[1] = some_signals(looking=0.1)
    assert dict(zip(COLUMNS, row_of(some_signals(), *others), strict=True))["good_faces"] == 0.25
    assert row["group_sharpness"] == pytest.approx(0.9)
    for known, mean in (([0.6, None, None], 0.6), ([None, 0.4, 0.2], 0.3), ([None, None], None)):
        found = row_of(*(some_signals(sharpness=value) for value in known))[COLUMNS.index("group_sharpness")]
        assert (None if isnan(found) else pytest.approx(found)) == mean


def test_an_expression_that_cannot_be_seen_is_a_poor_one() -> None:
    """Other signals that are not known leave their weight to the rest."""
    weights = SETTINGS.weights
    unseen, smileless = row_of(some_signals(expression=None)), row_of(some_signals(smile=None))
    poor, good, fine = (row_of(some_signals(expression=value)) for value in (weights.unseen_expression, 0.3, 0.9))
    found = scored([unseen, poor, good, smileless, fine], weights)
    assert found[0] == found[1] < found[2] < found[3] == pytest.approx(found[4], abs=0.01)
    terms = {term.name: term for term in parts_of_score(unseen, weights)[0]}
    assert terms["expression"].is_unseen
    assert terms["expression"].value == weights.unseen_expression
    assert not any(term.is_unseen for term in parts_of_score(smileless, weights)[0])


def test_the_parts_of_an_unseen_face_add_up_to_its_score() -> None:
    row = row_of(some_signals(expression=None, eyes_open=None, facing=None))
    terms, penalties = parts_of_score(row, SETTINGS.weights)
    most = sum(term.most for term in terms if term.value is not None)
    share = sum(term.points for term in terms) / most
    assert scored([row], SETTINGS.weights)[0] == pytest.approx(share * np.prod([item.factor for item in penalties]))
