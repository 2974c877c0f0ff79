"""Names from outside: photos of each person, XMP regions, a guest list, labels of cluster numbers. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Literal

import msgspec

from photo_ranker.core.codec import Floats
from photo_ranker.core.names import folded
from photo_ranker.errors import UserError
from photo_ranker.people.book import CATEGORIES, Book, Category, Decision, Person, category_of
from photo_ranker.people.constraints import constraints_of
from photo_ranker.people.corrections import give_name, move, namesakes_of, set_born, set_fact, shown_name
from photo_ranker.people.faces import FaceTable
from photo_ranker.person_finder import find_person
from photo_ranker.records import Box, overlap
from photo_ranker.settings import Settings

__all__ = [
    "Guest",
    "name_by_labels",
    "name_by_references",
    "name_by_regions",
    "name_guests",
    "read_guests",
    "read_labels",
]

REGION_FITS = 0.2
"""Overlap from which a region of another program is a face of ours: programs draw tight boxes or heads with hair."""


class Guest(msgspec.Struct, frozen=True):
    """What an outside source says about one person."""

    name: str | None = None
    category: Category | None = None
    role: str | None = None
    born: int | None = None
    """The year of birth."""


def read_guests(text: str) -> list[Guest]:
    """A guest list: one line per person, ``name, role``; the role may be a priority such as couple or parents."""
    guests = []
    for line in text.lstrip("\ufeff").splitlines():
        name, role = _cells(line)
        if (
            not name
            or name.startswith("#")
            or (name.lower(), role.lower()) in {("name", ""), ("name", "role"), ("name", "priority")}
        ):
            continue
        guests.append(Guest(name=name, category=category_of(role), role=role or None))
    return guests


_QUOTED = re.compile(r'\s*"((?:[^"]|"")*)"\s*(?:[,;\t]|$)')
"""A cell as csv files quote it."""


def _cells(line: str) -> tuple[str, str]:
    """Name and role. A role may have commas, and a name too if it is quoted."""
    if match := _QUOTED.match(line):
        name, rest = match[1].replace('""', '"'), line[match.end() :]
    else:
        name, _, rest = line.replace(";", ",").replace("\t", ",").partition(",")
    role = match[1].replace('""', '"') if (match := _QUOTED.match(rest)) else rest
    return name.strip(), role.strip()


def name_guests(book: Book, guests: Sequence[Guest]) -> tuple[list[Decision], list[str]]:
    """Give named people their role and category from the guest list; also notes who is not found yet."""
    said, notes = [], []
    for guest in guests:
        person = next(
            (p for p in book.present() if p.name and guest.name and folded(p.name) == folded(guest.name)), None
        )
        if person is None:
            notes.append(f"no person is named {guest.name} yet")
        else:
            said += _apply(book, person, guest)
    return said, notes


def _apply(book: Book, person: Person, guest: Guest) -> list[Decision]:
    said = []
    if guest.name and folded(guest.name) != folded(person.name or ""):
        said.append(give_name(book, person, guest.name))
        person = book.now(person.id)
    if guest.category and guest.category != person.category:
        said.append(set_fact(book, person, "category", guest.category))
    if guest.role and guest.role != person.role:
        said.append(set_fact(book, person, "role", guest.role))
    return said


def name_by_references(
    book: Book, table: FaceTable, references: Mapping[str, Sequence[Floats]], settings: Settings
) -> tuple[list[Decision], list[str]]:
    """Name the people most of whose faces a reference finds, several if one person was taken for several."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    owners = book.owners()
    for name, rows in references.items():
        for match in find_person(table.album, rows, settings=settings).matches:
            owner = owners.get(table.album.faces[match.face].id)
            if owner is not None and not match.doubtful:
                votes[owner.id][name] += 1
    found = {
        person: counts.most_common(1)[0][0]
        for person, counts in votes.items()
        # Most of the person's faces must match the reference, not one by chance.
        if counts.most_common(1)[0][1] * 2 > sum(face in table.places for face in book.now(person).faces)
    }
    said, notes = _give_names(book, found)
    notes += [f"{name} is in no photo" for name in references if name not in found.values()]
    return said, notes


