"""Scores an event and writes its files: tables, pictures of people and photos; takes names from a file of labels."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photo_ranker.core import files
from photo_ranker.core.terminal import counted
from photo_ranker.errors import UserError
from photo_ranker.workspace.requests import LABELS_NAME

if TYPE_CHECKING:
    from photo_ranker.core.terminal import Listener
    from photo_ranker.images.thumbnails import Thumbnails
    from photo_ranker.people.book import Book, Person
    from photo_ranker.people.event import EventPhoto
    from photo_ranker.people.faces import FaceTable
    from photo_ranker.workspace import Workspace
    from photo_ranker.workspace.people import AlbumPeople
    from photo_ranker.workspace.requests import EventRequest

__all__ = ["DOCUMENT_NAME", "EVENT_TABLES", "score_album", "write_document", "write_tables"]

DOCUMENT_NAME = "event.json"
EVENT_TABLES = "photo_scores.csv", "face_data.csv"

_SIGNS = {DOCUMENT_NAME: b'"schema"', EVENT_TABLES[0]: b"photo,final_score,", EVENT_TABLES[1]: b"photo,facial_area,"}
"""File -> what its first bytes hold if an event was written there before."""
_HEAD = 64

THUMBNAIL_SIDE = 320
"""px of the longer side."""
SHEET_FACES = 12
"""Most faces in the picture of a person."""
SHEET_COLUMNS = 4
"""Faces per row."""


def score_album(workspace: Workspace, request: EventRequest) -> tuple[list[EventPhoto], dict[str, Any]]:
    """Score all photos of an album and write the event's files; returns the photos and the event's document."""
    from photo_ranker.people.event import score_event
    from photo_ranker.people.event_files import Outside, event_document

    listener = workspace.listener
    _refuse_others(request.output)
    with workspace.people(request.album, keep=not request.dry_run) as people:
        _take_labels(request, people, listener)
    # Outside the block the book is saved and unlocked: pictures take long, and others need not wait for them.
    photos = score_event(people.book, people.table, people.settings, request.copies)
    for number in sorted(request.moments.keys() - {photo.moment for photo in photos}):
        listener.say(f"note: there is no moment {number}")
    thumbnails, faces = ({}, {}) if request.dry_run else _write_pictures(request.output, photos, people, listener)
    outside = Outside(moment_labels=request.moments, thumbnails=thumbnails, faces=faces, best_photos=request.best)
    document = event_document(photos, people.book, people.table, outside)
    if not request.dry_run:
        write_tables(request.output, photos, people.table, people.book, request.moments)
        write_document(request.output, document)
    return photos, document


def _refuse_others(output: Path) -> None:
    """Refuse to write over a file that is not from an event."""
    for name, sign in _SIGNS.items():
        path = output / name
        if path.is_file() and sign not in files.read_head(path, _HEAD, follow=True):
            raise UserError(f"{path} is not of an event; it is left as it is", "choose another folder with --output")


def _take_labels(request: EventRequest, people: AlbumPeople, listener: Listener) -> None:
    from photo_ranker.people.naming import name_by_labels, read_labels

    folders = [request.output, *map(Path, request.album.photos), people.root]
    places = [request.labels] if request.labels else [folder / LABELS_NAME for folder in folders]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        if request.labels:
            raise UserError(f"there is no file {request.labels}", "check the path given with --labels")
        return
    decisions, notes = name_by_labels(people.book, read_labels(files.read(path, follow=True)))
    for note in notes:
        listener.say(f"note: {path.name}: {note}")
    if decisions:
        listener.say(f"note: took {counted(len(decisions), 'label')} from {path}")


def _write_pictures(
    output: Path, photos: list[EventPhoto], people: AlbumPeople, listener: Listener
) -> tuple[dict[int, str], dict[str, str]]:
    """Write the pictures; returns their paths: of photos by number, and of best faces by id."""
    from photo_ranker.core.files import make_folder
    from photo_ranker.images import Limits
    from photo_ranker.images.thumbnails import Thumbnails, thumbnails_folder

    pictures = Thumbnails(Limits.of(people.settings.measure), thumbnails_folder())
    folders = output / "output_clusters", output / "thumbnails"
    for folder in folders:
        make_folder(folder, 0o700)
    for folder in (output, *folders):
        files.remove_leftovers(folder)
    faces = _write_faces(output, people, pictures, listener)
    small = _write_photos(output / "thumbnails", photos, people, pictures, listener)
    for folder in folders:
        files.sync_folder(folder)
    return small, faces


def _write_faces(output: Path, people: AlbumPeople, pictures: Thumbnails, listener: Listener) -> dict[str, str]:
    """Write a sheet of faces for each person, and the best face alone; returns the paths of the best faces by id."""
    from photo_ranker.people.best import cover_of

    found = {}
    for person in people.shown():
        best = cover_of(person, people.table)
        crops = _crops(person, best, people, pictures, listener)
        if crops:
            _keep(output / "output_clusters" / f"cluster_{person.number}.jpg", _sheet(list(crops.values())))
        if best in crops:
            found[best] = f"thumbnails/cluster_{person.number}.jpg"
            _keep(output / found[best], crops[best])
    return found


def _crops(
    person: Person, best: str | None, people: AlbumPeople, pictures: Thumbnails, listener: Listener
) -> dict[str, bytes]:
    """Pictures of a person's faces by id, the best first; photos that cannot be read are left out."""
    from photo_ranker.errors import PhotoUnreadable

    table, crops = people.table, {}
    faces = sorted(people.faces(person), key=lambda face: (face != best, -table.face(face).size_px, face))
    for face in faces[:SHEET_FACES]:
        photo = table.album.photos[table.photos(face)[0]]
        try:
            crops[face] = pictures.face(photo.path, photo.record, table.face(face))
        except PhotoUnreadable as error:
            listener.say(f"note: {photo.path}: {error}")
    return crops


