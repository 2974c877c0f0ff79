from __future__ import annotations

import pytest

from people.crowds import a_crowd, an_album
from photo_ranker.people.book import Book
from photo_ranker.people.constraints import constraints_of
from photo_ranker.people.corrections import deny, give_name, say_false, split
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.naming import (
    Guest,
    name_by_references,
    name_by_regions,
    name_guests,
    read_guests,
)
from photo_ranker.people.recount import recount
from photo_ranker.settings import Settings


@pytest.fixture
def table() -> FaceTable:
    """Two people in five photos each, and a photo of both."""
    rows, _ = a_crowd(2, 6)
    alone = [[(f"{'ab'[n // 6]}{n % 6}", rows[n])] for n in (*range(5), *range(6, 11))]
    return FaceTable(an_album([*alone, [("a5", rows[5]), ("b5", rows[11])]]), Settings())


@pytest.fixture
def book(table: FaceTable) -> Book:
    found = Book()
    recount(found, table)
    return found


def name_of(book: Book, face: str) -> str | None:
    return book.owners()[face].name


def test_a_guest_list_is_read_as_people_write_it() -> None:
    text = "\ufeffName, Role\nAnna Berg; bride\n\n# a comment\nBen\tbest man\nAunt Mary\nPaul, cousin\n"
    assert read_guests(text) == [
        Guest("Anna Berg", "main", "bride"),
        Guest("Ben", "important", "best man"),
        Guest("Aunt Mary", "other", None),
        Guest("Paul", "other", "cousin"),
    ]


def test_a_guest_list_may_have_quotes() -> None:
    text = '"Name","Role"\n"Anna Berg","bride"\n"Müller, Dr. Karl"; father of the bride\n'
    text += '"Bo ""Bobby"" Lee"\n"Al" Roe, uncle\n'
    assert read_guests(text) == [
        Guest("Anna Berg", "main", "bride"),
        Guest("Müller, Dr. Karl", "important", "father of the bride"),
        Guest('Bo "Bobby" Lee', "other", None),
        Guest('"Al" Roe', "other", "uncle"),
    ]


def test_guests_who_have_no_face_yet_are_said(book: Book) -> None:
    give_name(book, book.find("0"), "Anna")
    said, notes = name_guests(book, [Guest("anna", "main", "bride"), Guest("Zoe")])
    assert len(said) == 2
    assert (book.find("Anna").category, book.find("Anna").role) == ("main", "bride")
    assert notes == ["no person is named Zoe yet"]


def test_photos_of_each_person_name_the_people(book: Book, table: FaceTable) -> None:
    rows, _ = a_crowd(3, 6)
    said, notes = name_by_references(book, table, {"Anna": [rows[0]], "Ben": [rows[6]], "Carl": [rows[12]]}, Settings())
    assert (name_of(book, "a0"), name_of(book, "b0")) == ("Anna", "Ben")
    assert len(said) == 2
    assert notes == ["Carl is in no photo"]


def test_a_doubtful_match_names_nobody(book: Book, table: FaceTable) -> None:
    everyone = Settings(doubt_margin=1.0)
    said, _ = name_by_references(book, table, {"Anna": [table.rows[0]]}, everyone)
    assert (len(said), name_of(book, "a1"), name_of(book, "b1")) == (1, "Anna", None)


def test_names_given_by_hand_are_not_replaced(book: Book, table: FaceTable) -> None:
    give_name(book, book.owners()["a0"], "Annabel")
    said, notes = name_by_references(book, table, {"Anna": [table.rows[0]]}, Settings())
    assert said == []
    assert "Annabel is not renamed Anna: the name was given by hand" in notes


def test_regions_name_the_faces_under_them(book: Book, table: FaceTable) -> None:
    # The test's pictures are 4000 x 3000; the first face of each lies at 10, 20 and is 100 x 120.
    first, second = (5 / 4000, 10 / 3000, 110 / 4000, 130 / 3000), (205 / 4000, 10 / 3000, 110 / 4000, 130 / 3000)
    name_by_regions(book, table, {10: [("Anna", first), ("Ben", second)], 0: [("Nobody", (0.9, 0.9, 0.05, 0.05))]})
    assert (name_of(book, "a0"), name_of(book, "b0")) == ("Anna", "Ben")


def test_a_region_on_a_wrong_face_takes_it_out_of_its_person(book: Book, table: FaceTable) -> None:
    box = (5 / 4000, 10 / 3000, 110 / 4000, 130 / 3000)
    regions = {number: [("Anna", box)] for number in range(5)} | {number: [("Ben", box)] for number in range(5, 9)}
    name_by_regions(book, table, regions | {9: [("Anna", box)]})
    assert name_of(book, "b4") == "Anna"
    assert name_of(book, "b3") == "Ben"
    recount(book, table)
    assert name_of(book, "b4") == "Anna"


