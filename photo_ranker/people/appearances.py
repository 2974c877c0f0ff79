"""Where a person is in an album: one face a photo, as matches that the ranker scores."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from photo_ranker.album import Album
from photo_ranker.core.codec import Floats
from photo_ranker.people.book import Book, Person
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.roles import order_of_people
from photo_ranker.questions.copies import leaders
from photo_ranker.records import Match

__all__ = ["embeddings_of_person", "faces_here", "matches_of", "people_in_order", "photo_count", "photos_of"]


def faces_here(person: Person, table: FaceTable) -> list[str]:
    """The person's faces that the album shows."""
    return [face for face in person.faces if face in table.places]


def photos_of(person: Person, table: FaceTable) -> set[int]:
    """The numbers of the album's photos that show the person."""
    return {photo for face in faces_here(person, table) for photo in table.photos(face)}


def photo_count(person: Person, table: FaceTable) -> int:
    """The number of photos that show the person; files with identical bytes count once."""
    return len(set(leaders(table.album.photos, photos_of(person, table)).values()))


def people_in_order(people: Iterable[Person], table: FaceTable) -> list[Person]:
    """People as lists show them: by role, the named before the others, those in most photos first."""
    return sorted(people, key=lambda person: order_of_people(person, photo_count(person, table)))


def matches_of(person: Person, table: FaceTable) -> list[Match]:
    """The best face of the person in each photo, the most typical first."""
    numbers = [number for face in faces_here(person, table) for number in table.places[face]]
    if not numbers:
        return []
    rows = table.album.embeddings[numbers]
    mean = rows.mean(axis=0)
    cosines = rows @ (mean / max(float(np.linalg.norm(mean)), 1e-12))
    best: dict[int, Match] = {}
    for number, cosine in zip(numbers, cosines.tolist(), strict=True):
        photo = int(table.album.owners[number])
        if photo not in best or best[photo].similarity < cosine:
            best[photo] = Match(photo, number, round(cosine, 4), round(cosine, 4), None)
    return sorted(best.values(), key=lambda match: (-match.similarity, match.photo))


MOST_REFERENCES = 30
"""Faces that stand for a person in a search; more add time and no looks."""


def embeddings_of_person(album: Album, book: Book, name: str) -> list[Floats]:
    """Unit embeddings of a person's faces in an album, as references for a search; none if the album shows none."""
    wanted = set(book.find(name).faces)
    numbers = [number for number, face in enumerate(album.faces) if face.id in wanted]
    numbers.sort(key=lambda number: (-album.faces[number].size_px, number))
    return [album.embeddings[number] for number in numbers[:MOST_REFERENCES]]
