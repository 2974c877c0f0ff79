"""Face crops in folders: which folders there are, and what is taken when they come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from people.crowds import a_crowd, an_album
from photo_ranker.errors import UserError
from photo_ranker.people.book import Book
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.sorting import UNASSIGNED, Exported
from photo_ranker.settings import Settings
from photo_ranker.workspace.face_labels import SortedFaces, face_folders, import_faces, read_sorted_faces
from photo_ranker.workspace.people import AlbumPeople


@pytest.fixture
def people() -> AlbumPeople:
    """Anna with two faces, a hidden person, a face of nobody, and a person who is not in the album."""
    rows, _ = a_crowd(people=1, faces_each=4)
    table = FaceTable(an_album([[(name, row)] for name, row in zip("abcd", rows, strict=True)]), Settings())
    book = Book()
    book.add_person(["a", "b"]).name = "Anna"
    book.add_person(["c"]).hidden = True
    book.add_person(["away"])
    return AlbumPeople(table, book, Settings(), Path("album"), 0.4)


def test_a_folder_for_each_person_and_one_for_nobody(people: AlbumPeople) -> None:
    anna = people.find("Anna")
    assert face_folders(people) == {"0000 Anna": Exported(anna.id, ["a", "b"]), UNASSIGNED: Exported(None, ["d"])}
    people.move(["d"], anna)
    assert list(face_folders(people)) == ["0000 Anna"]


def test_folders_that_were_left_as_they_are_change_nothing(people: AlbumPeople) -> None:
    exported = face_folders(people)
    assert import_faces(people, SortedFaces(exported, {name: item.faces for name, item in exported.items()})) == []


def test_a_crop_in_another_folder_is_that_person(people: AlbumPeople) -> None:
    found = {"0000 Anna": ["a", "b", "d"], UNASSIGNED: []}
    assert len(import_faces(people, SortedFaces(face_folders(people), found))) == 1
    assert people.owners()["d"] is people.find("Anna")


def test_faces_that_have_gone_since_are_given_to_nobody(people: AlbumPeople) -> None:
    anna = people.find("Anna")
    exported = {"0000 Anna": Exported(anna.id, ["a", "b"]), UNASSIGNED: Exported(None, ["d", "gone"])}
    said = import_faces(people, SortedFaces(exported, {"0000 Anna": ["a", "b", "d", "gone"], UNASSIGNED: []}))
    assert [decision.text for decision in said] == ["moved 1 face to Anna"]
    assert anna.faces == ["a", "b", "d"]


def test_an_export_of_another_album_is_refused(people: AlbumPeople) -> None:
    with pytest.raises(UserError, match="people of this export who are not in the album: 1"):
        import_faces(people, SortedFaces({"0000": Exported("p99", ["a"])}, {"0000": ["a"]}))


def test_a_folder_that_is_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no export of faces"):
        read_sorted_faces(tmp_path)