def name_by_regions(
    book: Book, table: FaceTable, regions: Mapping[int, Sequence[tuple[str, Box]]]
) -> tuple[list[Decision], list[str]]:
    """Name people by regions of photos: number of the photo -> names and boxes in shares of the picture."""
    named: dict[str, str] = {}
    for photo, marks in regions.items():
        record = table.album.photos[photo].record
        for name, (x, y, width, height) in marks:
            box = (x * record.width, y * record.height, width * record.width, height * record.height)
            faces = record.faces_by(table.album.engine)
            best = max(faces, key=lambda face: overlap(face.box, box), default=None)
            if best is not None and overlap(best.box, box) >= REGION_FITS:
                named[best.id] = name
    owners = book.owners()
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for face, name in named.items():
        if face in owners:
            votes[owners[face].id][name] += 1
    said, notes = _give_names(book, {person: counts.most_common(1)[0][0] for person, counts in votes.items()})
    owners = book.owners()
    for name in sorted(set(named.values())):
        person = next((p for p in book.present() if p.name and folded(p.name) == folded(name)), None)
        strays = [face for face, mine in named.items() if mine == name and owners.get(face) is not person]
        if person is not None and (free := _free_to_join(book, person, strays)):
            said.append(move(book, free, person))
    return said, notes


def _free_to_join(book: Book, person: Person, faces: Sequence[str]) -> list[str]:
    """Those of the faces that no decision keeps away from a person.

    A face that was moved to somebody with a name may go back: its region may have been corrected meanwhile.
    """
    if not faces:
        return []
    owners = book.owners()
    barred, apart = _kept_away(book, person)
    unnamed = {face for face in faces if face not in owners or owners[face].name is None}
    return [face for face in faces if face not in barred and not (face in apart and face in unnamed)]


def _kept_away(book: Book, person: Person) -> tuple[set[str], set[str]]:
    """Faces that are not this person, or no faces at all, and those that are not with some of the person's faces."""
    said = constraints_of(book)
    return said.barred_from(person) | said.false_faces, said.apart_from(person)


def _are_two(book: Book, person: Person, other: Person) -> bool:
    """Whether a decision keeps some of the other's faces away from a person."""
    return any(not away.isdisjoint(other.faces) for away in _kept_away(book, person))


def _give_names(book: Book, found: Mapping[str, str]) -> tuple[list[Decision], list[str]]:
    said, notes = [], []
    for person_id, name in sorted(found.items(), key=lambda item: book.by_id()[item[0]].number):
        person = book.now(person_id)
        if person.name is None and any(_are_two(book, other, person) for other in namesakes_of(book, person, name)):
            notes.append(f"{shown_name(person)} is not merged with {name}: it was decided by hand that they are two")
        elif person.name is None:
            said.append(give_name(book, person, name))
        elif folded(person.name) != folded(name):
            notes.append(f"{shown_name(person)} is not renamed {name}: the name was given by hand")
    return said, notes


# Labels of cluster numbers: what ``cluster_labels.json`` says about people, unless it was decided by hand. The file
# stays where it is and is read at every run, so a label never outranks a decision made since it was applied.


Field = Literal["name", "category", "role", "born"]


def read_labels(data: bytes) -> dict[int, Guest]:
    """Read the text of ``cluster_labels.json``: number -> category, name, or an object with both."""
    try:
        labels = msgspec.json.decode(data, type=dict[str, str | dict[str, str | None]])
        guests = {int(number): _guest(label) for number, label in labels.items()}
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise UserError(
            f"the labels cannot be read: {error}",
            'they look like {"0": "main", "1": {"name": "Anna", "category": "important"}}',
        ) from error
    for number, label in labels.items():
        if isinstance(label, str) and (category := _slip_of(label)):
            raise UserError(
                f'the label of {number} is "{label}": a name, or the category {category} with a slip?',
                f'write {{"{number}": "{category}"}} if it is the category, '
                f'{{"{number}": {{"name": "{label}"}}}} if it is a name',
            )
    return guests


def _slip_of(label: str) -> str | None:
    """The category that differs from a label by one letter, or by two neighbouring letters swapped."""
    word = label.strip().lower()
    return next((category for category in CATEGORIES if _is_slip(word, category)), None)


def _is_slip(word: str, category: str) -> bool:
    if len(word) != len(category):
        return False
    places = [place for place, (one, other) in enumerate(zip(word, category, strict=True)) if one != other]
    if len(places) == 2:
        first, second = places
        return second == first + 1 and word[first : second + 1] == category[first : second + 1][::-1]
    return len(places) == 1


