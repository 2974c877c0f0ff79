"""What people are to an event: roles in the user's words, what they weigh, and the order of people in lists."""

from __future__ import annotations

from typing import NamedTuple

from photo_ranker.people.book import Category, Person

__all__ = ["ROLES", "Role", "category_of", "order_of_people", "role_of"]


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
"""The place of people without a role that is known."""


def role_of(words: str) -> Role | None:
    """The role that a user's words mean, if it is one that we know: ``Mother of the bride`` is one of the parents."""
    place = _place_of(words)
    return None if place is None else ROLES[place]


def category_of(words: str) -> Category:
    """How much people of a role matter; those whose role we do not know are ``other``."""
    role = role_of(words)
    return "other" if role is None else role.category


def order_of_people(person: Person, photos: int) -> tuple[int, bool, int, int]:
    """The key that sorts people: by role, the named before the others, those in most photos first."""
    place = None if person.role is None else _place_of(person.role)
    if place is None:
        place = _OF_CATEGORY[person.category]
    return place, person.name is None, -photos, person.number


def _place_of(words: str) -> int | None:
    role = " ".join(words.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    # Of "mother of the bride" and "bride's mother" the mother is meant.
    meant = role.split(" of ")[0].rpartition("'s ")[2]
    forms = (role, role.removesuffix("s"), meant, meant.removesuffix("s"), meant.rpartition(" ")[2])
    return next((_ROLE_OF_WORD[form] for form in forms if form in _ROLE_OF_WORD), None)
