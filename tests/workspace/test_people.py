"""The people of an album and the commands that change them, without a command line and without the app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from people.crowds import a_crowd, an_album
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.errors import UserError
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.store import PEOPLE_NAME, find_root, load_book
from photo_ranker.settings import Settings
from photo_ranker.workspace.people import AlbumPeople, NotTheirFace, UnknownFace, edit_people, open_people


def a_wedding(people: int = 3, each: int = 4) -> Album:
    """Faces a0 a1 ... of the first person, b0 ... of the second, one a photo."""
    rows, who = a_crowd(people, each)
    names = [f"{chr(97 + person)}{number % each}" for number, person in enumerate(who)]
    return an_album([[(name, row)] for name, row in zip(names, rows, strict=True)])


class Opened:
    """Opens the people of one album, and keeps the notes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.album, self.notes = folder, a_wedding(), list[str]()

    def __call__(self, *, keep: bool = True, threshold: float | None = None) -> AlbumPeople:
        """The people after a command that does nothing."""
        return self.after(lambda _: None, keep=keep, threshold=threshold)

    def after(
        self, command: Callable[[AlbumPeople], object], *, keep: bool = True, threshold: float | None = None
    ) -> AlbumPeople:
        """The people after a command; they are saved by then."""
        opened = open_people(
            self.album, Settings(), [str(self.folder)], keep=keep, threshold=threshold, say=self.notes.append
        )
        with opened as people:
            command(people)
        return people


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    return Opened(tmp_path)


@pytest.fixture
def people(opened: Opened) -> Iterator[AlbumPeople]:
    with open_people(opened.album, Settings(), [str(opened.folder)], keep=False, say=opened.notes.append) as people:
        yield people


def test_everyone_is_found_by_name_number_and_id(people: AlbumPeople) -> None:
    first, second, _ = people.shown()
    people.name(second, "Ben")
    assert people.find("0") is people.find(first.id) is people.by_id(first.id) is first
    assert people.find("ben") is second
    assert people.by_id("0") is None
    people.merge(second, [first])
    assert people.by_id(first.id) is None


def test_names_of_a_folder_below_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    day, notes = tmp_path / "day one", list[str]()
    day.mkdir()
    rows, _ = a_crowd(2, 4)
    album = an_album([[(f"f{number}", row)] for number, row in enumerate(rows)], str(day))
    for source in (day, tmp_path):
        with open_people(album, Settings(), [str(source)], keep=True, say=notes.append) as people:
            people.name(people.shown()[0], "Anna")
    assert notes == [
        f"note: {day} has names of its own, which are not used here; photo-ranker people list '{day}' shows them"
    ]


def test_only_those_whom_the_album_shows_are_shown(people: AlbumPeople) -> None:
    first, second, third = people.shown()
    assert [person.number for person in (first, second, third)] == [0, 1, 2]
    people.set_fact(second, "hidden", value=True)
    third.faces = ["elsewhere"]
    assert people.shown() == [first]
    assert people.shown(hidden=True) == [first, second]
    assert people.missing(third) == ["elsewhere"]
    assert people.unrecognised() == ["c0", "c1", "c2", "c3"]


def test_where_a_person_is(people: AlbumPeople) -> None:
    first = people.find("0")
    assert people.faces(first) == ["a0", "a1", "a2", "a3"]
    assert people.photos(first) == {match.photo for match in people.matches(first)} == {0, 1, 2, 3}
    assert people.owners()["a0"] is first
    assert people.album is people.table.album


def test_the_cover_is_the_chosen_face_if_it_is_here(people: AlbumPeople) -> None:
    first = people.find("0")
    people.set_fact(first, "representative", "a2")
    assert people.cover(first) == "a2"
    first.representative = "elsewhere"
    assert people.cover(first) in {"a0", "a1", "a2", "a3"}
    first.faces = ["elsewhere"]
    assert people.cover(first) is None


