"""Faces that a user sorts or labels: folders of crops to sort by hand, and how well people agree with labels."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from photo_ranker.album import AlbumPhoto
from photo_ranker.core import files
from photo_ranker.core.files import make_folder
from photo_ranker.core.names import legal_name
from photo_ranker.errors import PhotoUnreadable, UserError
from photo_ranker.images import Limits
from photo_ranker.images.hashing import content_hash
from photo_ranker.images.thumbnails import Thumbnails, thumbnails_folder
from photo_ranker.people.agreement import Agreement, agreement
from photo_ranker.people.book import Decision
from photo_ranker.people.sorting import FALSE_FACES, UNASSIGNED, Exported, folder_name, take_sorted
from photo_ranker.workspace.people import AlbumPeople

__all__ = [
    "NOTE_NAME",
    "Evaluation",
    "FaceLabels",
    "SortedFaces",
    "evaluate",
    "face_folders",
    "import_faces",
    "read_face_labels",
    "read_sorted_faces",
    "write_face_folders",
]

# Writes face crops into one folder per person, to be sorted by hand, and reads them back as corrections.


NOTE_NAME = ".photo_ranker_faces.json"
"""File in the export that lists what each folder held when it was written."""


def face_folders(people: AlbumPeople) -> dict[str, Exported]:
    """Name of a folder -> the person and the faces that go into it."""
    folders = {legal_name(folder_name(person)): Exported(person.id, people.faces(person)) for person in people.shown()}
    rest = {UNASSIGNED: people.unrecognised(), FALSE_FACES: people.false_faces()}
    return folders | {name: Exported(None, faces) for name, faces in rest.items() if faces}


def write_face_folders(
    to: Path, folders: Mapping[str, Exported], people: AlbumPeople, say: Callable[[str], None]
) -> dict[str, Exported]:
    """Write all crops and a note of them, or nothing; a face whose photo cannot be read is left out."""
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


class SortedFaces(msgspec.Struct, frozen=True):
    """An export of faces, as it was written and as the user left it."""

    exported: Mapping[str, Exported]
    """Name of a folder -> what was written into it."""
    found: Mapping[str, Sequence[str]]
    """Name of a folder -> faces whose crops are in it now."""


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
    """Turn sorted folders into corrections: names, merges, moves; a deleted crop means "not this person"."""
    known = people.book.by_id()
    lost = [item.person for item in faces.exported.values() if item.person is not None and item.person not in known]
    if lost:
        raise UserError(f"people of this export who are not in the album: {len(lost)}", "give its folder with --photos")
    # Photos may be gone by now: a face that neither the album nor the book still has belongs to nobody.
    here = {*people.table.places, *people.table.false_faces, *people.owners()}
    exported = {
        name: Exported(item.person, [face for face in item.faces if face in here])
        for name, item in faces.exported.items()
    }
    found = {name: [face for face in crops if face in here] for name, crops in faces.found.items()}
    return take_sorted(people.book, exported, found)


# How well the people of an album agree with labels of a user: a table, or folders sorted by hand.


_PHOTO_COLUMNS, _PERSON_COLUMNS = ("photo", "file", "path"), ("person", "name", "label")
_CLEARLY_LARGEST = 1.5
"""The largest face of a photo is meant if its box is this many times as high as the next one's."""


class FaceLabels(msgspec.Struct, frozen=True):
    """Who is who, as a user has labelled it."""

    people: Mapping[str, str]
    """Id of a face -> the person."""
    left_out: int
    """Labels that could not be used: their photo is not in the album, or nobody can tell which face is meant."""


class Evaluation(msgspec.Struct, frozen=True):
    """The result of a comparison."""

    faces: int
    people: int
    groups: int
    """How many people our groups make of these faces; each face that belongs to nobody counts as one."""
    left_out: int
    agreement: Agreement


def evaluate(people: AlbumPeople, labels: FaceLabels) -> Evaluation:
    """Compare the groups with the labels, over the faces that have one."""
    if not labels.people:
        raise UserError("no label fits a face of the album", "give the album that the labels are about with --photos")
    owners = people.owners()
    # A face without a person is a group of its own.
    found = [owners[face].id if face in owners else f"alone {face}" for face in labels.people]
    groups, numbers = np.unique(found, return_inverse=True)
    names, true = np.unique(list(labels.people.values()), return_inverse=True)
    return Evaluation(len(found), len(names), len(groups), labels.left_out, agreement(numbers, true))


