from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_ranker.errors import UserError
from photo_ranker.people.book import Book, Decision, Different, Person, Same
from photo_ranker.people.constraints import Constraints, barred_people, constraints_of, settle_absent, undo
from photo_ranker.people.corrections import deny, give_name, merge, move, say_different, say_false, set_fact, shown_name


def decided(*words: Same | Different) -> Constraints:
    decisions = [
        Decision(number, "2024-06-01", f"word {number}", same=[word])
        if isinstance(word, Same)
        else Decision(number, "2024-06-01", f"word {number}", different=[word])
        for number, word in enumerate(words, 1)
    ]
    people = [Person("anna", 0), Person("ben", 1)]
    return constraints_of(Book(people=people, decisions=decisions))


def test_links_reach_through_common_faces() -> None:
    found = decided(Same(["a", "b"]), Same(["b", "c"]))
    assert [sorted(faces) for faces in found.together] == [["a", "b", "c"]]
    assert found.overruled == []


def test_a_later_no_takes_one_face_out_of_a_named_person() -> None:
    found = decided(Same(["x", "a", "b", "c"], "anna"), Different(["x"], ["a", "b", "c"]))
    assert [sorted(faces) for faces in found.together] == [["a", "b", "c"]]
    assert found.pinned == {"a": "anna", "b": "anna", "c": "anna"}
    assert [(word.decision, word.faces) for word in found.overruled] == [(1, ("x",))]


def test_a_later_yes_overrules_a_no() -> None:
    found = decided(Different(["a"], ["b"]), Same(["a", "b"]))
    assert [sorted(faces) for faces in found.together] == [["a", "b"]]
    assert found.apart == []
    assert [word.decision for word in found.overruled] == [1]


def test_a_face_said_to_be_two_people_is_the_later_one() -> None:
    found = decided(Same(["a", "b"], "anna"), Same(["b", "c"], "ben"))
    assert found.pinned == {"b": "ben", "c": "ben", "a": "anna"}
    assert [(word.decision, word.faces) for word in found.overruled] == [(1, ("b",))]


def test_two_people_stay_two_through_a_yes() -> None:
    found = decided(Same(["a", "b"]), Same(["a"], "anna"), Same(["b"], "ben"))
    assert found.pinned == {"a": "anna", "b": "ben"}
    assert [word.decision for word in found.overruled] == [1]


def test_a_person_grows_by_later_words() -> None:
    found = decided(Same(["a"], "anna"), Same(["b"], "anna"))
    assert [sorted(faces) for faces in found.together] == [["a", "b"]]


def test_a_person_stays_who_a_newer_word_said_however_many_faces_an_older_one_names() -> None:
    """The newest word says who Anna is; an older one calls a larger group Anna, which is apart from that face."""
    found = decided(Same(["b"], "anna"), Same(["b", "c", "d"]), Different(["a"], ["b"]), Same(["a"], "anna"))
    assert found.pinned == {"a": "anna"}
    assert [sorted(faces) for faces in found.together] == [["a"], ["b", "c", "d"]]
    assert [(word.decision, word.faces) for word in found.overruled] == [(1, ("b",))]


def test_a_face_that_is_not_a_person_is_not_that_person_alone_either() -> None:
    found = decided(Same(["x"], "anna"), Different(["x"], [], "anna"), Same(["a"], "anna"))
    assert found.pinned == {"a": "anna"}
    assert found.barred == {"x": {"anna"}}
    assert found.apart == [(["x"], ["a"])]
    assert [(word.decision, word.faces) for word in found.overruled] == [(1, ("x",))]


FACES = st.sampled_from("abcdefgh")
WORDS = st.one_of(
    st.builds(Same, st.lists(FACES, min_size=1, max_size=4, unique=True), st.sampled_from([None, "anna", "ben"])),
    st.tuples(
        st.lists(FACES, min_size=2, max_size=4, unique=True), st.integers(1, 3), st.sampled_from([None, "anna", "ben"])
    ).map(
        lambda drawn: Different(
            drawn[0][: min(drawn[1], len(drawn[0]) - 1)], drawn[0][min(drawn[1], len(drawn[0]) - 1) :], drawn[2]
        )
    ),
)


@given(st.lists(WORDS, max_size=12))
def test_every_word_holds_or_is_named(words: list[Same | Different]) -> None:
    found = decided(*words)
    group = {face: number for number, faces in enumerate(found.together) for face in faces}
    assert len(group) == sum(map(len, found.together)), "no face is in two groups"
    named = {word.decision for word in found.overruled}
    for number, word in enumerate(words, 1):
        if number in named:
            continue
        if isinstance(word, Same):
            assert all(
                one == other or group.get(one, one) == group.get(other, other) for one, other in pairwise(word.faces)
            )
            assert word.person is None or all(found.pinned[face] == word.person for face in word.faces)
        else:
            for one in word.faces:
                assert all(group.get(one, one) != group.get(other, other) for other in word.others)
                assert word.person is None or found.pinned.get(one) != word.person


@given(st.lists(WORDS, min_size=1, max_size=12))
def test_the_last_word_always_holds(words: list[Same | Different]) -> None:
    assert len(words) not in {word.decision for word in decided(*words).overruled}


def a_book(**people: list[str]) -> Book:
    """People with these faces; the photos of those in capitals are not in the album."""
    return Book(people=[Person(name, number, faces=faces) for number, (name, faces) in enumerate(people.items())])


