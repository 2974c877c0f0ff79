"""What a user says of people: what comes of it at once, and what is written down."""

from __future__ import annotations

import unicodedata

import pytest

from photo_ranker.errors import UserError
from photo_ranker.people.book import Book, Decision, Person
from photo_ranker.people.constraints import constraints_of
from photo_ranker.people.corrections import (
    clean_name,
    deny,
    give_name,
    introduce,
    merge,
    move,
    namesakes_of,
    say_different,
    say_false,
    say_same,
    say_true,
    set_born,
    set_fact,
    split,
)


def faces(book: Book) -> list[list[str]]:
    return [person.faces for person in book.present()]


def same(decision: Decision) -> list[tuple[list[str], str | None]]:
    return [(one.faces, one.person) for one in decision.same]


def different(decision: Decision) -> list[tuple[list[str], list[str], str | None]]:
    return [(one.faces, one.others, one.person) for one in decision.different]


def test_a_name_is_given_without_needless_spaces(book: Book, anna: Person) -> None:
    decision = give_name(book, anna, "  Anna   Berg ")
    assert (anna.name, decision.text) == ("Anna Berg", "named Person 0 Anna Berg")
    assert same(decision) == [(["a0", "a1", "a2"], anna.id)]
    for empty in ("", "  "):
        with pytest.raises(UserError, match="at least one letter"):
            clean_name(empty)


def test_a_name_confirms_the_faces_that_were_seen(book: Book, anna: Person) -> None:
    assert same(give_name(book, anna, "Anna", seen=["a1", "b0"])) == [(["a1"], anna.id)]


def test_letters_with_accents_are_the_same_however_a_system_writes_them(book: Book, anna: Person, ben: Person) -> None:
    give_name(book, anna, "José")
    give_name(book, ben, unicodedata.normalize("NFD", "josé"))
    assert ben.into == anna.id
    assert book.find(unicodedata.normalize("NFD", "José")) is anna


def test_of_two_people_of_one_name_nobody_is_chosen_in_silence(book: Book, anna: Person, ben: Person) -> None:
    give_name(book, anna, "Anna")
    give_name(book, ben, "anna", merges=False)
    assert (book.find("Anna"), book.find("anna"), book.find("1")) == (anna, ben, ben)
    with pytest.raises(UserError, match="2 people are called 'ANNA'") as refused:
        book.find("ANNA")
    assert refused.value.advice == "give a number: 0 and 1"


def test_a_name_that_somebody_has_merges_the_two(book: Book, anna: Person, ben: Person) -> None:
    give_name(book, anna, "Anna")
    assert namesakes_of(book, ben, " ANNA") == [anna]
    assert namesakes_of(book, anna, "anna") == []
    assert namesakes_of(book, None, "Anna") == [anna]
    give_name(book, ben, "anna")
    assert ben.into == anna.id
    assert faces(book)[0] == ["a0", "a1", "a2", "b0", "b1", "b2"]
    assert anna.name == "Anna"


def test_all_of_a_name_become_one(book: Book, anna: Person, ben: Person) -> None:
    """Two people may share a name; a third who gets it is merged with both."""
    give_name(book, anna, "Anna")
    give_name(book, ben, "Anna", merges=False)
    assert (ben.name, ben.into) == ("Anna", None)
    give_name(book, book.people[2], "Anna")
    assert [(person.name, len(person.faces)) for person in book.present()] == [("Anna", 9)]


def test_a_name_that_somebody_is_about_to_lose_is_free(book: Book, anna: Person, ben: Person) -> None:
    give_name(book, anna, "Anna")
    give_name(book, ben, "Anna", leaving={anna.id})
    assert [person.name for person in book.present()] == ["Anna", "Anna", None]


