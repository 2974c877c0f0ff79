from __future__ import annotations

import pytest

from photo_ranker.people.book import Book
from photo_ranker.people.constraints import constraints_of
from photo_ranker.people.corrections import give_name, merge, move, split
from photo_ranker.people.sorting import FALSE_FACES, UNASSIGNED, Exported, take_sorted

Folders = dict[str, list[str]]


@pytest.fixture
def book() -> Book:
    """Anna and Ben with three faces each."""
    found = Book()
    for letter, name in (("a", "Anna"), ("b", "Ben")):
        give_name(found, found.add_person([f"{letter}{n}" for n in range(3)]), name)
    return found


@pytest.fixture
def exported(book: Book) -> dict[str, Exported]:
    """Both, and two faces of nobody."""
    folders = {name: Exported(book.find(name).id, list(book.find(name).faces)) for name in ("Anna", "Ben")}
    return {**folders, UNASSIGNED: Exported(None, ["x0", "x1"])}


@pytest.fixture
def found(exported: dict[str, Exported]) -> Folders:
    """What lies in the folders, untouched so far."""
    return {folder: list(item.faces) for folder, item in exported.items()}


def texts(book: Book, exported: dict[str, Exported], found: Folders) -> list[str]:
    return [decision.text for decision in take_sorted(book, exported, found)]


