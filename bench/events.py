"""One clear reference in real events: how many of the person's photos are found, clear ones and hard ones.

``events/who.csv`` says who is where, ``references.csv`` which photo each person's reference is taken from, and
``not_judged.csv`` what nobody could tell by eye. The threshold is the one that the album sets.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path

import numpy as np

from bench.figures import Figure
from bench.measured import engine, face_at, records_of
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.images import PHOTO_SUFFIXES
from photo_ranker.people.book import Book
from photo_ranker.people.told import search_album
from photo_ranker.person_finder import find_person
from photo_ranker.records import DEFAULT_ENGINE, DUO, Face
from photo_ranker.settings import Settings

__all__ = ["Person", "meant_face", "measure", "people_in", "photos_in"]

SECTION = "events"
SETTINGS = Settings()
FLOORS = {"clear": 0.97, "hard": 0.50}
WRONG = 0.005
EVERYBODY = "*"


@dataclass(slots=True)
class Person:
    """Where one person is in an album, as labelled by eye."""

    album: str
    name: str
    reference: str = ""
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Photo -> where the face is, as shares of width and height."""
    visibility: dict[str, str] = field(default_factory=dict)
    unjudged: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Tally:
    """How many photos of one person were found, and how many there are."""

    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FLOORS, 0))
    shown: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FLOORS, 0))
    wrong: int = 0
    sure: int = 0


def measure(data: Path) -> Iterator[Figure]:
    """Put the same questions to every engine that has measured these faces."""
    people = people_in(data / "events")
    photos = {name: photos_in(data / "events" / name) for name in sorted({person.album for person in people})}
    engines = [DUO, DEFAULT_ENGINE] if engine() == DUO else [engine()]
    for name in engines:
        albums = {album: _without_false(Album(items, name)) for album, items in photos.items()}
        yield from _figures(name, [_tally(albums[person.album], person) for person in people])


def photos_in(folder: Path) -> list[AlbumPhoto]:
    """The measured photos of an album."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in PHOTO_SUFFIXES)
    found = records_of(paths)
    return [AlbumPhoto(str(path), record) for path in paths if (record := found[path]) is not None]


def people_in(folder: Path) -> list[Person]:
    """The people of all albums, and where each is."""
    people: dict[tuple[str, str], Person] = {}
    for row in _rows(folder / "references.csv"):
        people[row["album"], row["person"]] = Person(row["album"], row["person"], row["taken_from"])
    for row in _rows(folder / "who.csv"):
        person = people[row["album"], row["person"]]
        person.places[row["file"]] = float(row["x"]), float(row["y"])
        person.visibility[row["file"]] = row["visibility"]
    for row in _rows(folder / "not_judged.csv"):
        for person in people.values():
            if person.album == row["album"] and row["person"] in {EVERYBODY, person.name}:
                person.unjudged.add(row["file"])
    return list(people.values())


def _without_false(album: Album) -> Album:
    """The album as a search sees it, without false faces."""
    return search_album(album, Book(), SETTINGS)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _tally(album: Album, person: Person) -> _Tally:
    """What one reference finds; its own photo is not judged."""
    photos = {photo.name: photo for photo in album.photos}
    meant = {name: meant_face(photos[name], place) for name, place in person.places.items() if name in photos}
    number_of = {id(face): number for number, face in enumerate(album.faces)}
    reference = album.embeddings[number_of[id(meant[person.reference])]]
    unjudged = person.unjudged | {person.reference}
    tally = _Tally()
    for name in person.places.keys() - unjudged:
        tally.shown[person.visibility[name]] += 1
    for match in find_person(album, [reference], settings=SETTINGS).sure:
        name = album.photos[match.photo].name
        if name in unjudged:
            continue
        tally.sure += 1
        if meant.get(name) is album.faces[match.face]:
            tally.found[person.visibility[name]] += 1
        else:
            tally.wrong += 1
    return tally


def meant_face(photo: AlbumPhoto, place: tuple[float, float]) -> Face | None:
    """The face at a place, in shares of width and height."""
    x, y = place
    return face_at(photo.record, (x * photo.record.width, y * photo.record.height))


def _figures(name: str, tallies: Sequence[_Tally]) -> Iterator[Figure]:
    for kind, floor in FLOORS.items():
        value, error = _share([(tally.found[kind], tally.shown[kind]) for tally in tallies])
        note = f"of {sum(tally.shown[kind] for tally in tallies)} photos of {len(tallies)} people"
        yield Figure(SECTION, f"{name}, {kind} photos found", value, error, floor, note=note)
    value, error = _share([(tally.wrong, tally.sure) for tally in tallies])
    note = f"{sum(tally.wrong for tally in tallies)} of {sum(tally.sure for tally in tallies)} found"
    yield Figure(SECTION, f"{name}, wrong among those found", value, error, WRONG, at_most=True, note=note)


def _share(counts: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """The share over all people, and its standard error between people: photos of one succeed or fail together."""
    good, total = np.array(counts, float).T
    value = float(good.sum() / total.sum())
    residuals = good - value * total
    return value, float(sqrt(len(counts) / (len(counts) - 1) * (residuals @ residuals)) / total.sum())
