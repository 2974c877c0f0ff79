"""``photo-ranker rank``: the best photos of one person, best first, each with its reason."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.album_options import add_taking_options, is_taking, save_frames, take, taken
from photo_ranker.cli.console import say_to_stderr
from photo_ranker.cli.engine_options import spec_of
from photo_ranker.cli.options import (
    add_album_options,
    moment,
    number_between,
    open_album,
    settings_of,
    whole_number,
)
from photo_ranker.cli.parsing import add_common, path_for
from photo_ranker.cli.rank_checks import check_rank
from photo_ranker.cli.warning import note_unreadable
from photo_ranker.exporters import EXPORTERS

if TYPE_CHECKING:
    from photo_ranker.album import Album
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.answer import Question, Ranking
    from photo_ranker.cli.console import Say
    from photo_ranker.images.thumbnails import Thumbnails
    from photo_ranker.settings import Settings

__all__ = ["EXAMPLE", "add_arguments", "add_question_options", "note_on", "question_of", "run"]

EXAMPLE = """example:
  photo-ranker rank --ref anna.jpg --photos wedding --top 20 --distinct --output anna.html"""

PLAIN_FORMS = frozenset({"txt", "table"})
"""Formats that hold nothing about faces; files of the others are readable by the user alone."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_question_options(parser)
    parser.add_argument("--person", metavar="NAME", help="instead of --ref: a person of the album, by name or number")
    add_album_options(parser, library=True)
    out = parser.add_argument_group("output")
    out.add_argument(
        "--output",
        type=path_for("--output"),
        metavar="FILE",
        help="write the result there instead of printing it; - is stdout",
    )
    out.add_argument(
        "--format",
        choices=list(EXPORTERS),
        help="default: the suffix of --output, else txt",
    )
    out.add_argument("--print0", action="store_true", help="paths ended by a null byte, for xargs -0")
    out.add_argument(
        "--explain", metavar="PHOTO", help="show the arithmetic of one photo's score, or why it is not listed"
    )
    add_taking_options(parser)
    add_common(parser)


def add_question_options(parser: argparse.ArgumentParser) -> None:
    """Whom to look for, and which of the photos to take."""
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
        "--top", type=whole_number, default=20, metavar="N", help="so many photos; 0 = all (default: 20)"
    )
    which.add_argument("--distinct", action="store_true", help="only the best of each moment, spread over the event")
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


def run(args: argparse.Namespace) -> int:
    """Find, rank and write."""
    from photo_ranker.exporters.writing import write

    check_rank(args)
    say = say_to_stderr(quiet=args.quiet)
    settings = settings_of(args)
    album, question, ranking = _named(args, settings, say) if args.person else _shown(args, settings, say)
    note_on(ranking, say, doubtful_listed=args.doubtful)
    if args.explain:
        from photo_ranker.cli.explaining import Asked, explain_photo

        asked = None if question is None else Asked(question, args.photos, recursive=args.recursive)
        explain_photo(args.explain, ranking, album, asked, settings, as_json=args.json)
        return 0
    if is_taking(args):
        take(taken(ranking.results, album, settings, args), args, say)
    if args.frames is not None:
        save_frames(ranking.results, settings, args, say)
    is_file = args.output is not None and str(args.output) != "-"
    if args.dry_run or (str(args.zip) == "-" and not is_file):
        return 0
    if not is_file:
        return _print(ranking, args, settings)
    photos, private = [photo.path for photo in album.photos], _form(args) not in PLAIN_FORMS
    write(args.output, _rendered(ranking, args, settings), photos, private=private)
    say(f"wrote {len(ranking.results)} photos to {args.output}")
    return 0


def _shown(args: argparse.Namespace, settings: Settings, say: Say) -> tuple[Album, Question | None, Ranking]:
    """The person that reference photos show; a library keeps its question to itself."""
    # One question multiplies little: threads of NumPy's would take longer to start than they save.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if not args.no_cache and not args.library:
        from photo_ranker.metadata import read_ahead

        for folder in args.photos:
            read_ahead(Path(folder))
    from photo_ranker.answer import answer

    spec = spec_of(args, settings, say)
    if args.library:
        from photo_ranker.cli.library import ranked, spec_for

        spec = spec if args.engine else spec_for(args.library, spec)
        album, ranking = ranked(lambda: question_of(args, spec, say), spec.engine, args, settings, say)
        note_unreadable(args, [file.reason for file in ranking.unreadable], ranking.counts.photos)
        return album, None, ranking
    question = question_of(args, spec, say)
    args.album = album = open_album(args, spec)
    return album, question, answer(album, question, settings)


