"""Combines all decisions: which faces must be one person, and which must not. Also undoes a decision.

Of two contradictory decisions the newer holds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from photo_ranker.core.terminal import command
from photo_ranker.errors import UserError
from photo_ranker.people.book import Book, Changed, Decision, Person

__all__ = ["Constraints", "Overruled", "barred_people", "constraints_of", "settle_absent", "undo"]


class Overruled(msgspec.Struct, frozen=True):
    """A decision that cannot hold as a whole, because newer ones contradict it."""

    decision: int
    text: str
    faces: tuple[str, ...]
    """The faces for which it no longer holds."""


class Constraints(msgspec.Struct, frozen=True):
    """What a recount must keep."""

    together: list[list[str]]
    """Lists of faces of one person: two or more, or one that was assigned to somebody."""
    pinned: dict[str, str]
    """Face -> id of the person it was assigned to. Two such people are never merged."""
    apart: list[tuple[list[str], list[str]]]
    """No face of the first list may be with one of the second."""
    barred: dict[str, set[str]]
    """Face -> ids of the people that it is not, by decision."""
    false_faces: frozenset[str]
    """Faces marked as false."""
    true_faces: frozenset[str]
    """Faces marked as real, or assigned to somebody."""
    overruled: list[Overruled]

    def barred_from(self, person: Person) -> set[str]:
        """Faces of which it was said that they are not this person."""
        return {face for face, people in self.barred.items() if person.id in people}

    def apart_from(self, person: Person) -> set[str]:
        """Faces that may not be with some of the person's faces."""
        theirs = set(person.faces)
        sides = (side for pair in self.apart for side in (pair, pair[::-1]))
        return {face for here, there in sides if not theirs.isdisjoint(here) for face in there}


def constraints_of(book: Book) -> Constraints:
    """The constraints from all decisions that are not undone."""
    links, verdicts = _Links(), _Verdicts()
    # In a book edited by hand a person may be missing: then the faces are still one person.
    people = book.heirs()
    overruled: dict[int, tuple[Decision, list[str]]] = {}
    apart = []
    for decision in reversed(book.active()):
        failed = verdicts.take(decision)
        for different in decision.different:
            pairs = [(one, other) for one in different.faces for other in different.others]
            failed += [one for one, other in pairs if not links.part(one, other)]
            person = people.get(different.person or "")
            if person is not None:
                failed += [face for face in different.faces if not links.bar(face, person)]
            apart.append((different.faces, different.others, person))
        for same in decision.same:
            faces = [face for face in same.faces if face not in verdicts.false_faces]
            failed += links.bind(faces, people.get(same.person or ""))
        if failed:
            overruled[decision.id] = (decision, failed)
    groups, pinned = links.groups()
    faces_of: dict[str | None, list[str]] = {}
    for face, owner in pinned.items():
        faces_of.setdefault(owner, []).append(face)
    sides = [
        _still_apart(faces, list(dict.fromkeys([*others, *faces_of.get(person, ())])), links)
        for faces, others, person in apart
    ]
    return Constraints(
        together=[faces for faces in groups if len(faces) > 1 or faces[0] in pinned],
        pinned=pinned,
        apart=[(one, other) for one, other in sides if one and other],
        barred=links.barred(),
        false_faces=frozenset(verdicts.false_faces),
        true_faces=frozenset(verdicts.true_faces),
        overruled=[
            Overruled(decision.id, decision.text, tuple(dict.fromkeys(faces)))
            for decision, faces in sorted(overruled.values(), key=lambda item: item[0].id)
        ],
    )


def _still_apart(one: list[str], other: list[str], links: _Links) -> tuple[list[str], list[str]]:
    """Both sides, without faces that a newer decision has put on the other side."""
    there = {links.root(face) for face in other}
    one = [face for face in one if links.root(face) not in there]
    return one, other


class _Verdicts:
    """Which faces are real and which are false; decisions are taken from the newest to the oldest."""

    def __init__(self) -> None:
        self.false_faces: set[str] = set()
        self.true_faces: set[str] = set()

    def take(self, decision: Decision) -> list[str]:
        """Apply a decision, except to faces for which a newer one says the opposite; returns those."""
        # What belongs to a person is a face.
        true_faces = {*decision.true_faces, *(face for same in decision.same for face in same.faces)}
        false_faces = set(decision.false_faces)
        failed = (true_faces & self.false_faces) | (false_faces & self.true_faces)
        self.true_faces |= true_faces - failed
        self.false_faces |= false_faces - failed
        return sorted(failed)


