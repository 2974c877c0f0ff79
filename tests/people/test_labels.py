from __future__ import annotations

import msgspec
import pytest

from photo_ranker.errors import UserError
from photo_ranker.people.book import Book
from photo_ranker.people.constraints import undo
from photo_ranker.people.corrections import give_name, merge, set_fact
from photo_ranker.people.naming import Guest, name_by_labels, read_labels


@pytest.fixture
def book() -> Book:
    """Three people without names."""
    found = Book()
    for letter in "abc":
        found.add_person([f"{letter}0", f"{letter}1"])
    return found


def names(book: Book) -> dict[int, str | None]:
    return {person.number: person.name for person in book.present()}


ANNA_AND_BEN = {0: Guest("Anna"), 1: Guest("Ben")}


def test_labels_are_categories_names_or_both() -> None:
    labels = read_labels(
        b'{"0": "main", "1": "Zoe", "2": {"name": "Ben", "category": "Important", "role": "best man", "born": "1980"}}'
    )
    ben = Guest("Ben", "important", "best man", 1980)
    assert labels == {0: Guest(category="main"), 1: Guest(name="Zoe"), 2: ben}


def test_a_name_that_looks_like_a_category_is_told(book: Book) -> None:
    _, notes = name_by_labels(book, {0: Guest("improtant"), 1: Guest("Ben")})
    assert notes == ["improtant is taken for a name; the category is called important"]


@pytest.mark.parametrize(
    ("word", "category"),
    [("mian", "main"), ("othar", "other"), ("Mian", "main"), ("improtant", "important"), ("moin ", "main")],
)
def test_a_category_with_a_slip_is_no_name(word: str, category: str) -> None:
    with pytest.raises(UserError) as raised:
        read_labels(f'{{"3": "{word}"}}'.encode())
    assert raised.value.message == f'the label of 3 is "{word}": a name, or the category {category} with a slip?'
    assert f'{{"3": "{category}"}}' in raised.value.advice
    assert f'{{"3": {{"name": "{word}"}}}}' in raised.value.advice
    assert read_labels(f'{{"3": {{"name": "{word}"}}}}'.encode()) == {3: Guest(name=word)}


@pytest.mark.parametrize("name", ["mother", "Main Street", "Mia", "Martin", "others", "niam", "Anna", "mina ma"])
def test_a_name_is_a_name(name: str) -> None:
    assert read_labels(f'{{"3": "{name}"}}'.encode()) == {3: Guest(name=name)}


@pytest.mark.parametrize("text", [b"[]", b"{", b'{"x": "main"}', b'{"0": {"category": "king"}}', b"\xff"])
def test_bad_labels_are_said(text: bytes) -> None:
    with pytest.raises(UserError, match="labels"):
        read_labels(text)


def test_labels_speak_of_numbers(book: Book) -> None:
    said, notes = name_by_labels(book, {0: Guest("Anna", "main"), 9: Guest("Nobody")})
    assert [decision.text for decision in said] == ["named Person 0 Anna", "set category of Anna to main"]
    assert notes == ["there is no person 9"]
    assert name_by_labels(book, {0: Guest(" Anna ", "main")}) == ([], []), "what is so already is not said again"


def test_a_name_given_by_hand_after_the_labels_stays(book: Book) -> None:
    name_by_labels(book, ANNA_AND_BEN)
    give_name(book, book.find("Anna"), "Anna Berg")
    said, notes = name_by_labels(book, ANNA_AND_BEN)
    assert said == []
    assert notes == ["Anna Berg is not renamed Anna: the name was given by hand"]
    assert names(book) == {0: "Anna Berg", 1: "Ben", 2: None}


def test_a_name_given_by_hand_before_the_labels_stays(book: Book) -> None:
    give_name(book, book.find("0"), "Anna Berg")
    _, notes = name_by_labels(book, ANNA_AND_BEN)
    assert notes == ["Anna Berg is not renamed Anna: the name was given by hand"]
    assert names(book) == {0: "Anna Berg", 1: "Ben", 2: None}


def test_category_and_role_given_by_hand_stay_too(book: Book) -> None:
    labels = {0: Guest(None, "main", "bride")}
    name_by_labels(book, labels)
    set_fact(book, book.find("0"), "category", "important")
    set_fact(book, book.find("0"), "role", None)
    said, notes = name_by_labels(book, labels)
    assert said == []
    assert notes == [
        "Person 0 does not get the category main: it was given by hand",
        "Person 0 does not get the role bride: it was given by hand",
    ]


def test_a_label_that_is_changed_renames_whom_the_labels_named(book: Book) -> None:
    name_by_labels(book, ANNA_AND_BEN)
    again = msgspec.json.decode(msgspec.json.encode(book), type=Book)
    said, notes = name_by_labels(again, {0: Guest("Annabel", "main"), 1: Guest("Ben")})
    assert ([decision.text for decision in said], notes) == (
        ["named Anna Annabel", "set category of Annabel to main"],
        [],
    )
    assert names(again) == {0: "Annabel", 1: "Ben", 2: None}


