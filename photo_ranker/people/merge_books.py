"""Merges two copies of an album's book that have both changed since they parted; no decision of either is lost.

Decisions are an ever growing list, so they show what each copy has that the other lacks. Where only one copy has
decided something, that holds. Where both have, the copy with the higher counter holds, and what the other says is
listed as a conflict; its decisions stay in the book, overruled. No clock is consulted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

import msgspec

from photo_ranker.core.names import folded
from photo_ranker.people.book import Book, Decision, Person
from photo_ranker.people.constraints import constraints_of

__all__ = ["Merged", "merge_books"]

Field = Literal["name", "category", "role", "representative", "hidden", "born", "into"]
FIELDS: tuple[Field, ...] = get_args(Field)
_UNSAID = {field.name: field.default for field in msgspec.structs.fields(Person)}

Key = tuple[bytes, int]
"""What a decision says, and how many equal ones came before it, since each copy numbers its own decisions."""


class Merged(msgspec.Struct, frozen=True):
    """The result of merging two books."""

    book: Book
    conflicts: list[str]
    """Where the lesser book says something else, in words."""
    added: int
    """How many decisions only the lesser book had."""
    new_ids: dict[int, int]
    """Id of a decision in the lesser book -> its id now."""


def merge_books(lesser: Book, greater: Book) -> Merged:
    """Merge two books; ``greater`` is the one with the higher counter, and neither is changed."""
    words, new_ids = _Words(lesser, greater), dict[int, int]()
    decisions = words.merged(new_ids)
    conflicts: list[str] = []
    people = _people(lesser, greater, words, conflicts)
    book = msgspec.structs.replace(
        greater,
        people=people,
        decisions=decisions,
        edited=list(dict.fromkeys([*greater.edited, *lesser.edited])),
        revision=max(lesser.revision, greater.revision),
        next_number=max(lesser.next_number, greater.next_number, *(person.number + 1 for person in people)),
    )
    _unite_namesakes(book, lesser, greater)
    _break_circles(book, greater)
    _give_faces(book, lesser, greater, has_words=bool(words.lessers))
    if words.lessers:
        conflicts += _overruled(book, lesser, new_ids, words)
    if (book.people, book.decisions) != (greater.people, greater.decisions):
        book.counted = ""  # the next count puts every face where the decisions of both want it
    return Merged(book, conflicts, len(words.lessers), new_ids)


class _Words:
    """The decisions of two books, side by side."""

    def __init__(self, lesser: Book, greater: Book) -> None:
        self._lesser, self._greater = _keyed(lesser.decisions), _keyed(greater.decisions)
        self._common = self._lesser.keys() & self._greater.keys()
        self.lessers = [one for key, one in self._lesser.items() if key not in self._common or self._took_back(key)]
        """Decisions that only the lesser book has, or that only it has undone."""
        self.said_by_lesser = _touched(self.lessers)
        """Facts about people that those decisions changed."""
        self.said_by_greater = _touched(
            one
            for key, one in self._greater.items()
            if key not in self._common or self._took_back(key, by_lesser=False)
        )

    def merged(self, new_ids: dict[int, int]) -> list[Decision]:
        """All decisions; the lesser book's own come before the greater's own, which therefore outrank them."""
        found, at = [], 0
        for key, decision in self._greater.items():
            known = self._lesser.get(key)
            undone = max((one.undone for one in (decision, known) if one and one.undone), default=None)
            found.append(msgspec.structs.replace(decision, undone=undone))
            if known is not None:
                at, new_ids[known.id] = len(found), decision.id
        taken = {decision.id for decision in found}
        own = []
        for key, decision in self._lesser.items():
            if key not in self._common:
                free = decision.id if decision.id not in taken else 1 + max(taken)
                taken.add(free)
                new_ids[decision.id] = free
                own.append(msgspec.structs.replace(decision, id=free))
        return [*found[:at], *own, *found[at:]]

    def _took_back(self, key: Key, *, by_lesser: bool = True) -> bool:
        mine, theirs = (self._lesser, self._greater) if by_lesser else (self._greater, self._lesser)
        return mine[key].undone is not None and theirs[key].undone is None


def _keyed(decisions: Iterable[Decision]) -> dict[Key, Decision]:
    seen: Counter[bytes] = Counter()
    found = {}
    for decision in decisions:
        says = msgspec.json.encode(msgspec.structs.replace(decision, id=0, undone=None))
        found[says, seen[says]] = decision
        seen[says] += 1
    return found


def _touched(decisions: Iterable[Decision]) -> set[tuple[str, str]]:
    return {(change.person, change.field) for decision in decisions for change in decision.changed}


def _people(lesser: Book, greater: Book, words: _Words, conflicts: list[str]) -> list[Person]:
    others, found = lesser.by_id(), []
    for person in greater.people:
        person = msgspec.structs.replace(person, faces=list(person.faces))  # noqa: PLW2901 - a copy of our own
        if person.id in others:
            _merge_facts(person, others[person.id], words, conflicts)
        found.append(person)
    numbers = {person.number for person in found}
    following = max(lesser.next_number, greater.next_number, *(number + 1 for number in numbers))
    known = greater.by_id()
    for person in lesser.people:
        # Without decisions or a name the person was only counted, and the greater book has another count.
        if person.id in known or not (words.lessers or person.name or person.role or person.hidden or person.born):
            continue
        number = person.number
        if number in numbers:
            number, following = following, following + 1
        numbers.add(number)
        found.append(msgspec.structs.replace(person, number=number, faces=list(person.faces)))
    return found


def _merge_facts(person: Person, other: Person, words: _Words, conflicts: list[str]) -> None:
    """Merge the facts about a person that both books know; ``person`` is the greater's."""
    for field in FIELDS:
        mine, theirs = getattr(person, field), getattr(other, field)
        if mine == theirs:
            continue
        fact = (person.id, field)
        if fact in words.said_by_lesser and fact not in words.said_by_greater:
            setattr(person, field, theirs)
        elif fact in words.said_by_greater and fact not in words.said_by_lesser:
            continue
        elif mine == _UNSAID[field] and fact not in words.said_by_greater:
            setattr(person, field, theirs)
        elif fact in words.said_by_lesser or (theirs != _UNSAID[field] and field != "representative"):
            conflicts.append(f"{field} of person {person.number}: {mine} holds, not {theirs}")


