"""The people of an album: who is there, and the commands that change them.

The commands, the Python API and the app change people through :class:`AlbumPeople` alone, so a change is checked in
one place for all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Literal

import msgspec

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.terminal import command, counted, path_word
from photo_ranker.errors import UserError
from photo_ranker.metadata.face_ids import SAME_PLACE
from photo_ranker.people import corrections
from photo_ranker.people.best import cover_of, faces_here, matches_of, people_in_order, photo_count, photos_of
from photo_ranker.people.book import CATEGORIES, Book, Decision, Person
from photo_ranker.people.clustering import group_classically
from photo_ranker.people.constraints import Overruled, constraints_of, undo
from photo_ranker.people.corrections import shown_name
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.recount import Counted, recount, recount_if_needed
from photo_ranker.people.store import PEOPLE_NAME, edit_book, find_root, find_roots, load_book
from photo_ranker.people.suggest import Question, suggest
from photo_ranker.people.told import table_of
from photo_ranker.person_finder.populations import population_of
from photo_ranker.questions import check_year
from photo_ranker.records import Box, DrawnFace, EditedFace, Match, face_id, overlap
from photo_ranker.settings import Settings
from photo_ranker.workspace.which_face import find_face, find_photo

__all__ = [
    "SMALLEST_DRAWN",
    "AlbumPeople",
    "Fact",
    "NotTheirFace",
    "UnknownFace",
    "edit_people",
    "open_people",
    "textbook_people",
    "theirs",
]

SMALLEST_DRAWN = 12.0
"""Least pixels of the shorter side of a drawn face; a smaller one cannot be measured."""

Fact = Literal["category", "role", "representative", "hidden"]
"""Facts of a person that can be set, besides the name."""


class UnknownFace(UserError):
    """A face that is neither in the album nor in its book of people."""

    def __init__(self, face: str) -> None:
        super().__init__(f"there is no face {face} in this album", "look at the album's faces again")


class NotTheirFace(UserError):
    """A face that a change would take from a person who does not have it."""

    def __init__(self, face: str, person: Person) -> None:
        super().__init__(f"face {face} is not one of {shown_name(person)}'s", "look at the person's faces again")
        self.face = face


class AlbumPeople(msgspec.Struct, frozen=True):
    """The people of an album and their book.

    A change is made to the book in memory, and returns the decision that was added to it. :func:`open_people` and
    :func:`edit_people` save the book.
    """

    table: FaceTable
    """The faces of the album, by id."""
    book: Book
    """People and decisions, also about photos that are not in the album."""
    settings: Settings
    root: Path
    """The folder that holds the book."""
    threshold: float
    """The similarity from which two groups are one person."""

    @property
    def album(self) -> Album:
        """The photos."""
        return self.table.album

    def find(self, word: str) -> Person:
        """The person of this name, number or id."""
        return self.book.find(word)

    def find_face(self, word: str, among: Collection[str] | None = None) -> str:
        """The face that a user names; see :func:`photo_ranker.workspace.which_face.find_face`."""
        return find_face(word, self.table, among)

    def find_photo(self, word: str) -> AlbumPhoto:
        """The photo that a user names, by its path or the end of it."""
        return find_photo(word, self.table.whole.photos)

    def by_id(self, person_id: str) -> Person | None:
        """The person of this id; None if there is none, or if it was merged into another."""
        return next((person for person in self.book.present() if person.id == person_id), None)

    def shown(self, *, hidden: bool = False) -> list[Person]:
        """Everyone whom the album shows; hidden people only with ``hidden``.

        Ordered by the priority of their roles, named people before others, those in most photos first.
        """
        people = (person for person in self.book.present() if hidden or not person.hidden)
        return people_in_order((person for person in people if self.faces(person)), self.table)

    def owners(self) -> dict[str, Person]:
        """Id of a face -> its person."""
        return self.book.owners()

    def unrecognised(self) -> list[str]:
        """The faces of the album that belong to no person."""
        owners = self.owners()
        return [face for face in self.table.ids if face not in owners]

    def false_faces(self) -> list[str]:
        """The false faces that the album shows."""
        return list(self.table.false_places)

    def faces(self, person: Person) -> list[str]:
        """The person's faces in this album."""
        return faces_here(person, self.table)

    def missing(self, person: Person) -> list[str]:
        """The person's faces in photos that are not in the album."""
        return [face for face in person.faces if face not in self.table.places]

    def photos(self, person: Person) -> set[int]:
        """The numbers of the photos that show the person."""
        return photos_of(person, self.table)

    def photo_count(self, person: Person) -> int:
        """The number of photos that show the person; files with identical bytes count once."""
        return photo_count(person, self.table)

    def matches(self, person: Person) -> tuple[Match, ...]:
        """The best face of the person in each photo, the most typical first."""
        return tuple(matches_of(person, self.table))

    def cover(self, person: Person) -> str | None:
        """The face to show for the person; None if the album shows none."""
        return cover_of(person, self.table)

    def questions(self) -> list[Question]:
        """Pairs of faces that may be one person, the most helpful answer first."""
        return suggest(self.book, self.table, self.threshold)

    def overruled(self) -> list[Overruled]:
        """Decisions that newer ones contradict."""
        return constraints_of(self.book).overruled

    def recount(self) -> Counted:
        """Group all faces of the album again; what a user has decided holds."""
        return recount(self.book, table_of(self.table.whole, self.book, self.settings), root=self.root)

    def name(self, person: Person, name: str, *, seen: Sequence[str] | None = None, merges: bool = True) -> Decision:
        """Name a person; another person of that name is merged with this one, unless ``merges`` is false.

        ``seen`` are the faces that the user has looked at, which the name confirms; None = all faces.
        """
        return corrections.give_name(
            self.book, person, name, seen=None if seen is None else theirs(person, seen), merges=merges
        )

    def introduce(self, faces: Sequence[str], name: str) -> Decision:
        """Make a new person of faces, whomever they belonged to; other people may have the same name."""
        return corrections.introduce(self.book, self._known(faces), corrections.clean_name(name))

    def namesakes(self, person: Person | None, name: str) -> list[Person]:
        """Other people who have a name already."""
        return corrections.namesakes_of(self.book, person, name)

    def set_fact(self, person: Person, fact: Fact, value: str | bool) -> Decision:
        """Set the category, the role or the face to show of a person, or hide the person."""
        if fact == "category" and value not in CATEGORIES:
            raise UserError(f"there is no category '{value}'", f"give one of {', '.join(CATEGORIES)}")
        return corrections.set_fact(self.book, person, fact, value)

    def set_born(self, person: Person, year: int) -> Decision:
        """Set the year of birth; 0 removes it. Faces in older photos are not the person's."""
        if year:
            check_year(year)
        early = self.table.before(person.faces, year)
        if early and len(early) == len(person.faces):
            older = f"all photos of {shown_name(person)} are older than {year}"
            raise UserError(older, "give an earlier year, or correct the camera's clock (--clock)")
        return corrections.set_born(self.book, person, year or None, early)

    def merge(self, person: Person, others: Sequence[Person]) -> Decision:
        """Merge people into the first, which keeps its name, category and role if it has them."""
        return corrections.merge(self.book, person, others)

    def split(self, person: Person, faces: Sequence[str]) -> Decision:
        """Move some faces of a person to a new person."""
        return corrections.split(self.book, person, theirs(person, faces))

    def deny(self, person: Person, faces: Sequence[str]) -> Decision:
        """Decide that faces are not a person; the next count finds out whose they are.

        They need not belong to the person in the book: a search may have found them. A face of another named person
        is refused, since the caller then works on an outdated list.
        """
        known, owners = self._known(faces), self.owners()
        for face in known:
            owner = owners.get(face)
            if owner is not None and owner.name and owner.id != person.id:
                raise NotTheirFace(face, person)
        return corrections.deny(self.book, known, person)

    def say_false(self, faces: Sequence[str]) -> Decision:
        """Say that these are false faces: they belong to nobody, and nothing counts them."""
        return corrections.say_false(self.book, self._known(faces))

    def say_true(self, faces: Sequence[str]) -> Decision:
        """Say that false faces are real ones; the next count finds out whose they are."""
        return corrections.say_true(self.book, self._known(faces))

    def draw(self, photo: AlbumPhoto, box: Box) -> Decision:
        """Say that a photo shows a face that was not found, in pixels of the upright photo; the index measures it."""
        record = photo.record
        if record.is_video or record.unreadable is not None or not record.stamp.hash:
            raise UserError(
                f"no face can be drawn in {photo.name}", "draw it in a photo that is measured, not in a film"
            )
        x, y = max(box[0], 0.0), max(box[1], 0.0)
        right, bottom = min(box[0] + box[2], record.width), min(box[1] + box[3], record.height)
        place = (round(x, 1), round(y, 1), round(right - x, 1), round(bottom - y, 1))
        if min(place[2:]) < SMALLEST_DRAWN:
            raise UserError("the box is too small", f"draw one of {SMALLEST_DRAWN:g} pixels and more around the face")
        if any(overlap(face.box, place) >= SAME_PLACE for face in record.faces_by(self.album.engine)):
            raise UserError("there is a face already", "say whose it is, or that it is a face")
        face = DrawnFace(face_id(record.stamp.hash, place), record.stamp.hash, place)
        return corrections.draw(self.book, face, photo.name)

    def move(self, faces: Sequence[str], person: Person) -> Decision:
        """Give faces to a person, whomever they belonged to."""
        return corrections.move(self.book, self._known(faces), person)

    def answer(self, one: str, other: str, *, same: bool) -> Decision:
        """Decide whether two faces are one person."""
        if len(self._known([one, other])) == 1:
            raise UserError(f"{one} is one face, not two", "give two faces")
        say = corrections.say_same if same else corrections.say_different
        return say(self.book, one, other)

    def undo(self, number: int | None = None) -> tuple[Decision, list[str]]:
        """Undo a decision, by default the last; returns it, and its faces that newer decisions still fix."""
        return undo(self.book, number)

    def overruled_since(self, before: Sequence[Overruled]) -> list[Overruled]:
        """Decisions that newer ones have overruled since ``before``, each with the faces that it has lost."""
        known = {item.decision: item.faces for item in before}
        lost = (
            (item, tuple(face for face in item.faces if face not in known.get(item.decision, ())))
            for item in self.overruled()
        )
        return [msgspec.structs.replace(item, faces=faces) for item, faces in lost if faces]

    def _known(self, faces: Sequence[str]) -> list[str]:
        """The faces, each once; refuses one that is neither in the album nor in the book."""
        owners = self.owners()
        for face in faces:
            if face not in self.table.places and face not in owners and face not in self.table.false_faces:
                raise UnknownFace(face)
        return list(dict.fromkeys(faces))


