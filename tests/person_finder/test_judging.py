"""Similarities and thresholds of invented albums, as they are since they were last judged on labelled photos.

Whoever changes a number here on purpose judges anew: ``make eval DATA=DIR ARGS='--only persons events siblings'``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from person_finder.strangers import Person, strangers
from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.judging import Judged, judge
from photo_ranker.person_finder.looks import Crowd
from photo_ranker.person_finder.populations import population_of


@dataclass
class Asked:
    """An album, and who is looked for in it."""

    photos: list[list[Floats]]
    references: list[Floats]
    not_references: list[Floats] = field(default_factory=list)
    engine: str = "sface"

    def judged(self) -> Judged:
        rows = np.stack([row for photo in self.photos for row in photo])
        owners = np.array([number for number, photo in enumerate(self.photos) for _ in photo])
        crowd = Crowd(rows, owners, np.ones(len(rows), np.bool_))
        return judge(crowd, self.references, population_of(self.engine), not_references=self.not_references)


def mixed(one: Person, other: Floats, share: float) -> Floats:
    """A photo that resembles its person only in part: a profile, a blurred face."""
    row = (1 - share) * one.photo() + share * other
    return np.asarray(row / np.linalg.norm(row), np.float32)


def alone(rows: Sequence[Floats]) -> list[list[Floats]]:
    return [[row] for row in rows]


def hard_photos(seed: int, of_others: int) -> Asked:
    anna = Person(seed)
    others = strangers(of_others, 7000)
    hard = [mixed(anna, other, share) for other, share in zip(others, np.linspace(0.3, 0.6, 12), strict=False)]
    return Asked(alone([*anna.photos(9), *hard, *others[12:]]), [anna.photo()])


def a_family() -> Asked:
    anna = Person(3)
    ben = Person(103, like=anna, cosine=0.5)
    both = [[anna.photo(), ben.photo()] for _ in range(4)]
    return Asked([*alone(anna.photos(14)), *both, *alone([*ben.photos(12), *strangers(150)])], [anna.photo()])


def a_family_without_proof() -> Asked:
    anna = Person(5)
    ben = Person(105, like=anna, cosine=0.45)
    return Asked(alone([*anna.photos(14), *ben.photos(12), *strangers(150)]), [anna.photo()])


def a_look_alike_named() -> Asked:
    anna = Person(6)
    ben = Person(106, like=anna, cosine=0.5)
    return Asked(alone([*anna.photos(10), *ben.photos(9), *strangers(90)]), [anna.photo()], [ben.photo()])


def two_looks() -> Asked:
    anna = Person(8)
    cap = Person(108, like=anna, cosine=0.35)
    photos = alone([*anna.photos(8), *cap.photos(7), *strangers(120)])
    return Asked(photos, [anna.photo(), cap.photo(), anna.photo()])


def neighbours() -> Asked:
    """Two faces of one photo that both resemble the person a little."""
    anna = Person(9)
    others = strangers(80, 9000)
    pairs = [[mixed(anna, others[2 * at], 0.45), mixed(anna, others[2 * at + 1], 0.47)] for at in range(8)]
    return Asked([*alone(anna.photos(5)), *pairs, *alone(others[16:])], [anna.photo()])


def five_faces() -> Asked:
    anna = Person(10)
    return Asked(alone([*anna.photos(2), *strangers(3)]), [anna.photo()])


def figures(judged: Judged) -> list[float]:
    """The threshold, how many are sure, and sums over the 40 most similar faces that tell which they are."""
    nearest = np.sort(judged.similarity)[::-1][:40]
    ranks = np.arange(len(nearest))
    sure = float((judged.similarity >= judged.threshold).sum())
    return [judged.threshold, sure, float(nearest.sum()), float(nearest @ ranks)]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (hard_photos(1, 120), [0.4254, 21.0, 19.4708, 273.3344]),
        (replace(hard_photos(1, 120), engine="duo"), [0.429, 21.0, 19.4708, 273.3344]),
        (hard_photos(2, 1500), [0.4501, 20.0, 20.8634, 318.8966]),
        (a_family(), [0.3839, 18.0, 19.5925, 269.1075]),
        (a_family_without_proof(), [0.3848, 14.0, 18.6099, 262.4633]),
        (a_look_alike_named(), [0.3651, 10.0, 10.0705, 69.0793]),
        (two_looks(), [0.3976, 15.0, 17.4852, 232.3902]),
        (neighbours(), [0.384, 13.0, 15.6616, 207.2827]),
        (five_faces(), [0.3521, 2.0, 1.6879, 1.4272]),
    ],
    ids=[
        "hard photos",
        "by two networks",
        "in a large album",
        "a family",
        "without proof",
        "a look-alike named",
        "two looks",
        "neighbours",
        "five faces",
    ],
)
def test_what_was_judged_stays(asked: Asked, wanted: list[float]) -> None:
    assert figures(asked.judged()) == pytest.approx(wanted, abs=5e-4)
