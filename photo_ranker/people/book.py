"""What is known about the people of an album: who they are, and what a user has decided about them.

A person has an id and a small permanent number; faces are identified by their lasting ids.
Faces whose photo is away keep their person: names and decisions outlive files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Literal, NamedTuple, get_args

import msgspec

from photo_ranker.core.names import folded
from photo_ranker.core.terminal import command
from photo_ranker.errors import UserError
from photo_ranker.records import DrawnFace, EditedFace

__all__ = [
    "CATEGORIES",
    "ROLES",
    "SCHEMA",
    "Book",
    "Category",
    "Changed",
    "Decision",
    "Different",
    "Moved",
    "Person",
    "Role",
    "Same",
    "category_of",
    "order_of_people",
    "role_of",
]

SCHEMA = 1

Category = Literal["main", "important", "other"]
CATEGORIES: tuple[Category, ...] = get_args(Category)


class Person(msgspec.Struct, omit_defaults=True):
    """One person of the album."""

    id: str
    number: int
    """Permanent and never reused; the cluster number of the event files."""
    faces: list[str] = []
    """Ids of all faces of this person, including those of absent photos."""
    name: str | None = None
    category: Category = "other"
    role: str | None = None
    """In the user's words: bride, best man, colleague."""
    representative: str | None = None
    """The face to show for this person."""
    hidden: bool = False
    born: int | None = None
    """The year of birth: no older photo shows the person."""
    into: str | None = None
    """The person that this one was merged into."""


class Same(msgspec.Struct, frozen=True, omit_defaults=True):
    """Must-link: these faces are one person; if ``person`` is given, that person."""

    faces: list[str]
    person: str | None = None


class Different(msgspec.Struct, frozen=True, omit_defaults=True):
    """Cannot-link: no face of one list is the same person as a face of the other, nor is it ``person`` if given."""

    faces: list[str]
    others: list[str]
    person: str | None = None


class Moved(msgspec.Struct, frozen=True, omit_defaults=True):
    """Faces that went from one person to another; None = nobody."""

    faces: list[str]
    source: str | None = None
    target: str | None = None


class Changed(msgspec.Struct, frozen=True):
    """A fact about a person that was set."""

    person: str
    field: Literal["name", "category", "role", "representative", "hidden", "born", "into"]
    old: str | int | bool | None
    new: str | int | bool | None


class Decision(msgspec.Struct, omit_defaults=True):
    """What a user has decided, when, and what it changed; enough to undo it by itself."""

    id: int
    at: str
    """Local time, ISO 8601."""
    text: str
    """The decision in words."""
    same: list[Same] = []
    different: list[Different] = []
    moved: list[Moved] = []
    changed: list[Changed] = []
    false_faces: list[str] = []
    """False faces: the detector took something else for a face."""
    true_faces: list[str] = []
    """Real faces, whatever was measured of them."""
    drawn: list[DrawnFace] = []
    """Faces that no engine has found; the index measures them."""
    from_labels: bool = False
    """Whether it is from a file of labels, which is read at every run: a decision made by hand outranks it."""
    undone: str | None = None
    """When it was undone."""


class Book(msgspec.Struct):
    """The people of an album, with all decisions about them."""

    schema: int = SCHEMA
    next_number: int = 0
    """The number of the next new person."""
    threshold: float = 0.0
    """The similarity from which the last count merged two groups into one person."""
    counted: str = ""
    """Hash of the input of the last count; a count of the same input would find the same."""
    people: list[Person] = []
    decisions: list[Decision] = []
    edited: list[EditedFace] = []
    """Faces of decisions that an edited photo shows: without this list, only the metadata would know their ids."""
    revision: int = 0
    """How often the book was written; versions that do not know this field keep it as it is."""

    def active(self) -> list[Decision]:
        """Decisions that hold, oldest first."""
        return [decision for decision in self.decisions if decision.undone is None]

    def present(self) -> Iterator[Person]:
        """People who were not merged into others."""
        return (person for person in self.people if person.into is None)

    def by_id(self) -> dict[str, Person]:
        """Id -> person, merged ones included."""
        return {person.id: person for person in self.people}

    def now(self, person_id: str) -> Person:
        """The person with an id, or the one it has been merged into since."""
        return self.by_id()[self.heirs()[person_id]]

    def heirs(self) -> dict[str, str]:
        """Id of a person -> id of the person it has been merged into since, mostly itself."""
        into = {person.id: person.into for person in self.people}
        found = {}
        for person in self.people:
            heir, way = person.id, {person.id}
            while (following := into.get(heir)) is not None and following not in way:
                heir = following
                way.add(heir)
            found[person.id] = heir
        return found

    def owners(self) -> dict[str, Person]:
        """Id of a face -> the person it belongs to."""
        return {face: person for person in self.present() for face in person.faces}

    def find(self, word: str) -> Person:
        """The person of this name, number or id; a name may be written in any case."""
        for test in (_has_name, _has_number, _has_id):
            found = [person for person in self.present() if test(person, word)]
            if len(same := [person for person in found if person.name == word]) == 1:
                return same[0]
            if len(found) > 1:
                numbers = " and ".join(str(person.number) for person in found)
                raise UserError(f"{len(found)} people are called '{word}'", f"give a number: {numbers}")
            if found:
                return found[0]
        names = ", ".join(sorted(person.name for person in self.present() if person.name))
        listing = command("people", "list", "DIR")
        raise UserError(f"there is no person '{word}'", f"known names: {names}" if names else f"{listing} lists all")

    def decided(self) -> set[str]:
        """Ids of all faces that decisions are about."""
        linked = {face for decision in self.active() for different in decision.different for face in different.faces}
        linked |= {face for decision in self.active() for different in decision.different for face in different.others}
        judged = {face for one in self.active() for face in (*one.false_faces, *one.true_faces)}
        return self.confirmed() | linked | judged

    def confirmed(self) -> set[str]:
        """Ids of the faces whose person a user has confirmed."""
        return {face for decision in self.active() for same in decision.same for face in same.faces}

    def add_person(self, faces: Iterable[str]) -> Person:
        """A new person with these faces."""
        faces = list(faces)
        mark = blake2b(f"{self.next_number}:{faces[:1]}".encode(), digest_size=6).hexdigest()
        person = Person(id=f"p{mark}", number=self.next_number, faces=faces)
        self.next_number += 1
        self.people.append(person)
        return person