def theirs(person: Person, faces: Sequence[str]) -> list[str]:
    """The faces, each once; refuses one that is not the person's."""
    theirs = set(person.faces)
    for face in faces:
        if face not in theirs:
            raise NotTheirFace(face, person)
    return list(dict.fromkeys(faces))


@contextmanager
def open_people(
    album: Album,
    settings: Settings,
    sources: Sequence[str],
    *,
    keep: bool,
    threshold: float | None = None,
    say: Callable[[str], None],
) -> Iterator[AlbumPeople]:
    """The people of an album, counted where faces, decisions or settings have changed since the last count.

    ``sources`` are the folders and photos of the album, by which its book is found. With ``keep`` the book is locked,
    and saved at the end unless something fails; without it (a dry run) all changes are dropped. ``threshold`` fixes
    the similarity from which two groups are one person; None lets the album decide.
    """
    root = find_root(sources)
    for other in _other_books(album, root):
        listing = command("people", "list", path_word(other))
        say(f"note: {other} has names of its own, which are not used here; {listing} shows them")
    with edit_book(root, say) if keep else nullcontext(load_book(root)) as book:
        table = table_of(album, book, settings)
        count = recount_if_needed(book, table, threshold, root if keep else None)
        people = AlbumPeople(table, book, settings, root, count.threshold)
        yield people
        if not keep:
            return
        _note_edited(people)
        # Said once, by the command that overrules; `people show --decisions` shows it later.
        for item in people.overruled_since(count.overruled):
            faces = counted(len(item.faces), "face")
            say(f"note: decision {item.decision} ({item.text}) is overruled by this for {faces}")