def read_face_labels(path: Path, people: AlbumPeople) -> FaceLabels:
    """Labels of faces: from a folder with a folder for each person, or from a csv file."""
    labelled = list(_in_folders(path, people) if path.is_dir() else _in_table(path, people))
    found = {face: person for face, person in labelled if face is not None}
    return FaceLabels(found, sum(face is None for face, _ in labelled))


_Label = tuple[str | None, str]
"""The id of a face (None = not known), and the person."""


def _in_folders(folder: Path, people: AlbumPeople) -> Iterator[_Label]:
    """Labels from folders of photos, copied or moved from the album, or of crops that ``people export-faces`` wrote."""
    lookup = _Lookup(people)
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        if person.name in {UNASSIGNED, FALSE_FACES}:
            continue
        for path in sorted(path for path in person.iterdir() if path.is_file() and not path.name.startswith(".")):
            face = path.stem if lookup.knows(path.stem) else lookup.only_face(lookup.photo_like(path))
            yield face, person.name


def _in_table(path: Path, people: AlbumPeople) -> Iterator[_Label]:
    """One row per face: its photo and person, and if the photo shows several faces its id or its place (x, y)."""
    lookup = _Lookup(people)
    for row in _rows(path):
        photo = lookup.photo_of(_value(row, _PHOTO_COLUMNS))
        face: str | None = row.get("face") or None
        if face is not None:
            face = face if lookup.knows(face) else None
        elif photo is not None and row.get("x") and row.get("y"):
            face = lookup.face_at(photo, _number(row, "x"), _number(row, "y"))
        else:
            face = lookup.only_face(photo)
        yield face, _value(row, _PERSON_COLUMNS)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        text = files.read(path, follow=True).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}: {error}", "give a csv file in UTF-8, or a folder") from error
    reader = csv.DictReader(text.splitlines())
    columns = set(reader.fieldnames or ())
    if not (columns.intersection(_PHOTO_COLUMNS) or "face" in columns) or not columns.intersection(_PERSON_COLUMNS):
        raise UserError(
            f"{path} has no columns of photos and people",
            "its first line should be: photo,person (and face, or x,y where a photo shows several)",
        )
    return [row for row in reader if _value(row, _PERSON_COLUMNS)]


def _value(row: Mapping[str, str], columns: Iterable[str]) -> str:
    return next((value.strip() for column in columns if (value := row.get(column))), "")


def _number(row: Mapping[str, str], column: str) -> float:
    try:
        return float(row[column])
    except ValueError as error:
        raise UserError(f"{column} is {row[column]}, not a number", "x and y are shares of the picture") from error


class _Lookup:
    """Finds the photos and faces of an album that labels name."""

    def __init__(self, people: AlbumPeople) -> None:
        self._people = people
        self._by_hash = {photo.record.stamp.hash: photo for photo in people.album.photos if photo.record.stamp.hash}
        self._by_name: dict[str, AlbumPhoto | None] = {}
        for photo in people.album.photos:
            # A name that two photos share identifies neither.
            self._by_name[photo.name] = None if photo.name in self._by_name else photo
        self._by_path = {photo.path: photo for photo in people.album.photos}

    def knows(self, face: str) -> bool:
        """Whether this is the id of a face of the album."""
        return face in self._people.table.places

    def photo_of(self, words: str) -> AlbumPhoto | None:
        """The photo of a path, or of a name that only one photo has."""
        return self._by_path.get(words) or self._by_name.get(Path(words).name)

    def photo_like(self, path: Path) -> AlbumPhoto | None:
        """The photo with the content of a file, else that of its name."""
        photo = self._by_hash.get(content_hash(files.read(path, follow=True)))
        return photo or self._by_name.get(path.name)

    def only_face(self, photo: AlbumPhoto | None) -> str | None:
        """The face that a photo is about; None if it shows several of about the same size."""
        faces = () if photo is None else photo.record.faces_by(self._people.album.engine)
        largest = sorted(faces, key=lambda face: -face.box[3])
        if not largest or (len(largest) > 1 and largest[0].box[3] < _CLEARLY_LARGEST * largest[1].box[3]):
            return None
        return largest[0].id

    def face_at(self, photo: AlbumPhoto, x: float, y: float) -> str | None:
        """The face whose box holds a place, in shares of the picture; of several, the one with the nearest middle."""
        across, down = x * photo.record.width, y * photo.record.height
        here = [
            (abs(left + width / 2 - across) + abs(top + height / 2 - down), face.id)
            for face in photo.record.faces_by(self._people.album.engine)
            for left, top, width, height in [face.box]
            if left <= across <= left + width and top <= down <= top + height
        ]
        return min(here)[1] if here else None
