from __future__ import annotations

import copy
import re
from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from people.crowds import a_crowd, an_album
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.errors import UserError
from photo_ranker.people import corrections
from photo_ranker.people.book import Book, Person
from photo_ranker.people.constraints import undo
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.recount import recount, recount_if_needed
from photo_ranker.people.suggest import suggest
from photo_ranker.settings import Settings


def a_table(
    people: int = 3, each: int = 4, *, seed: int = 0, alike: float = 0.65, only: slice = slice(None)
) -> FaceTable:
    """Faces a0 a1 ... of the first person, b0 ... of the second, one a photo."""
    rows, who = a_crowd(people, each, seed, alike)
    names = [f"{chr(97 + person)}{number % each}" for number, person in enumerate(who)]
    photos = [[(name, row)] for name, row in zip(names, rows, strict=True)]
    return FaceTable(an_album(photos[only]), Settings())


def counted(table: FaceTable) -> Book:
    book = Book()
    recount(book, table)
    return book


def person_of(book: Book, face: str) -> Person:
    return book.owners()[face]


def test_everyone_is_found_and_numbered() -> None:
    book = counted(a_table())
    assert [(person.number, min(person.faces), len(person.faces)) for person in book.people] == [
        (0, "a0", 4),
        (1, "b0", 4),
        (2, "c0", 4),
    ]
    assert all(person.representative in person.faces for person in book.people)


def test_a_second_count_changes_nothing() -> None:
    table = a_table()
    book = counted(table)
    before = {person.id: sorted(person.faces) for person in book.people}
    assert recount(book, table).new == 0
    assert {person.id: sorted(person.faces) for person in book.people} == before


def test_new_photos_join_the_people_who_are_known() -> None:
    book = counted(a_table(only=slice(0, 10)))
    ids = {person.id for person in book.people}
    recount(book, a_table())
    assert {person.id for person in book.people} == ids
    assert len(person_of(book, "c3").faces) == 4


def test_a_person_is_who_has_most_of_their_faces() -> None:
    book = Book()
    known = book.add_person(["b0", "a0", "a1", "a2"])
    recount(book, a_table())
    assert sorted(known.faces) == ["a0", "a1", "a2", "a3"]
    assert person_of(book, "b0").id != known.id


def test_of_two_with_as_many_faces_the_older_one_stays() -> None:
    book = Book()
    older, newer = book.add_person(["a2"]), book.add_person(["a0"])
    recount(book, a_table())
    assert sorted(older.faces) == ["a0", "a1", "a2", "a3"]
    assert newer not in book.people


def test_faces_that_are_away_stay_with_their_person() -> None:
    book = counted(a_table())
    anna = person_of(book, "a0")
    corrections.give_name(book, anna, "Anna")
    recount(book, a_table(only=slice(4, 12)))
    assert sorted(anna.faces) == ["a0", "a1", "a2", "a3"]
    recount(book, a_table())
    assert sorted(book.find("anna").faces) == ["a0", "a1", "a2", "a3"]


def test_a_named_person_keeps_faces_that_no_count_would_give() -> None:
    table = a_table()
    book = counted(table)
    anna = corrections_merge(book, "a0", "b0")
    recount(book, table)
    assert len(anna.faces) == 8
    assert len(list(book.present())) == 2


def corrections_merge(book: Book, one: str, other: str) -> Person:
    person = person_of(book, one)
    corrections.merge(book, person, [person_of(book, other)])
    return person


def test_one_name_for_two_makes_one_person_and_undo_makes_two() -> None:
    table = a_table()
    book = counted(table)
    first, second = person_of(book, "a0"), person_of(book, "b0")
    corrections.give_name(book, first, "Anna")
    corrections.give_name(book, second, "anna")
    assert second.into == first.id
    undo(book)
    recount(book, table)
    assert book.by_id()[second.id].into is None
    assert sorted(person_of(book, "b0").faces) == ["b0", "b1", "b2", "b3"]
    assert person_of(book, "b0").id == second.id


def test_split_faces_stay_out() -> None:
    table = a_table()
    book = counted(table)
    anna = person_of(book, "a0")
    corrections.give_name(book, anna, "Anna")
    corrections.split(book, anna, ["a2", "a3"])
    recount(book, table)
    assert sorted(anna.faces) == ["a0", "a1"]
    assert sorted(person_of(book, "a2").faces) == ["a2", "a3"]