def _other_books(album: Album, root: Path) -> list[Path]:
    """The folders whose own book is nearer to some photos of the album than the one that is used."""
    folders = {photo.path.rpartition(os.sep)[0] for photo in album.photos}
    return [place for place in find_roots(sorted(folders)) if place != root and (place / PEOPLE_NAME).exists()]


@contextmanager
def edit_people(table: FaceTable, settings: Settings, root: Path, say: Callable[[str], None]) -> Iterator[AlbumPeople]:
    """The people as in their book, without a count; the book is locked, and saved unless something fails."""
    with edit_book(root, say) as book:
        people = AlbumPeople(table, book, settings, root, book.threshold)
        yield people
        _note_edited(people)


def _note_edited(people: AlbumPeople) -> None:
    """Note the decided faces of edited photos, so that their ids outlast the metadata, which may be deleted."""
    table, noted = people.table, {(face.id, face.picture): face for face in people.book.edited}
    for face in map(table.face, people.book.decided() & {*table.places, *table.false_places}):
        for photo in (table.whole.photos[number] for number in table.photos(face.id)):
            picture = photo.record.stamp.hash
            shown = next((one for one in photo.record.faces_by(face.engine) if one.id == face.id), None)
            if shown and not (shown.drawn or photo.record.is_video) and shown.id != face_id(picture, shown.box):
                noted[face.id, picture] = EditedFace(face.id, picture, shown.box, shown.engine)
    people.book.edited = sorted(noted.values(), key=lambda face: (face.picture, face.id))


def textbook_people(album: Album, settings: Settings, sources: Sequence[str], algorithm: str) -> AlbumPeople:
    """The people that a textbook algorithm finds, in a book of their own that is saved nowhere: for comparison."""
    book = Book()
    table = table_of(album, book, settings)
    labels = group_classically(algorithm, table.rows, population_of(album.engine)).tolist()
    for label in sorted(set(labels) - {-1}):
        book.add_person([face for face, mine in zip(table.ids, labels, strict=True) if mine == label])
    return AlbumPeople(table, book, settings, find_root(sources), 0.0)
