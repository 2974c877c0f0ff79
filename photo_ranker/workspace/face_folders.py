"""Face crops in a folder for each person: written to be sorted by hand, and read back as corrections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from photo_ranker.core import files
from photo_ranker.core.folders import make_folder
from photo_ranker.core.names import legal_name
from photo_ranker.errors import PhotoUnreadable, UserError
from photo_ranker.images import Limits
from photo_ranker.images.thumbnails import Thumbnails, thumbnails_folder
from photo_ranker.people.book import Decision
from photo_ranker.people.sorting import FALSE_FACES, UNASSIGNED, Exported, folder_name, take_sorted
from photo_ranker.workspace.people import AlbumPeople

__all__ = ["NOTE_NAME", "SortedFaces", "face_folders", "import_faces", "read_sorted_faces", "write_face_folders"]

NOTE_NAME = ".photo_ranker_faces.json"
"""A file in the export: what each folder held when it was written."""


def face_folders(people: AlbumPeople) -> dict[str, Exported]:
    """Name of a folder -> whose faces it is to hold."""
    folders = {legal_name(folder_name(person)): Exported(person.id, people.faces(person)) for person in people.shown()}
    rest = {UNASSIGNED: people.unrecognised(), FALSE_FACES: people.false_faces()}
    return folders | {name: Exported(None, faces) for name, faces in rest.items() if faces}


def write_face_folders(
    to: Path, folders: Mapping[str, Exported], people: AlbumPeople, say: Callable[[str], None]
) -> dict[str, Exported]:
    """Write the crops, and a note of them, whole or not at all; a face without a crop counts as not exported."""
    pictures = Thumbnails(Limits.of(people.settings.measure), thumbnails_folder())
    written = {}
    try:
        with files.whole_folder(to, 0o700) as part:
            make_folder(part, 0o700)
            for name, item in folders.items():
                (part / name).mkdir()
                crops = _write_crops(part / name, item.faces, people, pictures, say)
                written[name] = Exported(item.person, crops)
            files.write_new(part / NOTE_NAME, [msgspec.json.encode(written)], mode=files.PRIVATE, sync="none")
    except OSError as error:
        raise UserError(f"cannot write {to}: {error.strerror or error}", "give another folder with --to") from error
    return written


def _write_crops(
    folder: Path, faces: Sequence[str], people: AlbumPeople, pictures: Thumbnails, say: Callable[[str], None]
) -> list[str]:
    """Write a crop of each face; returns the faces that have one."""
    table, written = people.table, []
    for face in faces:
        photo = table.album.photos[table.photos(face)[0]]
        try:
            crop = pictures.face(photo.path, photo.record, table.face(face))
        except PhotoUnreadable as error:
            say(f"note: no crop of a face in {photo.path}: {error}")
            continue
        files.write_new(folder / f"{face}.jpg", [crop], mode=files.PRIVATE, sync="none")
        written.append(face)
    return written


@dataclass(frozen=True, slots=True)
class SortedFaces:
    """An export of faces as it was written, and as it is now."""

    exported: Mapping[str, Exported]
    found: Mapping[str, Sequence[str]]
    """Name of a folder -> the faces whose crops it holds."""


def read_sorted_faces(folder: Path) -> SortedFaces:
    """Read an export of faces that a user has sorted."""
    try:
        exported = msgspec.json.decode(files.read(folder / NOTE_NAME), type=dict[str, Exported])
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(f"{folder} is no export of faces", "give the folder that export-faces wrote") from error
    known = {face for item in exported.values() for face in item.faces}
    found = {
        inner.name: [path.stem for path in sorted(inner.iterdir()) if path.stem in known]
        for inner in sorted(folder.iterdir())
        if inner.is_dir()
    }
    return SortedFaces(exported, found)


def import_faces(people: AlbumPeople, faces: SortedFaces) -> list[Decision]:
    """Take sorted folders as corrections: names, merges, moves; a deleted crop is not the person."""
    known = people.book.by_id()
    lost = [item.person for item in faces.exported.values() if item.person is not None and item.person not in known]
    if lost:
        raise UserError(f"{len(lost)} people of this export are not in the album", "give its folder with --photos")
    # Photos may have gone since: a face that neither the album nor the book has any more can be nobody's.
    here = {*people.table.places, *people.table.false_faces, *people.owners()}
    exported = {
        name: Exported(item.person, [face for face in item.faces if face in here])
        for name, item in faces.exported.items()
    }
    found = {name: [face for face in crops if face in here] for name, crops in faces.found.items()}
    return take_sorted(people.book, exported, found)
