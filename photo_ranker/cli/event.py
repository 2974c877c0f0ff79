"""``photo-ranker event``: score all photos of an event for the people who matter, and write the event's files."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import add_album_options, whole_number
from photo_ranker.cli.parsing import add_common, path_for
from photo_ranker.core import files
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.cli.people_count import Everyone
    from photo_ranker.images.thumbnails import Thumbnails
    from photo_ranker.people.book import Person
    from photo_ranker.people.event import EventPhoto

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """example:
  photo-ranker event wedding --output scored --moment 1=Ceremony"""

LABELS_NAME = "cluster_labels.json"
THUMBNAIL_SIDE = 320
SHEET_FACES = 12
"""Faces shown in the picture of a cluster."""
SHEET_COLUMNS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_album_options(parser, first=True)
    add = parser.add_argument
    add(
        "--output",
        type=path_for("--output"),
        default=Path("event"),
        metavar="DIR",
        help="where the files go (default: ./event)",
    )
    add(
        "--labels",
        type=path_for("--labels"),
        metavar="FILE",
        help=f"default: {LABELS_NAME} in the output or the album, if there is one",
    )
    add("--moment", action="append", default=[], metavar="N=LABEL", help="what a moment was: 2=Dinner")
    add("--best", type=whole_number, default=5, metavar="N", help="best photos of each identity (default: 5)")
    add("--dry-run", action="store_true", help="score and print, write nothing")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Count, take labels, score and write."""
    from photo_ranker.cli.people_count import counted
    from photo_ranker.people.event import score_event
    from photo_ranker.people.event_files import Outside, event_document

    labels = _moment_labels(args.moment)
    if os.path.lexists(args.output) and not args.output.is_dir():
        raise UserError(f"{args.output} is a file", "give the name of a folder with --output")
    with counted(args) as everyone:
        _take_labels(args, everyone)
    # Names are safe by now; pictures take their time, and nobody need wait for the album's lock.
    photos = score_event(everyone.book, everyone.table, everyone.settings)
    for number in sorted(labels.keys() - {photo.moment for photo in photos}):
        everyone.say(f"note: there is no moment {number}")
    thumbnails, faces = ({}, {}) if args.dry_run else _write_pictures(args.output, photos, everyone)
    outside = Outside(moment_labels=labels, thumbnails=thumbnails, faces=faces, best_photos=args.best)
    document = event_document(photos, everyone.book, everyone.table, outside)
    if not args.dry_run:
        _write_files(args.output, document, photos, everyone, labels)
    if args.json:
        write_json(document, indent=1)
        return 0
    for photo in photos:
        broken = f"  breaks {', '.join(photo.broken_rules)}" if photo.broken_rules else ""
        write_line(f"{photo.final_score:.2f}  {photo.path}{broken}")
    if not args.dry_run:
        everyone.say(f"the event's files are in {args.output}")
    return 0


def _moment_labels(words: list[str]) -> dict[int, str]:
    labels = {}
    for word in words:
        number, _, label = word.partition("=")
        if not number.isdecimal() or not label:
            raise UserError(f"--moment {word} is not a number and a label", "write it like --moment 2=Dinner")
        labels[int(number)] = label
    return labels


def _take_labels(args: argparse.Namespace, everyone: Everyone) -> None:
    from photo_ranker.people.labels import name_by_labels, read_labels

    folders = [args.output, *map(Path, args.photos), everyone.root]
    places = [args.labels] if args.labels else [folder / LABELS_NAME for folder in folders]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        if args.labels:
            raise UserError(f"there is no file {args.labels}", "check the path given with --labels")
        return
    said, notes = name_by_labels(everyone.book, read_labels(files.read(path, follow=True)))
    for note in notes:
        everyone.say(f"note: {path.name}: {note}")
    if said:
        everyone.say(f"note: took {len(said)} labels from {path}")


def _write_pictures(
    output: Path, photos: list[EventPhoto], everyone: Everyone
) -> tuple[dict[int, str], dict[str, str]]:
    """Write pictures of faces and photos; gives where those of photos lie by number, and of best faces by their id."""
    from photo_ranker.core.folders import make_folder
    from photo_ranker.images import Limits
    from photo_ranker.images.thumbnails import Thumbnails, thumbnails_folder

    pictures = Thumbnails(Limits.of(everyone.settings.measure), thumbnails_folder())
    folders = output / "output_clusters", output / "thumbnails"
    for folder in folders:
        make_folder(folder, 0o700)
    for folder in (output, *folders):
        files.remove_leftovers(folder)
    faces = _write_faces(output, everyone, pictures)
    smalls = _write_photos(output / "thumbnails", photos, everyone, pictures)
    for folder in folders:
        files.sync_folder(folder)
    return smalls, faces


def _write_faces(output: Path, everyone: Everyone, pictures: Thumbnails) -> dict[str, str]:
    """A sheet of faces for each cluster, and the best face alone; gives where the latter lie."""
    from photo_ranker.people.event_files import best_face

    found = {}
    for person in everyone.people():
        best = best_face(person, everyone.table)
        crops = _crops(person, best, everyone, pictures)
        if crops:
            _keep(output / "output_clusters" / f"cluster_{person.number}.jpg", _sheet(list(crops.values())))
        if best in crops:
            found[best] = f"thumbnails/cluster_{person.number}.jpg"
            _keep(output / found[best], crops[best])
    return found


def _crops(person: Person, best: str | None, everyone: Everyone, pictures: Thumbnails) -> dict[str, bytes]:
    """Pictures of a person's faces by their ids, the best face first; those that cannot be read are left out."""
    from photo_ranker.errors import PhotoUnreadable

    table, crops = everyone.table, {}
    faces = [face for face in person.faces if face in table.places]
    faces.sort(key=lambda face: (face != best, -table.face(face).size_px, face))
    for face in faces[:SHEET_FACES]:
        photo = table.album.photos[table.photos(face)[0]]
        try:
            crops[face] = pictures.face(photo.path, photo.record, table.face(face))
        except PhotoUnreadable as error:
            everyone.say(f"note: {photo.path}: {error}")
    return crops


def _write_photos(smalls: Path, photos: list[EventPhoto], everyone: Everyone, pictures: Thumbnails) -> dict[int, str]:
    """A small picture of each photo; gives where they lie."""
    from photo_ranker.errors import PhotoUnreadable

    found = {}
    for item in photos:
        record = everyone.table.album.photos[item.number].record
        path = smalls / f"{record.stamp.hash}.jpg"
        try:
            if not path.exists():
                _keep(path, pictures.whole(item.path, record, THUMBNAIL_SIDE))
        except PhotoUnreadable as error:
            everyone.say(f"note: {item.path}: {error}")
            continue
        found[item.number] = f"thumbnails/{path.name}"
    return found


def _keep(path: Path, jpeg: bytes) -> None:
    files.replace(path, [jpeg], mode=None, sync="file")  # the next run believes in what lies there


def _sheet(crops: list[bytes]) -> bytes:
    """Faces side by side in rows."""
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


def _write_files(
    output: Path, document: object, photos: list[EventPhoto], everyone: Everyone, labels: dict[int, str]
) -> None:
    import msgspec

    from photo_ranker.metadata import write_file
    from photo_ranker.people.event_files import face_data, photo_scores

    write_file(output / "face_data.csv", face_data(everyone.table, everyone.book))
    write_file(output / "photo_scores.csv", photo_scores(photos, labels))
    write_file(output / "event.json", msgspec.json.format(msgspec.json.encode(document), indent=1))
