"""The people of an open album, kept in memory until their book changes on disk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from photo_ranker.people.book import Book, Decision, Person
from photo_ranker.people.constraints import Overruled, constraints_of
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.recount import group
from photo_ranker.people.store import book_version, find_root, load_book
from photo_ranker.people.suggest import Question
from photo_ranker.people.told import false_faces
from photo_ranker.settings import Settings
from photo_ranker.web import storage
from photo_ranker.web.open_albums import OpenAlbum
from photo_ranker.web.problems import NotHere
from photo_ranker.workspace.people import AlbumPeople, edit_people

__all__ = ["COUNT_NAME", "CachedPeople", "Count", "known_person"]


log = logging.getLogger(__name__)

COUNT_NAME = "people.json"


class Count(msgspec.Struct, frozen=True):
    """What the last count of an album's people found."""

    threshold: float


class CachedPeople:
    """The people of an album as one request sees them; what is worked out for it serves the next requests."""

    def __init__(self, album: OpenAlbum, settings: Settings, place: Path) -> None:
        self.album, self._settings, self._place = album, settings, place
        self._root = find_root([album.entry.folder])
        self.version = book_version(self._root)
        """A different value after every change of the book."""

    @property
    def people(self) -> AlbumPeople:
        """The people of the album, read-only; :meth:`edit` changes them."""
        return self.album.remembered(("book", self.version), self._read)

    def _read(self) -> AlbumPeople:
        book = load_book(self._root)
        return AlbumPeople(self._table(book), book, self._settings, self._root, book.threshold)

    def _table(self, book: Book) -> FaceTable:
        """The faces of the album; most changes of a book leave them as they are."""
        false = false_faces(self.album.album, book, self._settings)
        return self.album.remembered(("table", false), lambda: FaceTable(self.album.album, self._settings, false))

    def owners(self) -> dict[str, Person]:
        """Id of a face -> the person that it belongs to."""
        return self.album.remembered(("owners", self.version), self.people.owners)

    def person(self, person_id: str) -> Person:
        """The person of this id."""
        return known_person(self.people, person_id)

    def questions(self) -> list[Question]:
        """Pairs of faces that may be one person, the most helpful answer first."""
        return self.album.remembered(
            ("questions", self.version), lambda: replace(self.people, threshold=self._threshold()).questions()
        )

    @contextmanager
    def edit(self) -> Iterator[AlbumPeople]:
        """Open the people for a change: the book is read from disk, and saved at the end."""
        with edit_people(self.people.table, self._settings, self._root, log.warning) as people:
            yield people
        self.version = book_version(self._root)

    def decide(self, change: Callable[[AlbumPeople], Decision]) -> tuple[Decision, list[Overruled]]:
        """Save what a user decides; returns it, and the earlier decisions that it overrules."""
        with self.edit() as people:
            before = people.overruled()
            decision = change(people)
            return decision, people.overruled_since(before)

    def _threshold(self) -> float:
        counted = storage.read_derived(self._place / COUNT_NAME, Count)
        if counted is not None:
            return counted.threshold
        people = self.people
        grouping = self.album.remembered("grouping", lambda: group(people.table, constraints_of(people.book), None))
        return grouping.threshold


def known_person(people: AlbumPeople, person_id: str) -> Person:
    """The person of an id that a client has sent."""
    found = people.by_id(person_id)
    if found is None:
        raise NotHere("there is no such person", "reload the page")
    return found