def _write_photos(
    folder: Path, photos: list[EventPhoto], people: AlbumPeople, pictures: Thumbnails, listener: Listener
) -> dict[int, str]:
    """Write a small picture of each photo; returns the paths by number."""
    from photo_ranker.errors import PhotoUnreadable

    found = {}
    for item in photos:
        record = people.table.album.photos[item.number].record
        path = folder / f"{record.stamp.hash}.jpg"
        try:
            if not path.exists():
                _keep(path, pictures.whole(item.path, record, THUMBNAIL_SIDE))
        except PhotoUnreadable as error:
            listener.say(f"note: {item.path}: {error}")
            continue
        found[item.number] = f"thumbnails/{path.name}"
    return found


def _keep(path: Path, jpeg: bytes) -> None:
    files.replace(path, [jpeg], mode=None, sync="file")  # synced, since the next run keeps a picture that exists


def _sheet(crops: list[bytes]) -> bytes:
    """One JPEG with faces in rows."""
    import cv2
    import numpy as np

    from photo_ranker.images.thumbnails import FACE_SIDE, JPEG_QUALITY

    columns = min(SHEET_COLUMNS, len(crops))
    rows = -(-len(crops) // columns)
    sheet = np.full((rows * FACE_SIDE, columns * FACE_SIDE, 3), 255, np.uint8)
    for number, crop in enumerate(crops):
        face = cv2.imdecode(np.frombuffer(crop, np.uint8), cv2.IMREAD_COLOR)
        assert face is not None
        top, left = number // columns * FACE_SIDE, number % columns * FACE_SIDE
        sheet[top : top + FACE_SIDE, left : left + FACE_SIDE] = cv2.resize(face, (FACE_SIDE, FACE_SIDE))
    written, data = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert written
    return bytes(data.tobytes())


def write_tables(
    output: Path, photos: list[EventPhoto], table: FaceTable, book: Book, labels: Mapping[int, str]
) -> None:
    """Write the two tables of a scored event; ``labels`` are moments' names by number."""
    from photo_ranker.metadata import write_file
    from photo_ranker.people.event_files import face_data, photo_scores

    of_photos, of_faces = EVENT_TABLES
    write_file(output / of_photos, photo_scores(photos, labels))
    write_file(output / of_faces, face_data(table, book))


def write_document(output: Path, document: object) -> None:
    """Write the document of a scored event."""
    import msgspec

    from photo_ranker.metadata import write_file

    write_file(output / DOCUMENT_NAME, msgspec.json.format(msgspec.json.encode(document), indent=1))