def test_a_face_that_is_not_anna_stays_away_from_her() -> None:
    table = a_table()
    book = counted(table)
    anna = person_of(book, "a0")
    corrections.give_name(book, anna, "Anna")
    corrections.deny(book, ["a0"], anna)
    recount(book, table)
    assert sorted(anna.faces) == ["a1", "a2", "a3"]
    undo(book)
    recount(book, table)
    assert sorted(anna.faces) == ["a0", "a1", "a2", "a3"]


def test_a_moved_face_stays_where_it_was_put() -> None:
    table = a_table()
    book = counted(table)
    corrections.move(book, ["a0"], person_of(book, "b0"))
    recount(book, table)
    assert sorted(person_of(book, "b0").faces) == ["a0", "b0", "b1", "b2", "b3"]


def test_an_earlier_decision_can_be_undone_alone() -> None:
    table = a_table()
    book = counted(table)
    first = corrections.move(book, ["a0"], person_of(book, "b0"))
    corrections.give_name(book, person_of(book, "c0"), "Carl")
    undo(book, first.id)
    recount(book, table)
    assert sorted(person_of(book, "a0").faces) == ["a0", "a1", "a2", "a3"]
    assert book.find("Carl").faces


def test_what_newer_decisions_hold_is_said_at_an_undo() -> None:
    book = counted(a_table())
    merged = corrections.merge(book, person_of(book, "a0"), [person_of(book, "b0")])
    corrections.give_name(book, person_of(book, "a0"), "Anna")
    _, held = undo(book, merged.id)
    assert sorted(held) == ["b0", "b1", "b2", "b3"]


def test_undo_with_nothing_to_undo_is_said() -> None:
    with pytest.raises(UserError, match="no decision"):
        undo(Book())
    with pytest.raises(UserError, match="no decision 7") as caught:
        undo(Book(), 7)
    assert caught.value.advice == "photo-ranker people show --decisions DIR lists all"


def test_hidden_people_stay_hidden_and_are_not_asked_about() -> None:
    table = a_table()
    book = counted(table)
    corrections.set_fact(book, person_of(book, "a0"), "hidden", value=True)
    recount(book, table)
    assert person_of(book, "a1").hidden
    assert all(person_of(book, "a0").id not in question.people for question in suggest(book, table, 0.0))


def test_the_most_helpful_question_comes_first_and_its_answer_settles_it() -> None:
    table = a_table(2, 8, alike=0.33)
    book = Book()
    threshold = recount(book, table, threshold=0.45).threshold
    questions = suggest(book, table, threshold)
    assert questions
    assert [item.helps for item in questions] == sorted((item.helps for item in questions), reverse=True)
    one, other = questions[0].faces
    corrections.say_different(book, one, other)
    assert {one, other} not in [set(item.faces) for item in suggest(book, table, threshold)]
    undo(book)
    corrections.say_same(book, one, other)
    recount(book, table, threshold=0.45)
    assert person_of(book, one) is person_of(book, other)


def test_a_yes_for_two_named_people_is_refused() -> None:
    book = counted(a_table())
    corrections.give_name(book, person_of(book, "a0"), "Anna")
    corrections.give_name(book, person_of(book, "b0"), "Ben")
    with pytest.raises(UserError, match="Anna and Ben"):
        corrections.say_same(book, "a0", "b0")


def test_faces_of_one_photo_are_two_people_unless_a_user_says_otherwise() -> None:
    rows, _ = a_crowd(1, 3, alike=0.9)
    table = FaceTable(an_album([[("a0", rows[0]), ("mirror", rows[1])], [("a1", rows[2])]]), Settings())
    book = counted(table)
    assert person_of(book, "a0") is not person_of(book, "mirror")
    corrections.say_same(book, "a0", "mirror")
    recount(book, table)
    assert person_of(book, "a0") is person_of(book, "mirror")


def test_a_copied_photo_has_the_same_people() -> None:
    rows, _ = a_crowd(2, 1)
    photo = [("a0", rows[0]), ("b0", rows[1])]
    book = counted(FaceTable(an_album([photo, photo]), Settings()))
    assert sorted(person.faces for person in book.people) == [["a0"], ["b0"]]


def test_the_only_face_of_a_person_can_be_denied() -> None:
    table = a_table()
    book = counted(table)
    corrections.split(book, person_of(book, "a1"), ["a1"])
    alone = person_of(book, "a1")
    corrections.deny(book, ["a1"], alone)
    overruled = recount(book, a_table(only=slice(2, 12))).overruled
    assert [(word.decision, word.faces) for word in overruled] == [(1, ("a1",))]
    assert "a1" not in book.owners()
    recount(book, table)
    assert person_of(book, "a1") is not alone
    undo(book)
    recount(book, table)
    assert person_of(book, "a1") is alone


