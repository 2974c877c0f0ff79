"""The people of an open album: the library's book of people, read again when it has changed on disk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from photo_ranker.people.appearances import faces_here, matches_of
from photo_ranker.people.book import Book, Decision, Person
from photo_ranker.people.constraints import constraints_of
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.recount import group, representative
from photo_ranker.people.store import book_version, edit_book, find_root, load_book
from photo_ranker.people.suggest import Question, suggest
from photo_ranker.person_finder import Finding
from photo_ranker.settings import Settings
from photo_ranker.web import storage
from photo_ranker.web.library import OpenAlbum
from photo_ranker.web.problems import NotHere
from photo_ranker.web.widening import widened

__all__ = ["COUNT_NAME", "Count", "Everyone"]

log = logging.getLogger(__name__)

COUNT_NAME = "people.json"


class Count(msgspec.Struct, frozen=True):
    """What the last count of an album's people found."""

    threshold: float


class Everyone:
    """Who is in an album, and what a user says of them."""

    def __init__(self, album: OpenAlbum, settings: Settings, place: Path) -> None:
        self.album, self._settings, self._place = album, settings, place
        self._root = find_root([album.entry.folder])
        self.version = book_version(self._root)
        """Another one after every change."""

    @property
    def book(self) -> Book:
        """Everyone; not to be changed."""
        return self.album.remembered(("book", self.version), lambda: load_book(self._root))

    @property
    def table(self) -> FaceTable:
        """The faces of the album as the people code sees them."""
        return self.album.remembered("table", lambda: FaceTable(self.album.album, self._settings))

    def owners(self) -> dict[str, Person]:
        """Id of a face -> whose it is."""
        return self.album.remembered(("owners", self.version), self.book.owners)

    def person(self, person_id: str) -> Person:
        """The person of this id."""
        found = next((person for person in self.book.present() if person.id == person_id), None)
        if found is None:
            raise NotHere("there is no such person", "reload the page")
        return found

    def here(self, person: Person) -> list[str]:
        """The person's faces that this album shows."""
        return faces_here(person, self.table)

    def photos(self, person: Person) -> set[int]:
        """The numbers of the photos that show the person."""
        return {photo for face in self.here(person) for photo in self.table.photos(face)}

    def cover(self, person: Person) -> str:
        """The face to show for a person who is in this album."""
        here = self.here(person)
        return person.representative if person.representative in here else representative(here, self.table)

    def finding(self, person: Person) -> Finding:
        """Where a person is: in every photo that shows one of the faces."""
        matches = tuple(matches_of(person, self.table))
        least = min((match.similarity for match in matches), default=0.0)
        return Finding(matches, least, self.album.album.engine)

    def widened(self, person: Person, looked_for: Finding) -> Finding:
        """The same, and where else a search has found the person."""
        return widened(person, self.finding(person), looked_for, self.book, self.album.album)

    def questions(self) -> list[Question]:
        """Doubtful pairs, the most helpful first."""
        return self.album.remembered(
            ("questions", self.version), lambda: suggest(self.book, self.table, self._threshold())
        )

    @contextmanager
    def edit(self) -> Iterator[Book]:
        """The book, to be changed by the library's own words."""
        with edit_book(self._root, log.warning) as book:
            yield book
        self.version = book_version(self._root)

    def decide(self, work: Callable[[Book], Decision]) -> Decision:
        """Write down what a user has said."""
        with self.edit() as book:
            return work(book)

    def _threshold(self) -> float:
        counted = storage.read_derived(self._place / COUNT_NAME, Count)
        if counted is not None:
            return counted.threshold
        grouping = self.album.remembered("grouping", lambda: group(self.table, constraints_of(self.book), None))
        return grouping.threshold
