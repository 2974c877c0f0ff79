"""The corrections that a user may make: each is stored as a decision, takes effect at once, and can be undone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Literal

from photo_ranker.core.names import folded
from photo_ranker.core.terminal import command, counted
from photo_ranker.errors import UserError
from photo_ranker.people.book import Book, Changed, Decision, Different, Moved, Person, Same
from photo_ranker.people.constraints import constraints_of
from photo_ranker.records import DrawnFace

__all__ = [
    "clean_name",
    "deny",
    "draw",
    "give_name",
    "introduce",
    "merge",
    "move",
    "namesakes_of",
    "say_different",
    "say_false",
    "say_same",
    "say_true",
    "set_born",
    "set_fact",
    "shown_name",
    "split",
]

_WORTH = ("other", "important", "main")


def shown_name(person: Person) -> str:
    """The name, or a generic one."""
    return person.name or f"Person {person.number}"


def namesakes_of(book: Book, person: Person | None, name: str) -> list[Person]:
    """Other people who have a name, however it is written."""
    wanted = folded(" ".join(name.split()))
    return [other for other in book.present() if other is not person and other.name and folded(other.name) == wanted]


def clean_name(name: str) -> str:
    """The name without needless spaces; refuses an empty one."""
    name = " ".join(name.split())
    if not name:
        raise UserError(
            "a name needs at least one letter",
            f"give it in quotes: {command('people', 'name', 'N', 'Anna Berg', '--photos', 'DIR')}",
        )
    return name


def give_name(
    book: Book,
    person: Person,
    name: str,
    leaving: Collection[str] = (),
    *,
    seen: Collection[str] | None = None,
    merges: bool = True,
) -> Decision:
    """Name a person, and confirm the faces that the user has ``seen``; None = all of them.

    Another person of that name is merged with this one, unless ``merges`` is false: two people may share a name.
    ``leaving`` are ids of people who are about to get another name: their old one is free already.
    """
    name = clean_name(name)
    namesakes = [other for other in namesakes_of(book, person, name) if other.id not in leaving]
    if namesakes and merges:
        decision = merge(book, namesakes[0], [person, *namesakes[1:]])
        # So that the name stays if the decision that gave it first is undone.
        _change(decision, namesakes[0], "name", namesakes[0].name)
        return decision
    decision = _begin(book, f"named {shown_name(person)} {name}")
    decision.same.append(Same([face for face in person.faces if seen is None or face in seen], person.id))
    _change(decision, person, "name", name)
    return decision


def set_fact(
    book: Book, person: Person, field: Literal["category", "role", "representative", "hidden"], value: str | bool | None
) -> Decision:
    """Set the category, the role or the face to show of a person, or hide the person."""
    if field == "representative" and value not in person.faces:
        listing = command("people", "show", str(person.number), "--photos", "DIR")
        raise UserError(f"{value} is no face of {shown_name(person)}", f"{listing} lists the faces")
    decision = _begin(book, _said_of_fact(shown_name(person), field, value))
    # A person who matters, or is hidden for good, must not be split by the next count.
    _confirm(decision, person)
    _change(decision, person, field, value)
    return decision


def _said_of_fact(name: str, field: str, value: str | bool | None) -> str:
    """What was decided, so that "would have" may stand before it."""
    if field == "hidden":
        return f"left {name} out of lists" if value else f"put {name} back into lists"
    if field == "representative":
        return f"chose the face to show for {name}"
    return f"set {field} of {name} to {value}" if value else f"removed the {field} of {name}"


def set_born(book: Book, person: Person, year: int | None, early: Sequence[str] = ()) -> Decision:
    """Set the year of birth; the faces in ``early``, which are of older photos, cannot be the person's."""
    rest = _rest(person, early)
    words = "has no year of birth" if year is None else f"was born in {year}"
    decision = _begin(book, f"said that {shown_name(person)} {words}")
    if early and rest:
        decision.different.append(Different(list(early), rest, person.id))
    _hand_over(decision, person, None, early)
    _confirm(decision, person)
    _change(decision, person, "born", year)
    return decision


