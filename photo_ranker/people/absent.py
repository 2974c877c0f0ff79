"""Faces whose photo is not in the album that is counted: no count sees them, and yet every word about them holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from photo_ranker.people.book import Book
from photo_ranker.people.constraints import Constraints

__all__ = ["barred_people", "settle_absent"]


def barred_people(
    groups: Sequence[Sequence[str]], book: Book, constraints: Constraints, present: Collection[str]
) -> list[set[str]]:
    """Of each group the ids of people it cannot be: by a word, or by one of their faces that is not here."""
    group_of = {face: number for number, faces in enumerate(groups) for face in faces}
    away = {face: person.id for face, person in book.owners().items() if face not in present}
    barred = [{person for face in faces for person in constraints.barred.get(face, ())} for faces in groups]
    for sides in constraints.apart:
        for here, there in (sides, sides[::-1]):
            people = {away[face] for face in there if face in away}
            for number in {group_of[face] for face in here if face in group_of} if people else ():
                barred[number] |= people
    return barred


def settle_absent(book: Book, constraints: Constraints, present: Collection[str]) -> None:
    """After a count: absent faces go where the faces are that they were tied to, and leave whom they cannot be with."""
    owner = {face: person.id for face, person in book.owners().items()}
    before = dict(owner)
    for faces in constraints.together:
        here = [face for face in faces if face in present and face in owner]
        target = constraints.pinned.get(faces[0]) or (owner[here[0]] if here else None)
        if target is not None:
            owner |= {face: target for face in faces if face not in present}
    for face in [face for face in owner if face not in present]:
        if owner[face] in constraints.barred.get(face, ()):
            del owner[face]
    for one, other in constraints.apart:
        for first in one:
            for second in other:
                if first in owner and owner[first] == owner.get(second):
                    leaves = next((face for face in (second, first) if _free(face, constraints, present)), None)
                    owner.pop(leaves or "", None)
    _write(book, before, owner)


def _free(face: str, constraints: Constraints, present: Collection[str]) -> bool:
    return face not in present and face not in constraints.pinned


def _write(book: Book, before: dict[str, str], owner: dict[str, str]) -> None:
    moved = {face for face in before | owner if before.get(face) != owner.get(face)}
    if not moved:
        return
    for person in book.present():
        person.faces = [face for face in person.faces if face not in moved]
        person.faces += sorted(face for face in moved if owner.get(face) == person.id)
