"""``people export-faces`` and ``import-faces``: sort faces by hand, in folders."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import add_album_options
from photo_ranker.cli.parsing import add_common, path_for
from photo_ranker.core import files
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.cli.people_count import Everyone
    from photo_ranker.images.thumbnails import Thumbnails
    from photo_ranker.people.sorting import Exported

__all__ = ["NOTE_NAME", "add_export_faces", "add_import_faces", "run_export_faces", "run_import_faces"]

NOTE_NAME = ".photo_ranker_faces.json"
"""In the export: what each folder held when it was written."""


def add_export_faces(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``export-faces``."""
    add_album_options(parser)
    parser.add_argument("--to", type=path_for("--to"), required=True, metavar="DIR", help="a new or empty folder")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be written")
    add_common(parser)


def run_export_faces(args: argparse.Namespace) -> int:
    """Write a crop of every face, one folder a person."""
    from photo_ranker.cli.people_count import counted

    if args.to.is_dir() and any(args.to.iterdir()):
        raise UserError(f"{args.to} is not empty", "give a new folder")
    with counted(args) as everyone:
        exported = _layout(everyone)
    if not args.dry_run:
        exported = _write(args.to, exported, everyone)
    faces = sum(len(item.faces) for item in exported.values())
    if args.json:
        folders = {folder: item.faces for folder, item in exported.items()}
        write_json({"schema": 1, "dry_run": args.dry_run, "folders": folders}, indent=1)
    else:
        write_line(f"{'would write ' if args.dry_run else ''}{faces} faces in {len(exported)} folders in {args.to}")
    return 0


def add_import_faces(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``import-faces``."""
    add_album_options(parser)
    parser.add_argument(
        "--from", dest="source", type=path_for("--from"), required=True, metavar="DIR", help="what export-faces wrote"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    add_common(parser)


def run_import_faces(args: argparse.Namespace) -> int:
    """Take the folders, as they are sorted now, as corrections."""
    import msgspec

    from photo_ranker.cli.people_correct import report_decisions
    from photo_ranker.cli.people_count import counted
    from photo_ranker.people.sorting import Exported, take_sorted

    try:
        exported = msgspec.json.decode(files.read(args.source / NOTE_NAME), type=dict[str, Exported])
    except (OSError, msgspec.DecodeError) as error:
        raise UserError(f"{args.source} is no export of faces", "give the folder that export-faces wrote") from error
    known = {face for item in exported.values() for face in item.faces}
    found = {
        folder.name: [path.stem for path in sorted(folder.iterdir()) if path.stem in known]
        for folder in sorted(args.source.iterdir())
        if folder.is_dir()
    }
    with counted(args) as everyone:
        people = everyone.book.by_id()
        if lost := [item.person for item in exported.values() if item.person is not None and item.person not in people]:
            raise UserError(f"{len(lost)} people of this export are not in the album", "give its folder with --photos")
        said = take_sorted(everyone.book, exported, found)
        report_decisions(args, said)
        if not said:
            everyone.say("nothing was rearranged")
    return 0


def _layout(everyone: Everyone) -> dict[str, Exported]:
    """Folder -> whose faces it holds."""
    from photo_ranker.core.file_names import legal_name
    from photo_ranker.people.appearances import faces_here
    from photo_ranker.people.sorting import UNASSIGNED, Exported, folder_name

    owners = everyone.book.owners()
    alone = [face for face in everyone.table.ids if face not in owners]
    layout = {
        legal_name(folder_name(person)): Exported(person.id, faces_here(person, everyone.table))
        for person in everyone.people()
    }
    return {**layout, UNASSIGNED: Exported(None, alone)} if alone else layout


def _write(to: Path, layout: Mapping[str, Exported], everyone: Everyone) -> dict[str, Exported]:
    """Write the crops, and a note of them, whole or not at all; a face without a crop counts as not exported."""
    import msgspec

    from photo_ranker.core.folders import make_folder
    from photo_ranker.images import Limits
    from photo_ranker.images.thumbnails import Thumbnails, thumbnails_folder
    from photo_ranker.people.sorting import Exported

    pictures = Thumbnails(Limits.of(everyone.settings.measure), thumbnails_folder())
    written = {}
    try:
        with files.whole_folder(to, 0o700) as part:
            make_folder(part, 0o700)
            for folder, item in layout.items():
                (part / folder).mkdir()
                written[folder] = Exported(item.person, _write_crops(part / folder, item.faces, everyone, pictures))
            files.write_new(part / NOTE_NAME, [msgspec.json.encode(written)], mode=files.PRIVATE, sync="none")
    except OSError as error:
        raise UserError(f"cannot write {to}: {error.strerror or error}", "give another folder with --to") from error
    return written


def _write_crops(folder: Path, faces: Sequence[str], everyone: Everyone, pictures: Thumbnails) -> list[str]:
    """Write a crop of each face; gives the faces that have one now."""
    from photo_ranker.errors import PhotoUnreadable

    table, written = everyone.table, []
    for face in faces:
        photo = table.album.photos[table.photos(face)[0]]
        try:
            crop = pictures.face(photo.path, photo.record, table.face(face))
        except PhotoUnreadable as error:
            everyone.say(f"note: no crop of a face in {photo.path}: {error}")
            continue
        files.write_new(folder / f"{face}.jpg", [crop], mode=files.PRIVATE, sync="none")
        written.append(face)
    return written