def test_the_label_of_a_merged_person_leaves_the_other_alone(book: Book) -> None:
    name_by_labels(book, ANNA_AND_BEN)
    merge(book, book.find("0"), [book.find("1")])
    for labels in (ANNA_AND_BEN, {0: Guest("Anna"), 1: Guest("Benjamin", "main")}):
        said, notes = name_by_labels(book, labels)
        assert said == []
        assert notes == ["the label of 1 is passed over: that is Anna now"]
    assert names(book) == {0: "Anna", 2: None}


def test_labels_may_exchange_names(book: Book) -> None:
    name_by_labels(book, ANNA_AND_BEN)
    assert len(name_by_labels(book, {0: Guest("Ben"), 1: Guest("Carl"), 2: Guest("Anna")})[0]) == 3
    assert names(book) == {0: "Ben", 1: "Carl", 2: "Anna"}
    name_by_labels(book, {0: Guest("Carl"), 1: Guest("Ben")})
    assert names(book) == {0: "Carl", 1: "Ben", 2: "Anna"}


def test_two_labels_of_one_name_make_one_person(book: Book) -> None:
    labels = {0: Guest("Anna"), 1: Guest("Anna", "main")}
    name_by_labels(book, labels)
    assert names(book) == {0: "Anna", 2: None}
    assert book.find("Anna").category == "main"
    assert name_by_labels(book, labels) == ([], [])


@pytest.mark.parametrize("labels", [ANNA_AND_BEN, {0: Guest("Anna"), 1: Guest("Anna")}])
def test_a_label_taken_back_is_not_taken_again(book: Book, labels: dict[int, Guest]) -> None:
    name_by_labels(book, labels)
    undo(book)
    said, notes = name_by_labels(book, labels)
    assert said == []
    assert notes == [f"Person 1 is not renamed {labels[1].name}: the name was taken back by hand"]
    assert names(book) == {0: "Anna", 1: None, 2: None}
    name_by_labels(book, {0: Guest("Anna"), 1: Guest("Carl")})
    assert names(book)[1] == "Carl", "a label that was changed since counts"


def test_a_label_taken_back_from_one_may_be_given_to_another(book: Book) -> None:
    name_by_labels(book, ANNA_AND_BEN)
    undo(book)
    name_by_labels(book, {0: Guest("Ben")})
    assert names(book) == {0: "Ben", 1: None, 2: None}


def test_a_role_taken_back_does_not_stop_a_name(book: Book) -> None:
    name_by_labels(book, {0: Guest(role="bride")})
    undo(book)
    name_by_labels(book, {0: Guest("Anna", role="bride")})
    assert (book.people[0].name, book.people[0].role) == ("Anna", None)


def test_a_year_of_birth_is_a_label_too(book: Book) -> None:
    said, notes = name_by_labels(book, {0: Guest("Anna", born=2009)})
    assert (book.people[0].born, notes, len(said)) == (2009, [], 2)
    assert name_by_labels(book, {0: Guest("Anna", born=2009)}) == ([], [])
    undo(book, said[1].id)
    assert name_by_labels(book, {0: Guest("Anna", born=2009)})[0] == [], "it was taken back by hand"


def test_a_label_leaves_alone_what_it_does_not_speak_of(book: Book) -> None:
    anna = book.people[0]
    anna.name, anna.role, anna.born, anna.category = "Anna", "bride", 1990, "main"
    for label in (
        Guest(),
        Guest("Anna"),
        Guest(" anna "),
        Guest(role="bride"),
        Guest(born=1990),
        Guest(category="main"),
    ):
        assert name_by_labels(book, {0: label}) == ([], [])
    said, _ = name_by_labels(book, {0: Guest(role="aunt", born=1991, category="other")})
    assert len(said) == 3
    assert (anna.name, anna.role, anna.born, anna.category) == ("Anna", "aunt", 1991, "other")


@pytest.mark.parametrize("label", ["mian", "amin", "mair", "Rain", "ohter", "importent"])
def test_a_slip_of_one_letter_is_asked_about(label: str) -> None:
    with pytest.raises(UserError, match="with a slip"):
        read_labels(msgspec.json.encode({"0": label}))


@pytest.mark.parametrize("name", ["niam", "Mona", "iman", "Mainn", "Main B", "ohtre", "oxyer"])
def test_a_name_is_no_slip(name: str) -> None:
    assert read_labels(msgspec.json.encode({"0": name, "1": " Main "})) == {0: Guest(name), 1: Guest(category="main")}


@pytest.mark.parametrize("born", ["99", "19900", "199o"])
def test_a_year_of_birth_has_four_digits(born: str) -> None:
    with pytest.raises(UserError, match="not a year of birth"):
        read_labels(msgspec.json.encode({"0": {"born": born}}))
    assert read_labels(msgspec.json.encode({"0": {"born": " 1990 "}})) == {0: Guest(born=1990)}
