"""The classic files of an event, kept with an album: written by a job, shown on a page, and offered for download."""

from __future__ import annotations

import os
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from photo_ranker.album import AlbumPhoto
from photo_ranker.core import files
from photo_ranker.core.terminal import shown
from photo_ranker.people.book import Book, Person
from photo_ranker.people.event import score_event
from photo_ranker.people.event_files import Outside, event_document, moments_of
from photo_ranker.people.told import table_of
from photo_ranker.settings import Settings
from photo_ranker.web import storage
from photo_ranker.web.open_albums import OpenAlbum, id_of_name
from photo_ranker.workspace.event import DOCUMENT_NAME, EVENT_TABLES, write_document, write_tables

if TYPE_CHECKING:
    from photo_ranker.web.grid import Bursts

__all__ = [
    "LABELS_NAME",
    "Scored",
    "ScoredEvent",
    "ScoredPhoto",
    "kept_labels",
    "people_told",
    "scored_event",
    "write_event",
]

LABELS_NAME = "moments.json"
"""Labels of moments by the time of their first photo: numbers change when photos are added."""


class Scored(NamedTuple):
    """The result of scoring an event."""

    photos: int
    files: list[str]
    """The addresses of the files."""
    notes: list[str]
    """What the user should know."""


def write_event(
    opened: OpenAlbum, book: Book, settings: Settings, place: Path, said: Mapping[int, str]
) -> tuple[Scored, Callable[[], None]]:
    """Score all photos and write the document; returns a function that writes the tables, which no page needs.

    ``said`` are new labels of moments by number. The old tables are removed first, so that the
    tables never come from another scoring than the document.
    """
    # Others may read these files, so photos are named within the album.
    table = table_of(opened.by_names(), book, settings)
    photos = score_event(book, table, settings)
    base = f"/api/albums/{opened.entry.id}"
    small = {photo.number: f"{base}/photos/{opened.ids[photo.number]}/pictures/small" for photo in photos}
    faces = {face: f"{base}/faces/{face}/picture" for face in table.ids}
    folder = files.private_folder(place / "event")
    files.remove_leftovers(folder, in_cache=True)
    labels, notes = kept_labels(moments_of(photos), said, folder / LABELS_NAME)
    document = event_document(photos, book, table, Outside(moment_labels=labels, thumbnails=small, faces=faces))
    for name in EVENT_TABLES:
        (folder / name).unlink(missing_ok=True)
    write_document(folder, document)
    scored = Scored(len(photos), [f"{base}/event/{name}" for name in (DOCUMENT_NAME, *EVENT_TABLES)], notes)
    return scored, lambda: write_tables(folder, photos, table, book, labels)


def kept_labels(
    moments: Sequence[dict[str, Any]], said: Mapping[int, str], path: Path
) -> tuple[dict[int, str], list[str]]:
    """The label of each moment, and notes. New labels are kept; an empty one removes a label."""
    read, note = storage.read_or_heal(path, dict[str, str], _healed)
    known = read or {}
    found = {}
    for moment in moments:
        mine = [start for start in known if moment["start"] <= start <= moment["end"]]
        label = said.get(moment["number"], known[mine[0]] if mine else "")
        for start in mine:
            del known[start]
        if label:
            known[moment["start"]] = found[moment["number"]] = label
    storage.write_value(path, known)
    return found, [note] if note else []


_PAIR = re.compile(rb'("(?:[^"\\]|\\.)*")\s*:\s*("(?:[^"\\]|\\.)*")')


def _healed(content: bytes) -> dict[str, str]:
    """Every label that can still be read."""
    found: dict[str, str] = {}
    for pair in _PAIR.finditer(content):
        with suppress(msgspec.DecodeError, UnicodeDecodeError):  # part of the damage; the file is kept aside
            found |= msgspec.json.decode(b"{%b:%b}" % pair.groups(), type=dict[str, str])
    return found


class ToldPhoto(msgspec.Struct, frozen=True, gc=False):
    """What the page needs of a photo in the document."""

    path: str
    score: float
    scores: dict[str, float | None]
    moment: dict[str, Any] | None
    broken_rules: list[str]
    path_bytes: str | None = None


class ToldPerson(msgspec.Struct, frozen=True):
    """What the page needs of a person in the document."""

    id: str
    name: str | None
    category: str


class ToldEvent(msgspec.Struct, frozen=True):
    """What the page needs of the document."""

    identities: list[ToldPerson]
    moments: list[dict[str, Any]]
    photos: list[ToldPhoto]


class ScoredPhoto(NamedTuple):
    """A photo of the last scoring that is still in the album."""

    rank: int
    told: ToldPhoto
    number: int
    """The number of the photo in the album."""
    photo: AlbumPhoto
    alternates: tuple[str, ...] = ()
    """Names of the other photos of the burst, if only the best of each burst is listed."""


class ScoredEvent(NamedTuple):
    """The last scoring as the page shows it, the best photos first."""

    moments: list[dict[str, Any]]
    photos: list[ScoredPhoto]
    best: list[ScoredPhoto]
    """The best of each burst."""
    people: frozenset[tuple[str, str | None, str]]
    """As :func:`people_told` returns them."""


def scored_event(album: OpenAlbum, place: Path, bursts: Callable[[], Bursts]) -> ScoredEvent | None:
    """The last scoring, kept in memory until the next; None if there is none. ``bursts`` returns the album's bursts."""
    path = place / "event" / DOCUMENT_NAME
    try:
        version = path.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return album.remembered(("event", version), lambda: _read(album, path, bursts))


def _read(album: OpenAlbum, path: Path, bursts: Callable[[], Bursts]) -> ScoredEvent | None:
    document = storage.read_derived(path, ToldEvent)
    if document is None:
        return None
    photos = [
        ScoredPhoto(rank, told, number, album.album.photos[number])
        for rank, told in enumerate(document.photos, 1)
        if (number := album.number_if_here(_photo_of(told))) is not None
    ]
    by_number = {photo.number: photo for photo in photos}
    best = [
        by_number[first]._replace(alternates=tuple(shown(by_number[number].photo.name) for number in rest))
        for first, *rest in bursts().together(by_number)
    ]
    return ScoredEvent(document.moments, photos, best, people_told(document.identities))


def people_told(people: Iterable[ToldPerson | Person]) -> frozenset[tuple[str, str | None, str]]:
    """Who is in an album, and how much they matter: a scoring is valid as long as that stays the same."""
    return frozenset((person.id, person.name, person.category) for person in people)


def _photo_of(told: ToldPhoto) -> str:
    """The id of a photo in the document."""
    return id_of_name(told.path if told.path_bytes is None else os.fsdecode(b64decode(told.path_bytes)))
