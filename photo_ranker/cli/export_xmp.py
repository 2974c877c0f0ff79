"""``photo-ranker export xmp``: its options, and what it says."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.requests import album_words
from photo_ranker.errors import UserError
from photo_ranker.terminal import command
from photo_ranker.workspace import XmpRequest

if TYPE_CHECKING:
    from photo_ranker.workspace.listener import Listener
    from photo_ranker.workspace.xmp import XmpReport

__all__ = ["add_xmp_options", "report_xmp", "xmp_of"]


def add_xmp_options(parser: argparse.ArgumentParser) -> None:
    """What is written, and where."""
    group = parser.add_argument_group("xmp: ratings and names that other programs read")
    add = group.add_argument
    add("--label", metavar="WORD", help="a label for the photos, such as Select")
    add("--keyword", action="append", default=[], metavar="WORD", help="a keyword for them; may be given several times")
    add(
        "--naming",
        choices=["full", "stem"],
        default="full",
        help="new sidecars are called IMG_1.jpg.xmp (full, default) or IMG_1.xmp (stem: Lightroom, Capture One)",
    )
    add("--embed", action="store_true", help="write into the photos themselves, through an installed exiftool")
    add("--remove", action="store_true", help="take out again what was written, and nothing else")


def xmp_of(args: argparse.Namespace) -> XmpRequest | None:
    """What ``export xmp`` is asked for; None for any other export."""
    given = {"--label": args.label, "--keyword": args.keyword, "--embed": args.embed, "--remove": args.remove}
    if args.what != "xmp":
        if lonely := next((word for word, value in given.items() if value), None):
            advice = f"say: {command('export', 'xmp', *album_words(args))} ..."
            raise UserError(f"{lonely} belongs to export xmp", advice)
        return None
    if args.remove and (args.ref or args.person or args.faces):
        raise UserError("--remove takes out all that was written", "leave the other options out")
    return XmpRequest(
        label=args.label,
        keywords=tuple(args.keyword),
        naming=args.naming,
        embed=args.embed,
        remove=args.remove,
        dry_run=args.dry_run,
    )


def report_xmp(report: XmpReport, request: XmpRequest, listener: Listener, *, as_json: bool) -> None:
    """Print what became of every file, and say how many there were."""
    if as_json:
        _write_files(report, request)
    else:
        for file in report.files:
            if file.state == "left":
                listener.say(f"  left: {file.path}: {file.reason}")
            elif request.dry_run:
                write_line(f"{file.state}: {file.path}")
    counts = {state: sum(file.state == state for file in report.files) for state in ("written", "removed", "left")}
    verb = "would be written" if request.dry_run else "written"
    removed = f", {counts['removed']} removed" if request.remove else ""
    listener.say(
        f"{counts['written']} files {verb}{removed}, {counts['left']} left as they are, "
        f"{report.photos} photos looked at"
    )


def _write_files(report: XmpReport, request: XmpRequest) -> None:
    from photo_ranker.exporters.document import path_fields

    done = []
    for file in report.files:
        why = {"reason": file.reason} if file.state == "left" else {}
        done.append({**path_fields(file.path), "state": file.state, **why})
    write_json({"schema": 1, "dry_run": request.dry_run, "files": done})
