"""Taking a decision back, whichever it is: what came of it is reversed as far as nothing newer stands in the way."""

from __future__ import annotations

from datetime import datetime

from photo_ranker.core.terminal import command
from photo_ranker.errors import UserError
from photo_ranker.people.book import Book, Decision
from photo_ranker.people.constraints import constraints_of

__all__ = ["undo"]

_LISTING = command("people", "show", "--decisions", "DIR")


def undo(book: Book, number: int | None = None) -> tuple[Decision, list[str]]:
    """Take back a decision, the last one by default; gives it and the faces that newer decisions still hold."""
    decision = _wanted(book, number)
    decision.undone = datetime.now().astimezone().isoformat(timespec="seconds")
    people = book.by_id()
    for change in decision.changed:
        person = people.get(change.person)
        if person is not None and getattr(person, change.field) == change.new:
            setattr(person, change.field, change.old)
    return decision, _give_back(book, decision)


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
            elif owner.get(face) == moved.target:
                back.append(face)
        gone = set(back)
        if moved.target in people:
            person = people[moved.target]
            person.faces = [face for face in person.faces if face not in gone]
        if moved.source in people:
            people[moved.source].faces += back
        owner |= dict.fromkeys(back, moved.source) if moved.source else {}
    return held
