"""The files of an event, cell by cell."""

from __future__ import annotations

from typing import Any

import pytest

from builders import a_face, a_record, an_embedding
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.people.book import Person
from photo_ranker.people.event import EventPhoto, FaceInPhoto
from photo_ranker.people.event_files import Outside, event_document, face_data, moments_of, photo_scores, results_string
from photo_ranker.people.faces import FaceTable
from photo_ranker.ranker import FaceSignals
from photo_ranker.settings import Settings

ANNA, HIDDEN = Person("a", 3, name="Anna", category="main"), Person("h", 4, hidden=True)


def seen(person: Person | None, **signals: float) -> FaceInPhoto:
    return FaceInPhoto(a_face(), person, FaceSignals(**signals), 1.0)


def photo(number: int = 0, path: str = "a.jpg", **facts: Any) -> EventPhoto:
    usual: dict[str, Any] = {
        "final_score": 0.51239,
        "technical": 0.9,
        "composition": None,
        "expression": 0.80004,
        "context": 0.0,
        "moment": None,
        "taken_at": None,
        "faces": (),
        "broken_rules": (),
    }
    return EventPhoto(number, path, **(usual | facts))


def row(item: EventPhoto, labels: dict[int, str] | None = None) -> list[str]:
    return photo_scores([item], labels or {}).decode().splitlines()[1].split(",")


def test_a_row_of_what_is_not_known() -> None:
    assert row(photo()) == [
        "a.jpg", "0.5124", "0.9000", "", "0.8000", "0.0000", "", "", "", "", "", "T0.90 C? E0.80 X0.00", ""
    ]  # fmt: skip


def test_a_row_of_all_that_is_known() -> None:
    faces = (seen(ANNA, eyes_open=1.0, smile=0.25), seen(HIDDEN), seen(None, facing=0.5))
    full = photo(moment=2, taken_at="2024-06-01", faces=faces, broken_rules=("x", "y"), copies=("b.jpg", "=c.jpg"))
    assert row(full, {2: "Dinner"})[6:] == [
        "2", "Dinner", "2024-06-01", "Anna", "x; y",
        "T0.90 C? E0.80 X0.00 | 3m:e1.00s0.25f? 4o:e?s?f? -1-:e?s?f0.50", "b.jpg; ./=c.jpg",
    ]  # fmt: skip
    assert results_string(photo()) == "T0.90 C? E0.80 X0.00"


@pytest.mark.parametrize("start", "=+-@")
def test_no_path_is_a_formula(start: str) -> None:
    assert row(photo(path=f"{start}x.jpg"))[0] == f"./{start}x.jpg"
    assert row(photo(path=f"x{start}.jpg"))[0] == f"x{start}.jpg"


def test_no_name_and_no_label_is_a_formula() -> None:
    named = seen(Person("e", 5, name="=1+2"))
    told = row(photo(moment=1, faces=(named,)), {1: "@home"})
    assert (told[7], told[9]) == ("'@home", "'=1+2")
    table, book = a_book()
    book.people[0].name = "+49 Anna"
    assert ",'+49 Anna," in face_data(table, book).decode()


def a_book() -> tuple[FaceTable, Any]:
    from photo_ranker.people.book import Book

    faces = [a_face(name, embedding=an_embedding(place)) for place, name in enumerate(("f0", "f1", "f2"))]
    album = Album([
        AlbumPhoto("a.jpg", a_record(faces[0], hash="1")),
        AlbumPhoto("b.jpg", a_record(faces[1], faces[2], hash="2")),
        AlbumPhoto("c.jpg", a_record(hash="3", unreadable="broken")),
    ])  # fmt: skip
    book = Book()
    book.add_person(["f0", "f1"])
    book.add_person(["away"]).name = "Ben"
    return FaceTable(album, Settings()), book


def test_faces_of_nobody_have_a_number_below_all_people() -> None:
    lines = face_data(*a_book()).decode().splitlines()[1:]
    assert [line.split('"')[-1].split(",")[1:5] for line in lines] == [
        ["0", "", "other", "f0"],
        ["0", "", "other", "f1"],
        ["-1", "", "", "f2"],
    ]


def test_the_totals_of_an_event() -> None:
    table, book = a_book()
    photos = [photo(0, moment=1, copies=("d.jpg",)), photo(1, "b.jpg", moment=3), photo(2, "e.jpg", moment=1)]
    document = event_document(photos, book, table, Outside())
    assert document["schema"] == 1
    assert document["totals"] == {
        "photos": 3, "scored": 3, "copies": 1, "unreadable": 1, "faces": 3, "identities": 1, "unassigned": 1,
        "moments": 2,
    }  # fmt: skip
    book.people[0].hidden = True
    assert event_document(photos, book, table, Outside())["totals"]["identities"] == 0


def test_five_photos_of_each_are_listed_unless_more_are_wanted() -> None:
    from photo_ranker.people.book import Book

    count = 7
    faces = [a_face(f"f{n}", embedding=an_embedding(1)) for n in range(count)]
    album = Album(AlbumPhoto(f"{n}.jpg", a_record(face, hash=f"{n}")) for n, face in enumerate(faces))
    book = Book()
    book.add_person([face.id for face in faces])
    photos = [photo(n, f"{n}.jpg") for n in range(count)]
    for outside, listed in ((Outside(), 5), (Outside(best_photos=6), 6)):
        (identity,) = event_document(photos, book, FaceTable(album, Settings()), outside)["identities"]
        assert (identity["photo_count"], len(identity["best_photos"])) == (7, listed)
        assert identity["role"] == "other"


def test_a_moment_lasts_from_its_first_photo_to_its_last() -> None:
    photos = [photo(moment=2, taken_at="12"), photo(moment=1, taken_at="11"), photo(moment=2, taken_at="13"), photo()]
    photos += [photo(moment=3), photo(taken_at="14")]
    assert moments_of(photos) == [
        {"number": 1, "label": None, "start": "11", "end": "11", "photos": 1},
        {"number": 2, "label": None, "start": "12", "end": "13", "photos": 2},
    ]


def test_copies_have_their_bytes_where_a_name_is_no_text() -> None:
    table, book = a_book()
    photos = [photo(0, copies=("b.jpg", "c.jpg")), photo(1, copies=("b.jpg", "\udcff.jpg"))]
    first, second = event_document(photos, book, table, Outside())["photos"]
    assert (first["copies"], "copies_bytes" in first) == (["b.jpg", "c.jpg"], False)
    assert (second["copies"], second["copies_bytes"]) == (["b.jpg", "\ufffd.jpg"], ["Yi5qcGc=", "/y5qcGc="])


def test_a_photo_in_the_document() -> None:
    table, book = a_book()
    faces = (seen(ANNA), seen(HIDDEN), seen(None))
    outside = Outside(moment_labels={2: "Dinner"}, thumbnails={0: "t.jpg"})
    first, second = event_document([photo(moment=2, faces=faces), photo(1, "\udcff.jpg")], book, table, outside)[
        "photos"
    ]
    assert (first["moment"], first["thumbnail"]) == ({"number": 2, "label": "Dinner"}, "t.jpg")
    assert (first["people"], first["path"], "path_bytes" in first) == (["a"], "a.jpg", False)
    assert (second["moment"], second["thumbnail"], second["path_bytes"]) == (None, None, "/y5qcGc=")
