from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photo_ranker.errors import UserError
from photo_ranker.people import corrections
from photo_ranker.people.book import Book, Decision
from photo_ranker.people.constraints import undo
from photo_ranker.people.merge_books import merge_books

FACES = [f"f{number}" for number in range(8)]
NAMES = ["Anna", "Ben", "Cleo"]


def new_person(book: Book) -> None:
    free = [face for face in FACES if face not in book.owners()]
    book.add_person(free[:2])


def speak(book: Book, word: tuple[str, int, int]) -> None:
    """Say something to a book; what makes no sense there is not said."""
    kind, one, other = word
    people = list(book.present())
    first, second = people[one % len(people)], people[other % len(people)]
    faces = first.faces[: max(1, other % 3)]
    say: dict[str, Callable[[], object]] = {
        "new": lambda: new_person(book),
        "name": lambda: corrections.give_name(book, first, NAMES[other % 3]),
        "hide": lambda: corrections.set_fact(book, first, "hidden", other % 2 == 0),
        "role": lambda: corrections.set_fact(book, first, "role", f"role {other}"),
        "merge": lambda: corrections.merge(book, first, [second]),
        "split": lambda: corrections.split(book, first, faces),
        "move": lambda: corrections.move(book, faces, second),
        "not": lambda: corrections.deny(book, faces, first),
        "different": lambda: corrections.say_different(book, FACES[one % 8], FACES[other % 8]),
        "undo": lambda: undo(book),
    }
    with suppress(UserError):
        say[kind]()


