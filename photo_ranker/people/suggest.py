"""Questions worth asking: pairs of people who may be one, the most helpful answer first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import exp, log2

import msgspec
import numpy as np

from photo_ranker.people.best import photo_count
from photo_ranker.people.book import Book, Person
from photo_ranker.people.constraints import constraints_of
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.neighbours import near_pairs
from photo_ranker.person_finder.populations import population_of

__all__ = ["Question", "suggest"]

REACH = 1.3
"""People are asked about if their similarity is at most this many spreads of strangers below the threshold."""

SURENESS = 0.15
"""In spreads of strangers: the similarity that changes the odds of being one person by a factor of e.

Set on the pairs of LFW: with 0.3 instead, a chance of 0.1 to 0.2 came true in 3 of 100 cases, one of 0.4 in 30.
"""

LEAST_HELP = 0.14
"""Questions that settle less are not asked, such as whether a single face is a person, at a chance of 0.02."""


class Question(msgspec.Struct, frozen=True):
    """Are these two faces one person?"""

    faces: tuple[str, str]
    """The two faces to look at: the most alike ones of the two people."""
    people: tuple[str, str]
    """Whose faces they are so far."""
    similarity: float
    """Mean cosine of the two people."""
    chance: float
    """How probable a yes is, 0 to 1."""
    helps: float
    """How much an answer settles: the photos that a yes changes, less where a no is expected."""


def suggest(book: Book, table: FaceTable, threshold: float) -> list[Question]:
    """Doubtful pairs of people, the one whose answer helps most first."""
    spread = population_of(table.album.engine).stranger_spread
    present = {face: number for number, face in enumerate(table.ids)}
    people = [person for person in book.present() if not person.hidden]
    known = [(person, [present[face] for face in person.faces if face in present]) for person in people]
    known = [(person, numbers) for person, numbers in known if numbers]
    if len(known) < 2:
        return []
    photos = {person.id: photo_count(person, table) for person, _ in known}
    means = np.stack([table.rows[numbers].mean(axis=0) for _, numbers in known])
    lengths = np.linalg.norm(means, axis=1)
    pairs = near_pairs((means / lengths[:, None]).astype(np.float32), threshold - REACH * spread)
    barred = _Barred(book, table)
    questions = []
    for one, other in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
        similarity = float(means[one] @ means[other])
        if similarity < threshold - REACH * spread:
            continue
        chance = 1 / (1 + exp(-(similarity - threshold) / (SURENESS * spread)))
        ids = known[one][0].id, known[other][0].id
        helps = _worth(chance) * min(photos[person] for person in ids)
        if helps >= LEAST_HELP and not barred.forbids(known[one], known[other]):
            faces = _most_alike(table, known[one][1], known[other][1])
            questions.append(Question(faces, ids, round(similarity, 4), round(chance, 3), round(helps, 3)))
    return sorted(questions, key=lambda question: (-question.helps, question.faces))


def _worth(chance: float) -> float:
    """The share of the photos that an answer is worth: its entropy in bits; 1 where a yes is likelier."""
    doubt = min(chance, 0.5)
    return -sum(side * log2(side) for side in (doubt, 1 - doubt))


def _most_alike(table: FaceTable, one: Sequence[int], other: Sequence[int]) -> tuple[str, str]:
    cosine = table.rows[one] @ table.rows[other].T
    first, second = np.unravel_index(int(cosine.argmax()), cosine.shape)
    return table.ids[one[int(first)]], table.ids[other[int(second)]]


_Known = tuple[Person, list[int]]


class _Barred:
    """Which people cannot be one person: two named ones, those in one picture, those whom a user has told apart."""

    def __init__(self, book: Book, table: FaceTable) -> None:
        self._table = table
        self._shown: dict[str, set[int]] = {}
        constraints = constraints_of(book)
        owner = {face: person.id for face, person in book.owners().items()}
        self._apart = set(_owners(constraints.apart, owner))

    def forbids(self, one: _Known, other: _Known) -> bool:
        if one[0].name and other[0].name:
            return True
        if frozenset((one[0].id, other[0].id)) in self._apart:
            return True
        return not self._pictures(one).isdisjoint(self._pictures(other))

    def _pictures(self, known: _Known) -> set[int]:
        if known[0].id not in self._shown:
            self._shown[known[0].id] = {
                picture for number in known[1] for picture in self._table.pictures(self._table.ids[number])
            }
        return self._shown[known[0].id]


def _owners(apart: Sequence[tuple[list[str], list[str]]], owner: Mapping[str, str]) -> Iterator[frozenset[str]]:
    for one, other in apart:
        for first in {owner[face] for face in one if face in owner}:
            for second in {owner[face] for face in other if face in owner}:
                yield frozenset((first, second))
