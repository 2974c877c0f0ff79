"""Albums in memory: their records, the people in them, and the latest answers.

Loading takes as long as reading the metadata; a search as long as comparing all faces; new weights only rank again.
Photos that are not measured yet are in the album too, with an empty record, so that they can be viewed at once.
People are kept until their book changes on disk.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.indexing.discovery import Item, walk
from photo_ranker.metadata import METADATA_NAME, load
from photo_ranker.metadata.places import stamp_of
from photo_ranker.models.engines import usual_engine
from photo_ranker.people.book import Book, Decision, Person
from photo_ranker.people.constraints import Overruled, constraints_of
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.recount import group
from photo_ranker.people.store import book_version, find_root, load_book
from photo_ranker.people.suggest import Question
from photo_ranker.people.told import false_faces
from photo_ranker.questions.clocks import in_camera_time, zone_of
from photo_ranker.records import DEFAULT_ENGINE, DUO, Face, PhotoRecord, Stamp, finder_of, part_name
from photo_ranker.settings import Settings
from photo_ranker.web import storage
from photo_ranker.web.problems import NotHere
from photo_ranker.web.storage import AlbumEntry
from photo_ranker.workspace.people import AlbumPeople, edit_people

if TYPE_CHECKING:
    from photo_ranker.ranker import RankedPhoto

__all__ = [
    "COUNT_NAME",
    "CachedPeople",
    "Count",
    "OpenAlbum",
    "OpenAlbums",
    "id_of_name",
    "is_pending",
    "known_person",
    "load_album",
    "natural_key",
]

T = TypeVar("T")

log = logging.getLogger(__name__)

ANSWERS_KEPT = 64

Stamped = tuple[int, int] | None
"""Size and time of a file; None if it was not there."""

ALBUMS_KEPT = 4
"""Most albums in memory: 10,000 photos take about 100 MB."""

REREAD_SECONDS = 2.0
"""Least time between two readings of an album while an index job works on it."""

REREAD_SHARE = 0.1
"""Largest share of the time to spend on reading again; a large album is read less often."""


def is_pending(record: PhotoRecord) -> bool:
    """Whether a photo waits to be measured; nothing is known about it but its file."""
    return not record.stamp.hash and record.unreadable is None


def id_of_name(name: str) -> str:
    """The id of a photo for clients, from its name within the album's folder; it lasts as long as that name."""
    return "p" + blake2b(os.fsencode(name), digest_size=8).hexdigest()


def _name_within(path: str, folder: str) -> str:
    start = folder + os.sep
    return path[len(start) :] if path.startswith(start) else os.path.relpath(path, folder)


class OpenAlbum:
    """One album as it was when it was read. It never changes: reading it again makes a new object."""

    def __init__(self, entry: AlbumEntry, album: Album, facts: Mapping[Path, Stamped] | None = None) -> None:
        self.entry, self.album = entry, album
        self._facts = facts or {}
        """The files with the facts, each with its stamp from before it was read."""
        self.ids = [id_of_name(_name_within(photo.path, entry.folder)) for photo in album.photos]
        """The id of each photo."""
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def is_current(self) -> bool:
        """Whether no file with facts was replaced since it was read. One that is gone, as with its disk, is ignored."""
        return all(stamp_of(path) in (stamp, None) for path, stamp in self._facts.items())

    def number(self, photo: str) -> int:
        """The index of a photo in the album."""
        if photo not in self._numbers:
            raise NotHere("there is no such photo in this album", "reload the page")
        return self._numbers[photo]

    def number_if_here(self, photo: str) -> int | None:
        """The index of a photo in the album; None if it is not there."""
        return self._numbers.get(photo)

    def photo(self, photo: str) -> AlbumPhoto:
        """The photo with this id."""
        return self.album.photos[self.number(photo)]

    def within(self, photo: AlbumPhoto) -> AlbumPhoto:
        """The same photo by its name within the album's folder."""
        return AlbumPhoto(_name_within(photo.path, self.entry.folder), photo.record)

    def within_result(self, item: RankedPhoto) -> RankedPhoto:
        """The same result, with its files by their names within the album's folder."""
        copies, alternates = (tuple(map(self.within, photos)) for photos in (item.copies, item.alternates))
        return msgspec.structs.replace(item, photo=self.within(item.photo), copies=copies, alternates=alternates)

    def by_names(self) -> Album:
        """The album with names within its folder: for files that others may read."""
        return Album([self.within(photo) for photo in self.album.photos], self.album.engine)

    def number_of_face_if_here(self, face: str) -> int | None:
        """The index of the face with this id; None if there is none, or if no network has looked at it."""
        return self._faces.get(face)

    def face(self, face: str) -> tuple[int, Face]:
        """Index and facts of the face with this id (the first one if copies of a photo share it)."""
        if face not in self._faces:
            raise NotHere("there is no such face in this album", "reload the page")
        number = self._faces[face]
        return number, self.album.faces[number]

    @cached_property
    def pending(self) -> int:
        """Photos that are not measured yet."""
        return sum(is_pending(photo.record) for photo in self.album.photos)

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of this key, made at the first request."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return cast("T", self._answers[key])
        answer = make()
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return answer

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.ids)}

    @cached_property
    def _faces(self) -> dict[str, int]:
        return {face.id: number for number, face in reversed(list(enumerate(self.album.faces)))}