WORDS = st.lists(
    st.tuples(
        st.sampled_from(["new", "name", "hide", "role", "merge", "split", "move", "not", "different", "undo"]),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=6,
)


def a_book() -> Book:
    book = Book(revision=1)
    for number in range(0, 6, 2):
        book.add_person(FACES[number : number + 2])
    return book


def grown(book: Book, words: list[tuple[str, int, int]], revision: int) -> Book:
    book = copy.deepcopy(book)
    book.revision = revision
    for word in words:
        speak(book, word)
    return book


def said(book: Book) -> Counter[bytes]:
    """All words, without the numbers that each book gives them."""
    return Counter(
        msgspec.json.encode(msgspec.structs.replace(decision, id=0, undone=None)) for decision in book.decisions
    )


def taken_back(book: Book) -> set[bytes]:
    return {
        msgspec.json.encode(msgspec.structs.replace(one, id=0, undone=None)) for one in book.decisions if one.undone
    }


@settings(deadline=None, max_examples=300)
@given(WORDS, WORDS, WORDS, st.integers(2, 4), st.integers(2, 4))
def test_no_word_of_either_is_lost(
    before: list[tuple[str, int, int]],
    here: list[tuple[str, int, int]],
    there: list[tuple[str, int, int]],
    one_revision: int,
    other_revision: int,
) -> None:
    base = grown(a_book(), before, 1)
    one, other = grown(base, here, one_revision), grown(base, there, other_revision)
    untouched = msgspec.json.encode([one, other])
    merged = merge_books(one, other).book
    assert msgspec.json.encode([one, other]) == untouched
    assert said(merged) == said(one) | said(other)
    assert taken_back(merged) >= taken_back(one) | taken_back(other)
    assert {person.id for person in merged.people} >= {
        person.id for book in (one, other) for person in book.people if person.name
    }
    ids = [decision.id for decision in merged.decisions]
    numbers = [person.number for person in merged.people]
    assert len(set(ids)) == len(ids)
    assert len(set(numbers)) == len(numbers)
    assert merged.next_number > max(numbers)
    faces = [face for person in merged.people for face in person.faces]
    assert len(set(faces)) == len(faces), "each face is one person's"
    assert len(merged.owners()) == len(faces), "and nobody's who was merged into another"
    assert said(merge_books(other, one).book) == said(merged), "whichever comes first"
    for known in (one, other, base):
        again = merge_books(known, merged)
        assert again.book == merged, "once more changes nothing"
        assert not again.added


def an_album() -> Book:
    return grown(a_book(), [], 1)


def test_a_book_that_only_grew_counts_as_it_is() -> None:
    old = an_album()
    new = copy.deepcopy(old)
    corrections.give_name(new, new.people[0], "Anna")
    corrections.deny(new, ["f1"], new.people[0])
    corrections.merge(new, new.people[0], [new.people[1]])
    new.counted, new.revision = "so", 2
    merged = merge_books(old, new)
    assert merged.book == new
    assert (merged.conflicts, merged.added) == ([], 0)


def test_what_only_one_has_spoken_of_holds() -> None:
    one, other = an_album(), an_album()
    corrections.give_name(one, one.people[0], "Anna")
    corrections.set_fact(one, one.people[1], "category", "main")
    corrections.deny(other, ["f5"], other.people[2])
    corrections.give_name(other, other.people[2], "Ben")
    merged = merge_books(one, other)
    assert [person.name for person in merged.book.people] == ["Anna", None, "Ben"]
    assert [person.category for person in merged.book.people] == ["other", "main", "other"]
    assert [person.faces for person in merged.book.people] == [["f0", "f1"], ["f2", "f3"], ["f4"]]
    assert sorted(decision.id for decision in merged.book.decisions) == [1, 2, 3, 4]
    assert merged.conflicts == []


@pytest.mark.parametrize("is_greater", [False, True])
def test_a_name_that_only_one_has_changed_is_no_conflict(is_greater: bool) -> None:
    old = an_album()
    corrections.give_name(old, old.people[0], "Anna")
    new = copy.deepcopy(old)
    corrections.give_name(new, new.people[0], "Anne")
    merged = merge_books(*((old, new) if is_greater else (new, old)))
    assert merged.book.people[0].name == "Anne"
    assert merged.conflicts == []


def test_of_two_names_that_of_the_higher_counter_holds_and_the_other_is_said() -> None:
    one, other = an_album(), an_album()
    corrections.give_name(one, one.people[0], "Anna")
    corrections.give_name(other, other.people[0], "Anne")
    one.revision, other.revision = 2, 7
    merged = merge_books(one, other)
    assert merged.book.people[0].name == "Anne"
    assert "name of person 0: Anne holds, not Anna" in merged.conflicts
    assert [decision.text for decision in merged.book.decisions] == ["named Person 0 Anna", "named Person 0 Anne"]


@pytest.mark.parametrize(
    ("field", "lesser", "greater", "held", "conflicts"),
    [
        ("name", "Anna", None, "Anna", 0),
        ("name", None, "Anne", "Anne", 0),
        ("name", "Anna", "Anne", "Anne", 1),
        ("role", "bride", "guest", "guest", 1),
        ("hidden", True, False, True, 0),
        ("born", 1990, None, 1990, 0),
        ("representative", "f1", "f0", "f0", 0),
        ("representative", "f1", None, "f1", 0),
    ],
)
def test_facts_that_no_decision_tells_hold_too(
    field: str, lesser: object, greater: object, held: object, conflicts: int
) -> None:
    """As in a book mended by hand: what either says holds, and of two that of the higher counter."""
    one, other = grown(a_book(), [], 2), grown(a_book(), [], 3)
    setattr(one.people[0], field, lesser)
    setattr(other.people[0], field, greater)
    merged = merge_books(one, other)
    assert getattr(merged.book.people[0], field) == held
    assert len(merged.conflicts) == conflicts


def test_a_fact_that_was_said_outranks_one_that_was_not() -> None:
    one, other = grown(a_book(), [], 2), grown(a_book(), [], 3)
    one.people[0].role = other.people[1].role = "guest"
    corrections.set_fact(one, one.people[1], "role", "bride")
    corrections.set_fact(other, other.people[0], "role", "groom")
    merged = merge_books(one, other)
    assert [person.role for person in merged.book.people[:2]] == ["groom", "bride"]
    assert merged.conflicts == []


def test_contradictions_keep_both_decisions() -> None:
    one, other = an_album(), an_album()
    corrections.say_same(one, "f0", "f2")
    corrections.say_different(other, "f0", "f2")
    corrections.move(other, ["f2"], other.people[2])
    merged = merge_books(one, other)
    assert merged.book.owners()["f2"].id == other.people[2].id
    assert len(merged.book.decisions) == 3
    assert any("overruled" in conflict for conflict in merged.conflicts)


def test_two_new_people_of_one_name_are_one() -> None:
    one, other = an_album(), an_album()
    corrections.give_name(one, one.add_person(["f6"]), "Cleo")
    corrections.give_name(other, other.add_person(["f7"]), "cleo")
    merged = merge_books(one, other).book
    assert len(merged.people) == 5
    assert merged.find("Cleo").faces == ["f7", "f6"]
    assert sorted(person.number for person in merged.people) == [0, 1, 2, 3, 4]


def test_two_people_who_have_one_name_in_a_book_stay_two() -> None:
    one = Book(revision=1)
    for face in ("f0", "f1"):
        one.add_person([face]).name = "Anna"
    other = copy.deepcopy(one)
    corrections.set_fact(one, one.people[0], "role", "bride")
    corrections.set_fact(other, other.people[1], "role", "guest")
    merged = merge_books(one, other).book
    assert [person.faces for person in merged.present()] == [["f0"], ["f1"]]


def test_who_was_merged_both_ways_round_is_one_person() -> None:
    one, other = an_album(), an_album()
    corrections.merge(one, one.people[0], [one.people[1]])
    corrections.merge(other, other.people[1], [other.people[0]])
    merged = merge_books(one, other).book
    (person,) = {merged.now(merged.people[number].id).id for number in (0, 1)}
    assert sorted(merged.by_id()[person].faces) == ["f0", "f1", "f2", "f3"]


@pytest.mark.parametrize("swapped", [False, True])
def test_what_was_taken_back_in_one_is_taken_back(swapped: bool) -> None:
    one = an_album()
    corrections.give_name(one, one.people[0], "Anna")
    other = copy.deepcopy(one)
    undo(other)
    books = (other, one) if swapped else (one, other)
    merged = merge_books(*books).book
    assert merged.people[0].name is None
    assert [type(decision) for decision in merged.active()] == []
    assert isinstance(merged.decisions[0], Decision)


def test_the_face_to_show_stays_unless_words_took_it_away() -> None:
    base = a_book()
    for person in base.people:
        person.representative = person.faces[0]
    plain = merge_books(grown(base, [], 2), grown(base, [], 3)).book
    assert [person.representative for person in plain.people] == ["f0", "f2", "f4"]
    lesser, greater = grown(base, [("name", 1, 0)], 2), grown(base, [], 3)
    assert [person.representative for person in merge_books(lesser, greater).book.people] == ["f0", "f2", "f4"]
    lesser = copy.deepcopy(base)
    corrections.move(lesser, ["f2"], lesser.people[0])
    assert [person.representative for person in merge_books(lesser, greater).book.people] == ["f0", None, "f4"]


def test_a_named_person_of_the_lesser_book_keeps_the_faces_that_are_nobodys() -> None:
    """A name without a decision, as from a book mended by hand."""
    greater, lesser = grown(a_book(), [], 3), grown(a_book(), [], 2)
    lesser.add_person(["f6", "f0"]).name = "Zoe"
    merged = merge_books(lesser, greater)
    assert merged.added == 0
    assert [person.faces for person in merged.book.people] == [["f0", "f1"], ["f2", "f3"], ["f4", "f5"], ["f6"]]


def test_with_words_of_its_own_the_lesser_book_also_gives_faces_to_people_of_both() -> None:
    greater, lesser = grown(a_book(), [], 3), grown(a_book(), [("role", 2, 1)], 2)
    lesser.people[1].faces.append("f7")
    merged = merge_books(lesser, greater)
    assert merged.added == 1
    assert merged.book.people[1].faces == ["f2", "f3", "f7"]


def test_two_people_of_each_book_have_four_numbers() -> None:
    """Both books have given the numbers 3 and 4 to people of their own."""
    greater, lesser = grown(a_book(), [], 3), grown(a_book(), [], 2)
    for book, names in ((greater, ("Anna", "Ben")), (lesser, ("Cleo", "Dan"))):
        for name in names:
            corrections.give_name(book, book.add_person([f"{name}-face"]), name)
    merged = merge_books(lesser, greater).book
    assert {person.name: person.number for person in merged.people if person.name} == {
        "Anna": 3, "Ben": 4, "Cleo": 5, "Dan": 6
    }  # fmt: skip
    assert merged.next_number == 7
