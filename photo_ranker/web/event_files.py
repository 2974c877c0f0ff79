"""The classic files of an event, kept with an album: made by a job, shown on a page, taken as they are."""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from photo_ranker.people.book import Book
from photo_ranker.people.event import score_event
from photo_ranker.people.event_files import Outside, event_document, face_data, photo_scores
from photo_ranker.people.faces import FaceTable
from photo_ranker.settings import Settings
from photo_ranker.web import storage
from photo_ranker.web.library import OpenAlbum, photo_id

__all__ = ["EVENT_FILES", "LABELS_NAME", "event_of", "kept_labels", "photo_of", "score"]

EVENT_FILES = ("event.json", "photo_scores.csv", "face_data.csv")

LABELS_NAME = "moments.json"
"""What moments were, by the time of their first photo: numbers change when photos come."""


def score(
    opened: OpenAlbum, book: Book, settings: Settings, place: Path, said: Mapping[int, str]
) -> tuple[int, list[str]]:
    """Score all photos and write the files; how many photos, and where the files are. ``said`` names moments."""
    # Others may read these files: photos go by their names within the album.
    table = FaceTable(opened.by_names(), settings)
    photos = score_event(book, table, settings)
    base = f"/api/albums/{opened.entry.id}"
    small = {photo.number: f"{base}/photos/{opened.ids[photo.number]}/pictures/small" for photo in photos}
    faces = {face: f"{base}/faces/{face}/picture" for face in table.ids}
    moments = event_document(photos, book, table, Outside(thumbnails=small))["moments"]
    folder = storage.private_folder(place / "event")
    labels = kept_labels(moments, said, folder / LABELS_NAME)
    document = event_document(photos, book, table, Outside(moment_labels=labels, thumbnails=small, faces=faces))
    storage.write_bytes(folder / "photo_scores.csv", photo_scores(photos, labels))
    storage.write_bytes(folder / "face_data.csv", face_data(table, book))
    storage.write(folder / "event.json", document)
    return len(photos), [f"{base}/event/{name}" for name in EVENT_FILES]


def kept_labels(moments: Sequence[dict[str, Any]], said: Mapping[int, str], path: Path) -> dict[int, str]:
    """The label of each moment; what is said now is kept, an empty label takes one away."""
    known: dict[str, str] = storage.read(path, dict[str, str]) or {}
    found = {}
    for moment in moments:
        mine = [start for start in known if moment["start"] <= start <= moment["end"]]
        label = said.get(moment["number"], known[mine[0]] if mine else "")
        for start in mine:
            del known[start]
        if label:
            known[moment["start"]] = found[moment["number"]] = label
    storage.write(path, known)
    return found


def event_of(place: Path) -> dict[str, Any] | None:
    """The document of the last scoring."""
    return storage.read(place / "event" / "event.json", dict[str, Any])


def photo_of(told: Mapping[str, Any]) -> str:
    """The id of a photo of the document."""
    name = os.fsdecode(b64decode(told["path_bytes"])) if "path_bytes" in told else told["path"]
    return photo_id(name, os.curdir)
