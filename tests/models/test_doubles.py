from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from photo_ranker.models.yunet import COLUMNS, SCORE, Rows, scaled, sizes, without_doubles


def row(x: float, y: float, size: float, score: float) -> list[float]:
    points = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
    return [x, y, size, size, *(v for px, py in points for v in (x + px * size, y + py * size)), score]


def rows(*faces: list[float]) -> Rows:
    return np.array(faces, np.float32).reshape(-1, COLUMNS)


def scores(found: Rows) -> list[float]:
    return [round(float(score), 2) for score in found[:, SCORE]]


def test_of_overlapping_boxes_the_best_stays() -> None:
    assert scores(without_doubles(rows(row(0, 0, 100, 0.7), row(10, 5, 100, 0.9), row(5, 0, 90, 0.8)))) == [0.9]


def test_neighbours_stay() -> None:
    assert scores(without_doubles(rows(row(0, 0, 100, 0.7), row(80, 0, 100, 0.9)))) == [0.9, 0.7]


def test_a_nose_taken_for_a_face_goes() -> None:
    assert scores(without_doubles(rows(row(0, 0, 100, 0.9), row(35, 45, 30, 0.8)))) == [0.9]


def test_a_small_face_in_the_corner_of_a_large_box_stays() -> None:
    assert scores(without_doubles(rows(row(0, 0, 100, 0.9), row(2, 2, 30, 0.8)))) == [0.9, 0.8]


def test_a_sure_face_is_not_a_part_of_a_doubtful_one() -> None:
    assert scores(without_doubles(rows(row(0, 0, 100, 0.3), row(35, 45, 30, 0.8)))) == [0.8, 0.3]


def test_no_rows_are_no_rows() -> None:
    assert without_doubles(rows()).shape == (0, COLUMNS)


box = st.tuples(st.floats(-50, 50), st.floats(-50, 50), st.floats(1, 60), st.floats(0.1, 1))


@given(st.lists(box, max_size=12))
def test_every_row_that_goes_is_near_a_better_one_that_stays(boxes: list[tuple[float, float, float, float]]) -> None:
    given_rows = rows(*(row(*values) for values in boxes))
    kept = without_doubles(given_rows)
    assert scores(kept) == sorted(scores(kept), reverse=True)
    again = without_doubles(kept)
    assert np.array_equal(again, kept)
    if len(given_rows):
        assert kept[0, SCORE] == given_rows[:, SCORE].max()


def test_scaling_leaves_the_score() -> None:
    assert scores(scaled(rows(row(1, 2, 30, 0.8)), 3)) == [0.8]
    assert sizes(scaled(rows(row(1, 2, 30, 0.8)), 3)).tolist() == [90]
