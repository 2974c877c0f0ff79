"""``photo-ranker event``: score all photos of an event for the people who matter, and write the event's files."""

from __future__ import annotations

import argparse
from pathlib import Path

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import add_album_options, add_common, add_copies_option, path_for, whole_number
from photo_ranker.cli.requests import CommonRequest, album_of, workspace_of
from photo_ranker.core.terminal import also
from photo_ranker.errors import UserError
from photo_ranker.workspace.requests import LABELS_NAME, EventRequest

__all__ = ["EXAMPLE", "add_arguments", "request_of", "run"]

EXAMPLE = """example:
  photo-ranker event wedding --output scored --moment 1=Ceremony"""


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
    add_copies_option(add)
    add("--dry-run", action="store_true", help="score and print, write nothing")
    add_common(parser)


def request_of(args: argparse.Namespace) -> EventRequest:
    """The request that the options make."""
    return EventRequest(
        album=album_of(args),
        output=args.output,
        labels=args.labels,
        moments=_moment_labels(args.moment),
        best=args.best,
        copies=args.copies,
        dry_run=args.dry_run,
    )


def _moment_labels(words: list[str]) -> dict[int, str]:
    labels = {}
    for word in words:
        number, _, label = word.partition("=")
        if not number.isdecimal() or not label:
            raise UserError(f"--moment {word} is not a number and a label", "write it like --moment 2=Dinner")
        labels[int(number)] = label
    return labels


def run(request: EventRequest, common: CommonRequest) -> int:
    """Score, write and print."""
    from photo_ranker.workspace.event import score_album

    with workspace_of(common) as workspace:
        photos, document = score_album(workspace, request)
        if common.as_json:
            write_json(document, indent=1)
            return 0
        for photo in photos:
            broken = f"  breaks {', '.join(photo.broken_rules)}" if photo.broken_rules else ""
            copies = also(len(photo.copies), "copy", "copies")
            write_line(f"{photo.final_score:.2f}  {photo.path}{copies}{broken}")
        if not request.dry_run:
            workspace.listener.say(f"the event's files are in {request.output}")
    return 0