def test_a_face_is_taken_only_from_whom_it_belongs_to(people: AlbumPeople) -> None:
    first, second = people.find("0"), people.find("1")
    before = list(first.faces), list(second.faces)
    with pytest.raises(NotTheirFace, match=r"^face b0 is not one of Person 0's$"):
        people.split(first, ["a0", "b0"])
    with pytest.raises(UserError, match="b0 is no face of Person 0"):
        people.set_fact(first, "representative", "b0")
    assert (first.faces, second.faces, people.book.decisions) == (*before, []), "nothing was changed or written down"


def test_unknown_faces_are_refused(people: AlbumPeople) -> None:
    first = people.find("0")
    with pytest.raises(UnknownFace, match=r"^there is no face zz in this album$"):
        people.move(["b0", "zz"], first)
    with pytest.raises(UnknownFace):
        people.deny(first, ["zz"])
    for pair in (("a0", "zz"), ("zz", "a0")):
        with pytest.raises(UnknownFace):
            people.answer(*pair, same=True)
    assert people.book.decisions == []
    assert people.owners()["b0"] is people.find("1")


def test_faces_of_photos_that_are_away_are_known(people: AlbumPeople) -> None:
    first, second = people.find("0"), people.find("1")
    second.faces.append("away")
    people.move(["away"], first)
    assert people.owners()["away"] is first


def test_a_face_that_is_given_twice_counts_once(people: AlbumPeople) -> None:
    first, second = people.find("0"), people.find("1")
    people.split(first, ["a0", "a0"])
    assert people.owners()["a0"].faces == ["a0"]
    people.move(["a0", "a0"], second)
    assert sorted(second.faces) == ["a0", "b0", "b1", "b2", "b3"]
    people.deny(second, ["a0", "a0"])
    assert [decision.text.split(" face")[0] for decision in people.book.decisions] == [
        "split 1",
        "moved 1",
        "said that 1",
    ]


def test_one_face_is_no_pair(people: AlbumPeople) -> None:
    for same in (True, False):
        with pytest.raises(UserError, match="a0 is one face"):
            people.answer("a0", "a0", same=same)
    assert people.owners()["a0"] is people.find("0")


def test_an_answer_makes_one_of_two_or_two_of_one(people: AlbumPeople) -> None:
    people.answer("a0", "b0", same=True)
    assert people.owners()["a0"] is people.owners()["b0"]
    people.answer("a0", "a1", same=False)
    assert people.owners().get("a0") is not people.owners().get("a1")


def test_a_category_is_one_of_three(people: AlbumPeople) -> None:
    with pytest.raises(UserError, match="there is no category 'bride'"):
        people.set_fact(people.find("0"), "category", "bride")
    people.set_fact(people.find("0"), "category", "main")
    assert people.find("0").category == "main"


def test_a_decision_is_taken_back(people: AlbumPeople) -> None:
    said = people.name(people.find("0"), "Anna")
    assert people.undo() == (said, [])
    assert people.find("0").name is None


def test_what_is_kept_is_there_at_the_next_run(opened: Opened) -> None:
    opened.after(lambda people: people.name(people.find("0"), "Anna"))
    assert opened().find("Anna").number == 0
    assert opened.notes == []


def test_a_dry_run_changes_the_book_in_memory_alone(opened: Opened) -> None:
    people = opened.after(lambda people: people.name(people.find("0"), "Anna"), keep=False)
    assert people.find("Anna").number == 0
    assert not (opened.folder / PEOPLE_NAME).exists()
    opened()
    before = (opened.folder / PEOPLE_NAME).read_bytes()
    opened.after(lambda people: people.name(people.find("0"), "Anna"), keep=False)
    assert (opened.folder / PEOPLE_NAME).read_bytes() == before


def test_a_command_that_fails_leaves_the_book_as_it_was(opened: Opened) -> None:
    opened()

    def fail(people: AlbumPeople) -> None:
        people.name(people.find("0"), "Anna")
        people.split(people.find("0"), ["b0"])

    with pytest.raises(NotTheirFace):
        opened.after(fail)
    assert opened().find("0").name is None