def merge(book: Book, person: Person, others: Sequence[Person]) -> Decision:
    """Merge people into one; the facts of the first hold, and where it has none, those of the others."""
    if any(other is person for other in others):
        raise UserError(f"{shown_name(person)} cannot be merged with itself", "name two people")
    decision = _begin(book, f"merged {', '.join(map(shown_name, others))} into {shown_name(person)}")
    for other in others:
        _hand_over(decision, other, person, other.faces)
        for field in ("name", "role", "born"):
            if getattr(person, field) is None and getattr(other, field) is not None:
                _change(decision, person, field, getattr(other, field))
        if _WORTH.index(other.category) > _WORTH.index(person.category):
            _change(decision, person, "category", other.category)
        _change(decision, other, "into", person.id)
    _confirm(decision, person)
    return decision


def split(book: Book, person: Person, faces: Sequence[str]) -> Decision:
    """Make a new person from some of a person's faces."""
    rest = _rest(person, faces)
    if not rest:
        raise UserError(f"these are all faces of {shown_name(person)}", "leave at least one")
    new = book.add_person([])
    stay = _pinned(book, person, rest)
    decision = _begin(book, f"split {counted(len(faces), 'face')} from {shown_name(person)} as {shown_name(new)}")
    decision.different.append(Different(list(faces), rest))
    decision.same += stay
    _hand_over(decision, person, new, faces)
    _confirm(decision, new)
    return decision


def move(book: Book, faces: Sequence[str], person: Person) -> Decision:
    """Move faces to a person, whoever they belonged to."""
    decision = _begin(book, f"moved {counted(len(faces), 'face')} to {shown_name(person)}")
    owners = book.owners()
    for owner in _each(owners.get(face) for face in faces):
        mine = [face for face in faces if owners.get(face) is owner]
        if owner is not None and owner is not person:
            rest = _rest(owner, mine)
            decision.same += _pinned(book, owner, rest)
            decision.different.append(Different(mine, rest))
        if owner is not person:
            _hand_over(decision, owner, person, mine)
    _confirm(decision, person)
    return decision


def introduce(book: Book, faces: Sequence[str], name: str) -> Decision:
    """Make a new person with a name from faces, whoever they belonged to."""
    new = book.add_person([])
    decision = move(book, faces, new)
    decision.text = f"moved {counted(len(faces), 'face')} to {name}, a new person"
    _change(decision, new, "name", name)
    return decision


def deny(book: Book, faces: Sequence[str], person: Person) -> Decision:
    """Record that faces are not this person; the next count decides whose they are."""
    rest = _rest(person, faces)
    stay = _pinned(book, person, rest)
    decision = _begin(
        book, f"said that {counted(len(faces), 'face')} {'is' if len(faces) == 1 else 'are'} not {shown_name(person)}"
    )
    decision.different.append(Different(list(faces), rest, person.id))
    decision.same += stay
    _hand_over(decision, person, None, [face for face in faces if face in person.faces])
    return decision


def say_same(book: Book, one: str, other: str) -> Decision:
    """Record that two faces are one person; the people they belonged to are merged."""
    owners = book.owners()
    first, second = owners.get(one), owners.get(other)
    if first is not None and second is not None and first is not second:
        if first.name and second.name:
            raise UserError(
                f"these are {first.name} and {second.name}",
                f"{command('people', 'merge', first.name, second.name, '--photos', 'DIR')} makes them one",
            )
        # The person with a name is kept, otherwise the older one.
        keep, gone = sorted((first, second), key=lambda person: (person.name is None, person.number))
        decision = merge(book, keep, [gone])
    else:
        decision = _begin(book, f"said that {one} and {other} are the same")
        keeper = first or second
        if keeper is not None:
            _hand_over(decision, None, keeper, [face for face in (one, other) if face not in owners])
    decision.same.append(Same([one, other]))
    return decision


