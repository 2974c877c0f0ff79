"""Roles in the user's words, and the order of people in lists."""

from __future__ import annotations

import pytest

from people.crowds import a_crowd, an_album
from photo_ranker.people.best import people_in_order
from photo_ranker.people.book import ROLES, Book, Category, Person, category_of, order_of_people, role_of
from photo_ranker.people.faces import FaceTable
from photo_ranker.settings import Settings


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ("Bride", "couple"),
        ("best man", "wedding party"),
        ("bridesmaids", "wedding party"),
        ("Mother of the bride", "parents"),
        ("bride's mother", "parents"),
        ("bride\N{RIGHT SINGLE QUOTATION MARK}s grandparents", "grandparents"),
        ("little brother", "siblings"),
        ("family", "family"),
        ("Extended  Family", "extended family"),
        ("aunt", "extended family"),
        ("mother-in-law", "extended family"),
        ("friends of the groom", "friends"),
        ("wedding photographer", "vendors"),
        ("DJ", "vendors"),
        ("the one with the hat", None),
        ("", None),
    ],
)
def test_words_mean_a_role(words: str, role: str | None) -> None:
    found = role_of(words)
    assert (found.name if found else None) == role


@pytest.mark.parametrize(
    ("words", "category"), [("groom", "main"), ("sister", "important"), ("friend", "other"), ("whoever", "other")]
)
def test_a_role_says_how_much_somebody_matters(words: str, category: Category) -> None:
    assert category_of(words) == category


def test_no_word_means_two_roles() -> None:
    words = [word for role in ROLES for word in role.words]
    assert len(words) == len(set(words))


def test_people_come_by_role_then_name_then_how_often_seen() -> None:
    people = [
        (Person("stranger", 0), 1),
        (Person("often", 1), 40),
        (Person("dj", 2, name="Dan", role="DJ"), 90),
        (Person("friend", 3, name="Fay", role="friend"), 3),
        (Person("named", 4, name="Nia"), 2),
        (Person("aunt", 5, role="aunt"), 9),
        (Person("mother", 6, name="Mia", role="mother of the bride"), 5),
        (Person("bride", 7, name="Anna", role="bride"), 50),
        (Person("groom", 8, name="Ben", category="main"), 60),
        (Person("important", 9, name="Ida", category="important"), 4),
    ]
    order = [person.id for person, _ in sorted(people, key=lambda item: order_of_people(*item))]
    assert order == [
        "groom", "bride", "mother", "important", "aunt", "friend", "dj", "named", "often", "stranger",
    ]  # fmt: skip


def test_copies_of_a_photo_show_nobody_more_often() -> None:
    rows, _ = a_crowd(2, 3)
    ids = ["a0", "a1", "a2", "b0", "b1"]
    table = FaceTable(an_album([[(name, row)] for name, row in zip(ids, rows, strict=False)]), Settings())
    book = Book()
    ben, anna = book.add_person(["b0", "b1"]), book.add_person(["a0", "a1", "a2"])
    assert people_in_order([ben, anna], table) == [anna, ben]