def test_people_are_counted_again_only_when_something_has_changed(opened: Opened) -> None:
    assert opened().threshold != 0.9
    assert opened(threshold=0.9).threshold == 0.9
    assert len(opened(threshold=0.99).shown()) > 3


def test_what_a_decision_overrules_is_said_once(opened: Opened) -> None:
    opened.after(lambda people: people.name(people.find("0"), "Anna"))
    opened.after(lambda people: people.name(people.find("1"), "Ben"))
    opened.after(lambda people: people.move(["a0"], people.find("Ben")))
    assert opened.notes == ["note: decision 1 (named Person 0 Anna) is overruled by this for 1 face"]
    assert [item.faces for item in opened().overruled()] == [("a0",)]
    assert len(opened.notes) == 1


def test_only_faces_that_a_decision_has_lost_since_then_are_told(people: AlbumPeople) -> None:
    people.name(people.find("0"), "Anna")
    people.move(["a0"], people.find("1"))
    before = people.overruled()
    people.move(["a1"], people.find("2"))
    assert {item.faces for item in people.overruled_since(before)} == {("a1",)}


def test_people_are_changed_without_a_count_and_counted_when_asked(opened: Opened) -> None:
    table, root, notes = FaceTable(opened.album, Settings()), find_root([str(opened.folder)]), list[str]()
    with edit_people(table, Settings(), root, notes.append) as people:
        assert people.shown() == []
    with edit_people(table, Settings(), root, notes.append) as people:
        assert people.recount().new == 3
    assert [person.number for person in load_book(opened.folder).present()] == [0, 1, 2]


def test_a_year_of_birth_takes_older_photos_away_and_undo_gives_them_back(opened: Opened) -> None:
    opened.album = Album(
        AlbumPhoto(photo.path, msgspec.structs.replace(photo.record, taken_at=f"{2005 + 4 * number}-07-01"))
        for number, photo in enumerate(opened.album.photos)
    )
    anna = opened().owners()["a0"]
    said = opened.after(lambda people: people.set_born(people.find(anna.id), 2009)).book.decisions[-1]
    assert sorted(opened().find(anna.id).faces) == ["a1", "a2", "a3"]
    with pytest.raises(UserError, match="all photos of Person 0 are older than 2100"):
        opened.after(lambda people: people.set_born(people.find(anna.id), 2100))
    with pytest.raises(UserError, match="'30000' is not a year"):
        opened.after(lambda people: people.set_born(people.find(anna.id), 30000))
    people = opened.after(lambda people: people.undo(said.id))
    assert people.find(anna.id).born is None
    assert sorted(opened().find(anna.id).faces) == ["a0", "a1", "a2", "a3"]
    opened.after(lambda people: people.set_born(people.find(anna.id), 2004))
    assert opened.after(lambda people: people.set_born(people.find(anna.id), 0)).find(anna.id).born is None


def test_a_face_that_is_none_is_found_by_no_question(opened: Opened) -> None:
    people = opened.after(lambda people: people.say_false(["a0"]))
    assert people.find_face("a0") == "a0", "it can still be named"
    people = opened()
    assert people.false_faces() == ["a0"]
    assert "a0" not in [*people.unrecognised(), *people.owners()]
    assert [face.id for face in people.album.faces].count("a0") == 0
    people = opened.after(lambda people: people.say_true(["a0"]))
    assert "a0" in opened().owners(), "and it can be said that it is one after all"


def test_a_recount_takes_what_was_just_said(opened: Opened) -> None:
    def say_and_recount(people: AlbumPeople) -> None:
        people.say_false(["a0"])
        people.recount()

    assert "a0" not in opened.after(say_and_recount).owners()


def test_what_is_nowhere_is_not_judged(opened: Opened) -> None:
    with pytest.raises(UnknownFace):
        opened.after(lambda people: people.say_false(["z9"]))
