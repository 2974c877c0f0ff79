"""Turns face crops, sorted by hand into a folder for each person, into corrections. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from photo_ranker.core.names import folded
from photo_ranker.people.book import Book, Decision, Person
from photo_ranker.people.corrections import (
    deny,
    give_name,
    merge,
    move,
    say_false,
    say_true,
    set_fact,
    split,
)

__all__ = ["FALSE_FACES", "UNASSIGNED", "Exported", "folder_name", "take_sorted"]

UNASSIGNED = "_nobody"
"""The folder of faces that belong to nobody."""

FALSE_FACES = "_not_faces"
"""The folder of false faces."""

_NUMBERED = re.compile(r"^\d{3,}( |$)")


class Exported(msgspec.Struct, frozen=True):
    """What a folder held when it was written."""

    person: str | None
    faces: list[str]


def folder_name(person: Person) -> str:
    """The name of a person's folder: the number, and the name if there is one."""
    return f"{person.number:04d} {person.name}" if person.name else f"{person.number:04d}"


def take_sorted(book: Book, exported: Mapping[str, Exported], found: Mapping[str, Sequence[str]]) -> list[Decision]:
    """The decisions that follow from a rearranged export.

    A crop in another folder is that person's; a renamed folder names the person, a new one makes a new person; all
    crops in the folder of another person merge the two; a deleted crop is not the person; a deleted folder is a
    stranger to hide. What was moved to the false faces is no face, and what was taken out of them is one.
    """
    return _Sorting(book, exported, found).decisions()


class _Sorting:
    def __init__(self, book: Book, exported: Mapping[str, Exported], found: Mapping[str, Sequence[str]]) -> None:
        self._book, self._exported = book, exported
        self._found = {folder: list(faces) for folder, faces in found.items()}
        self._origin = {face: item.person for item in exported.values() for face in item.faces}
        self._said: list[Decision] = []

    def decisions(self) -> list[Decision]:
        gone = self._gone_people()
        for folder in sorted(self._found):
            if folder not in {UNASSIGNED, FALSE_FACES} and self._found[folder]:
                self._settle(folder, gone)
        self._settle_nobody()
        self._settle_false()
        self._settle_deleted(gone)
        return self._said

    def _gone_people(self) -> set[str]:
        """People whose folder no longer holds anything under its old name."""
        return {
            item.person
            for folder, item in self._exported.items()
            if item.person is not None and not self._found.get(folder)
        }

    def _settle(self, folder: str, gone: set[str]) -> None:
        faces, known = self._found[folder], self._exported.get(folder)
        person = self._book.now(known.person) if known is not None and known.person is not None else None
        if person is None:
            person = self._renamed(folder, faces, gone) or self._made(folder, faces)
        owners = self._book.owners()
        for other in self._whole(person, faces, gone):
            self._said.append(merge(self._book, person, [other]))
            owners = self._book.owners()
        strays = [face for face in faces if owners.get(face) is not person and not self._lay_with(face, person)]
        if strays:
            self._said.append(move(self._book, strays, person))

    def _lay_with(self, face: str, person: Person) -> bool:
        """Whether the crop was exported into the person's folder; the face may have been moved since."""
        origin = self._origin.get(face)
        return origin is not None and self._book.now(origin) is person

    def _renamed(self, folder: str, faces: Sequence[str], gone: set[str]) -> Person | None:
        """The person whose folder was given this name."""
        votes = Counter(origin for face in faces if (origin := self._origin.get(face)) in gone)
        name = _name_in(folder)
        if not votes or name is None:
            return None
        person = self._book.now(str(votes.most_common(1)[0][0]))
        if person.name != name:
            self._said.append(give_name(self._book, person, name))
        return self._book.now(person.id)

    def _made(self, folder: str, faces: Sequence[str]) -> Person:
        """A new person from the faces in a new folder, or the one who has its name."""
        name = _name_in(folder)
        named = next((p for p in self._book.present() if p.name and name and folded(p.name) == folded(name)), None)
        if named is not None:
            return named
        owners = self._book.owners()
        owner = owners.get(faces[0])
        mine = [face for face in faces if owners.get(face) is owner]
        if owner is not None and len(mine) < len(owner.faces):
            self._said.append(split(self._book, owner, mine))
            person = self._book.owners()[mine[0]]
        else:
            person = owner or self._book.add_person([])
            if owner is None:
                self._said.append(move(self._book, faces, person))
        if name is not None:
            self._said.append(give_name(self._book, person, name))
        return self._book.now(person.id)

    def _whole(self, person: Person, faces: Sequence[str], gone: set[str]) -> list[Person]:
        """People whose crops have all been moved here."""
        here = set(faces)
        arrived = []
        for item in self._exported.values():
            if item.person in gone and item.faces and here.issuperset(item.faces):
                other = self._book.now(str(item.person))
                if other is not person:
                    arrived.append(other)
        return arrived

    def _settle_nobody(self) -> None:
        owners = self._book.owners()
        out: dict[str, list[str]] = {}
        for face in self._found.get(UNASSIGNED, ()):
            if face in owners and self._origin.get(face) is not None:
                out.setdefault(owners[face].id, []).append(face)
        for person, faces in out.items():
            self._said.append(deny(self._book, faces, self._book.now(person)))

    def _settle_false(self) -> None:
        """Faces moved to the false ones, or from them to nobody; a face moved to a person counts as one already."""
        was = self._exported.get(FALSE_FACES)
        before = set(was.faces if was is not None else ())
        false = [face for face in self._found.get(FALSE_FACES, ()) if face not in before]
        true = [face for face in self._found.get(UNASSIGNED, ()) if face in before]
        if false:
            self._said.append(say_false(self._book, false))
        if true:
            self._said.append(say_true(self._book, true))

    def _settle_deleted(self, gone: set[str]) -> None:
        there = {face for faces in self._found.values() for face in faces}
        for item in self._exported.values():
            deleted = [face for face in item.faces if face not in there]
            if item.person is None or not deleted:
                continue
            person = self._book.now(item.person)
            if item.person in gone and len(deleted) == len(item.faces):
                # A person who was merged since is also somebody else now, and must not be hidden.
                if person.id == item.person and not person.hidden:
                    self._said.append(set_fact(self._book, person, "hidden", value=True))
            elif mine := [face for face in deleted if face in person.faces]:
                self._said.append(deny(self._book, mine, person))


def _name_in(folder: str) -> str | None:
    """The person's name in a folder's name, without our number."""
    return _NUMBERED.sub("", folder).strip() or None
