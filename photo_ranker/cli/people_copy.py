"""``people copy``: the photos of people in folders of their own, best first."""

from __future__ import annotations

import argparse

from photo_ranker.cli.album_options import add_taking_options, check_taking, is_taking, save_frames, take, taken
from photo_ranker.cli.options import add_album_options
from photo_ranker.cli.parsing import add_common
from photo_ranker.errors import UserError

__all__ = ["add_copy", "run_copy"]


def add_copy(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_album_options(parser)
    parser.add_argument(
        "--person",
        action="append",
        required=True,
        metavar="PERSON",
        help="by name or number; several get a folder each; all = everyone who has a name",
    )
    add_taking_options(parser)
    add_common(parser)


def run_copy(args: argparse.Namespace) -> int:
    """Copy, link, move or pack."""
    from photo_ranker.cli.known_people import Known
    from photo_ranker.cli.people_count import counted

    if not (is_taking(args) or args.frames):
        raise UserError("nothing to make", "say where to: --to DIR, --zip FILE or --frames DIR")
    check_taking(args)
    with counted(args) as everyone:
        album, settings = everyone.table.album, everyone.settings
        found = Known(album, settings, everyone=everyone).best_of(args.person, 0, only_distinct=False)
    if args.frames is not None:
        save_frames((item for _, ranked in found for item in ranked), settings, args, everyone.say)
    if is_taking(args):
        several = len(found) > 1
        wanted = [
            item for name, ranked in found for item in taken(ranked, album, settings, args, name if several else None)
        ]
        take(wanted, args, everyone.say, as_json=args.json)
    return 0
