"""The files of the event pipeline: ``face_data.csv``, ``photo_scores.csv`` and ``event.json``.

docs/EVENT_FILES.md describes every column, with an example row of each file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec

from photo_ranker.core.terminal import cell, csv_lines, path_cell, path_fields, paths_fields, shown
from photo_ranker.people.best import cover_of, faces_here, people_in_order, photos_of
from photo_ranker.people.book import Book, Person
from photo_ranker.people.corrections import shown_name
from photo_ranker.people.event import EventPhoto, FaceInPhoto
from photo_ranker.people.faces import FaceTable

__all__ = [
    "FACE_COLUMNS",
    "SCORE_COLUMNS",
    "Outside",
    "event_document",
    "face_data",
    "moments_of",
    "photo_id",
    "photo_scores",
    "results_string",
]

FACE_COLUMNS = ("photo", "facial_area", "cluster", "name", "category", "face_id", "detection")
SCORE_COLUMNS = (
    "photo", "final_score", "technical", "composition", "expression", "context", "moment", "moment_label",
    "taken_at", "people", "broken_rules", "results_string", "copies",
)  # fmt: skip

NOBODY = -1
"""The cluster of faces that belong to nobody."""

SCHEMA = 1


class Outside(msgspec.Struct, frozen=True):
    """What the event's files take from outside the album."""

    moment_labels: Mapping[int, str] = {}
    thumbnails: Mapping[int, str] = {}
    """Number of a photo -> path of its thumbnail, beside the files."""
    faces: Mapping[str, str] = {}
    """Id of a face -> path of its picture."""
    best_photos: int = 5
    """Most photos listed for each identity."""


def photo_id(path: str) -> str:
    """The id of a photo: short, and the same as long as its path stays the same."""
    return "p" + blake2b(os.fsencode(os.path.normpath(path)), digest_size=8).hexdigest()


def face_data(table: FaceTable, book: Book) -> bytes:
    """A row for each face of the album."""
    owners = book.owners()
    names = [_path(photo.path) for photo in table.album.photos]
    rows = []
    for face, photo in zip(table.album.faces, table.album.owners.tolist(), strict=True):
        person = owners.get(face.id)
        x, y, width, height = (round(value) for value in face.box)
        rows.append((
            names[photo],
            f'{{"x":{x},"y":{y},"w":{width},"h":{height}}}',
            NOBODY if person is None else person.number,
            cell((person and person.name) or ""),
            person.category if person else "",
            face.id,
            face.detection,
        ))  # fmt: skip
    return csv_lines([FACE_COLUMNS, *rows])


def photo_scores(photos: Sequence[EventPhoto], labels: Mapping[int, str]) -> bytes:
    """A row for each photo, the best first."""
    return csv_lines([SCORE_COLUMNS, *(_row(photo, labels) for photo in photos)])


def _row(photo: EventPhoto, labels: Mapping[int, str]) -> tuple[Any, ...]:
    names = [shown_name(item.person) for item in photo.faces if item.person is not None and not item.person.hidden]
    return (
        _path(photo.path),
        f"{photo.final_score:.4f}",
        *("" if value is None else f"{value:.4f}" for value in _scores(photo).values()),
        photo.moment or "",
        cell(labels.get(photo.moment or 0, "")),
        photo.taken_at or "",
        cell("; ".join(names)),
        "; ".join(photo.broken_rules),
        results_string(photo),
        "; ".join(map(_path, photo.copies)),
    )


def results_string(photo: EventPhoto) -> str:
    """A whole photo in one short text: scores, then for each person its cluster, category, eyes, smile and pose."""
    scores = " ".join([f"{name}{_short(value)}" for name, value in zip("TCEX", _scores(photo).values(), strict=True)])
    faces = " ".join(map(_face_string, photo.faces))
    return f"{scores} | {faces}" if faces else scores


