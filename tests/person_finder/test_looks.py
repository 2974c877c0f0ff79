from __future__ import annotations

import numpy as np
import pytest

from person_finder.strangers import Person
from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.looks import group_looks


def test_alike_references_are_one_look_and_others_are_not() -> None:
    anna, ben = Person(1), Person(2)
    looks = group_looks(np.stack([*anna.photos(3), *ben.photos(2)]))
    assert sorted(looks.counts.tolist()) == [2, 3]
    assert group_looks(np.stack(anna.photos(1))).counts.tolist() == [1]


def test_a_face_is_held_against_the_nearest_look() -> None:
    anna, ben = Person(1), Person(2)
    looks = group_looks(np.stack([*anna.photos(4), *ben.photos(1)]))
    compared = looks.compare(np.stack([anna.photo(), ben.photo(), Person(3).photo()]))
    assert looks.counts[compared.nearest[:2]].tolist() == [4, 1]
    assert compared.similarity[0] > 0.65
    assert compared.similarity[2] < 0.35


def test_a_face_is_never_compared_with_itself() -> None:
    anna = Person(1)
    references, faces = np.stack(anna.photos(2)), np.stack(anna.photos(3))
    none, all_of_them = np.full(3, -1), np.zeros(3, np.int64)
    looks = group_looks(references)
    joined = looks.joined(faces, all_of_them)
    compared = joined.compare(faces, all_of_them)
    for number, face in enumerate(faces):
        others = np.concatenate([references, np.delete(faces, number, axis=0)])
        middle = others.sum(axis=0)
        assert compared.similarity[number] == pytest.approx(float(face @ middle / np.linalg.norm(middle)), abs=1e-5)
        assert compared.affinity[number] == pytest.approx(float((others @ face).mean()), abs=1e-5)
    assert looks.compare(faces, none).similarity == pytest.approx(looks.compare(faces).similarity)


def test_the_gain_of_an_average() -> None:
    anna = Person(1)
    assert group_looks(np.stack(anna.photos(1))).gain == pytest.approx(1.0, abs=1e-5)
    # Photos with a mean cosine of 0.65: 1 / sqrt(0.65) for very many.
    assert group_looks(np.stack(anna.photos(200))).gain == pytest.approx(0.65**-0.5, abs=0.01)


def like(cosine: float, aside: int) -> Floats:
    row = np.zeros(128, np.float32)
    row[0], row[aside] = cosine, (1 - cosine * cosine) ** 0.5
    return row


def test_two_looks_are_less_alike_than_photos_of_one() -> None:
    assert group_looks(np.stack([like(1.0, 1), like(0.46, 2)])).counts.tolist() == [2]
    assert group_looks(np.stack([like(1.0, 1), like(0.44, 2)])).counts.tolist() == [1, 1]


def test_a_look_grows_by_its_mean_likeness() -> None:
    """The third is 0.5 from the first and 0.3 from the second, which are alike: 0.4 on average."""
    rows = [like(1.0, 1), like(0.6, 2), like(0.5, 3)]
    assert sorted(group_looks(np.stack(rows)).counts.tolist()) == [1, 2]
    assert group_looks(np.stack(rows[1:])).counts.tolist() == [1, 1]
    near = [like(1.0, 1), like(0.6, 2), like(0.59, 3)]
    assert group_looks(np.stack(near)).counts.tolist() == [3], "0.59 and 0.354: 0.47 on average"


def test_joining_adds_to_one_look_alone() -> None:
    looks = group_looks(np.stack([like(1.0, 1), like(0.0, 2)]))
    rows = np.stack([like(0.5, 3), like(0.5, 4), like(0.1, 5)])
    joined = looks.joined(rows, np.array([0, 0, 1]))
    assert joined.counts.tolist() == [3, 2]
    assert joined.sums[0] == pytest.approx(looks.sums[0] + rows[0] + rows[1])
    assert looks.counts.tolist() == [1, 1], "the looks themselves stay"


def test_the_least_gain_counts() -> None:
    looks = group_looks(np.stack([like(1.0, 1), like(0.5, 2), like(0.0, 3)]))
    assert looks.counts.tolist() == [2, 1]
    assert looks.gain == pytest.approx(1.0)