def _misspelt(labels: Mapping[int, Guest]) -> list[str]:
    """Notes on labels that were taken for names and look like a category."""
    names = [label.name for label in labels.values() if label.name and not label.category]
    close = [(name, get_close_matches(name.lower(), CATEGORIES, 1, 0.8)) for name in names]
    return [f"{name} is taken for a name; the category is called {found[0]}" for name, found in close if found]


def _guest(label: str | Mapping[str, str | None]) -> Guest:
    if isinstance(label, str):
        known = label.strip().lower()
        return Guest(category=known) if known in CATEGORIES else Guest(name=label)
    category = (label.get("category") or "").strip().lower() or None
    if category is not None and category not in CATEGORIES:
        raise ValueError(f"there is no category '{category}'")
    born = (label.get("born") or "").strip()
    if born and not (len(born) == 4 and born.isdecimal()):
        raise ValueError(f"'{born}' is not a year of birth")
    return Guest(
        name=label.get("name") or None,
        category=category,
        role=label.get("role") or None,
        born=int(born) if born else None,
    )


def name_by_labels(book: Book, labels: Mapping[int, Guest]) -> tuple[list[Decision], list[str]]:
    """Apply labels of cluster numbers; also notes which of them are passed over, and why."""
    said: list[Decision] = []
    notes = _misspelt(labels)
    people = {person.number: person for person in book.people}
    merged_before = {person.number for person in book.people if person.into is not None}
    leaving = {
        person.id
        for person in book.present()
        for field, value in _news(person, labels.get(person.number, Guest()))
        if field == "name" and not _why_not(book, person, field, value)
    }
    for number, label in sorted(labels.items()):
        if number not in people:
            notes.append(f"there is no person {number}")
            continue
        person = book.now(people[number].id)
        news = list(_news(person, label))
        if number in merged_before:
            if news:
                notes.append(f"the label of {number} is passed over: that is {shown_name(person)} now")
            continue
        for field, value in news:
            # A name that somebody else has merges the two.
            person = book.now(person.id)
            if getattr(person, field) == value:
                continue
            if reason := _why_not(book, person, field, value):
                notes.append(reason)
            else:
                leaving.discard(person.id)
                said.append(_say(book, person, field, value, leaving))
    return said, notes


def _news(person: Person, label: Guest) -> Iterator[tuple[Field, str | int]]:
    """The facts in which a label differs from the person."""
    name = " ".join((label.name or "").split())
    if name and folded(name) != folded(person.name or ""):
        yield "name", name
    if label.category and label.category != person.category:
        yield "category", label.category
    if label.role and label.role != person.role:
        yield "role", label.role
    if label.born and label.born != person.born:
        yield "born", label.born


def _say(book: Book, person: Person, field: Field, value: str | int, leaving: Collection[str]) -> Decision:
    if field == "born":
        # The next count, which knows the dates of photos, takes out the earlier ones.
        decision = set_born(book, person, int(value))
    elif field == "name":
        decision = give_name(book, person, str(value), leaving)
    else:
        decision = set_fact(book, person, field, str(value))
    decision.from_labels = True
    return decision


def _why_not(book: Book, person: Person, field: Field, value: str | int) -> str | None:
    """Why a label must not change a fact; None if it may."""
    wish = f"is not renamed {value}: the name" if field == "name" else f"does not get the {field} {value}: it"
    if _is_by_hand(book, person, field):
        return f"{shown_name(person)} {wish} was given by hand"
    if _was_taken_back(book, person, field, value):
        return f"{shown_name(person)} {wish} was taken back by hand"
    return None


def _is_by_hand(book: Book, person: Person, field: Field) -> bool:
    """Whether the newest decision that set the fact to its value did not come from a file of labels."""
    now = getattr(person, field)
    for decision in reversed(book.active()):
        if any((one.person, one.field, one.new) == (person.id, field, now) for one in decision.changed):
            return not decision.from_labels
    return False


def _was_taken_back(book: Book, person: Person, field: Field, value: str | int) -> bool:
    """Whether the labels set this very value when they last set the fact, and that was undone."""
    for decision in reversed(book.decisions):
        for one in decision.changed if decision.from_labels else ():
            if one.person != person.id or one.field not in {field, "into"}:
                continue
            if one.field == field:
                return one.new == value and decision.undone is not None
            if field == "name":
                # Somebody else had the name, so the two were merged.
                return book.now(str(one.new)).name == value and decision.undone is not None
    return False
