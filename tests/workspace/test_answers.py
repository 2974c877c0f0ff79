"""Each step of an answer is kept under everything that it depends on, and under nothing else."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from msgspec.structs import replace

from people.crowds import a_crowd, an_album
from photo_ranker.people.book import Book
from photo_ranker.people.faces import FaceTable
from photo_ranker.questions import Filters
from photo_ranker.records import Face
from photo_ranker.settings import Settings
from photo_ranker.workspace.answers import AlbumAnswers, RankRequest, cache_keys
from photo_ranker.workspace.people import AlbumPeople
from photo_ranker.workspace.requests import AlbumFace, PersonRequest, PhotosRequest, ShownFace

T = TypeVar("T")

ANNA = PersonRequest(faces=(AlbumFace("a0"),))
ALL = PhotosRequest(top=0)


def request(person: dict[str, Any] | None = None, **photos: Any) -> RankRequest:
    return RankRequest(person=replace(ANNA, **person or {}), photos=replace(ALL, **photos))


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        (request(top=5), 2),
        (request(distinct=True), 2),
        (request(filters=Filters(min_score=0.5)), 2),
        (request(filters=Filters(kind="single")), 1),
        (request(filters=Filters(only=True)), 1),
        (request(filters=Filters(since="2024-06-01")), 1),
        (replace(request(), choice=("picks", 1)), 1),
        (request(doubtful=True), 1),
        (request({"threshold": 0.5}), 0),
        (request({"not_faces": (AlbumFace("b0"),)}), 0),
        (request({"together_names": ("Ben",)}), 0),
    ],
)
def test_an_answer_is_kept_for_what_does_not_depend_on_a_field(changed: RankRequest, same: int) -> None:
    pairs = zip(cache_keys(request()), cache_keys(changed), strict=True)
    assert sum(one == other for one, other in pairs) == same


def test_a_field_that_is_added_is_part_of_every_key() -> None:
    class Later(PersonRequest, frozen=True, kw_only=True):
        mood: str = ""

    calm, other = (RankRequest(person=Later(name="Anna", mood=mood), photos=ALL) for mood in ("calm", ""))
    assert not set(cache_keys(calm)) & set(cache_keys(other))


def test_a_filter_that_is_added_is_part_of_the_keys_of_photos() -> None:
    class Later(Filters, frozen=True):
        mood: str = ""

    calm, other = (request(filters=Later(mood=mood)) for mood in ("calm", ""))
    assert not set(cache_keys(calm)[:2]) & set(cache_keys(other)[:2])


class Notes:
    """Keeps everything, and the kinds of steps that were worked out."""

    def __init__(self) -> None:
        self.kept: dict[Hashable, Any] = {}
        self.made: list[str] = []

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        if key not in self.kept:
            self.kept[key] = make()
            assert isinstance(key, tuple)
            self.made.append(key[0])
        found: T = self.kept[key]
        return found


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def ask(notes: Notes) -> Callable[..., list[str]]:
    """Puts a question to an album of two people, and gives the faces that were found, best first."""
    rows, _ = a_crowd(2, 3)
    album = an_album([[(name, row)] for name, row in zip(("a0", "a1", "a2", "b0", "b1", "b2"), rows, strict=True)])
    faces = {face.id: face for face in album.faces}
    book = Book()
    book.add_person(["a0", "a1"])
    people = AlbumPeople(FaceTable(album, Settings()), book, Settings(), Path(), 0.0)

    def face_of(shown: ShownFace) -> Face:
        assert isinstance(shown, AlbumFace)
        return faces[shown.id]

    def answered(asked: RankRequest, settings: Settings = Settings(), version: int = 1) -> list[str]:  # noqa: B008
        answers = AlbumAnswers(album, lambda: people, version, face_of, settings, notes)
        return [item.face.id for item in answers.order(asked).explained()]

    return answered


def test_a_slider_only_orders(ask: Callable[..., list[str]], notes: Notes) -> None:
    assert sorted(ask(request())) == ["a0", "a1", "a2"]
    assert notes.made == ["finding", "found", "lineup", "counts", "order"]
    assert len(ask(request(top=2), Settings(single_smile=80.0))) == 2
    assert notes.made[5:] == ["order"]


def test_a_change_of_people_or_of_settings_finds_again(ask: Callable[..., list[str]], notes: Notes) -> None:
    for settings, version in (
        (Settings(), 1),
        (Settings(), 2),
        (Settings(min_face=200), 2),
        (Settings(solid_face=60), 2),
    ):
        ask(request(), settings, version)
    assert notes.made.count("found") == 4


def test_a_person_is_found_where_the_book_says_and_by_faces_in_more_photos(ask: Callable[..., list[str]]) -> None:
    assert sorted(ask(RankRequest(person=PersonRequest(name="0"), photos=ALL))) == ["a0", "a1"]
    assert sorted(ask(request({"name": "0", "faces": (AlbumFace("a0"),)}))) == ["a0", "a1", "a2"]
