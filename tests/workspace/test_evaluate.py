"""Labels of a user, read from tables and folders, beside what the groups say."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from builders import a_face, a_record
from people.crowds import a_crowd
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import encode_array
from photo_ranker.errors import UserError
from photo_ranker.images.hashing import content_hash
from photo_ranker.people.book import Book
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.recount import recount
from photo_ranker.settings import Settings
from photo_ranker.workspace.face_labels import evaluate, read_face_labels
from photo_ranker.workspace.people import AlbumPeople


@pytest.fixture
def people() -> AlbumPeople:
    """Anna in 0.jpg to 2.jpg, Ben in 3.jpg to 5.jpg, and both, equally large, in both.jpg."""
    rows, _ = a_crowd(2, 4)
    photos = []
    for number in range(6):
        face = a_face(f"f{number}", embedding=encode_array(rows[number + number // 3]))
        photos.append(AlbumPhoto(f"album/{number}.jpg", a_record(face, hash=content_hash(f"{number}".encode()))))
    both = (
        a_face("anna", (400.0, 300.0, 100.0, 120.0), embedding=encode_array(rows[3])),
        a_face("ben", (2000.0, 300.0, 100.0, 120.0), embedding=encode_array(rows[7])),
    )
    photos.append(AlbumPhoto("album/both.jpg", a_record(*both, hash="both")))
    table, book = FaceTable(Album(photos), Settings()), Book()
    recount(book, table)
    return AlbumPeople(table, book, Settings(), Path(), book.threshold)


def a_table(folder: Path, *lines: str) -> Path:
    path = folder / "labels.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_a_table_says_who_is_who(people: AlbumPeople, tmp_path: Path) -> None:
    rows = [f"{number}.jpg,{'Anna' if number < 3 else 'Ben'}" for number in range(6)]
    found = evaluate(people, read_face_labels(a_table(tmp_path, "photo,person", *rows), people))
    assert (found.faces, found.people, found.groups, found.left_out) == (6, 2, 2, 0)
    assert found.agreement.ami == found.agreement.bcubed.f == 1.0


def test_of_several_faces_a_place_or_an_id_says_which(people: AlbumPeople, tmp_path: Path) -> None:
    table = a_table(
        tmp_path,
        "file,name,x,y,face",
        "album/both.jpg,Anna,0.1125,0.12,",
        "both.jpg,Ben,,,ben",
        "both.jpg,Carl,,,",
        "both.jpg,Dora,0.9,0.9,",
        "elsewhere.jpg,Anna,,,",
        "both.jpg,Anna,,,nothing",
    )
    labels = read_face_labels(table, people)
    assert labels.people == {"anna": "Anna", "ben": "Ben"}
    assert labels.left_out == 4


def test_a_face_that_is_clearly_the_largest_needs_no_place(people: AlbumPeople, tmp_path: Path) -> None:
    last = people.album.photos[-1]
    large = msgspec.structs.replace(last.record.faces[1], box=(2000.0, 300.0, 300.0, 360.0))
    photo = AlbumPhoto(last.path, msgspec.structs.replace(last.record, faces=(last.record.faces[0], large)))
    table = FaceTable(Album([*people.album.photos[:-1], photo]), Settings())
    changed = AlbumPeople(table, people.book, Settings(), Path(), 0.0)
    assert read_face_labels(a_table(tmp_path, "photo,person", "both.jpg,Ben"), changed).people == {"ben": "Ben"}


def test_sorted_folders_hold_copies_renamed_or_not_and_crops(people: AlbumPeople, tmp_path: Path) -> None:
    for name, content in {
        "Anna/0.jpg": b"resaved",
        "Anna/renamed.jpg": b"1",
        "Anna/f2.jpg": b"a crop",
        "Ben/3.jpg": b"3",
        "Ben/unknown.jpg": b"?",
        "_nobody/f4.jpg": b"a crop",
        "_not_faces/f5.jpg": b"a crop",
        "Ben/.hidden": b"",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    labels = read_face_labels(tmp_path, people)
    assert labels.people == {"f0": "Anna", "f1": "Anna", "f2": "Anna", "f3": "Ben"}
    assert labels.left_out == 1


def test_who_was_taken_for_another_lowers_what_it_should(people: AlbumPeople, tmp_path: Path) -> None:
    rows = ["0.jpg,Anna", "1.jpg,Anna", "2.jpg,Ben", "3.jpg,Ben"]
    found = evaluate(people, read_face_labels(a_table(tmp_path, "photo,person", *rows), people)).agreement
    assert found.homogeneity < 1
    assert found.completeness < 1
    assert found.bcubed.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)


def test_a_face_of_nobody_is_alone(people: AlbumPeople, tmp_path: Path) -> None:
    for person in people.book.people:
        person.faces = [face for face in person.faces if face != "f2"]
    rows = [f"{number}.jpg,Anna" for number in range(3)]
    found = evaluate(people, read_face_labels(a_table(tmp_path, "photo,person", *rows), people))
    assert found.groups == 2
    assert found.agreement.homogeneity == 1.0


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("a,b", "1,2"), "no columns of photos and people"),
        (("photo,person,x,y", "both.jpg,Anna,left,0.1"), "not a number"),
        (("photo,person", "elsewhere.jpg,Anna"), "no label fits"),
    ],
)
def test_what_cannot_be_used_is_said(people: AlbumPeople, tmp_path: Path, lines: tuple[str, ...], says: str) -> None:
    with pytest.raises(UserError, match=says):
        evaluate(people, read_face_labels(a_table(tmp_path, *lines), people))


def test_a_file_that_is_not_there_is_said(people: AlbumPeople, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot read"):
        read_face_labels(tmp_path / "none.csv", people)