def _named(args: argparse.Namespace, settings: Settings, say: Say) -> tuple[Album, Question, Ranking]:
    """A person of the album by name: exactly the faces that are theirs."""
    from photo_ranker.answer import Found, arrange, companions_of
    from photo_ranker.cli.people_count import counted
    from photo_ranker.people.appearances import matches_of
    from photo_ranker.person_finder import Finding

    with counted(args) as everyone:
        album = everyone.table.album
        matches = matches_of(everyone.book.find(args.person), everyone.table)
    question = question_of(args, spec_of(args, settings, say), say)
    # Whose a face is was decided when people were counted: no threshold is left.
    finding = Finding(tuple(matches), -1.0, album.engine)
    found = Found(finding, companions_of(album, question, settings))
    return album, question, arrange(album, found, question, settings)


def _threshold(text: str) -> float | None:
    return None if text == "auto" else number_between(-1, 1)(text)


def question_of(args: argparse.Namespace, spec: AnalyserSpec, say: Say) -> Question:
    """The question that the options ask."""
    from photo_ranker.answer import Question
    from photo_ranker.filters import Filters
    from photo_ranker.references import ReferenceReader, embeddings_of

    reader = ReferenceReader(spec, say, remember=not args.no_cache)
    return Question(
        references=embeddings_of(reader.read(args.ref, args.ref_face)),
        not_references=embeddings_of(reader.read(args.not_ref)),
        together_with=[embeddings_of(reader.read([path])) for path in args.together],
        threshold=args.threshold,
        filters=Filters(
            kind="single" if args.solo else "group" if args.group else None,
            only=args.only,
            since=args.since,
            until=args.until,
            min_score=args.min_score,
        ),
        doubtful=args.doubtful,
        distinct=args.distinct,
        top=0 if args.explain else args.top,
    )


def note_on(ranking: Ranking, say: Say, *, doubtful_listed: bool) -> None:
    """Say what the results alone do not tell."""
    counts = ranking.counts
    if counts.unreadable:
        say(f"note: {counts.unreadable} of {counts.photos} photos could not be read (--json lists them)")
    if not counts.matched:
        say(f"the person is in none of the {counts.photos} photos")
    elif not ranking.results:
        say(f"the person is in {counts.matched} photos, but none passes the filters")
    if counts.doubtful and doubtful_listed:
        say(f"note: {counts.doubtful} matches are doubtful and come last")
    elif counts.doubtful:
        say(f"note: {counts.doubtful} more may show the person (--doubtful lists them)")


def _print(ranking: Ranking, args: argparse.Namespace, settings: Settings) -> int:
    from photo_ranker.exporters import table

    if args.output is None and sys.stdout.isatty() and not (args.print0 or args.json or args.format):
        colour = table.colour_wanted(sys.stdout)
        sys.stdout.write(table.render(ranking, table.terminal_width(), colour=colour))
    else:
        sys.stdout.buffer.writelines(_rendered(ranking, args, settings))
    return 0


def _rendered(ranking: Ranking, args: argparse.Namespace, settings: Settings) -> Iterator[bytes]:
    from photo_ranker.exporters.txt import render_print0

    if args.print0:
        return render_print0(ranking)
    return EXPORTERS[_form(args)].render(ranking, _pictures(args, settings))


def _form(args: argparse.Namespace) -> str:
    from photo_ranker.exporters import format_of

    output = None if str(args.output) == "-" else args.output
    return format_of(output, args.format or ("json" if args.json else None))


def _pictures(args: argparse.Namespace, settings: Settings) -> Thumbnails:
    from photo_ranker.images import Limits
    from photo_ranker.images.thumbnails import Thumbnails, thumbnails_folder

    kept = None if args.no_cache else thumbnails_folder()
    return Thumbnails(Limits.of(settings.measure), kept)