class OpenAlbums:
    """The most recently used albums. Thread-safe."""

    def __init__(
        self,
        zone: str | None = None,
        engine: Callable[[], str] = str,
        is_filled: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """``engine`` returns the engine that the user has chosen; empty = the usual one.

        ``is_filled`` says whether a job of the app is filling an album: then :meth:`follow` reads it again.
        """
        self._zone, self._engine, self._is_filled = zone, engine, is_filled
        self._open: OrderedDict[str, tuple[Hashable, OpenAlbum]] = OrderedDict()
        self._locks: dict[str, threading.Lock] = {}
        self._stale: set[str] = set()
        self._reread_at: dict[str, float] = {}
        """Id of an album -> when it may be read again because a job is filling it."""
        self._check_at: dict[str, float] = {}
        """Id of an album -> when to check whether a command has written its facts again."""
        self._guard = threading.Lock()

    def get(self, entry: AlbumEntry) -> OpenAlbum:
        """The album; it is read again only after :meth:`refresh`, or when its facts were written by a command."""
        with self._guard:
            lock = self._locks.setdefault(entry.id, threading.Lock())
        with lock:
            known = self._in_memory(entry)
            if known is not None and (self._is_fresh(entry.id) or known.is_current()):
                self._check_later(entry.id, REREAD_SECONDS)
                return known
            with self._guard:
                self._stale.discard(entry.id)
            try:
                return self._load(entry)
            except BaseException:
                self.refresh(entry.id)  # what is in memory is still out of date
                raise

    def at_hand(self, entry: AlbumEntry) -> OpenAlbum | None:
        """The album if it is in memory and can be used without looking at the disk."""
        return self._in_memory(entry) if self._is_fresh(entry.id) else None

    def _is_fresh(self, album_id: str) -> bool:
        return time.monotonic() < self._check_at.get(album_id, 0.0) or self._is_filled(album_id)

    def _check_later(self, album_id: str, seconds: float) -> None:
        with self._guard:
            self._check_at[album_id] = max(self._check_at.get(album_id, 0.0), time.monotonic() + seconds)

    def _in_memory(self, entry: AlbumEntry) -> OpenAlbum | None:
        with self._guard:
            key, album = self._open.get(entry.id, (None, None))
            return album if key == (entry.folder, entry.recursive) and entry.id not in self._stale else None

    def follow(self, entry: AlbumEntry, prepare: Callable[[OpenAlbum], object], patience: float = 0.0) -> None:
        """Read again an album that a job is filling, if it is open and was not read a moment ago; nobody waits for it.

        ``prepare`` computes what will be asked for first; ``patience`` is how many more seconds the reading can wait.
        """
        with self._guard:
            is_due = entry.id in self._open and time.monotonic() >= self._reread_at.get(entry.id, 0.0) + patience
        if is_due:
            self._load(entry, prepare)

    def _load(self, entry: AlbumEntry, prepare: Callable[[OpenAlbum], object] = lambda _: None) -> OpenAlbum:
        started = time.monotonic()
        opened = load_album(entry, self._zone, engine=self._engine(), with_pending=True)
        prepare(opened)
        ended = time.monotonic()
        rest = max(REREAD_SECONDS, (ended - started) / REREAD_SHARE)
        self._check_later(entry.id, rest)
        with self._guard:
            self._reread_at[entry.id] = ended + rest
            self._open[entry.id] = ((entry.folder, entry.recursive), opened)
            self._open.move_to_end(entry.id)
            while len(self._open) > ALBUMS_KEPT:
                self._open.popitem(last=False)
        return opened

    def refresh(self, album_id: str) -> None:
        """Read an album again at the next request for it."""
        with self._guard:
            self._stale.add(album_id)


def engine_of(records: Sequence[PhotoRecord], wanted: str = "") -> str:
    """The wanted or usual engine, once it knows all measured faces; the next index run measures those that it lacks.

    Until then an album uses an engine that knows all faces.
    """
    wanted = wanted or usual_engine()
    if finder_of(wanted) != DEFAULT_ENGINE:
        part = part_name("detect", wanted)
        if all(part in record.parts for record in records if record.stamp.hash and record.unreadable is None):
            return wanted
        wanted = usual_engine()
    faces = (face for record in records for face in record.faces_by(DUO) if face.embedding is not None)
    return DUO if wanted == DUO and all(face.second_embedding for face in faces) else DEFAULT_ENGINE


def load_album(
    entry: AlbumEntry, zone: str | None = None, *, engine: str = "", with_pending: bool = False
) -> OpenAlbum:
    """An album with everything stored about its photos; measures nothing. ``zone`` is the time zone of its films.

    ``engine`` is the wanted one; ``with_pending`` adds photos that are not measured yet.
    """
    if not entry.path.is_dir():
        raise NotHere(f"the folder {entry.folder} is not there", "mount the disk, or take the album from the list")
    photos: list[AlbumPhoto] = []
    facts: dict[Path, Stamped] = {}
    for listing in walk(entry.folder, recursive=entry.recursive):
        path = Path(listing.shown) / METADATA_NAME
        facts[path] = stamp_of(path)
        records = load(Path(listing.shown))
        photos += [
            AlbumPhoto(os.path.join(listing.shown, item.name), records.get(item.name) or _pending(item))  # noqa: PTH118 - thousands of them
            for item in listing.items
            if with_pending or item.name in records
        ]
    photos.sort(key=lambda photo: natural_key(_name_within(photo.path, entry.folder)))
    used = engine_of([photo.record for photo in photos], engine)
    album = Album([_by_engine(photo, used) for photo in photos], used)
    return OpenAlbum(entry, in_camera_time(album, zone_of(zone) if zone else None), facts)


def _by_engine(photo: AlbumPhoto, engine: str) -> AlbumPhoto:
    """The photo with the faces of one engine only: each engine finds the same faces again."""
    record = photo.record
    faces = record.faces_by(engine)
    if len(faces) == len(record.faces):
        return photo
    return AlbumPhoto(photo.path, msgspec.structs.replace(record, faces=faces))


_NUMBER = re.compile(r"(\d+)")


def natural_key(name: str) -> tuple[list[str], str]:
    """Sort key of names as people sort them: photo 2 before photo 10, upper and lower case alike."""
    # Texts and numbers alternate, so that like is compared with like; of two numbers the longer one is larger.
    parts = _NUMBER.split(name.casefold())
    parts[1::2] = [f"{len(number):04}{number}" for number in (part.lstrip("0") for part in parts[1::2])]
    return parts, name


def _pending(item: Item) -> PhotoRecord:
    return PhotoRecord(Stamp(item.size, item.mtime_ns, ""), companions=item.companions)


COUNT_NAME = "people.json"
"""The file in the app's folder of an album with what the last count found."""


class Count(msgspec.Struct, frozen=True):
    """What the last count of an album's people found."""

    threshold: float


class CachedPeople:
    """The people of an album as one request sees them; what is computed for it serves later requests too."""

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
        """The faces of the album; most changes to a book leave them as they are."""
        false = false_faces(self.album.album, book, self._settings)
        return self.album.remembered(("table", false), lambda: FaceTable(self.album.album, self._settings, false))

    def owners(self) -> dict[str, Person]:
        """Id of a face -> the person that it belongs to."""
        return self.album.remembered(("owners", self.version), self.people.owners)

    def person(self, person_id: str) -> Person:
        """The person with this id."""
        return known_person(self.people, person_id)

    def heir(self, person_id: str) -> Person:
        """The person with this id, or the one it has been merged into since."""
        return known_person(self.people, self.people.book.heirs().get(person_id, person_id))

    def questions(self) -> list[Question]:
        """Pairs of faces that may be one person, the most helpful answer first."""
        return self.album.remembered(
            ("questions", self.version),
            lambda: msgspec.structs.replace(self.people, threshold=self._threshold()).questions(),
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
    """The person with an id that a client has sent."""
    found = people.by_id(person_id)
    if found is None:
        raise NotHere("there is no such person", "reload the page")
    return found
