"""The options of a question (whom to look for, which photos) and the requests that they make."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from photo_ranker.cli.options import add_copies_option, moment, number_between, path_for, whole_number
from photo_ranker.cli.requests import album_words
from photo_ranker.core.terminal import command, counted
from photo_ranker.errors import UserError
from photo_ranker.questions.filters import Filters
from photo_ranker.workspace import PersonRequest, PhotosRequest

if TYPE_CHECKING:
    from photo_ranker.questions.answer import Ranking

__all__ = ["add_question_options", "check_companions", "note_on", "person_request", "photos_request"]


def add_question_options(parser: argparse.ArgumentParser) -> None:
    """Declare whom to look for, and which photos to list."""
    _add_who(parser)
    _add_which(parser)


def _add_who(parser: argparse.ArgumentParser) -> None:
    who = parser.add_argument_group("who")
    who.add_argument(
        "--ref",
        action="append",
        default=[],
        type=path_for("--ref"),
        metavar="PHOTO",
        help="the person: a photo or a folder of photos; may be given several times",
    )
    who.add_argument(
        "--ref-face",
        type=int,
        metavar="N",
        help="of several faces in a reference use number N from the left (default: the largest)",
    )
    who.add_argument(
        "--ref-year",
        action="append",
        default=[],
        type=whole_number,
        metavar="YEAR",
        help="when the references were taken, where their photos do not tell; once for all, or once for each --ref",
    )
    who.add_argument("--born", type=whole_number, metavar="YEAR", help="the person's year of birth: no older photos")
    who.add_argument(
        "--not-ref",
        action="append",
        default=[],
        type=path_for("--not-ref"),
        metavar="PHOTO",
        help="a look-alike who is not meant",
    )
    who.add_argument(
        "--threshold",
        default="auto",
        type=_threshold,
        metavar="X",
        help="similarity from which a match is sure, or auto (default)",
    )
    who.add_argument("--doubtful", action="store_true", help="list doubtful matches after the sure ones")


def _add_which(parser: argparse.ArgumentParser) -> None:
    which = parser.add_argument_group("which photos")
    which.add_argument(
        "--top", type=whole_number, default=20, metavar="N", help="number of photos; 0 = all (default: 20)"
    )
    which.add_argument("--distinct", action="store_true", help="only the best of each moment, spread over the event")
    add_copies_option(which.add_argument)
    kind = which.add_mutually_exclusive_group()
    kind.add_argument("--solo", action="store_true", help="only photos of the person alone")
    kind.add_argument("--group", action="store_true", help="only group photos")
    which.add_argument(
        "--with",
        dest="together",
        action="append",
        default=[],
        type=path_for("--with"),
        metavar="PHOTO",
        help="this person must be in the photo too",
    )
    which.add_argument("--only", action="store_true", help="nobody else in the photo, not even a passer-by")
    which.add_argument(
        "--since", type=moment, metavar="DATE", help="taken at or after, like 2024-06-01 or 2024-06-01T15:00"
    )
    which.add_argument("--until", type=moment, metavar="DATE", help="taken at or before; a day counts to its end")
    which.add_argument(
        "--min-score", type=number_between(0, 1), default=0.0, metavar="X", help="at least this score, 0 to 1"
    )
    which.add_argument(
        "--min-face",
        type=whole_number,
        metavar="PX",
        help="smaller faces are not matched (default: MIN_FACE in config.py)",
    )


def _threshold(text: str) -> float | None:
    return None if text == "auto" else number_between(-1, 1)(text)


def person_request(args: argparse.Namespace, name: str | None = None) -> PersonRequest:
    """The person whom the options of :func:`add_question_options` name."""
    request = PersonRequest(
        references=tuple(args.ref),
        reference_face=args.ref_face,
        reference_years=tuple(args.ref_year),
        born=args.born,
        not_references=tuple(args.not_ref),
        together=tuple(args.together),
        name=name,
        threshold=args.threshold,
    )
    check_companions(args)
    return request


def check_companions(args: argparse.Namespace) -> None:
    """Refuse a name after ``--with``: it takes photos here, but names in the command best."""
    missing = next((path for path in args.together if not path.exists()), None)
    if missing is not None:
        by_name = command("best", *(album_words(args) if args.photos else ["DIR"]), "--with", str(missing))
        raise UserError(f"there is no file {missing}", f"--with takes a photo here; a name is taken by: {by_name}")


def photos_request(args: argparse.Namespace, top: int) -> PhotosRequest:
    """The photos that the options of :func:`add_question_options` select."""
    filters = Filters(
        kind="single" if args.solo else "group" if args.group else None,
        only=args.only,
        since=args.since,
        until=args.until,
        min_score=args.min_score,
    )
    return PhotosRequest(filters=filters, doubtful=args.doubtful, distinct=args.distinct, top=top, copies=args.copies)


def note_on(ranking: Ranking, say: Callable[[str], None], *, doubtful_listed: bool) -> None:
    """Say what the list of results does not show: unreadable, doubtful and filtered photos."""
    counts = ranking.counts
    if counts.unreadable:
        say(f"note: {counts.unreadable} of {counts.photos} photos could not be read (--json lists them)")
    if not counts.matched:
        say(f"the person is in none of the {counts.photos} photos")
    elif not ranking.results:
        say(f"the person is in {counted(counts.matched, 'photo')}, but none passes the filters")
    if counts.doubtful and doubtful_listed:
        say(f"note: {counts.doubtful} matches are doubtful and come last")
    elif counts.doubtful:
        say(f"note: {counts.doubtful} more may show the person (--doubtful lists them)")
