"""Names from outside: photos of each person, XMP regions, a guest list; labels have a file of their own. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from photo_ranker.core.codec import Floats
from photo_ranker.people.book import Book, Category, Decision, Person, category_of
from photo_ranker.people.corrections import give_name, move, set_fact, shown_name
from photo_ranker.people.faces import FaceTable
from photo_ranker.person_finder import find_person
from photo_ranker.records import Box, overlap
from photo_ranker.settings import Settings

__all__ = [
    "Guest",
    "name_by_references",
    "name_by_regions",
    "name_guests",
    "read_guests",
]

REGION_FITS = 0.2
"""Overlap from which a region of another program is a face of ours: programs draw tight boxes or heads with hair."""


class Guest(msgspec.Struct, frozen=True):
    """What was said of one person outside."""

    name: str | None = None
    category: Category | None = None
    role: str | None = None
    born: int | None = None
    """The year of birth."""


def read_guests(text: str) -> list[Guest]:
    """A guest list: a line a person, ``name, role``; the role may be a priority such as couple or parents."""
    guests = []
    for line in text.lstrip("\ufeff").splitlines():
        name, _, role = (part.strip() for part in line.replace(";", ",").replace("\t", ",").partition(","))
        if (
            not name
            or name.startswith("#")
            or (name.lower(), role.lower()) in {("name", ""), ("name", "role"), ("name", "priority")}
        ):
            continue
        guests.append(Guest(name=name, category=category_of(role), role=role or None))
    return guests


def name_guests(book: Book, guests: Sequence[Guest]) -> tuple[list[Decision], list[str]]:
    """Give people who have names their place on the guest list; also says who is not found yet."""
    said, notes = [], []
    for guest in guests:
        person = next(
            (p for p in book.present() if p.name and guest.name and p.name.casefold() == guest.name.casefold()), None
        )
        if person is None:
            notes.append(f"nobody is called {guest.name} yet")
        else:
            said += _apply(book, person, guest)
    return said, notes


def _apply(book: Book, person: Person, guest: Guest) -> list[Decision]:
    said = []
    if guest.name and guest.name.casefold() != (person.name or "").casefold():
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
    """Name the people that most faces found for a reference belong to, several if one person was taken for several."""
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
        # Most of the person's faces must be like the reference, not one by chance.
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
        person = next((p for p in book.present() if p.name and p.name.casefold() == name.casefold()), None)
        strays = [face for face, mine in named.items() if mine == name and owners.get(face) is not person]
        if person is not None and strays:
            said.append(move(book, strays, person))
    return said, notes


def _give_names(book: Book, found: Mapping[str, str]) -> tuple[list[Decision], list[str]]:
    said, notes = [], []
    for person_id, name in sorted(found.items(), key=lambda item: book.by_id()[item[0]].number):
        person = book.now(person_id)
        if person.name is None:
            said.append(give_name(book, person, name))
        elif person.name.casefold() != name.casefold():
            notes.append(f"{shown_name(person)} is not renamed {name}: the name was given by hand")
    return said, notes