def say_different(book: Book, one: str, other: str) -> Decision:
    """Record that two faces are two people; if they were one, the second leaves it, or the one that is unconfirmed."""
    owners = book.owners()
    owner = owners.get(one)
    together = owner is not None and owner is owners.get(other)
    if owner is not None and together:
        pinned = constraints_of(book).pinned
        one, other = sorted((one, other), key=lambda face: pinned.get(face) != owner.id)
    stay = _pinned(book, owner, _rest(owner, [other])) if owner is not None and together else []
    decision = _begin(book, f"said that {one} and {other} are different")
    decision.different.append(Different([one], [other]))
    decision.same += stay
    if together:
        _hand_over(decision, owner, None, [other])
    return decision


def say_false(book: Book, faces: Sequence[str]) -> Decision:
    """Record false faces: from now on they belong to nobody and count nowhere."""
    decision = _begin(book, f"said that {_listed(faces)} not a face")
    decision.false_faces = list(faces)
    owners = book.owners()
    for owner in _each(owners.get(face) for face in faces):
        if owner is not None:
            _hand_over(decision, owner, None, [face for face in faces if owners.get(face) is owner])
    return decision


def say_true(book: Book, faces: Sequence[str]) -> Decision:
    """Record real faces, whatever was measured of them; the next count decides whose they are."""
    decision = _begin(book, f"said that {_listed(faces)} a face")
    decision.true_faces = list(faces)
    return decision


def draw(book: Book, face: DrawnFace, photo: str) -> Decision:
    """Record a face that was not found in a photo; the next index run measures it."""
    decision = _begin(book, f"drew a face in {photo}")
    decision.drawn, decision.true_faces = [face], [face.id]
    return decision


def _listed(faces: Sequence[str]) -> str:
    return f"{faces[0]} is" if len(faces) == 1 else f"each of {counted(len(faces), 'face')} is"


def _begin(book: Book, text: str) -> Decision:
    decision = Decision(
        id=1 + max((known.id for known in book.decisions), default=0),
        at=datetime.now().astimezone().isoformat(timespec="seconds"),
        text=text,
    )
    book.decisions.append(decision)
    return decision


def _confirm(decision: Decision, person: Person) -> None:
    decision.same.append(Same(list(person.faces), person.id))


def _change(decision: Decision, person: Person, field: str, value: str | int | bool | None) -> None:
    change = Changed(person.id, field, getattr(person, field), value)  # type: ignore[arg-type]
    setattr(person, field, value)
    decision.changed.append(change)


def _hand_over(decision: Decision, source: Person | None, target: Person | None, faces: Sequence[str]) -> None:
    faces = list(faces)
    if not faces:
        return
    gone = set(faces)
    if source is not None:
        source.faces = [face for face in source.faces if face not in gone]
        if source.representative in gone:
            source.representative = None
    if target is not None:
        target.faces = [*(face for face in target.faces if face not in gone), *faces]
    decision.moved.append(Moved(faces, None if source is None else source.id, None if target is None else target.id))


def _rest(person: Person, faces: Iterable[str]) -> list[str]:
    gone = set(faces)
    return [face for face in person.faces if face not in gone]


def _pinned(book: Book, person: Person, faces: Iterable[str]) -> list[Same]:
    """Confirm once more the faces that were assigned to a person, before others are taken away from it."""
    pinned = constraints_of(book).pinned
    stay = [face for face in faces if pinned.get(face) == person.id]
    return [Same(stay, person.id)] if stay else []


def _each(owners: Iterable[Person | None]) -> list[Person | None]:
    found: list[Person | None] = []
    for owner in owners:
        if not any(owner is known for known in found):
            found.append(owner)
    return found
