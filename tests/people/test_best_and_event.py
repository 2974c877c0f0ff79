from __future__ import annotations

import csv
import io
import json

import msgspec
import numpy as np
import pytest

from builders import a_face, a_record
from people.crowds import a_crowd
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import encode_array
from photo_ranker.people import corrections
from photo_ranker.people.best import best_of, cover, cover_of, look, matches_of, together
from photo_ranker.people.book import Book
from photo_ranker.people.event import EventPhoto, score_event
from photo_ranker.people.event_files import (
    FACE_COLUMNS,
    SCORE_COLUMNS,
    Outside,
    event_document,
    face_data,
    photo_id,
    photo_scores,
)
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.recount import recount
from photo_ranker.ranker import FaceSignals
from photo_ranker.records import FaceFigures, MeshFigures
from photo_ranker.settings import Settings

WHO = {"anna": 0, "ben": 1, "carl": 2}


def mesh(*, eyes: bool = True, yaw: float = 0.0) -> MeshFigures:
    expressions = np.zeros(52, np.float32)
    expressions[[9, 10]] = 0.0 if eyes else 0.95
    return MeshFigures(presence=1.0, yaw=yaw, pitch=0.0, roll=0.0, expressions=encode_array(expressions))


def photo(
    name: str, *people: str, closed: str = "", away: str = "", blurred: str = "", taken: str | None = None
) -> AlbumPhoto:
    """A photo of these people; who is ``closed`` has the eyes closed, and so on."""
    rows, _ = a_crowd(3, 40)
    faces = []
    for place, person in enumerate(people):
        digit = sum(map(ord, name)) % 40
        faces.append(
            a_face(
                f"{name}-{person}",
                (100.0 + 700 * place, 800.0, 500.0, 600.0),
                embedding=encode_array(rows[WHO[person] * 40 + digit]),
                mesh=mesh(eyes=person != closed, yaw=55.0 if person == away else 0.0),
                detection=0.99,
                figures=FaceFigures(sharpness=0.3 if person == blurred else 2.6, brightness=0.5, bright_end=0.7),
            )
        )
    return AlbumPhoto(f"album/{name}.jpg", a_record(*faces, hash=name, taken_at=taken))


PHOTOS = (
    photo("a", "anna", "ben", taken="2024-06-01T10:00:00"),
    photo("b", "anna", "ben", closed="anna", taken="2024-06-01T10:05:00"),
    photo("c", "anna", away="anna", taken="2024-06-01T15:00:00"),
    photo("d", "ben", taken="2024-06-01T15:00:10"),
    photo("e", "carl"),
    AlbumPhoto("album/broken.jpg", a_record(hash="x", unreadable="damaged")),
)


@pytest.fixture
def table() -> FaceTable:
    return FaceTable(Album(PHOTOS), Settings())


@pytest.fixture
def book(table: FaceTable) -> Book:
    """Anna and Ben have names; Carl is somebody."""
    found = Book()
    recount(found, table)
    corrections.give_name(found, found.owners()["a-anna"], "Anna")
    corrections.give_name(found, found.owners()["a-ben"], "Ben")
    corrections.set_fact(found, found.find("Anna"), "category", "main")
    return found


def test_a_person_is_in_one_place_of_each_photo(book: Book, table: FaceTable) -> None:
    matches = matches_of(book.find("Anna"), table)
    assert sorted(match.photo for match in matches) == [0, 1, 2]
    assert {table.album.faces[match.face].id for match in matches} == {"a-anna", "b-anna", "c-anna"}


def test_the_best_of_a_person_come_first(book: Book, table: FaceTable) -> None:
    best = best_of(book.find("Anna"), table, 0, Settings(), only_distinct=False)
    assert [item.photo.name for item in best] == ["a.jpg", "c.jpg", "b.jpg"]
    assert len(best_of(book.find("Anna"), table, 1, Settings(), only_distinct=True)) == 1


def test_together_is_where_most_look_good(book: Book, table: FaceTable) -> None:
    found = together([book.find("Anna"), book.find("Ben")], table, Settings())
    assert (found[0].path, found[0].good) == ("album/a.jpg", 2)
    assert found[1].good == 1
    assert len(found) == 4


def test_everyone_is_shown_in_few_photos(book: Book, table: FaceTable) -> None:
    everyone = list(book.present())
    chosen, missing = cover(everyone, table, Settings(), 0)
    assert [item.path for item in chosen] == ["album/a.jpg", "album/e.jpg"]
    assert missing == []
    chosen, missing = cover(everyone, table, Settings(), 1)
    assert len(chosen) == 1
    assert len(missing) == 1


def test_a_look_is_as_good_as_its_worst_part_allows() -> None:
    assert look(FaceSignals(sharpness=1.0, eyes_open=1.0, facing=1.0)) == 1.0
    assert look(FaceSignals(sharpness=1.0, eyes_open=0.0, facing=1.0)) == pytest.approx(1 / 3, abs=1e-3)
    assert look(FaceSignals()) == 0.5


def scored(book: Book, table: FaceTable, settings: Settings | None = None) -> dict[str, EventPhoto]:
    photos = score_event(book, table, settings or Settings())
    assert [item.final_score for item in photos] == sorted((item.final_score for item in photos), reverse=True)
    return {item.path.removeprefix("album/").removesuffix(".jpg"): item for item in photos}


