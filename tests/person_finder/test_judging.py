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
    clarity: Floats | None = None
    """How plainly each face is seen."""
    small: int = 0
    """Every so many-th face is too small to be matched; 0 = none."""

    def judged(self) -> Judged:
        rows = np.stack([row for photo in self.photos for row in photo])
        owners = np.array([number for number, photo in enumerate(self.photos) for _ in photo])
        usable = np.ones(len(rows), np.bool_)
        usable[:: self.small or len(rows) + 1] = not self.small
        crowd = Crowd(rows, owners, usable, clarity=self.clarity)
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


def seen_badly() -> Asked:
    """Most faces are hazy, and of some it is not known; the hard ones resemble strangers who are in the album twice."""
    asked, rng = hard_photos(4, 120), np.random.default_rng(4)
    others = strangers(12, 7000)
    again = [mixed(Person(7000 + number), other, 0.2) for number, other in enumerate(others)]
    photos = [*asked.photos, *alone(again)]
    clarity = np.where(np.arange(len(photos)) % 9, rng.uniform(5, 14, len(photos)), np.nan)
    return replace(asked, photos=photos, clarity=np.asarray(clarity, np.float32), small=7)


def brothers_and_sisters() -> Asked:
    """One is seen with the person, another never, and a third only in two photos."""
    anna = Person(11)
    ben, clara, dora = (Person(111 + number, like=anna, cosine=0.48) for number in range(3))
    both = [[anna.photo(), ben.photo()] for _ in range(3)]
    rows = [*anna.photos(20), *ben.photos(9), *clara.photos(7), *dora.photos(2), *strangers(200)]
    return Asked([*both, *alone(rows)], [anna.photo(), anna.photo()])


def few_of_a_family() -> Asked:
    anna = Person(12)
    ben = Person(112, like=anna, cosine=0.5)
    both = [[anna.photo(), ben.photo()]]
    return Asked([*alone(anna.photos(4)), *both, *alone([*ben.photos(3), *strangers(60)])], [anna.photo()])


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
        (seen_badly(), [0.4324, 18.0, 17.7813, 246.0976]),
        (brothers_and_sisters(), [0.3818, 31.0, 25.1613, 403.4484]),
        (few_of_a_family(), [0.3838, 5.0, 9.4505, 111.4419]),
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
        "seen badly",
        "brothers and sisters",
        "few of a family",
        "two looks",
        "neighbours",
        "five faces",
    ],
)
def test_what_was_judged_stays(asked: Asked, wanted: list[float]) -> None:
    assert figures(asked.judged()) == pytest.approx(wanted, abs=5e-4)
