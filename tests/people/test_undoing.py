"""Decisions that are taken back, in any order, and what newer ones hold."""

from __future__ import annotations

import pytest

from photo_ranker.errors import UserError
from photo_ranker.people.book import Book, Person
from photo_ranker.people.corrections import deny, give_name, merge, move, say_different, say_false, set_fact, shown_name
from photo_ranker.people.undoing import undo


def test_the_last_decision_is_undone_first(book: Book, anna: Person) -> None:
    give_name(book, anna, "Anna")
    set_fact(book, anna, "role", "bride")
    assert undo(book)[0].id == 2
    assert (anna.role, anna.name) == (None, "Anna")
    assert undo(book)[0].id == 1
    assert shown_name(anna) == "Person 0"
    with pytest.raises(UserError, match="no decision to undo"):
        undo(book)


def test_a_decision_is_undone_by_its_number_once(book: Book, anna: Person) -> None:
    give_name(book, anna, "Anna")
    set_fact(book, anna, "role", "bride")
    undo(book, 1)
    assert (anna.name, anna.role) == (None, "bride")
    for number in (1, 3):
        with pytest.raises(UserError, match=f"no decision {number} to undo"):
            undo(book, number)


def test_a_newer_fact_stays_when_an_older_one_is_undone(book: Book, anna: Person) -> None:
    give_name(book, anna, "Anna")
    give_name(book, anna, "Anne")
    undo(book, 1)
    assert anna.name == "Anne"


def test_undoing_gives_faces_back(book: Book, anna: Person, ben: Person) -> None:
    move(book, ["b0", "b1"], anna)
    decision, held = undo(book)
    assert (held, decision.id) == ([], 1)
    assert (anna.faces, sorted(ben.faces)) == (["a0", "a1", "a2"], ["b0", "b1", "b2"])
    merge(book, anna, [ben])
    undo(book)
    assert (ben.into, sorted(ben.faces)) == (None, ["b0", "b1", "b2"])
    say_different(book, "a0", "a1")
    undo(book)
    assert sorted(anna.faces) == ["a0", "a1", "a2"]


def test_faces_that_newer_decisions_hold_are_not_given_back(book: Book, anna: Person, ben: Person) -> None:
    third = book.people[2]
    move(book, ["b0", "b1", "b2"], anna)
    move(book, ["b0"], third)
    say_false(book, ["b1"])
    _, held = undo(book, 1)
    assert sorted(held) == ["b0", "b1", "b2"], "to take one away confirmed the others"
    assert ben.faces == []
    assert "b0" in third.faces


def test_a_face_that_was_said_not_to_be_the_person_does_not_go_back(book: Book, anna: Person, ben: Person) -> None:
    move(book, ["b0"], anna)
    deny(book, ["b0"], ben)
    assert undo(book, 1)[1] == ["b0"]
    assert ben.faces == ["b1", "b2"]


def test_a_face_that_went_on_meanwhile_stays_where_it_is(book: Book, anna: Person, ben: Person) -> None:
    """A count took it elsewhere: no word holds it there, and none takes it away."""
    move(book, ["b0"], anna)
    anna.faces.remove("b0")
    book.people[2].faces.append("b0")
    assert undo(book)[1] == []
    assert "b0" in book.people[2].faces
    assert ben.faces == ["b1", "b2"]
