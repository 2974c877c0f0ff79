from __future__ import annotations

import sys

import numpy as np
import pytest

from people.crowds import a_crowd
from photo_ranker.errors import UserError
from photo_ranker.people.clustering import ALGORITHMS, MOST_FACES, group_classically
from photo_ranker.person_finder.populations import population_of

SFACE = population_of("sface")


@pytest.mark.parametrize("name", ALGORITHMS)
def test_clear_groups_are_found_by_all(name: str) -> None:
    rows, who = a_crowd(6, 5, alike=0.9)
    labels = group_classically(name, rows, SFACE)
    assert len(set(zip(labels.tolist(), who, strict=True))) == 6 == len(set(labels.tolist()))


def test_one_face_is_with_nobody() -> None:
    assert group_classically("dbscan", np.ones((1, 128), np.float32), SFACE).tolist() == [-1]


def test_without_the_library_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(UserError, match="scikit-learn") as caught:
        group_classically("hdbscan", a_crowd(2, 2)[0], SFACE)
    assert "photo-ranker[classic]" in caught.value.advice


def test_too_many_faces_are_refused_before_the_memory_is_gone() -> None:
    with pytest.raises(UserError, match="takes up to"):
        group_classically("dbscan", np.zeros((MOST_FACES + 1, 2), np.float32), SFACE)
