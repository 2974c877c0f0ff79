"""Which pairs of people a user is asked about, and in which order."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from builders import a_face, a_record
from people.crowds import Rows, an_album, unit
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import encode_array
from photo_ranker.people import corrections
from photo_ranker.people.book import Book
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.suggest import Question, suggest
from photo_ranker.settings import Settings

THRESHOLD, SPREAD = 0.35, 0.088
"""The spread of strangers to the usual engine."""


def a_world() -> tuple[FaceTable, Book]:
    """One person in groups of 80, 20 and 7 that resemble each other, and eight pairs of single faces that do more."""
    rng = np.random.default_rng(3)
    base = unit(rng.normal(size=128))
    groups: dict[str, list[Rows]] = {}
    for name, count in (("a", 80), ("b", 20), ("c", 7)):
        look = near(base, 0.75, rng)
        groups[name] = [near(look, 0.8, rng) for _ in range(count)]
    for number in range(8):
        one = unit(rng.normal(size=128))
        groups[f"s{number}"], groups[f"t{number}"] = [one], [near(one, THRESHOLD, rng)]
    photos = [[(f"{name}-{place}", row)] for name, rows in groups.items() for place, row in enumerate(rows)]
    book = Book()
    for name, rows in groups.items():
        book.add_person([f"{name}-{place}" for place in range(len(rows))])
    return FaceTable(an_album(photos), Settings()), book


def near(row: Rows, cosine: float, rng: np.random.Generator) -> Rows:
    """Another row with this cosine to the first."""
    other = rng.normal(size=row.shape)
    other -= (other @ row) * row
    return unit(cosine * row + np.sqrt(1 - cosine**2) * unit(other))


def sizes(book: Book, question: Question) -> list[int]:
    people = book.by_id()
    return sorted(len(people[person].faces) for person in question.people)


def test_one_person_in_large_groups_is_asked_before_single_faces() -> None:
    table, book = a_world()
    asked = [sizes(book, question) for question in suggest(book, table, THRESHOLD)]
    assert asked[:3] == [[20, 80], [7, 80], [7, 20]]
    assert asked.count([1, 1]) == 8


def test_the_number_of_questions_falls_with_each_answer() -> None:
    table, book = a_world()
    left = [len(suggest(book, table, THRESHOLD))]
    while questions := suggest(book, table, THRESHOLD):
        one, other = questions[0].faces
        is_same = one[0] == other[0] or (one[0] in "abc" and other[0] in "abc")
        (corrections.say_same if is_same else corrections.say_different)(book, one, other)
        left.append(len(suggest(book, table, THRESHOLD)))
    assert all(after < before for before, after in pairwise(left)), left
    assert len(left) == 1 + 2 + 8, "two answers make one person of three groups"
    assert max(len(person.faces) for person in book.present()) == 107


def test_what_would_change_next_to_nothing_is_not_asked() -> None:
    table, book = a_world()
    unlikely = suggest(book, table, THRESHOLD + 0.8 * SPREAD)
    assert not any(sizes(book, question) == [1, 1] for question in unlikely)
    assert [20, 80] in [sizes(book, question) for question in unlikely]


@pytest.mark.parametrize(("is_collage", "asked"), [(False, 0), (True, 1)])
def test_two_in_one_photo_are_two_unless_it_is_a_collage(is_collage: bool, asked: int) -> None:
    rng = np.random.default_rng(5)
    base = unit(rng.normal(size=128))
    look, other = near(base, 0.75, rng), near(base, 0.75, rng)
    strip = [("a0", look), ("b0", other), *((f"x{n}", near(look, 0.95, rng)) for n in range(2 if is_collage else 0))]
    photos = [strip, [("a1", near(look, 0.9, rng))], [("b1", near(other, 0.9, rng))]]
    book = Book()
    book.add_person(["a0", "a1"])
    book.add_person(["b0", "b1"])
    assert len(suggest(book, FaceTable(an_album(photos), Settings()), 0.5)) == asked


def test_copies_of_a_photo_help_no_more_than_one() -> None:
    rng = np.random.default_rng(7)
    one = unit(rng.normal(size=128))
    faces = [("a", one), ("b", near(one, THRESHOLD, rng))]
    records = {
        name: a_record(a_face(name, embedding=encode_array(row)), hash=name, rest=name, size=3) for name, row in faces
    }
    paths = ["a1.jpg", "a2.jpg", "b1.jpg", "b2.jpg"]
    table = FaceTable(Album(AlbumPhoto(path, records[path[0]]) for path in paths), Settings())
    book = Book()
    for name, _ in faces:
        book.add_person([name])
    (question,) = suggest(book, table, THRESHOLD)
    assert question.helps == pytest.approx(1.0, abs=0.02)


def two_people(cosine: float, each: int = 1, **facts: Any) -> tuple[Book, FaceTable]:
    """Two people of as many photos, each alone there, whose faces have this cosine."""
    rng = np.random.default_rng(11)
    one = unit(rng.normal(size=128))
    other = near(one, cosine, rng)
    names = [f"{letter}{number}" for letter in "ab" for number in range(each)]
    book = Book()
    for letter in "ab":
        person = book.add_person([name for name in names if name[0] == letter])
        for fact, value in facts.items():
            setattr(person, fact, value)
    return book, FaceTable(an_album([[(name, one if name[0] == "a" else other)] for name in names]), Settings())


@pytest.mark.parametrize(
    ("cosine", "chance", "helps"),
    [
        (THRESHOLD, 0.5, 1.0),
        (THRESHOLD + 0.15 * 0.09, 0.731, 1.0),
        (THRESHOLD - 0.15 * 0.09, 0.269, 0.84),
        (THRESHOLD - 0.45 * 0.09, 0.047, 0.275),
    ],
)
def test_how_probable_and_how_helpful_a_yes_is(cosine: float, chance: float, helps: float) -> None:
    """The odds change by e in 0.15 spreads of strangers; what is improbable helps by its entropy."""
    (question,) = suggest(*two_people(cosine), THRESHOLD)
    assert question.similarity == pytest.approx(cosine, abs=1e-3)
    assert question.chance == pytest.approx(chance, abs=0.01)
    assert question.helps == pytest.approx(helps, abs=0.03)
    (double,) = suggest(*two_people(cosine, each=2), THRESHOLD)
    assert double.helps == pytest.approx(2 * question.helps, abs=0.01)


def test_people_far_below_the_threshold_are_not_asked_about() -> None:
    assert len(suggest(*two_people(THRESHOLD - 1.25 * 0.09, each=300), THRESHOLD)) == 1
    assert suggest(*two_people(THRESHOLD - 1.35 * 0.09, each=600), THRESHOLD) == []


@pytest.mark.parametrize(("facts", "asked"), [({}, 1), ({"hidden": True}, 0), ({"name": "Anna"}, 0)])
def test_nobody_asks_of_the_hidden_and_of_two_who_have_names(facts: dict[str, Any], asked: int) -> None:
    book, table = two_people(THRESHOLD, **facts)
    assert len(suggest(book, table, THRESHOLD)) == asked


def test_one_name_is_no_bar_and_a_word_is() -> None:
    book, table = two_people(THRESHOLD)
    book.people[0].name = "Anna"
    assert len(suggest(book, table, THRESHOLD)) == 1
    corrections.say_different(book, "a0", "b0")
    assert suggest(book, table, THRESHOLD) == []


def test_nobody_asks_of_people_whom_the_album_does_not_show() -> None:
    book, table = two_people(THRESHOLD)
    book.people[1].faces = ["away"]
    assert suggest(book, table, THRESHOLD) == []