def test_facts_of_those_who_are_merged(book: Book, anna: Person, ben: Person) -> None:
    third = book.people[2]
    give_name(book, ben, "Ben")
    set_fact(book, ben, "role", "best man")
    set_fact(book, ben, "category", "important")
    set_born(book, third, 1990)
    set_fact(book, third, "role", "groom")
    decision = merge(book, anna, [ben, third])
    assert (anna.name, anna.role, anna.born, anna.category) == ("Ben", "best man", 1990, "important")
    assert decision.text == "merged Ben, Person 2 into Person 0"
    assert [person.into for person in book.people] == [None, anna.id, anna.id]
    lesser = Book()
    one, other = lesser.add_person(["x"]), lesser.add_person(["y"])
    set_fact(lesser, one, "category", "main")
    set_fact(lesser, other, "category", "important")
    give_name(lesser, one, "One")
    give_name(lesser, other, "Other")
    merge(lesser, one, [other])
    assert (one.category, one.name) == ("main", "One")
    with pytest.raises(UserError, match="with itself"):
        merge(book, anna, [anna])


def test_who_is_split_off_is_somebody_else(book: Book, anna: Person) -> None:
    give_name(book, anna, "Anna")
    decision = split(book, anna, ["a1", "a2"])
    assert faces(book) == [["a0"], ["b0", "b1", "b2"], ["c0", "c1", "c2"], ["a1", "a2"]]
    assert decision.text == "split 2 faces from Anna as Person 3"
    assert different(decision) == [(["a1", "a2"], ["a0"], None)]
    assert same(decision) == [(["a0"], anna.id), (["a1", "a2"], book.people[3].id)]
    with pytest.raises(UserError, match="all faces of Anna"):
        split(book, anna, ["a0"])


def test_faces_that_are_moved_leave_whoever_had_them(book: Book, anna: Person, ben: Person) -> None:
    give_name(book, ben, "Ben")
    decision = move(book, ["a2", "b0", "b1", "new"], anna)
    assert faces(book)[:2] == [["a0", "a1", "a2", "b0", "b1", "new"], ["b2"]]
    assert decision.text == "moved 4 faces to Person 0"
    assert different(decision) == [(["b0", "b1"], ["b2"], None)]
    assert same(decision) == [(["b2"], ben.id), (anna.faces, anna.id)]
    assert [(moved.faces, moved.source, moved.target) for moved in decision.moved] == [
        (["b0", "b1"], ben.id, anna.id),
        (["new"], None, anna.id),
    ]


def test_what_only_a_count_said_is_not_confirmed_by_moving_others(book: Book, anna: Person, ben: Person) -> None:
    assert same(move(book, ["b0"], anna)) == [(["a0", "a1", "a2", "b0"], anna.id)]
    assert ben.faces == ["b1", "b2"]


def test_a_new_person_is_introduced(book: Book) -> None:
    decision = introduce(book, ["a0", "b0"], "Dora")
    assert (book.find("Dora").faces, decision.text) == (["a0", "b0"], "moved 2 faces to Dora, a new person")


def test_a_face_that_is_not_the_person(book: Book, anna: Person) -> None:
    give_name(book, anna, "Anna")
    decision = deny(book, ["a0", "b0"], anna)
    assert faces(book)[:2] == [["a1", "a2"], ["b0", "b1", "b2"]], "the face of somebody else stays there"
    assert decision.text == "said that 2 faces are not Anna"
    assert different(decision) == [(["a0", "b0"], ["a1", "a2"], anna.id)]
    assert same(decision) == [(["a1", "a2"], anna.id)]
    assert deny(book, ["a1"], anna).text == "said that 1 face is not Anna"


def test_two_faces_of_two_people_make_them_one(book: Book, anna: Person, ben: Person) -> None:
    say_same(book, "b0", "a0")
    assert ben.into == anna.id, "the older one stays"
    third = book.people[2]
    give_name(book, third, "Carl")
    decision = say_same(book, "a0", "c0")
    assert anna.into == third.id, "who has a name stays"
    assert same(decision)[-1] == (["a0", "c0"], None)


def test_two_who_have_names_are_not_merged_by_a_pair_of_faces(book: Book, anna: Person, ben: Person) -> None:
    give_name(book, anna, "Anna")
    give_name(book, ben, "Ben")
    with pytest.raises(UserError, match="these are Anna and Ben"):
        say_same(book, "a0", "b0")


def test_a_face_of_nobody_joins_the_person_of_the_other(book: Book, anna: Person) -> None:
    say_same(book, "x", "a0")
    assert anna.faces == ["a0", "a1", "a2", "x"]
    before = faces(book)
    assert same(say_same(book, "a0", "a1")) == [(["a0", "a1"], None)]
    assert same(say_same(book, "y", "z")) == [(["y", "z"], None)]
    assert faces(book) == before