def test_a_confirmed_face_that_is_denied_leaves_and_the_others_stay() -> None:
    table = a_table(only=slice(0, 1))
    book = counted(table)
    anna = person_of(book, "a0")
    corrections.give_name(book, anna, "Anna")
    recount(book, a_table())
    corrections.deny(book, ["a0"], anna)
    recount(book, a_table())
    assert sorted(anna.faces) == ["a1", "a2", "a3"]


def test_of_two_faces_told_apart_the_confirmed_one_stays() -> None:
    book = counted(a_table(only=slice(0, 1)))
    anna = person_of(book, "a0")
    corrections.give_name(book, anna, "Anna")
    recount(book, a_table())
    corrections.say_different(book, "a1", "a0")
    assert sorted(anna.faces) == ["a0", "a2", "a3"]
    recount(book, a_table())
    assert "a0" in anna.faces
    assert "a1" not in anna.faces


def test_faces_that_come_later_do_not_bring_back_one_that_was_denied() -> None:
    book = counted(a_table(only=slice(0, 2)))
    anna = person_of(book, "a0")
    corrections.deny(book, ["a1"], anna)
    assert anna.faces == ["a0"]
    recount(book, a_table(only=slice(1, 4)), threshold=0.3)
    assert "a1" not in anna.faces


def test_a_count_without_one_of_two_that_were_told_apart_keeps_them_apart() -> None:
    book = counted(a_table())
    corrections.say_different(book, "a0", "a1")
    recount(book, a_table(only=slice(1, 12)))
    assert person_of(book, "a0") is not person_of(book, "a1")


def test_a_face_away_speaks_through_those_it_was_confirmed_with() -> None:
    book = counted(a_table(only=slice(0, 2)))
    anna = person_of(book, "a0")
    corrections.give_name(book, anna, "Anna")
    recount(book, a_table())
    corrections.say_different(book, "a0", "a3")
    recount(book, a_table(only=slice(1, 12)))
    assert {"a0", "a1"} <= set(anna.faces)
    assert "a3" not in anna.faces