class _Links:
    """Sets of faces that are one person, and which sets are two people."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._faces: dict[str, list[str]] = {}
        self._person: dict[str, str] = {}
        self._home: dict[str, str] = {}
        self._enemies: dict[str, set[str]] = {}
        self._barred: dict[str, set[str]] = {}

    def root(self, face: str) -> str:
        """The face that represents the set."""
        if face not in self._parent:
            self._parent[face], self._faces[face], self._enemies[face] = face, [face], set()
        while self._parent[face] != face:
            self._parent[face] = self._parent[self._parent[face]]
            face = self._parent[face]
        return face

    def part(self, one: str, other: str) -> bool:
        """Keep two faces apart; False if they are already one person."""
        first, second = self.root(one), self.root(other)
        if first == second:
            return False
        self._enemies[first].add(second)
        self._enemies[second].add(first)
        return True

    def bar(self, face: str, person: str) -> bool:
        """Keep a face away from a person; False if it was assigned to that person."""
        root = self.root(face)
        if self._person.get(root) == person:
            return False
        self._barred.setdefault(root, set()).add(person)
        return True

    def bind(self, faces: Sequence[str], person: str | None) -> list[str]:
        """Make faces one person; returns those that newer decisions keep apart from the rest."""
        heads = [self._home[person]] if person in self._home else []
        failed = []
        for face in faces:
            root = self.root(face)
            if person is not None and (
                self._person.get(root, person) != person or person in self._barred.get(root, ())
            ):
                failed.append(face)
            # A set that is kept apart from the first may still join another.
            elif not any(self._unite(self.root(head), self.root(face)) for head in heads):
                heads.append(face)
        if not heads:
            return failed
        chosen = self._home.get(person or "") or max(heads, key=lambda head: len(self._faces[self.root(head)]))
        if person is not None:
            self._home[person] = chosen
            self._person[self.root(chosen)] = person
        return failed + [face for face in faces if face not in failed and self.root(face) != self.root(chosen)]

    def groups(self) -> tuple[list[list[str]], dict[str, str]]:
        """The sets, and the person of each face that was assigned to one."""
        roots = [face for face in self._parent if self._parent[face] == face]
        pinned = {face: self._person[root] for root in roots if root in self._person for face in self._faces[root]}
        return [self._faces[root] for root in roots], pinned

    def barred(self) -> dict[str, set[str]]:
        """The people that each face is not, by decision."""
        return {face: people for root, people in self._barred.items() for face in self._faces[root]}

    def _unite(self, one: str, other: str) -> bool:
        if one == other:
            return True
        people = {self._person[root] for root in (one, other) if root in self._person}
        barred = self._barred.get(one, set()) | self._barred.get(other, set())
        if other in self._enemies[one] or len(people) > 1 or people & barred:
            return False
        if len(self._faces[one]) < len(self._faces[other]):
            one, other = other, one
        self._parent[other] = one
        self._faces[one] += self._faces.pop(other)
        for enemy in self._enemies.pop(other):
            self._enemies[enemy].discard(other)
            self._enemies[enemy].add(one)
            self._enemies[one].add(enemy)
        self._barred.pop(other, None)
        if barred:
            self._barred[one] = barred
        if people:
            self._person[one] = people.pop()
        return True


# Faces whose photo is not in the counted album: no count sees them, and yet every decision about them holds.


def barred_people(
    groups: Sequence[Sequence[str]], book: Book, constraints: Constraints, present: Collection[str]
) -> list[set[str]]:
    """For each group the ids of people it cannot be: by decision, or by one of their faces that is absent."""
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
    """After a count: absent faces follow the faces that they are tied to, and leave people whom they cannot be."""
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


# Undoing a decision of any kind: its effects are reversed as far as nothing newer stands in the way.


_LISTING = command("people", "show", "--decisions", "DIR")


def undo(book: Book, number: int | None = None) -> tuple[Decision, list[str]]:
    """Undo a decision, the last one by default; returns it and the faces that newer decisions still hold."""
    decision = _wanted(book, number)
    decision.undone = datetime.now().astimezone().isoformat(timespec="seconds")
    people = book.by_id()
    newer = {(one.person, one.field) for item in book.active() if item.id > decision.id for one in item.changed}
    for change in decision.changed:
        person = people.get(change.person)
        # A newer decision may say the same.
        is_last = (change.person, change.field) not in newer
        if person is not None and is_last and getattr(person, change.field) == change.new:
            setattr(person, change.field, _before(book, decision, change))
    return decision, _give_back(book, decision)


def _before(book: Book, decision: Decision, change: Changed) -> object:
    """The value before a change; one that an older decision gave does not come back if that is undone too."""
    value: object = change.old
    for older in reversed([item for item in book.decisions if item.id < decision.id]):
        for one in reversed(older.changed):
            if (one.person, one.field, one.new) == (change.person, change.field, value):
                if older.undone is None:
                    return value
                value = one.old
    return value


def _wanted(book: Book, number: int | None) -> Decision:
    active = book.active()
    if number is None:
        if not active:
            raise UserError("there is no decision to undo", f"{_LISTING} lists all decisions")
        return active[-1]
    found = next((decision for decision in active if decision.id == number), None)
    if found is None:
        raise UserError(f"there is no decision {number} to undo", f"{_LISTING} lists all")
    return found


def _give_back(book: Book, decision: Decision) -> list[str]:
    people = book.by_id()
    constraints = constraints_of(book)
    pinned, barred, false_faces = constraints.pinned, constraints.barred, constraints.false_faces
    owner = {face: person.id for person in book.people for face in person.faces}
    held = []
    for moved in reversed(decision.moved):
        back = []
        for face in moved.faces:
            if (
                face in false_faces
                or pinned.get(face, moved.source) != moved.source
                or moved.source in barred.get(face, ())
            ):
                held.append(face)
            # A count may have taken it elsewhere meanwhile; an older decision takes it back.
            elif owner.get(face) == moved.target or face in pinned:
                back.append(face)
        gone = set(back)
        for person in [people[owner[face]] for face in back if face in owner]:
            person.faces = [face for face in person.faces if face not in gone]
        if moved.source in people:
            people[moved.source].faces += back
        owner |= dict.fromkeys(back, moved.source) if moved.source else {}
    return held