def _has_name(person: Person, word: str) -> bool:
    return person.name is not None and folded(person.name) == folded(word)


def _has_number(person: Person, word: str) -> bool:
    return str(person.number) == word


def _has_id(person: Person, word: str) -> bool:
    return person.id == word


# The roles of people at an event in the user's words, how much each matters, and the order of people in lists.


class Role(NamedTuple):
    """A row of the table of roles."""

    name: str
    category: Category
    words: tuple[str, ...]
    """What people of this role are called."""


ROLES = (
    Role("couple", "main", ("couple", "bride", "groom", "main")),
    Role("wedding party", "important", (
        "wedding party", "best man", "maid of honor", "maid of honour", "matron of honor", "matron of honour",
        "bridesmaid", "groomsman", "groomsmen", "usher", "flower girl", "ring bearer", "witness",
    )),
    Role("parents", "important", ("parent", "mother", "father", "mum", "mom", "dad", "stepmother", "stepfather")),
    Role("grandparents", "important", ("grandparent", "grandmother", "grandfather", "grandma", "grandpa", "granny")),
    Role("siblings", "important", ("sibling", "brother", "sister")),
    Role("family", "important", ("family", "important", "son", "daughter", "child", "children")),
    Role("extended family", "other", (
        "extended family", "relative", "aunt", "uncle", "cousin", "niece", "nephew", "godmother", "godfather",
        "brother-in-law", "sister-in-law", "mother-in-law", "father-in-law",
    )),
    Role("friends", "other", ("friend", "colleague", "neighbour", "neighbor", "guest")),
    Role("vendors", "other", (
        "vendor", "photographer", "videographer", "dj", "band", "musician", "caterer", "waiter", "florist", "planner",
        "officiant", "host", "driver",
    )),
)  # fmt: skip
"""The first row matters most."""

_ROLE_OF_WORD = {word: place for place, role in enumerate(ROLES) for word in role.words}
_OF_CATEGORY: dict[Category, int] = {
    "main": 0,
    "important": next(place for place, role in enumerate(ROLES) if role.name == "family"),
    "other": len(ROLES),
}
"""The place of people without a known role."""


def role_of(words: str) -> Role | None:
    """The role that a user's words mean, if we know it: ``Mother of the bride`` is one of the parents."""
    place = _place_of(words)
    return None if place is None else ROLES[place]


def category_of(words: str) -> Category:
    """How much people of a role matter; an unknown role is ``other``."""
    role = role_of(words)
    return "other" if role is None else role.category


def order_of_people(person: Person, photos: int) -> tuple[int, bool, int, int]:
    """The key that sorts people: by role, named people before others, those in most photos first."""
    place = None if person.role is None else _place_of(person.role)
    if place is None:
        place = _OF_CATEGORY[person.category]
    return place, person.name is None, -photos, person.number


def _place_of(words: str) -> int | None:
    role = " ".join(words.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    # "mother of the bride" and "bride's mother" both mean the mother.
    meant = role.split(" of ")[0].rpartition("'s ")[2]
    forms = (role, role.removesuffix("s"), meant, meant.removesuffix("s"), meant.rpartition(" ")[2])
    return next((_ROLE_OF_WORD[form] for form in forms if form in _ROLE_OF_WORD), None)