def _unite_namesakes(book: Book, lesser: Book, greater: Book) -> None:
    """Merge two people with the same name in the two books, as when a user gives one name twice."""
    named: dict[str, Person] = {}
    in_one = [{(person.id, folded(person.name or "")) for person in one.people} for one in (lesser, greater)]
    for person in book.present():
        if not person.name:
            continue
        name = folded(person.name)
        keeper = named.setdefault(name, person)
        apart = any({(keeper.id, name), (person.id, name)} <= known for known in in_one)
        if keeper is not person and not apart:
            person.into = keeper.id


def _break_circles(book: Book, greater: Book) -> None:
    """Where the books merged two people in opposite directions, the greater book's direction holds."""
    people, before = book.by_id(), greater.by_id()
    for person in book.people:
        way: list[Person] = []
        at: Person | None = person
        while at is not None and at not in way:
            way.append(at)
            at = people.get(at.into or "")
        if at is not None:
            for one in way[way.index(at) :]:
                one.into = before[one.id].into if one.id in before else None


def _give_faces(book: Book, lesser: Book, greater: Book, *, has_words: bool) -> None:
    """Give every face to its person by the decisions of both, else by the greater book, else by the lesser."""
    heirs, greaters = book.heirs(), greater.by_id()
    more = [person for person in lesser.people if has_words or person.id not in greaters]
    owner = _owners(more, heirs) | _owners(greater.people, heirs)
    if has_words:
        constraints = constraints_of(book)
        owner |= constraints.pinned
        owner = {face: person for face, person in owner.items() if person not in constraints.barred.get(face, ())}
    order = _owners(greater.people, heirs) | owner
    faces: dict[str, list[str]] = {}
    for face in order:
        if face in owner:
            faces.setdefault(owner[face], []).append(face)
    for one in book.people:
        one.faces = faces.get(one.id, [])
        if has_words and one.representative not in one.faces:
            one.representative = None


def _owners(people: Iterable[Person], heirs: Mapping[str, str]) -> dict[str, str]:
    return {face: heirs[person.id] for person in people if person.id in heirs for face in person.faces}


def _overruled(book: Book, lesser: Book, new_ids: Mapping[int, int], words: _Words) -> list[str]:
    """Decisions of the lesser book that held there, and are overruled now."""
    own = {new_ids[decision.id] for decision in words.lessers}
    before = {new_ids[item.decision] for item in constraints_of(lesser).overruled}
    return [
        f"decision {item.decision} ({item.text}) is overruled"
        for item in constraints_of(book).overruled
        if item.decision in own - before
    ]