def test_an_untouched_export_says_nothing(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    assert texts(book, exported, found) == []


def test_an_untouched_export_leaves_newer_words_alone(
    book: Book, exported: dict[str, Exported], found: Folders
) -> None:
    move(book, ["a0"], book.find("Ben"))
    move(book, ["x0"], book.find("Ben"))
    split(book, book.find("Anna"), ["a1"])
    assert texts(book, exported, found) == []
    assert book.find("Ben").faces == ["b0", "b1", "b2", "a0", "x0"]


def test_a_renamed_folder_leaves_newer_words_alone(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    move(book, ["a0"], book.find("Ben"))
    found["Anna Berg"] = found.pop("Anna")
    assert texts(book, exported, found) == ["named Anna Anna Berg"]


def test_crops_that_were_moved_say_whose_they_are(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    move(book, ["b0"], book.find("Anna"))
    found["Anna"] = ["a0", "b1", "x0"]
    found["Ben"] = ["b0", "b2", "a1"]
    found[UNASSIGNED] = ["x1", "a2"]
    assert texts(book, exported, found) == [
        "moved 2 faces to Anna", "moved 1 face to Ben", "said that 1 face is not Anna",
    ]  # fmt: skip
    assert (book.find("Anna").faces, book.find("Ben").faces) == (["a0", "b0", "b1", "x0"], ["b2", "a1"])


def test_who_was_exported_without_crops_is_not_gone(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    exported["Ben"] = Exported(book.find("Ben").id, [])
    del found["Ben"]
    assert texts(book, exported, found) == []


def test_deleting_the_folder_of_somebody_merged_since_hides_nobody(
    book: Book, exported: dict[str, Exported], found: Folders
) -> None:
    merge(book, book.find("Anna"), [book.find("Ben")])
    del found["Ben"]
    take_sorted(book, exported, found)
    assert not book.find("Anna").hidden


def test_crops_among_the_false_faces_are_none(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    exported[FALSE_FACES], found[FALSE_FACES] = Exported(None, ["w0", "w1", "w2"]), ["w0", "a2", "x1"]
    found["Anna"], found[UNASSIGNED] = ["a0", "a1"], ["x0", "w1"]
    found["Ben"].append("w2")
    assert texts(book, exported, found) == [
        "moved 1 face to Ben",
        "said that each of 2 faces is not a face",
        "said that w1 is a face",
    ]
    said = constraints_of(book)
    assert said.false_faces == {"a2", "x1"}
    assert {"w1", "w2"} <= said.true_faces
    assert book.find("Anna").faces == ["a0", "a1"]


def test_a_whole_person_among_the_false_faces_is_none(
    book: Book, exported: dict[str, Exported], found: Folders
) -> None:
    found[FALSE_FACES] = found.pop("Anna")
    assert texts(book, exported, found) == ["said that each of 3 faces is not a face"]
    assert book.find("Anna").faces == []


def test_a_new_folder_is_a_new_person(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    found["Dora"] = [found["Anna"].pop(), found["Anna"].pop()]
    assert texts(book, exported, found) == ["split 2 faces from Anna as Person 2", "named Person 2 Dora"]
    assert (book.find("Dora").faces, book.find("Anna").faces) == (["a2", "a1"], ["a0"])


def test_a_new_folder_with_a_single_face(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    found["Dora"] = [found["Anna"].pop()]
    assert texts(book, exported, found) == ["split 1 face from Anna as Person 2", "named Person 2 Dora"]


def test_a_new_folder_of_faces_of_nobody(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    found["Dora"], found[UNASSIGNED] = ["x0", "x1"], []
    assert texts(book, exported, found) == ["moved 2 faces to Person 2", "named Person 2 Dora"]


def test_a_new_folder_with_faces_of_two_people(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    """The owner of the first is divided; the others follow."""
    found["Dora"] = [found["Ben"].pop(), found["Anna"].pop(), found[UNASSIGNED].pop()]
    assert texts(book, exported, found)[0] == "split 1 face from Ben as Person 2"
    assert sorted(book.find("Dora").faces) == ["a2", "b2", "x1"]
    assert (book.find("Anna").faces, book.find("Ben").faces) == (["a0", "a1"], ["b0", "b1"])


def test_a_new_folder_of_a_name_that_is_known(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    found["0007 anna"] = [found["Ben"].pop()]
    assert texts(book, exported, found) == ["moved 1 face to Anna"]


def test_a_deleted_crop_is_not_the_person_and_a_deleted_folder_is_hidden(
    book: Book, exported: dict[str, Exported], found: Folders
) -> None:
    found["Anna"].remove("a1")
    del found["Ben"]
    del found[UNASSIGNED]
    assert texts(book, exported, found) == ["said that 1 face is not Anna", "left Ben out of lists"]
    assert take_sorted(book, exported, found) == [], "said once"


def test_a_folder_that_was_emptied_into_another_is_not_hidden(
    book: Book, exported: dict[str, Exported], found: Folders
) -> None:
    """Two of Ben's crops were moved to Anna, and the third was deleted."""
    found["Anna"] += ["b0", "b1"]
    del found["Ben"]
    assert texts(book, exported, found) == ["moved 2 faces to Anna", "said that 1 face is not Ben"]
    assert not book.find("Ben").hidden


def test_all_crops_of_a_person_in_another_folder_make_one_of_the_two(
    book: Book, exported: dict[str, Exported], found: Folders
) -> None:
    found["Anna"] += found.pop("Ben")
    assert texts(book, exported, found) == ["merged Ben into Anna"]


def test_what_lies_among_the_false_faces(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    exported[FALSE_FACES] = Exported(None, ["y0", "y1", "y2"])
    found[FALSE_FACES] = ["y0", found["Anna"].pop()]
    found[UNASSIGNED].append("y1")
    found["Ben"].append("y2")
    assert texts(book, exported, found) == [
        "moved 1 face to Ben",
        "said that a2 is not a face",
        "said that y1 is a face",
    ]


def test_who_is_moved_to_nobody_is_not_the_person(book: Book, exported: dict[str, Exported], found: Folders) -> None:
    found[UNASSIGNED] += [found["Anna"].pop(), found["Anna"].pop(), found["Ben"].pop()]
    assert texts(book, exported, found) == ["said that 2 faces are not Anna", "said that 1 face is not Ben"]


@pytest.mark.parametrize(
    ("folder", "name"),
    [("0001 Dora", "Dora"), ("001 Dora", "Dora"), ("01 Dora", "01 Dora"), ("Dora 0001", "Dora 0001")],
)
def test_the_number_is_no_part_of_the_name(
    folder: str, name: str, book: Book, exported: dict[str, Exported], found: Folders
) -> None:
    found[folder] = found.pop("Anna")
    assert texts(book, exported, found) == [f"named Anna {name}"]


def test_a_new_folder_with_all_faces_of_somebody_names_them(
    book: Book, exported: dict[str, Exported], found: Folders
) -> None:
    """A person of a later count, whose crops came here from another export."""
    carl = book.add_person(["c0", "c1"])
    found["Carl"] = ["c0", "c1"]
    assert texts(book, exported, found) == ["named Person 2 Carl"]
    assert (carl.name, carl.faces) == ("Carl", ["c0", "c1"])
