"""Questions worth asking: pairs of people who may be one, the most helpful answer first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import exp, log2

import msgspec
import numpy as np

from photo_ranker.people.book import Book, Person
from photo_ranker.people.constraints import constraints_of
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.neighbours import near_pairs
from photo_ranker.person_finder.populations import population_of

__all__ = ["Question", "suggest"]

REACH = 1.0
"""People are asked about whose similarity is at most so many spreads of strangers below the threshold."""

SURENESS = 0.3
"""In spreads of strangers: where the odds of being one person change by a factor of e."""


class Question(msgspec.Struct, frozen=True):
    """Are these two faces one person?"""

    faces: tuple[str, str]
    """The two faces to look at: those of each that are most alike."""
    people: tuple[str, str]
    """Whose faces they are so far."""
    similarity: float
    """Mean cosine of the two people."""
    chance: float
    """How probable a yes is, 0 to 1."""
    helps: float
    """How much an answer settles: its surprise, times the faces that it moves."""


def suggest(book: Book, table: FaceTable, threshold: float) -> list[Question]:
    """Doubtful pairs of people, the one whose answer helps most first."""
    spread = population_of(table.album.engine).stranger_spread
    present = {face: number for number, face in enumerate(table.ids)}
    people = [person for person in book.present() if not person.hidden]
    known = [(person, [present[face] for face in person.faces if face in present]) for person in people]
    known = [(person, numbers) for person, numbers in known if numbers]
    if len(known) < 2:
        return []
    means = np.stack([table.rows[numbers].mean(axis=0) for _, numbers in known])
    lengths = np.linalg.norm(means, axis=1)
    pairs = near_pairs((means / lengths[:, None]).astype(np.float32), threshold - REACH * spread)
    barred = _Barred(book, table)
    questions = []
    for one, other in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
        similarity = float(means[one] @ means[other])
        if similarity < threshold - REACH * spread or barred.forbids(known[one], known[other]):
            continue
        chance = 1 / (1 + exp(-(similarity - threshold) / (SURENESS * spread)))
        moved = min(len(known[one][1]), len(known[other][1]))
        faces = _most_alike(table, known[one][1], known[other][1])
        ids = known[one][0].id, known[other][0].id
        questions.append(
            Question(faces, ids, round(similarity, 4), round(chance, 3), round(_surprise(chance) * moved, 3))
        )
    return sorted(questions, key=lambda question: (-question.helps, question.faces))


def _surprise(chance: float) -> float:
    """Entropy of a yes or no, in bits."""
    sides = (chance, 1 - chance)
    return -sum(side * log2(side) for side in sides if side > 0)


def _most_alike(table: FaceTable, one: Sequence[int], other: Sequence[int]) -> tuple[str, str]:
    cosine = table.rows[one] @ table.rows[other].T
    first, second = np.unravel_index(int(cosine.argmax()), cosine.shape)
    return table.ids[one[int(first)]], table.ids[other[int(second)]]


_Known = tuple[Person, list[int]]


class _Barred:
    """Which people cannot be one: two named ones, those in one photo, those whom a user told apart."""

    def __init__(self, book: Book, table: FaceTable) -> None:
        self._table = table
        constraints = constraints_of(book)
        owner = {face: person.id for face, person in book.owners().items()}
        self._apart = set(_owners(constraints.apart, owner))

    def forbids(self, one: _Known, other: _Known) -> bool:
        if one[0].name and other[0].name:
            return True
        if frozenset((one[0].id, other[0].id)) in self._apart:
            return True
        photos = [
            {photo for number in known[1] for photo in self._table.photos(self._table.ids[number])}
            for known in (one, other)
        ]
        return not photos[0].isdisjoint(photos[1])


def _owners(apart: Sequence[tuple[list[str], list[str]]], owner: Mapping[str, str]) -> Iterator[frozenset[str]]:
    for one, other in apart:
        for first in {owner[face] for face in one if face in owner}:
            for second in {owner[face] for face in other if face in owner}:
                yield frozenset((first, second))
