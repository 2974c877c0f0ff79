"""Counts an album again: groups of faces become the people that are known already, or new ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import msgspec
import numpy as np

from photo_ranker.people.best import best_face, chosen_covers, faces_here
from photo_ranker.people.book import Book, Decision, Person
from photo_ranker.people.clustering import Grouping, group_faces, regroup_faces
from photo_ranker.people.constraints import Constraints, Overruled, barred_people, constraints_of, settle_absent
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.last_count import load_count, save_count
from photo_ranker.people.neighbours import EXACT_LIMIT
from photo_ranker.person_finder.populations import population_of

__all__ = ["Counted", "group", "recount", "recount_if_needed"]


class Counted(msgspec.Struct, frozen=True):
    """The result of a count."""

    threshold: float
    new: int
    """People who were not known before."""
    overruled: list[Overruled]
    """Decisions that newer ones contradict."""


def recount(book: Book, table: FaceTable, threshold: float | None = None, root: Path | None = None) -> Counted:
    """Decide again which person each face of the album is, and write it into the book.

    What a user has decided holds. People keep their ids: a group goes to the person that most of its faces were.
    Faces that are not in the album keep their person. With the folder of the book, ``root``, what the last count of a
    large album left in the cache is used, and updated for the next one; that changes the time, not the result.
    """
    constraints = constraints_of(book)
    grouping = group(table, constraints, threshold, root)
    groups: dict[int, list[str]] = {}
    for face, label in zip(table.ids, grouping.labels.tolist(), strict=True):
        if label >= 0:
            groups.setdefault(label, []).append(face)
    known = _match(list(groups.values()), book, constraints, table)
    early = _taken_before_birth(list(groups.values()), known, book, table)
    before = {person.id: frozenset(person.faces) for person in book.present()}
    _unseat(book, table.false_faces.union(table.ids))
    new = 0
    for faces, person in zip(groups.values(), known, strict=True):
        if person is None:
            book.add_person(faces)
            new += 1
        else:
            person.faces += faces
    for faces, person in early:
        if person is None:
            book.add_person(faces)
            new += 1
        else:
            person.faces += faces
    settle_absent(book, constraints, table.number_of)
    _tidy(book, table, before)
    book.threshold, book.counted = round(grouping.threshold, 4), _basis(book, table, threshold)
    return Counted(grouping.threshold, new, constraints.overruled)


def recount_if_needed(
    book: Book, table: FaceTable, threshold: float | None = None, root: Path | None = None
) -> Counted:
    """The same, but returns at once if no faces, decisions or settings have changed since the last count."""
    if book.counted == _basis(book, table, threshold):
        return Counted(book.threshold, 0, constraints_of(book).overruled)
    return recount(book, table, threshold, root)


LEAST_FACES = 3000
"""Counting fewer from scratch takes about as long as reading and writing the last count."""

VERSION = 4
"""Version of the counting method. A change triggers a recount."""


def _basis(book: Book, table: FaceTable, threshold: float | None) -> str:
    words = [decision.id for decision in book.active()]
    solid = np.packbits(table.solid).tobytes()
    told = f"{VERSION} {table.album.engine} {threshold} {words} {' '.join(table.ids)}".encode()
    return blake2b(told + solid, digest_size=12).hexdigest()


def group(
    table: FaceTable, constraints: Constraints, threshold: float | None = None, root: Path | None = None
) -> Grouping:
    """Group the faces of an album under constraints."""
    material = table.material(constraints.together, constraints.apart, constraints.pinned)
    engine = table.album.engine
    population = population_of(engine)
    if root is None or threshold is not None or not LEAST_FACES <= len(table.ids) <= EXACT_LIMIT:
        return group_faces(material, population, fixed=threshold)
    grouping, count = regroup_faces(material, table.ids, population, load_count(root, engine))
    save_count(root, engine, count)
    return grouping


def _match(
    groups: Sequence[Sequence[str]], book: Book, constraints: Constraints, table: FaceTable
) -> list[Person | None]:
    """The person of each group: by a user's decision, else by the most faces in common; older people win ties."""
    people = book.by_id()
    owner = book.owners()
    found: list[Person | None] = [
        next((people[constraints.pinned[face]] for face in faces if face in constraints.pinned), None)
        for faces in groups
    ]
    taken = {person.id for person in found if person is not None}
    barred = barred_people(groups, book, constraints, table.number_of)
    shared = Counter(
        (number, owner[face].id)
        for number, faces in enumerate(groups)
        if found[number] is None
        for face in faces
        if face in owner and owner[face].id not in barred[number]
    )
    ranked = sorted(shared.items(), key=lambda item: (-item[1], people[item[0][1]].number, item[0][0]))
    for (number, person), _ in ranked:
        if found[number] is None and person not in taken:
            found[number] = people[person]
            taken.add(person)
    return found


def _taken_before_birth(
    groups: Sequence[list[str]], known: Sequence[Person | None], book: Book, table: FaceTable
) -> list[tuple[list[str], Person | None]]:
    """Take out of each group the faces from before its person's birth; returns them, and whose they were before."""
    owner, found = book.owners(), list[tuple[list[str], Person | None]]()
    for faces, person in zip(groups, known, strict=True):
        early = table.before(faces, person.born) if person is not None and person.born is not None else []
        if person is None or not early:
            continue
        gone = set(early)
        faces[:] = [face for face in faces if face not in gone]
        others = Counter(owner[face].id for face in early if face in owner and owner[face] is not person)
        theirs = next((other for other in book.present() if others and other.id == others.most_common(1)[0][0]), None)
        found.append((early, theirs))
    return found


def _unseat(book: Book, present: Collection[str]) -> None:
    for person in book.people:
        if person.into is None:
            person.faces = [face for face in person.faces if face not in present]


def _tidy(book: Book, table: FaceTable, before: Mapping[str, frozenset[str]]) -> None:
    """Remove people who have no face, no name and no part in any decision; choose faces to show.

    A better photo may have come since the last count; the face that a user has chosen stays, and so does that of a
    person whose faces are the same as in ``before``.
    """
    told = {person for decision in book.decisions for person in _people_in(decision)}
    book.people = [person for person in book.people if person.faces or person.name or person.id in told]
    chosen = chosen_covers(book)
    unsettled = {change.person for decision in book.decisions for change in decision.changed}
    for person in book.people:
        here = faces_here(person, table)
        is_chosen = person.id in chosen and person.representative in person.faces
        is_settled = person.id not in unsettled and person.representative in here
        is_as_before = is_settled and before.get(person.id) == frozenset(here) == frozenset(person.faces)
        if here and not is_chosen and not is_as_before:
            person.representative = best_face(here, table)


def _people_in(decision: Decision) -> set[str]:
    named = {same.person for same in decision.same} | {change.person for change in decision.changed}
    named |= {end for moved in decision.moved for end in (moved.source, moved.target)}
    return {person for person in named if person is not None}
