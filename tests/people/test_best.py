"""Where a person is, how good each looks there, and who stands for the person in a search."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import a_face, a_record
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats, encode_array
from photo_ranker.people.best import (
    best_of,
    cover,
    look,
    matches_of,
    people_in_order,
    photo_count,
    together,
)
from photo_ranker.people.book import Book, Person
from photo_ranker.people.faces import FaceTable
from photo_ranker.ranker import FaceSignals
from photo_ranker.records import Face, FaceFigures
from photo_ranker.settings import Settings


def like(cosine: float, aside: int) -> Floats:
    row = np.zeros(128, np.float32)
    row[0], row[aside] = cosine, (1 - cosine * cosine) ** 0.5
    return row


def face(name: str, row: Floats | None = None, **facts: Any) -> Face:
    side = facts.pop("side", 200.0)
    figures = FaceFigures(sharpness=facts.pop("sharpness", 2.2))
    embedding = encode_array(like(1.0, 1) if row is None else row)
    return a_face(name, (100.0, 100.0, side, side), embedding=embedding, figures=figures, **facts)


def a_table(*photos: tuple[Face, ...], **facts: Any) -> FaceTable:
    album = Album(AlbumPhoto(f"{n}.jpg", a_record(*faces, hash=f"{n}", **facts)) for n, faces in enumerate(photos))
    return FaceTable(album, Settings())


def person_of(*faces: str, **facts: Any) -> Person:
    person = Book().add_person(list(faces))
    for name, value in facts.items():
        setattr(person, name, value)
    return person


@pytest.mark.parametrize(
    ("sharpness", "eyes", "facing", "value"),
    [(0.4, 0.8, 0.6, 0.5), (0.4, None, 0.6, 0.45), (None, None, 0.3, 0.3), (None, None, None, 0.5)],
)
def test_a_look_is_half_its_worst_part_and_half_the_mean(
    sharpness: float | None, eyes: float | None, facing: float | None, value: float
) -> None:
    assert look(FaceSignals(sharpness=sharpness, eyes_open=eyes, facing=facing)) == pytest.approx(value)


def test_the_most_typical_face_of_each_photo() -> None:
    """Three faces look alike; of two faces in the last photo, and of one alone, the likeness to their mean counts."""
    usual = [(face(f"a{n}", like(1.0, 1)),) for n in range(3)]
    table = a_table(*usual, (face("a3", like(0.5, 2)), face("a4", like(0.8, 3))), (face("a5", like(0.9, 4)),))
    matches = matches_of(person_of("a0", "a1", "a2", "a3", "a4", "a5", "away"), table)
    assert [table.album.faces[match.face].id for match in matches] == ["a0", "a1", "a2", "a5", "a4"]
    mean = table.rows.mean(axis=0)
    assert matches[-1].similarity == pytest.approx(float(table.rows[4] @ mean / np.linalg.norm(mean)), abs=1e-4)
    assert all(match.similarity == match.cosine == round(match.cosine, 4) for match in matches)
    assert matches_of(person_of("away"), table) == []


def test_a_photo_for_all_is_where_most_look_good_enough() -> None:
    """Sharpness alone is measured of these: so it is how they look."""
    clear, soft = 2.2, 0.9
    photos = [
        (face("a0", sharpness=soft), face("b0", sharpness=clear)),
        (face("a1", sharpness=clear), face("b1", sharpness=clear)),
        (face("a2", sharpness=clear),),
        (face("c3"),),
    ]
    anna, ben = person_of("a0", "a1", "a2"), person_of("b0", "b1")
    ben.id = "ben"
    found = together([anna, ben], a_table(*photos), Settings())
    assert [(item.path, item.good) for item in found] == [("1.jpg", 2), ("0.jpg", 1), ("2.jpg", 1)]
    looks = found[1].looks
    assert looks[anna.id] < 0.6 < looks["ben"]
    assert found[1].score == round((looks[anna.id] + looks["ben"]) / 2, 4)
    assert found[2].score == round(found[2].looks[anna.id] / 2, 4), "who is missing counts 0"


def test_files_with_identical_bytes_are_one_photo_for_all() -> None:
    record = a_record(face("a0"), hash="aa", rest="ff")
    table = FaceTable(Album(AlbumPhoto(name, record) for name in ("a (2).jpg", "a.jpg", "a (1).jpg")), Settings())
    (only,) = together([person_of("a0")], table, Settings())
    assert (only.path, only.copies) == ("a.jpg", ("a (1).jpg", "a (2).jpg"))
    assert len(together([person_of("a0")], table, Settings(), "all")) == 3
    assert photo_count(person_of("a0"), table) == 1


def test_who_is_missing_is_shown_before_anyone_looks_better() -> None:
    """Two who are blurred in one photo are worth more than one who is sharp."""
    photos = [(face("a0", sharpness=3.0),), (face("b1", sharpness=0.0), face("c1", sharpness=0.0)), (face("d2"),)]
    people = [person_of(name) for name in ("a0", "b1", "c1", "d2")]
    for number, person in enumerate(people):
        person.id = f"p{number}"
    chosen, missing = cover(people, a_table(*photos), Settings(), 2)
    assert [item.path for item in chosen] == ["1.jpg", "0.jpg"]
    assert [person.id for person in missing] == ["p3"]
    assert len(cover(people, a_table(*photos), Settings(), 0)[0]) == 3
    assert cover([*people, person_of("away")], a_table(*photos), Settings(), 0)[1][0].faces == ["away"]


def test_the_best_of_a_person_are_as_many_as_are_asked_for() -> None:
    table = a_table(*[(face(f"a{n}", sharpness=n / 2),) for n in range(5)])
    person = person_of(*(f"a{n}" for n in range(5)))
    for top, count in ((0, 5), (1, 1), (4, 4)):
        found = best_of(person, table, top, Settings(), only_distinct=False)
        assert [item.face.id for item in found] == ["a4", "a3", "a2", "a1", "a0"][:count]


def test_the_named_come_before_those_in_more_photos() -> None:
    table = a_table(*[(face(f"a{n}"), face(f"b{n}")) for n in range(3)], (face("a3"),))
    many, few, named = person_of("a0", "a1", "a2", "a3"), person_of("b0", "b1", "b2"), person_of("b2", name="Ben")
    assert people_in_order([few, many, named], table) == [named, many, few]