def test_of_two_faces_that_differ_the_second_leaves(book: Book, anna: Person) -> None:
    decision = say_different(book, "a0", "a1")
    assert anna.faces == ["a0", "a2"]
    assert different(decision) == [(["a0"], ["a1"], None)]
    assert [(moved.faces, moved.source, moved.target) for moved in decision.moved] == [(["a1"], anna.id, None)]


def test_of_two_faces_that_differ_the_one_that_was_confirmed_stays(book: Book, anna: Person) -> None:
    give_name(book, anna, "Anna", seen=["a1", "a2"])
    decision = say_different(book, "a0", "a1")
    assert anna.faces == ["a1", "a2"]
    assert same(decision) == [(["a1", "a2"], anna.id)]
    assert different(decision) == [(["a1"], ["a0"], None)]


def test_faces_of_two_people_stay_where_they_are(book: Book) -> None:
    before = faces(book)
    decision = say_different(book, "a0", "b0")
    assert (faces(book), decision.moved, decision.same) == (before, [], [])
    assert say_different(book, "x", "y").moved == []


def test_what_is_no_face_belongs_to_nobody(book: Book, anna: Person) -> None:
    decision = say_false(book, ["a0", "b0", "x"])
    assert faces(book)[:2] == [["a1", "a2"], ["b1", "b2"]]
    assert (decision.text, decision.false_faces) == ("said that each of 3 faces is not a face", ["a0", "b0", "x"])
    assert len(decision.moved) == 2
    assert say_false(book, ["a1"]).text == "said that a1 is not a face"
    assert say_true(book, ["a0"]).text == "said that a0 is a face"
    assert constraints_of(book).false_faces == {"a1", "b0", "x"}
    assert anna.faces == ["a2"]


def test_photos_from_before_the_birth_show_somebody_else(book: Book, anna: Person) -> None:
    decision = set_born(book, anna, 1990, ["a0"])
    assert (anna.born, anna.faces) == (1990, ["a1", "a2"])
    assert different(decision) == [(["a0"], ["a1", "a2"], anna.id)]
    assert set_born(book, anna, None).text == "said that Person 0 has no year of birth"
    assert different(set_born(book, anna, 2000, ["a1", "a2"])) == [], "nobody is left to differ from"
    assert different(set_born(book, book.people[1], 2000)) == []


def test_the_face_to_show_is_one_of_the_person(book: Book, anna: Person, ben: Person) -> None:
    set_fact(book, anna, "representative", "a1")
    with pytest.raises(UserError, match="b0 is no face of Person 0"):
        set_fact(book, anna, "representative", "b0")
    move(book, ["a0"], ben)
    assert anna.representative == "a1"
    move(book, ["a1"], ben)
    assert anna.representative is None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("hidden", True, "left Anna out of lists"),
        ("hidden", False, "put Anna back into lists"),
        ("representative", "a1", "chose the face to show for Anna"),
        ("role", "bride", "set role of Anna to bride"),
        ("role", None, "removed the role of Anna"),
    ],
)
def test_what_is_decided_is_said_in_plain_words(book: Book, anna: Person, field: str, value: object, said: str) -> None:
    give_name(book, anna, "Anna")
    assert set_fact(book, anna, field, value).text == said  # type: ignore[arg-type]


def test_decisions_are_numbered_from_one(book: Book, anna: Person) -> None:
    assert [give_name(book, anna, name).id for name in ("A", "B", "C")] == [1, 2, 3]


def test_two_of_one_category_keep_it_without_a_word(book: Book, anna: Person, ben: Person) -> None:
    for person in (anna, ben):
        set_fact(book, person, "category", "important")
    merged = merge(book, anna, [ben])
    assert anna.category == "important"
    assert "category" not in {change.field for change in merged.changed}


def test_faces_of_two_people_that_differ_confirm_nobody(book: Book, anna: Person, ben: Person) -> None:
    give_name(book, anna, "Anna")
    give_name(book, ben, "Ben")
    said = say_different(book, anna.faces[0], ben.faces[0])
    assert (same(said), different(said)) == ([], [([anna.faces[0]], [ben.faces[0]], None)])