TABLE = a_table(4, 4, alike=0.45)
WORDS = st.lists(
    st.tuples(
        st.sampled_from(["name", "merge", "split", "move", "deny", "same", "different", "undo"]),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    min_size=4,
    max_size=10,
)


@pytest.mark.slow
@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(WORDS, st.sampled_from([None, 0.3, 0.5, 0.7]), st.integers(0, 8))
@example([("name", 0, 1), ("split", 1, 0), ("deny", 1, 0), ("undo", 0, 0)], None, 2)
@example([("same", 5, 4), ("deny", 5, 0)], None, 6)
@example([("name", 0, 0), ("name", 0, 0), ("split", 1, 0), ("deny", 1, 0)], None, 2)
def test_random_corrections_hold_in_a_random_count(
    words: list[tuple[str, int, int]], threshold: float | None, away: int
) -> None:
    book = counted(TABLE)
    for word, one, other in words:
        say(book, word, TABLE.ids[one % 16], TABLE.ids[other % 16])
    names = sorted(person.name for person in book.present() if person.name)
    table = FaceTable(an_album_without(TABLE, away), Settings())
    overruled = recount(book, table, threshold).overruled
    assert sorted(person.name for person in book.present() if person.name) == names
    check(book, {face for item in overruled for face in item.faces}, {item.decision for item in overruled})


def an_album_without(table: FaceTable, away: int) -> Album:
    faces = list(zip(table.ids, table.rows, strict=True))[away:]
    return an_album([[face] for face in faces])


def say(book: Book, word: str, one: str, other: str) -> None:
    owners = book.owners()
    first, second = owners.get(one), owners.get(other)
    if word == "undo" and book.active():
        undo(book)
    if word == "undo" or first is None or second is None or one == other:
        return
    said: dict[str, Callable[[], object]] = {
        "name": lambda: corrections.give_name(book, first, f"Name of {one[0]}"),
        "merge": lambda: corrections.merge(book, first, [second]),
        "split": lambda: corrections.split(book, first, [one]),
        "move": lambda: corrections.move(book, [one], second),
        "deny": lambda: corrections.deny(book, [one], first),
        "same": lambda: corrections.say_same(book, one, other),
        "different": lambda: corrections.say_different(book, one, other),
    }
    with suppress(UserError):  # said that it cannot be: nothing was changed
        said[word]()


def check(book: Book, excused: set[str], named: set[int]) -> None:
    owner = {face: person.id for face, person in book.owners().items()}
    assert sum(len(person.faces) for person in book.present()) == len(owner), "no face is two people's"
    for decision in book.active():
        for same in decision.same:
            faces = [face for face in same.faces if face not in excused or decision.id not in named]
            assert same.person is None or all(owner.get(face) == book.now(same.person).id for face in faces)
            assert len({owner.get(face) for face in faces}) <= 1, "together, were it with nobody"
        for different in decision.different if decision.id not in named else ():
            for face in different.faces:
                assert all(owner.get(face, face) != owner.get(other, other) for other in different.others)
                assert different.person is None or owner.get(face) != book.now(different.person).id
    assert all(person.into in book.by_id() for person in book.people if person.into)


def dated(table: FaceTable, years: dict[str, int]) -> FaceTable:
    """The same faces in photos of these years."""
    photos = []
    for photo in table.album.photos:
        year = years.get(photo.record.faces[0].id, 2015)
        photos.append(AlbumPhoto(photo.path, msgspec.structs.replace(photo.record, taken_at=f"{year}-07-01T12:00:00")))
    return FaceTable(Album(photos), Settings())


def test_photos_from_before_the_birth_go_to_somebody_else_and_come_back() -> None:
    table = dated(a_table(each=6), {"a0": 1985, "a1": 1986})
    book = counted(table)
    anna = person_of(book, "a2")
    assert len(anna.faces) == 6
    said = corrections.set_born(book, anna, 2009, table.before(anna.faces, 2009))
    assert "was born in 2009" in said.text
    assert sorted(anna.faces) == ["a2", "a3", "a4", "a5"]
    recount(book, table)
    other = person_of(book, "a0")
    assert (other is not anna, sorted(other.faces), anna.born) == (True, ["a0", "a1"], 2009)
    corrections.give_name(book, other, "Her mother")
    recount(book, table)
    assert person_of(book, "a0").name == "Her mother"
    undo(book, said.id)
    assert anna.born is None


def test_new_photos_from_before_the_birth_are_not_the_persons() -> None:
    table = dated(a_table(each=6), {"a0": 1985, "a1": 1986})
    known = FaceTable(Album(table.album.photos[2:]), Settings())
    book = counted(known)
    anna = person_of(book, "a2")
    corrections.give_name(book, anna, "Anna")
    corrections.set_born(book, anna, 2009)
    for _ in range(2):
        recount(book, table)
        assert sorted(anna.faces) == ["a2", "a3", "a4", "a5"]
        assert person_of(book, "a0") is person_of(book, "a1") is not anna
    assert len(list(book.present())) == 4, "a second count makes no more people"


def test_a_year_of_birth_goes_with_a_merge() -> None:
    book = counted(a_table())
    one, two, _ = book.people
    corrections.set_born(book, two, 2009)
    corrections.merge(book, one, [two])
    assert one.born == 2009


def test_nothing_is_counted_again_before_something_has_changed() -> None:
    table = a_table()
    book = counted(table)
    for person in book.people:
        person.faces.sort(reverse=True)
    before = copy.deepcopy(book)
    again = recount_if_needed(book, table)
    assert (again.new, again.threshold) == (0, book.threshold)
    assert book == before, "not even the order of the faces"
    corrections.give_name(book, book.people[0], "Anna")
    assert recount_if_needed(book, table).new == 0
    assert book.counted != before.counted
    assert recount_if_needed(Book(), table).new == 3
    assert recount_if_needed(copy.deepcopy(before), a_table(4)).new == 1
    assert recount_if_needed(copy.deepcopy(before), table, 0.99).new > 0


def test_a_person_is_found_by_name_number_or_id() -> None:
    book = counted(a_table())
    anna, ben, cleo = book.people
    corrections.give_name(book, ben, "Zoë")
    corrections.give_name(book, cleo, "0")
    assert [book.find(word) for word in (anna.id, "zoë", "1", cleo.id)] == [anna, ben, ben, cleo]
    assert book.find("0") is cleo, "a name comes before a number"
    with pytest.raises(UserError, match="there is no person 'Ben'"):
        book.find("Ben")
    assert len({person.id for person in book.people}) == 3
    assert all(re.fullmatch("p[0-9a-f]{12}", person.id) for person in book.people)
