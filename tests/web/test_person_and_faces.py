"""A person of the book who is looked for by faces too: more photos of the same person are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from photo_ranker.metadata import load
from photo_ranker.people.book import Book
from photo_ranker.people.store import PEOPLE_NAME
from photo_ranker.records import Face, Stamp
from photo_ranker.web import WebOptions, storage
from photo_ranker.web.references import Kept


@pytest.fixture
def bens(folder: Path) -> list[Face]:
    """Ben's faces, one in every second photo."""
    return [face for _, record in sorted(load(folder).items()) for face in record.faces if face.box[0] > 100]


@pytest.fixture
def ben(folder: Path, bens: list[Face]) -> str:
    """Ben as the book has him: in one photo of three; somebody without a name is in the last."""
    book = Book()
    book.add_person([bens[0].id])
    book.add_person([bens[2].id])
    (folder / PEOPLE_NAME).write_bytes(msgspec.json.encode(book))
    return book.people[0].id


def other(client: TestClient, album: str, ben: str) -> str:
    """The person without a name."""
    people = client.get(f"{album}/people").json()["people"]
    return next(str(person["id"]) for person in people if person["id"] != ben)


def photos(client: TestClient, album: str, **ask: Any) -> list[str]:
    page = client.post(f"{album}/rank", json=ask).json()
    return sorted(photo["name"][-5:-4] for photo in page["photos"])


def test_a_photo_added_to_a_person_finds_more_of_them(
    client: TestClient, album: str, options: WebOptions, ben: str, bens: list[Face]
) -> None:
    name = "r0123456789abcdef"
    sent = Kept(name, "ben.jpg", Stamp(1, 1, "x"), 240, 160, (bens[1],))
    storage.write_value(options.home / "albums" / album.rsplit("/", 1)[1] / "references" / f"{name}.json", sent)
    assert photos(client, album, people=[ben]) == ["1"]
    assert photos(client, album, people=[ben], references=[{"reference": name, "face": 0}]) == ["1", "3", "5"]
    assert photos(client, album, people=[ben], faces=[bens[1].id]) == ["1", "3", "5"]


def test_a_face_of_somebody_else_is_not_taken(client: TestClient, album: str, ben: str, bens: list[Face]) -> None:
    client.patch(f"{album}/people/{other(client, album, ben)}", json={"name": "Bob"})
    assert photos(client, album, people=[ben], faces=[bens[1].id]) == ["1", "3"]


def test_a_face_that_a_user_kept_apart_is_not_taken(client: TestClient, album: str, ben: str, bens: list[Face]) -> None:
    client.post(f"{album}/people/answer", json={"one": bens[0].id, "other": bens[1].id, "same": False})
    assert photos(client, album, people=[ben], faces=[bens[0].id]) == ["1", "5"]
    client.post(f"{album}/people/{ben}/not", json={"faces": [bens[2].id]})
    assert photos(client, album, people=[ben], faces=[bens[0].id]) == ["1"]


def test_a_face_that_was_confirmed_as_somebody_is_not_taken(
    client: TestClient, album: str, ben: str, bens: list[Face]
) -> None:
    client.post(f"{album}/people/{other(client, album, ben)}/confirm", json={"faces": [bens[2].id]})
    assert photos(client, album, people=[ben], faces=[bens[0].id]) == ["1", "3"]


def test_a_person_is_asked_for_together_with_a_face(
    client: TestClient, album: str, folder: Path, bens: list[Face]
) -> None:
    book = Book()
    anna = book.add_person([record.faces[0].id for record in load(folder).values()])
    (folder / PEOPLE_NAME).write_bytes(msgspec.json.encode(book))
    assert photos(client, album, people=[anna.id], with_faces=[bens[0].id]) == ["1", "3", "5"]