def test_photos_are_scored_for_those_who_matter(book: Book, table: FaceTable) -> None:
    found = scored(book, table)
    assert next(iter(found)) == "a"
    assert "broken" not in found
    assert all(0 <= item.final_score <= 1 for item in found.values())
    assert (found["a"].context or 0) > (found["d"].context or 0) > (found["e"].context or 0) == 0
    assert (found["a"].expression or 0) > (found["b"].expression or 0)


def test_nobody_matters_before_anyone_is_labelled(table: FaceTable) -> None:
    book = Book()
    recount(book, table)
    before = scored(book, table)
    assert [item.context for item in before.values()] == [None] * len(before)
    assert before["a"].final_score > 0.8, "what is not known costs nothing"
    assert {row["context"] for row in rows_of(photo_scores(list(before.values()), {}))} == {""}
    corrections.set_fact(book, book.owners()["e-carl"], "category", "important")
    after = scored(book, table)
    assert (after["a"].context, after["e"].context is None) == (0.0, False)


def test_a_broken_rule_scores_0_and_is_named(book: Book, table: FaceTable) -> None:
    found = scored(book, table, Settings(require_all_eyes_open=True, require_all_facing=True))
    assert (found["b"].final_score, found["b"].broken_rules) == (0.0, ("require_all_eyes_open",))
    assert (found["c"].final_score, found["c"].broken_rules) == (0.0, ("require_all_facing",))
    assert found["a"].final_score > 0


def test_weights_of_categories_count(book: Book, table: FaceTable) -> None:
    # Anna blinks in b, Ben does not.
    for_her = scored(book, table, Settings(event_main=100.0))["b"].expression or 0
    for_him = scored(book, table, Settings(event_main=0.01))["b"].expression or 0
    assert for_her < for_him


def test_hidden_people_do_not_count(book: Book, table: FaceTable) -> None:
    corrections.set_fact(book, book.find("Anna"), "hidden", value=True)
    found = scored(book, table, Settings(require_all_eyes_open=True))
    assert found["b"].broken_rules == ()


def test_moments_are_parted_by_long_pauses(book: Book, table: FaceTable) -> None:
    found = scored(book, table)
    assert [found[name].moment for name in "abcde"] == [1, 1, 2, 2, None]


def rows_of(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode())))


def test_a_row_for_each_face(book: Book, table: FaceTable) -> None:
    rows = rows_of(face_data(table, book))
    assert tuple(rows[0]) == FACE_COLUMNS
    assert len(rows) == 7
    assert (rows[0]["photo"], rows[0]["cluster"], rows[0]["name"]) == ("album/a.jpg", "0", "Anna")
    assert json.loads(rows[0]["facial_area"]) == {"x": 100, "y": 800, "w": 500, "h": 600}


def test_a_row_for_each_photo_best_first(book: Book, table: FaceTable) -> None:
    rows = rows_of(photo_scores(score_event(book, table, Settings()), {1: "Ceremony"}))
    assert tuple(rows[0]) == SCORE_COLUMNS
    assert [float(row["final_score"]) for row in rows] == sorted(
        (float(row["final_score"]) for row in rows), reverse=True
    )
    assert (rows[0]["moment_label"], rows[0]["people"]) == ("Ceremony", "Anna; Ben")
    assert rows[0]["results_string"].startswith("T")
    assert "0m:e" in rows[0]["results_string"]


def test_no_cell_is_a_formula() -> None:
    evil = Album([AlbumPhoto("=cmd|x.jpg", a_record(a_face("f", embedding=encode_array(np.eye(128)[0])), hash="0"))])
    assert rows_of(face_data(FaceTable(evil, Settings()), Book()))[0]["photo"] == "./=cmd|x.jpg"


def test_the_event_as_a_document(book: Book, table: FaceTable) -> None:
    photos = score_event(book, table, Settings())
    where = {cover_of(book.find("Anna"), table) or "": "thumbnails/cluster_0.jpg"}
    outside = Outside(moment_labels={2: "Dinner"}, thumbnails={0: "thumbnails/a.jpg"}, faces=where, best_photos=1)
    document = json.loads(msgspec.json.encode(event_document(photos, book, table, outside)))
    assert document["totals"] == {
        "photos": 6, "scored": 5, "copies": 0, "unreadable": 1, "faces": 7, "identities": 3, "unassigned": 0,
        "moments": 2,
    }  # fmt: skip
    anna = document["identities"][0]
    assert (anna["cluster"], anna["cluster_id"], anna["thumbnail"]) == (0, 0, "thumbnails/cluster_0.jpg")
    ids = [item["photo_id"] for item in document["photos"]]
    assert ids == [photo_id(item["path"]) for item in document["photos"]]
    assert len(set(ids)) == 5
    assert (anna["name"], anna["role"], anna["photo_count"], len(anna["best_photos"])) == ("Anna", "main", 3, 1)
    assert anna["best_photos"][0]["thumbnail"] == "thumbnails/a.jpg"
    assert set(anna["best_photos"][0]["scores"]) == {"technical", "composition", "expression", "context"}
    assert [moment["label"] for moment in document["moments"]] == [None, "Dinner"]
    assert document["photos"][0]["timestamp"] == "2024-06-01T10:00:00"
