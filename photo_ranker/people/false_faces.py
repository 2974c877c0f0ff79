"""The faces of an album without the false ones, as measured and as a user has said, who is always right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from photo_ranker.album import Album
from photo_ranker.errors import MetadataError
from photo_ranker.people.book import Book
from photo_ranker.people.constraints import constraints_of
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.store import find_root, load_book
from photo_ranker.person_finder.false_faces import SURE, is_false_face
from photo_ranker.settings import Settings

__all__ = ["false_faces", "search_album", "table_of", "true_album"]


def false_faces(album: Album, book: Book, settings: Settings, least_detection: float = 0.0) -> frozenset[str]:
    """Ids of the album's false faces; of those that only their figures call so, from a certainty of the detector on."""
    said = constraints_of(book)
    return frozenset(
        face.id
        for photo in album.photos
        for face in photo.record.faces
        if face.id in said.false_faces
        or (
            least_detection <= face.detection < SURE
            and is_false_face(face, settings)
            and face.id not in said.true_faces
        )
    )


def table_of(album: Album, book: Book, settings: Settings) -> FaceTable:
    """The faces of an album for the clustering; the false ones apart."""
    return FaceTable(album, settings, false_faces(album, book, settings))


def true_album(album: Album, sources: Sequence[str], settings: Settings, say: Callable[[str], None]) -> Album:
    """An album for a search: without false faces, as the book of these folders and photos has them.

    What only its figures call false stays where the detector is so unsure that it counts as nobody beside a person:
    it may be a hard photo of the person who is looked for.
    """
    try:
        book = load_book(find_root(sources)) if sources else Book()
    except MetadataError as error:
        say(f"note: {error.message}; corrections of faces are not used")
        book = Book()
    return search_album(album, book, settings)


def search_album(album: Album, book: Book, settings: Settings) -> Album:
    """The same with a book at hand."""
    return album.without(false_faces(album, book, settings, settings.signals.sure_detection))
