"""The face to show for a person."""

from __future__ import annotations

from typing import Any

import pytest

from builders import a_face, a_record, some_expressions
from people.crowds import a_crowd
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import encode_array
from photo_ranker.people import corrections
from photo_ranker.people.best import best_face, cover_of
from photo_ranker.people.book import Book
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.recount import recount
from photo_ranker.records import Face, FaceFigures, MeshFigures
from photo_ranker.settings import Settings

ROWS = a_crowd(1, 6, alike=0.8)[0]


def seen(
    name: str, *, sharpness: float = 2.2, blink: float = 0.0, yaw: float = 0.0, side: float = 150.0, **facts: Any
) -> Face:
    """A good face, but for what is named."""
    row = facts.pop("row", ROWS[int(name[1])])
    return a_face(
        name,
        (100.0, 100.0, side, side * 1.2),
        mesh=MeshFigures(0.99, yaw, 0.0, 0.0, some_expressions(blink=blink)),
        figures=FaceFigures(sharpness=sharpness),
        embedding=encode_array(row),
        clarity=12.0,
        **facts,
    )


def a_table(*faces: Face) -> FaceTable:
    return FaceTable(
        Album(AlbumPhoto(f"{face.id}.jpg", a_record(face, hash=f"{n:02x}")) for n, face in enumerate(faces)), Settings()
    )


def best(*faces: Face) -> str:
    return best_face([face.id for face in faces], a_table(*faces))


@pytest.mark.parametrize(
    "worse",
    [
        pytest.param({"sharpness": 0.9, "side": 600.0}, id="blurred, though large"),
        pytest.param({"blink": 0.9}, id="eyes closed"),
        pytest.param({"yaw": 50.0}, id="turned away"),
        pytest.param({"side": 45.0}, id="small"),
        pytest.param({"detection": 0.76}, id="hidden"),
    ],
)
def test_each_word_counts(worse: dict[str, Any]) -> None:
    others = [seen(f"a{number}", **worse) for number in range(1, 4)]
    assert best(seen("a0"), *others) == best(*others, seen("a0")) == "a0"


def test_of_blurred_ones_the_best_is_shown() -> None:
    assert best(seen("a0", sharpness=0.5), seen("a1", sharpness=0.5, blink=0.9)) == "a0"


def test_who_got_here_by_mistake_stands_for_nobody() -> None:
    other = a_crowd(2, 1, seed=9)[0][1]
    faces = [seen(f"a{number}", sharpness=1.9) for number in range(4)]
    assert best(seen("a4", row=other), *faces) != "a4"


def test_a_better_photo_becomes_the_cover_unless_a_user_has_chosen() -> None:
    closed = [seen(f"a{number}", blink=0.9) for number in range(3)]
    book = Book()
    recount(book, a_table(*closed))
    (person,) = book.present()
    assert person.representative in {"a0", "a1", "a2"}
    better = a_table(*closed, seen("a3"))
    recount(book, better)
    assert cover_of(person, better) == "a3"
    decision = corrections.set_fact(book, person, "representative", "a1")
    recount(book, better)
    assert cover_of(person, better) == "a1"
    decision.undone = "now"
    recount(book, better)
    assert cover_of(person, better) == "a3"


def test_a_person_whom_the_album_does_not_show_has_no_cover() -> None:
    book = Book()
    assert cover_of(book.add_person(["away"]), a_table(seen("a0"))) is None
    assert cover_of(book.add_person(["away", "a0"]), a_table(seen("a0"))) == "a0"


def test_the_cover_stays_while_a_person_has_the_same_faces() -> None:
    """Judging the faces of everyone anew would take longer than the rest of a count."""
    book = Book()
    recount(book, a_table(seen("a0"), seen("a1", blink=0.9)))
    (person,) = book.present()
    assert person.representative == "a0"
    recount(book, a_table(seen("a0", blink=0.9), seen("a1")))
    assert person.representative == "a0"
    recount(book, a_table(seen("a0", blink=0.9), seen("a1"), seen("a2", blink=0.5)))
    assert person.representative == "a1"
