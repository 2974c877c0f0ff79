"""``people import``: names that exist already, in folders of photos, in XMP, in labels, on a guest list."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.engine_options import spec_of
from photo_ranker.cli.options import add_album_options
from photo_ranker.cli.parsing import add_common, path_for
from photo_ranker.core import files
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.cli.people_count import Everyone
    from photo_ranker.people.book import Decision

__all__ = ["add_import", "run_import"]


def add_import(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_album_options(parser, first=True)
    add = parser.add_argument
    add(
        "--references",
        type=path_for("--references"),
        metavar="DIR",
        help="a folder for each person, named like the person, with photos",
    )
    add("--xmp", action="store_true", help="names on face regions, in the photos and in sidecars beside them")
    add(
        "--labels",
        type=path_for("--labels"),
        metavar="FILE",
        help="cluster_labels.json: number -> category, or name and category",
    )
    add("--guests", type=path_for("--guests"), metavar="FILE", help="a guest list: a line a person, 'name, role'")
    add("--dry-run", action="store_true", help="only say what would be done")
    add_common(parser)


def run_import(args: argparse.Namespace) -> int:
    """Take names from all places that are given."""
    from photo_ranker.cli.people_correct import report_decisions
    from photo_ranker.cli.people_count import counted

    if not (args.references or args.xmp or args.labels or args.guests):
        raise UserError("names from where?", "give --references, --xmp, --labels or --guests")
    with counted(args) as everyone:
        said: list[Decision] = []
        for take in (_references, _regions, _labels, _guests):
            decisions, notes = take(args, everyone)
            said += decisions
            for note in notes:
                everyone.say(f"note: {note}")
        report_decisions(args, said)
        if not said:
            everyone.say("there was nothing new to name")
    return 0


_Taken = tuple[list["Decision"], list[str]]


def _references(args: argparse.Namespace, everyone: Everyone) -> _Taken:
    if args.references is None:
        return [], []
    from photo_ranker.people.naming import name_by_references
    from photo_ranker.references import ReferenceReader, embeddings_of

    folders = sorted(path for path in args.references.iterdir() if path.is_dir()) if args.references.is_dir() else []
    if not folders:
        raise UserError(
            f"{args.references} holds no folders", "make a folder for each person, with photos of the person"
        )
    reader = ReferenceReader(spec_of(args, everyone.settings, everyone.say), everyone.say, remember=not args.no_cache)
    rows = {folder.name: embeddings_of(reader.read([folder])) for folder in folders}
    return name_by_references(everyone.book, everyone.table, rows, everyone.settings)


def _regions(args: argparse.Namespace, everyone: Everyone) -> _Taken:
    if not args.xmp:
        return [], []
    from photo_ranker.images import Limits
    from photo_ranker.images.regions import read_regions
    from photo_ranker.people.naming import name_by_regions

    limits = Limits.of(everyone.settings.measure)
    found = {
        number: [(region.name, region.box) for region in read_regions(Path(photo.path), limits)]
        for number, photo in enumerate(everyone.table.album.photos)
    }
    return name_by_regions(everyone.book, everyone.table, found)


def _labels(args: argparse.Namespace, everyone: Everyone) -> _Taken:
    if args.labels is None:
        return [], []
    from photo_ranker.people.labels import name_by_labels, read_labels

    return name_by_labels(everyone.book, read_labels(_bytes_of(args.labels)))


def _guests(args: argparse.Namespace, everyone: Everyone) -> _Taken:
    if args.guests is None:
        return [], []
    from photo_ranker.people.naming import name_guests, read_guests

    return name_guests(everyone.book, read_guests(_bytes_of(args.guests).decode("utf-8", "replace")))


def _bytes_of(path: Path) -> bytes:
    try:
        return files.read(path, follow=True)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", "check the path") from error
