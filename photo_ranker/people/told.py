"""What a search may take from the book of people: the decisions of a user, not what was counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import TYPE_CHECKING

from photo_ranker.album import Album
from photo_ranker.errors import MetadataError
from photo_ranker.people.book import Book
from photo_ranker.people.constraints import Constraints, constraints_of
from photo_ranker.people.store import find_roots, load_book
from photo_ranker.person_finder import Told
from photo_ranker.person_finder.false_faces import SURE, is_false_face
from photo_ranker.settings import Settings

if TYPE_CHECKING:
    from photo_ranker.people.faces import FaceTable

__all__ = ["false_faces", "search_album", "table_of", "told_by", "told_of", "true_album"]


def told_of(sources: Sequence[str], say: Callable[[str], None]) -> tuple[Told, ...]:
    """What a user has decided about faces in these folders and photos."""
    return tuple(one for book in _books(sources, say) for one in told_by(book))


def _books(sources: Sequence[str], say: Callable[[str], None]) -> list[Book]:
    """The books of folders and photos; an unreadable one does not stop a search."""
    books = []
    for root in find_roots(sources):
        try:
            books.append(load_book(root))
        except MetadataError as error:
            say(f"note: {error.message}; names and corrections are not used")
    return books


def told_by(book: Book) -> tuple[Told, ...]:
    """What the decisions of a book say about each person: which faces are theirs, and which are somebody else's."""
    if not book.active():
        return ()
    said = constraints_of(book)
    named = {person.id: frozenset(person.faces) for person in book.present() if person.name}
    born = {person.id: person.born for person in book.present()}
    told = [_of_faces(frozenset(faces), said, named, born) for faces in said.together]
    for one, other in said.apart:
        told += [Told(frozenset(here), frozenset(there), is_confirmed=False) for here, there in _both(one, other)]
    return tuple(one for one in told if len(one.faces) > 1 or one.others or one.born)


def _of_faces(
    faces: frozenset[str], said: Constraints, named: dict[str, frozenset[str]], born: dict[str, int | None]
) -> Told:
    """Faces that are one person by decision, and all faces that cannot be that person by decision."""
    person = next((said.pinned[face] for face in faces if face in said.pinned), None)
    others = {
        face for one, other in said.apart for here, there in _both(one, other) if faces & set(here) for face in there
    }
    if person is not None:
        others |= {face for face, owner in said.pinned.items() if owner != person}
        others |= {face for face, people in said.barred.items() if person in people}
        others |= {face for owner, theirs in named.items() if owner != person for face in theirs}
    return Told(faces, frozenset(others) - faces, born=None if person is None else born.get(person))


def _both(one: list[str], other: list[str]) -> tuple[tuple[list[str], list[str]], ...]:
    return (one, other), (other, one)


# The faces of an album without the false ones, as measured, unless a user has decided otherwise.


def false_faces(album: Album, book: Book, settings: Settings, least_detection: float = 0.0) -> frozenset[str]:
    """Ids of the album's false faces; those that only their figures call so need ``least_detection``."""
    return _false_faces(album, [book], settings, least_detection)


def _false_faces(album: Album, books: Iterable[Book], settings: Settings, least_detection: float) -> frozenset[str]:
    said = [constraints_of(book) for book in books]
    called_false = {face for one in said for face in one.false_faces}
    called_true = {face for one in said for face in one.true_faces}
    measured = {face.id for face in album.detected(least_detection, SURE) if is_false_face(face, settings)}
    told = {face.id for face in album.detected(-inf, inf) if face.id in called_false} if called_false else set()
    return frozenset(told | (measured - called_true))


def table_of(album: Album, book: Book, settings: Settings) -> FaceTable:
    """The faces of an album for the clustering, with the false ones apart."""
    from photo_ranker.people.faces import FaceTable  # loads the clustering, which a search does not need

    return FaceTable(album, settings, false_faces(album, book, settings))


def true_album(album: Album, sources: Sequence[str], settings: Settings, say: Callable[[str], None]) -> Album:
    """An album for a search: without false faces, by the books of these folders and photos.

    A face that only its figures call false stays where the detector is so unsure that it does not count as another
    person: it may be a hard photo of the person who is looked for.
    """
    return _without_false_faces(album, _books(sources, say), settings)


def search_album(album: Album, book: Book, settings: Settings) -> Album:
    """The same with a book that is loaded already."""
    return _without_false_faces(album, [book], settings)


def _without_false_faces(album: Album, books: Sequence[Book], settings: Settings) -> Album:
    return album.without(_false_faces(album, books, settings, settings.signals.sure_detection))