def _face_string(item: FaceInPhoto) -> str:
    person, signals = item.person, item.signals
    who = f"{NOBODY}-" if person is None else f"{person.number}{person.category[0]}"
    return f"{who}:e{_short(signals.eyes_open)}s{_short(signals.smile)}f{_short(signals.facing)}"


def _short(value: float | None) -> str:
    return "?" if value is None else f"{value:.2f}"


def event_document(photos: Sequence[EventPhoto], book: Book, table: FaceTable, outside: Outside) -> dict[str, Any]:
    """The event as one document: totals, identities with their best photos, moments, and every photo."""
    owners = book.owners()
    here = people_in_order(
        [person for person in book.present() if not person.hidden and faces_here(person, table)], table
    )
    told = [_photo(photo, outside) for photo in photos]
    place_of = {photo.number: place for place, photo in enumerate(photos)}
    return {
        "schema": SCHEMA,
        "engine": table.album.engine,
        "totals": {
            "photos": len(table.album.photos),
            "scored": len(photos),
            "copies": sum(len(photo.copies) for photo in photos),
            "unreadable": sum(photo.record.unreadable is not None for photo in table.album.photos),
            "faces": len(table.album.faces),
            "identities": len(here),
            "unassigned": sum(face.id not in owners for face in table.album.faces),
            "moments": len({photo.moment for photo in photos if photo.moment is not None}),
        },
        "identities": [_identity(person, _places(person, place_of, table), told, table, outside) for person in here],
        "moments": _moments(photos, outside),
        "photos": told,
    }


def _identity(
    person: Person, places: Sequence[int], told: Sequence[dict[str, Any]], table: FaceTable, outside: Outside
) -> dict[str, Any]:
    """One person of the document, with the photos at these places in it."""
    return {
        "id": person.id,
        "cluster": person.number,
        "cluster_id": person.number,
        "name": person.name,
        "shown": shown_name(person),
        "role": person.role or person.category,
        "born": person.born,
        "category": person.category,
        "thumbnail": outside.faces.get(cover_of(person, table) or ""),
        "photo_count": len(places),
        "best_photos": [told[place] for place in places[: outside.best_photos]],
    }


def _places(person: Person, place_of: Mapping[int, int], table: FaceTable) -> list[int]:
    return sorted(place_of[number] for number in photos_of(person, table) if number in place_of)


def _photo(photo: EventPhoto, outside: Outside) -> dict[str, Any]:
    return {
        **path_fields(photo.path),
        "photo_id": photo_id(photo.path),
        "score": photo.final_score,
        "scores": _scores(photo),
        "moment": None
        if photo.moment is None
        else {"number": photo.moment, "label": outside.moment_labels.get(photo.moment)},
        "timestamp": photo.taken_at,
        "thumbnail": outside.thumbnails.get(photo.number),
        "people": [item.person.id for item in photo.faces if item.person is not None and not item.person.hidden],
        "broken_rules": list(photo.broken_rules),
        **paths_fields("copies", photo.copies),
    }


def moments_of(photos: Sequence[EventPhoto]) -> list[dict[str, Any]]:
    """The moments of an event as in its document, without labels."""
    return _moments(photos, Outside())


def _moments(photos: Sequence[EventPhoto], outside: Outside) -> list[dict[str, Any]]:
    times: dict[int, list[str]] = {}
    for photo in photos:
        if photo.moment is not None and photo.taken_at is not None:
            times.setdefault(photo.moment, []).append(photo.taken_at)
    return [
        {
            "number": number,
            "label": outside.moment_labels.get(number),
            "start": min(taken),
            "end": max(taken),
            "photos": len(taken),
        }
        for number, taken in sorted(times.items())
    ]


def _scores(photo: EventPhoto) -> dict[str, float | None]:
    return {
        "technical": photo.technical,
        "composition": photo.composition,
        "expression": photo.expression,
        "context": photo.context,
    }


def _path(path: str) -> str:
    return path_cell(shown(path))
