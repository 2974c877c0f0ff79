from __future__ import annotations

import numpy as np
import pytest

from person_finder.strangers import Person, strangers
from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.judging import rival_strength
from photo_ranker.person_finder.looks import Crowd, best_of_each_photo


def crowd(rows: list[Floats], owners: list[int] | None = None) -> Crowd:
    return Crowd(np.stack(rows), np.array(owners or range(len(rows))), np.ones(len(rows), np.bool_))


def test_own_photos_are_strong_rivals_and_strangers_are_not() -> None:
    anna = Person(1)
    faces = crowd([*anna.photos(5), *strangers(20)])
    strength = rival_strength(faces, faces)
    assert strength[:5].min() > 0.5
    assert strength[5:].max() < 0.45


def test_copies_and_faces_of_the_same_photo_say_nothing() -> None:
    row = Person(1).photo()
    copies = crowd([row] * 5)
    assert rival_strength(copies, copies).max() < 0
    together = crowd(Person(1).photos(5), [0] * 5)
    assert rival_strength(together, together).max() < 0


def test_too_few_others_are_no_rivals() -> None:
    faces = crowd(Person(1).photos(5))
    assert rival_strength(faces, faces.of(np.array([0, 1]))) == pytest.approx(-1.0)


def test_many_faces_are_compared_in_pieces() -> None:
    rows = np.random.default_rng(0).normal(size=(4500, 128)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    faces = Crowd(rows, np.arange(4500), np.ones(4500, np.bool_))
    others = faces.of(np.arange(50))
    whole = rival_strength(faces, others)
    assert whole[4400:] == pytest.approx(rival_strength(faces.of(np.arange(4400, 4500)), others), abs=1e-6)


def test_the_best_face_of_each_photo() -> None:
    owners = np.array([0, 0, 1, 3, 3, 3])
    similarity = np.array([0.1, 0.4, 0.2, 0.5, 0.7, 0.7], np.float32)
    assert best_of_each_photo(similarity, owners).tolist() == [1, 2, 4]
    assert best_of_each_photo(similarity[:0], owners[:0]).tolist() == []