def settled(book: Book, *words: Same | Different) -> dict[str, list[str]]:
    book.decisions = [
        Decision(number, "2024-06-01", "", same=[word])
        if isinstance(word, Same)
        else Decision(number, "2024-06-01", "", different=[word])
        for number, word in enumerate(words, 1)
    ]
    present = {face for person in book.people for face in person.faces if face.islower()}
    settle_absent(book, constraints_of(book), present)
    return {person.id: person.faces for person in book.people}


def test_absent_faces_follow_those_that_they_were_tied_to() -> None:
    assert settled(a_book(anna=["a", "X"], ben=["b"]), Same(["b", "X"])) == {"anna": ["a"], "ben": ["b", "X"]}
    assert settled(a_book(anna=["a"], ben=["b"]), Same(["b", "X"])) == {"anna": ["a"], "ben": ["b", "X"]}
    assert settled(a_book(anna=["a", "X"], ben=["b"]), Same(["X"], "ben")) == {"anna": ["a"], "ben": ["b", "X"]}


def test_present_faces_stay_where_the_count_put_them() -> None:
    before = {"anna": ["a", "b"], "ben": ["c"]}
    assert settled(a_book(**before), Same(["b", "c"])) == before
    assert settled(a_book(anna=["a", "X"], ben=["b"]), Same(["X", "Y"])) == {"anna": ["a", "X"], "ben": ["b"]}


def test_absent_faces_leave_whom_they_cannot_be_with() -> None:
    assert settled(a_book(anna=["a", "X"]), Different(["X"], [], "anna")) == {"anna": ["a"]}
    assert settled(a_book(anna=["a", "X"]), Different(["a"], ["X"])) == {"anna": ["a"]}
    assert settled(a_book(anna=["a", "X"]), Different(["X"], ["a"])) == {"anna": ["a"]}
    assert settled(a_book(anna=["X", "Y"]), Different(["X"], ["Y"])) == {"anna": ["X"]}
    assert settled(a_book(anna=["a", "b"]), Different(["a"], ["b"])) == {"anna": ["a", "b"]}, "the count knows better"


def test_an_absent_face_that_was_said_to_be_the_person_stays() -> None:
    words = Same(["X"], "anna"), Different(["X"], ["Y"])
    assert settled(a_book(anna=["X", "Y"]), *words) == {"anna": ["X"]}
    assert settled(a_book(anna=["Y", "X"]), Same(["X"], "anna"), Different(["Y"], ["X"])) == {"anna": ["X"]}


def test_groups_know_whom_they_cannot_be() -> None:
    book = a_book(anna=["a", "X"], ben=["b", "Y"])
    book.decisions = [
        Decision(1, "2024-06-01", "", different=[Different(["a"], ["Y"])]),
        Decision(2, "2024-06-01", "", different=[Different(["b"], [], "anna")]),
    ]
    barred = barred_people([["a"], ["b", "c"], ["d"]], book, constraints_of(book), {"a", "b", "c", "d"})
    assert barred == [{"ben"}, {"anna"}, set()]


# Decisions that are taken back, in any order, and what newer ones hold.


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


@pytest.mark.parametrize("between", [[], ["Anya"]])
def test_what_a_newer_decision_says_too_stays(book: Book, anna: Person, between: list[str]) -> None:
    for name in ("Anna", *between, "Anna"):
        give_name(book, anna, name)
    undo(book, 1)
    assert anna.name == "Anna"
    undo(book)
    assert anna.name == (between[0] if between else None)


def test_a_name_that_merged_two_people_stays_when_the_older_name_is_undone(
    book: Book, anna: Person, ben: Person
) -> None:
    give_name(book, anna, "Anna")
    give_name(book, ben, "anna")
    undo(book, 1)
    assert book.now(ben.id).name == "Anna"
    undo(book, 2)
    assert (anna.name, ben.name, ben.into) == (None, None, None)


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


def test_a_face_that_an_older_decision_holds_comes_back_from_wherever_a_count_took_it(book: Book, anna: Person) -> None:
    give_name(book, anna, "Anna")
    deny(book, ["a0"], anna)
    book.people[2].faces.append("a0")
    assert undo(book)[1] == []
    assert "a0" in anna.faces
    assert "a0" not in book.people[2].faces


def test_a_face_that_went_on_meanwhile_stays_where_it_is(book: Book, anna: Person, ben: Person) -> None:
    """A count took it elsewhere: no word holds it there, and none takes it away."""
    move(book, ["b0"], anna)
    anna.faces.remove("b0")
    book.people[2].faces.append("b0")
    assert undo(book)[1] == []
    assert "b0" in book.people[2].faces
    assert ben.faces == ["b1", "b2"]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_decisions_that_are_undone_in_any_order_leave_nothing(book: Book, anna: Person, order: tuple[int, ...]) -> None:
    give_name(book, anna, "Anna")
    give_name(book, anna, "Anya")
    for number in order:
        undo(book, number)
    assert anna.name is None


def test_what_an_older_decision_says_comes_back(book: Book, anna: Person) -> None:
    for name in ("Anna", "Anya", "Annie"):
        give_name(book, anna, name)
    undo(book, 2)
    assert anna.name == "Annie"
    undo(book, 3)
    assert anna.name == "Anna"