def test_a_region_is_the_face_that_it_overlaps_most(table: FaceTable, book: Book) -> None:
    """The photo of both: faces at 10 and 210 px, 100 px wide and 120 px high, of 4000 by 3000."""

    def said(left: float, width: float = 100.0) -> str | None:
        fresh = Book()
        recount(fresh, table)
        region = ("Anna", (left / 4000, 20 / 3000, width / 4000, 120 / 3000))
        name_by_regions(fresh, table, {10: [region]})
        return next((face for face in ("a5", "b5") if name_of(fresh, face)), None)

    assert said(10) == "a5"
    assert said(210) == "b5"
    assert said(100, 200) == "b5"
    assert said(10 + 66) == "a5", "34 px in common of 166"
    assert said(10 + 68) is None, "32 px in common of 168"


def test_a_person_has_the_name_of_most_regions_and_strays_are_moved(table: FaceTable, book: Book) -> None:
    whole = (10 / 4000, 20 / 3000, 100 / 4000, 120 / 3000)
    regions = {0: [("Anna", whole)], 1: [("Anna", whole)], 2: [("Ben", whole)], 5: [("Ben", whole)]}
    name_by_regions(book, table, regions)
    assert [name_of(book, face) for face in ("a0", "a1", "a2", "a3", "b0")] == ["Anna", "Anna", "Ben", "Anna", "Ben"]


def test_a_name_given_by_hand_stays(table: FaceTable, book: Book) -> None:
    give_name(book, book.owners()["a0"], "Anne")
    whole = (10 / 4000, 20 / 3000, 100 / 4000, 120 / 3000)
    _, notes = name_by_regions(book, table, {0: [("Anna", whole)]})
    assert name_of(book, "a0") == "Anne"
    assert notes == ["Anne is not renamed Anna: the name was given by hand"]
    assert name_by_regions(book, table, {0: [("ANNE", whole)]})[1] == []


WHOLE = (10 / 4000, 20 / 3000, 100 / 4000, 120 / 3000)
"""The region of the first face of each photo."""


@pytest.mark.parametrize("is_split", [False, True])
def test_no_region_overrules_what_was_decided_of_a_face(table: FaceTable, book: Book, is_split: bool) -> None:
    regions = {number: [("Anna", WHOLE)] for number in range(5)}
    name_by_regions(book, table, regions)
    anna = book.owners()["a0"]
    if is_split:
        split(book, anna, ["a4"])
    else:
        deny(book, ["a4"], anna)
    recount(book, table)
    said, notes = name_by_regions(book, table, regions)
    assert said == []
    assert [note.partition(":")[2] for note in notes] == [" it was decided by hand that they are two"]
    assert name_of(book, "a4") is None
    assert name_by_references(book, table, {"Anna": [table.rows[0]]}, Settings())[0] == []
    assert [name_of(book, face) for face in ("a0", "a3")] == ["Anna", "Anna"]
    assert [one.text for one in constraints_of(book).overruled] == ["named Person 0 Anna"], (
        "by the correction, not by the import"
    )


def test_no_region_makes_a_face_of_what_is_none(table: FaceTable, book: Book) -> None:
    regions = {number: [("Anna", WHOLE)] for number in range(5)}
    name_by_regions(book, table, regions)
    say_false(book, ["a4"])
    assert name_by_regions(book, table, regions) == ([], [])
    assert "a4" not in book.owners()


def test_a_region_that_was_corrected_moves_its_face_back(table: FaceTable, book: Book) -> None:
    regions = {number: [("Anna", WHOLE)] for number in range(5)} | {number: [("Ben", WHOLE)] for number in range(5, 10)}
    name_by_regions(book, table, regions | {9: [("Anna", WHOLE)]})
    assert name_of(book, "b4") == "Anna"
    name_by_regions(book, table, regions)
    assert name_of(book, "b4") == "Ben"


def test_most_faces_of_a_person_must_be_found_by_the_photos(table: FaceTable, book: Book) -> None:
    """Ten faces were taken for one person, five of them Anna's: who it is cannot be said."""
    rows, _ = a_crowd(2, 6)
    both = Book()
    person = both.add_person([f"a{n}" for n in range(6)] + [f"b{n}" for n in range(6)])
    said, notes = name_by_references(both, table, {"Anna": [rows[0]]}, Settings())
    assert (said, notes, person.name) == ([], ["Anna is in no photo"], None)
    more = Book()
    person = more.add_person([f"a{n}" for n in range(6)] + [f"b{n}" for n in range(5)])
    name_by_references(more, table, {"Anna": [rows[0]]}, Settings())
    assert person.name == "Anna"


def test_a_guest_list_changes_only_what_is_new(book: Book) -> None:
    give_name(book, book.find("0"), "Anna")
    first, _ = name_guests(book, [Guest("Anna", "main", "bride")])
    again, notes = name_guests(book, [Guest("ANNA", "main", "bride")])
    assert (len(first), again, notes) == (2, [], [])
    (only,) = name_guests(book, [Guest("Anna", "main", "groom")])[0]
    assert only.text == "set role of Anna to groom"


@pytest.mark.parametrize("line", ["name", "Name;Role", "name,priority", "# Anna", ",bride", ""])
def test_headings_and_comments_are_no_guests(line: str) -> None:
    assert read_guests(f"{line}\nBen") == [Guest("Ben", "other", None)]
    assert len(read_guests("name, cousin\nName, role, x")) == 2
