from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies
from msgspec.structs import replace

from photo_ranker.core.codec import encode_array
from photo_ranker.ranker.expression import (
    EYES_OPEN,
    SMILE,
    Fit,
    eye_traits,
    eyes_open_score,
    gaze,
    smile_score,
    smile_traits,
)
from photo_ranker.records import MeshFigures

FLOATS = strategies.floats(-2, 2)


def a_mesh(values: dict[int, float] | None = None, **facts: float) -> MeshFigures:
    """A face at rest with these expressions by number."""
    expressions = np.zeros(52, np.float32)
    for number, value in (values or {}).items():
        expressions[number] = value
    at_rest = MeshFigures(presence=1.0, yaw=0.0, pitch=0.0, roll=0.0, expressions=encode_array(expressions))
    return replace(at_rest, **facts)


def test_a_face_at_rest_does_not_smile_and_has_its_eyes_open() -> None:
    assert smile_score(a_mesh()) < 0.1
    assert eyes_open_score(a_mesh()) > 0.9


def test_a_smile_smiles() -> None:
    slight, broad = (a_mesh({44: value, 45: value}, mouth_cheek=cheek) for value, cheek in ((0.4, 0.39), (0.9, 0.34)))
    assert smile_score(a_mesh()) < smile_score(slight) < smile_score(broad)
    assert smile_score(broad) > 0.8


def test_lids_close() -> None:
    half, closed = (a_mesh({9: value, 10: value}, iris_drop=drop) for value, drop in ((0.4, -0.015), (0.8, 0.01)))
    assert eyes_open_score(a_mesh()) > eyes_open_score(half) > eyes_open_score(closed)
    assert eyes_open_score(closed) < 0.25


def test_eyes_narrowed_by_a_laugh_are_more_open_than_the_same_lids_at_rest() -> None:
    lids = {9: 0.5, 10: 0.5}
    assert eyes_open_score(a_mesh(lids | {44: 0.9, 45: 0.9})) > eyes_open_score(a_mesh(lids))


def test_one_eye_winking_counts_as_less_open() -> None:
    assert eyes_open_score(a_mesh({9: 0.9})) < eyes_open_score(a_mesh({9: 0.45, 10: 0.45}))


@pytest.mark.parametrize(
    ("values", "yaw", "across"),
    [({}, 0, 0), ({}, 20, 20), ({15: 1, 14: 1}, 0, 30), ({13: 1, 16: 1}, 0, -30), ({13: 0.7, 16: 0.7}, 21, 0)],
)
def test_gaze_is_head_and_eyes_together(values: dict[int, float], yaw: float, across: float) -> None:
    assert gaze(a_mesh(values, yaw=yaw))[0] == pytest.approx(across, abs=0.1)


def test_eyes_look_up_and_down() -> None:
    assert gaze(a_mesh({17: 0.5, 18: 0.5}))[1] == pytest.approx(15, abs=0.1)
    assert gaze(a_mesh({11: 0.5, 12: 0.5}, pitch=15))[1] == pytest.approx(0, abs=0.1)


def test_every_trait_has_its_weight() -> None:
    assert smile_traits(a_mesh()).keys() == SMILE.weights.keys()
    assert eye_traits(a_mesh()).keys() == EYES_OPEN.weights.keys()


def test_a_fit_is_a_logistic_sum() -> None:
    fit = Fit(-1.0, {"a": 2.0, "b": 1.0})
    assert fit.log_odds({"a": 0.5, "b": 0.0}) == 0
    assert fit.probability({"a": 0.5, "b": 0.0}) == 0.5
    assert fit.probability({"a": 1.0, "b": 0.0}) == pytest.approx(0.7311, abs=1e-4)
    assert fit.probability({"a": -1e6, "b": 0.0}) == pytest.approx(0)
    assert 0.5 < fit.probability({"a": 1.0, "b": 0.0}, softness=4) < fit.probability({"a": 1.0, "b": 0.0})
    assert fit.probability({"a": 1.0, "b": 0.0}, even=1.0) == 0.5


@given(strategies.lists(strategies.floats(0, 1), min_size=52, max_size=52), FLOATS, FLOATS, FLOATS, FLOATS)
def test_scores_stay_in_their_range(values: list[float], lift: float, cheek: float, chin: float, drop: float) -> None:
    mesh = a_mesh(dict(enumerate(values)), mouth_lift=lift, mouth_cheek=cheek, mouth_chin=chin, iris_drop=drop)
    assert 0 <= smile_score(mesh) <= 1
    assert 0 <= eyes_open_score(mesh) <= 1
