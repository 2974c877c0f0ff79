"""``people copy``: the photos of a person in a folder of their own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.console import write_line
from photo_ranker.cli.options import add_album_options
from photo_ranker.cli.parsing import add_common

if TYPE_CHECKING:
    from photo_ranker.cli.people_count import Everyone
    from photo_ranker.exporters.albums import Wanted

__all__ = ["add_copy", "run_copy"]


def add_copy(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_album_options(parser, here=True)
    parser.add_argument("--person", action="append", required=True, metavar="PERSON", help="may be given several times")
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="several people get a folder each in it")
    parser.add_argument("--way", choices=["copy", "hardlink", "symlink"], default="copy", help="default: copy")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be copied")
    add_common(parser)


def run_copy(args: argparse.Namespace) -> int:
    """Copy or link."""
    from photo_ranker.cli.people_count import counted
    from photo_ranker.cli.people_show import write_json
    from photo_ranker.exporters.albums import carry, plan_album
    from photo_ranker.exporters.document import path_fields

    with counted(args) as everyone:
        plan = plan_album(_wanted(args.person, everyone), args.to, args.way)
    done = 0 if args.dry_run else carry(plan).done
    if args.json:
        files = [{**path_fields(str(step.target)), "state": step.state} for step in plan.steps]
        write_json({"schema": 1, "dry_run": args.dry_run, "done": done, "files": files})
    elif args.dry_run:
        for step in plan.todo:
            write_line(f"would {args.way}: {step.target}")
    else:
        write_line(f"{done} files in {args.to}")
    return 0


def _wanted(words: list[str], everyone: Everyone) -> list[Wanted]:
    from photo_ranker.exporters.albums import Wanted, safe_name
    from photo_ranker.people.appearances import matches_of
    from photo_ranker.people.corrections import shown_name

    wanted = []
    for word in words:
        person = everyone.book.find(word)
        name = shown_name(person)
        folder = safe_name(name) if len(words) > 1 else ""
        for match in matches_of(person, everyone.table):
            photo = everyone.table.album.photos[match.photo]
            wanted.append(Wanted(photo.path, photo.record.companions, folder, person=name))
    return wanted
