"""Labels of cluster numbers: what ``cluster_labels.json`` says of people, as far as no hand said otherwise. Pure.

The file stays where it is and is taken at every run, so a label is no newer than what was said since it was taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Literal

import msgspec

from photo_ranker.errors import UserError
from photo_ranker.people.book import CATEGORIES, Book, Decision, Person
from photo_ranker.people.corrections import give_name, set_born, set_fact, shown_name
from photo_ranker.people.naming import Guest

__all__ = ["name_by_labels", "read_labels"]

Field = Literal["name", "category", "role", "born"]


def read_labels(data: bytes) -> dict[int, Guest]:
    """The text of ``cluster_labels.json``: number -> category, name, or an object with both."""
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
    """The category that differs from a label by one letter exchanged, or by two neighbours swapped."""
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
    """Words that were taken for names and look like a category."""
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
    """Take labels of cluster numbers; also says which of them are passed over, and why."""
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
            # A name that somebody has makes one of the two.
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
    """What a label says of a person that is not so."""
    name = " ".join((label.name or "").split())
    if name and name.casefold() != (person.name or "").casefold():
        yield "name", name
    if label.category and label.category != person.category:
        yield "category", label.category
    if label.role and label.role != person.role:
        yield "role", label.role
    if label.born and label.born != person.born:
        yield "born", label.born


def _say(book: Book, person: Person, field: Field, value: str | int, leaving: Collection[str]) -> Decision:
    if field == "born":
        # Its photos are divided by the next count, which knows their dates.
        decision = set_born(book, person, int(value))
    elif field == "name":
        decision = give_name(book, person, str(value), leaving)
    else:
        decision = set_fact(book, person, field, str(value))
    decision.from_labels = True
    return decision


def _why_not(book: Book, person: Person, field: Field, value: str | int) -> str | None:
    """Why a label must leave a fact as it is, if so."""
    wish = f"is not renamed {value}: the name" if field == "name" else f"does not get the {field} {value}: it"
    if _is_by_hand(book, person, field):
        return f"{shown_name(person)} {wish} was given by hand"
    if _was_taken_back(book, person, field, value):
        return f"{shown_name(person)} {wish} was taken back by hand"
    return None


def _is_by_hand(book: Book, person: Person, field: Field) -> bool:
    """Whether the newest decision that made the fact what it is came from no file of labels."""
    now = getattr(person, field)
    for decision in reversed(book.active()):
        if any((one.person, one.field, one.new) == (person.id, field, now) for one in decision.changed):
            return not decision.from_labels
    return False


def _was_taken_back(book: Book, person: Person, field: Field, value: str | int) -> bool:
    """Whether the labels said the very same when they last spoke of this, and that was undone."""
    for decision in reversed(book.decisions):
        for one in decision.changed if decision.from_labels else ():
            if one.person != person.id or one.field not in {field, "into"}:
                continue
            if one.field == field:
                return one.new == value and decision.undone is not None
            if field == "name":
                # The name was somebody's: that made one of the two.
                return book.now(str(one.new)).name == value and decision.undone is not None
    return False
