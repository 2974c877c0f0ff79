"""A person of the book, looked for by photos besides: what a user has said goes before any likeness."""

from __future__ import annotations

from photo_ranker.album import Album
from photo_ranker.people.book import Book, Person
from photo_ranker.people.constraints import constraints_of
from photo_ranker.person_finder import Finding

__all__ = ["widened"]


def widened(person: Person, known: Finding, looked_for: Finding, book: Book, album: Album) -> Finding:
    """Where the book has a person, and in what other photos a search has found the same."""
    there = {match.photo for match in known.matches}
    others = _said_to_be_others(person, book)
    more = [
        match for match in looked_for.matches if match.photo not in there and album.faces[match.face].id not in others
    ]
    return Finding((*known.matches, *more), looked_for.threshold, known.engine)


def _said_to_be_others(person: Person, book: Book) -> set[str]:
    """Faces that have another's name, or of which a user has said that they are another, or not this person."""
    said, mine = constraints_of(book), set(person.faces)
    others = {face for one in book.present() if one.name and one.id != person.id for face in one.faces}
    others |= {face for face, owner in said.pinned.items() if owner != person.id}
    others |= {face for face, people in said.barred.items() if person.id in people}
    for sides in said.apart:
        for here, there in (sides, sides[::-1]):
            if not mine.isdisjoint(here):
                others |= set(there)
    return others - mine
