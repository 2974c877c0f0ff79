"""``photo-ranker rank``: the best photos of one person, best first, each with its reason.

``--explain`` says how the score of one photo is computed, or why it is not among the results.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from photo_ranker.cli.console import keep_to_the_end, write_json, write_line
from photo_ranker.cli.export_parts import export_album, export_frames
from photo_ranker.cli.options import add_album_options, add_common, add_export_options, path_for
from photo_ranker.cli.requests import (
    CommonRequest,
    add_question_options,
    album_export_of,
    album_of,
    check_stdout_is_free,
    note_on,
    person_request,
    photos_request,
    workspace_of,
)
from photo_ranker.core.terminal import command, counted
from photo_ranker.errors import UserError
from photo_ranker.exporters import EXPORTERS, colour_wanted, output_format, render_print0, render_table, terminal_width
from photo_ranker.workspace import AlbumRequest, ExportRequest, PersonRequest, PhotosRequest, RankAnswer, Workspace

if TYPE_CHECKING:
    from photo_ranker.album import Album, AlbumPhoto
    from photo_ranker.images.thumbnails import Thumbnails
    from photo_ranker.person_finder import Told
    from photo_ranker.questions.answer import Question, Ranking
    from photo_ranker.ranker import RankedPhoto
    from photo_ranker.records import Face, Match, PhotoRecord
    from photo_ranker.settings import Settings
    from photo_ranker.workspace import AlbumRequest, RankAnswer

__all__ = ["EXAMPLE", "add_arguments", "request_of", "run"]

EXAMPLE = """example:
  photo-ranker rank --ref anna.jpg --photos wedding --top 20 --distinct --output anna.html"""

PLAIN_FORMS = frozenset({"txt", "table"})
"""Formats without data about faces; files in other formats are readable by the user only."""


MOST_COMPARED = 200
"""Photos in the longest list that is compared for moments: a longer one is meant for a program."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_question_options(parser)
    parser.add_argument(
        "--person",
        action="append",
        default=[],
        metavar="NAME",
        help="instead of --ref: a person of the album, by name or number",
    )
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
    add_export_options(parser)
    add_common(parser)


class OutputRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Where the results go, and in which format."""

    file: Path | None
    """None = stdout."""
    form: str
    """One of :data:`EXPORTERS`."""
    print0: bool
    """Paths end with a zero byte."""
    is_plain: bool
    """No option concerns the output, so a terminal gets a table."""
    as_json: bool


class RankCommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The request of the command."""

    album: AlbumRequest
    person: PersonRequest
    photos: PhotosRequest
    export: ExportRequest
    """Where to copy the photos, besides listing them."""
    output: OutputRequest
    explain: str | None
    """The photo to explain, in place of a list."""


def request_of(args: argparse.Namespace) -> RankCommandRequest:
    """The request that the options make; refuses contradictions and missing files."""
    if len(args.person) > 1:
        advice = f"{command('best', 'DIR')} takes several; --with PHOTO asks for somebody in the same photos"
        raise UserError("rank is about one person, and --person was given more than once", advice)
    person = person_request(args, next(iter(args.person), None))
    photos = photos_request(args, 0 if args.explain else args.top)
    if args.library and (args.person or args.with_context):
        raise UserError("a library knows neither names nor photos without faces", "ask its folders: --photos DIR")
    if args.library and (args.ref_year or args.born):
        raise UserError("a library is searched without years", "ask its folders: --photos DIR")
    album, export = album_of(args), album_export_of(args)
    output = _output_of(args)
    if output.file is None:
        is_named = str(args.output) == "-"
        forms = {"--output -": is_named, "--json": args.json, "--format": args.format, "--print0": args.print0}
        check_stdout_is_free(export, forms)
    if args.explain:
        others = {"--output": args.output, "--format": args.format, "--print0": args.print0}
        others |= {"--frames": export.frames, "--to": export.to, "--zip": export.zip}
        if other := next((word for word, value in others.items() if value), None):
            raise UserError(f"--explain tells of one photo, {other} is for all", "do one after the other")
    if output.file is not None:
        _check_file(output.file, [*map(str, person.references), *album.photos])
    return RankCommandRequest(
        album=album, person=person, photos=photos, export=export, output=output, explain=args.explain
    )


def _output_of(args: argparse.Namespace) -> OutputRequest:
    """The format and the target of the results; refuses formats that contradict each other."""
    file: Path | None = None if str(args.output) == "-" else args.output
    if args.json and args.format not in {None, "json"}:
        raise UserError(f"--json and --format {args.format} are two formats", "give one of them")
    if args.print0 and (args.json or args.format not in {None, "txt"}):
        raise UserError("--print0 prints plain paths and takes no other format", "leave --json and --format out")
    if args.print0 and file is not None and output_format(file, args.format) != "txt":
        raise UserError(f"--print0 writes plain paths, not {file.suffix}", "end the name of --output in .txt")
    return OutputRequest(
        file=file,
        form=output_format(file, args.format or ("json" if args.json else None)),
        print0=args.print0,
        is_plain=args.output is None and not (args.print0 or args.json or args.format),
        as_json=args.json,
    )


def _check_file(output: Path, asked: list[str]) -> None:
    from photo_ranker.exporters.writing import refuse_photo

    if output.is_dir():
        raise UserError(f"{output} is a folder", "give --output a file name, such as ranked.html")
    if not output.parent.is_dir():
        raise UserError(f"there is no folder {output.parent}", "make it first, or write somewhere else")
    refuse_photo(output, asked)


def run(request: RankCommandRequest, common: CommonRequest) -> int:
    """Find, rank and write."""
    _begin_to_read(request)  # before the choice of an engine loads NumPy
    with workspace_of(common) as workspace:
        answer = workspace.rank(request.album, request.person, request.photos, keep_people=not request.export.dry_run)
        keep_to_the_end(answer)
        note_on(answer.ranking, workspace.listener.say, doubtful_listed=request.photos.doubtful)
        if request.explain:
            _explain(request.explain, answer, request.album, workspace.settings, as_json=request.output.as_json)
        else:
            if not request.photos.distinct:
                _note_on_moments(answer.ranking, workspace)
            _export(answer, request, workspace)
    return 0


def _note_on_moments(ranking: Ranking, workspace: Workspace) -> None:
    """Mention ``--distinct`` if the list has at least twice as many photos as moments."""
    from photo_ranker.questions.selection import moments

    photos = len(ranking.results)
    if 4 <= photos <= MOST_COMPARED:
        shown = len(moments(ranking.results, workspace.settings.moments))
        if shown * 2 <= photos:
            workspace.listener.say(
                f"note: these {photos} photos show {counted(shown, 'moment')} (--distinct lists the best of each)"
            )


def _begin_to_read(request: RankCommandRequest) -> None:
    """Start reading metadata in a thread, while NumPy loads."""
    if request.person.name:
        return
    # A question multiplies small matrices: starting NumPy's threads would take longer than they save.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if not request.album.no_cache:
        from photo_ranker.metadata import read_ahead

        for folder in request.album.photos:
            read_ahead(Path(folder))


def _export(answer: RankAnswer, request: RankCommandRequest, workspace: Workspace) -> None:
    export, output, ranking = request.export, request.output, answer.ranking
    if export.makes_album:
        from photo_ranker.workspace.exports import wanted_results

        wanted = wanted_results(ranking.results, answer.album, workspace.settings, export)
        export_album(wanted, export, workspace.listener, as_json=output.as_json)
    export_frames(ranking.results, workspace, export)
    if export.dry_run or (export.is_to_stdout and output.file is None):
        return
    if output.file is None:
        _print(ranking, request, workspace)
        return
    from photo_ranker.exporters.writing import write

    photos, private = [photo.path for photo in answer.album.photos], output.form not in PLAIN_FORMS
    write(output.file, _rendered(ranking, request, workspace), photos, private=private)
    workspace.listener.say(f"wrote {counted(len(ranking.results), 'photo')} to {output.file}")


def _print(ranking: Ranking, request: RankCommandRequest, workspace: Workspace) -> None:
    if request.output.is_plain and sys.stdout.isatty():
        colour = colour_wanted(sys.stdout)
        sys.stdout.write(render_table(ranking, terminal_width(), colour=colour))
    else:
        sys.stdout.buffer.writelines(_rendered(ranking, request, workspace))


def _rendered(ranking: Ranking, request: RankCommandRequest, workspace: Workspace) -> Iterator[bytes]:
    if request.output.print0:
        return render_print0(ranking)
    form = request.output.form
    return EXPORTERS[form].render(ranking, _pictures(request, workspace) if form == "html" else _no_picture)


def _no_picture(_path: str, _record: PhotoRecord, _face: Face, _long_side: int) -> None:
    """Stands in for thumbnails in formats without pictures, so that the code that makes them is not loaded."""


def _pictures(request: RankCommandRequest, workspace: Workspace) -> Thumbnails:
    from photo_ranker.images import Limits
    from photo_ranker.images.thumbnails import Thumbnails, thumbnails_folder

    kept = None if request.album.no_cache else thumbnails_folder()
    return Thumbnails(Limits.of(workspace.settings.measure), kept)


def _explain(wanted: str, answer: RankAnswer, request: AlbumRequest, settings: Settings, *, as_json: bool) -> None:
    """Print the explanation of a photo; for a library only of photos that are listed."""
    ranking, album = answer.ranking, answer.album
    named = [number for number, one in enumerate(album.photos) if _is_named(one.path, one.name, wanted)]
    _refuse_several([album.photos[number] for number in named], wanted)
    for rank, item in enumerate(ranking.results, 1):
        if any(_is_named(photo.path, photo.name, wanted) for photo in (item.photo, *item.copies)):
            _explain_listed(rank, item, ranking, as_json=as_json)
            return
    if request.library is not None:
        raise UserError(f"{wanted} is not among the results", "ask its folder, which tells more: --photos DIR")
    if named:
        why, figures = _why_not(named[0], album, answer.question, ranking.threshold, settings)
        _explain_missing(album.photos[named[0]].path, why, figures, as_json=as_json)
    elif skipped := _skipped(wanted, request):
        _explain_missing(*skipped, {}, as_json=as_json)
    else:
        raise UserError(f"{wanted} is not among the photos", "give its name, or its path as the results show it")


def _refuse_several(photos: Sequence[AlbumPhoto], wanted: str) -> None:
    """Refuse a name that several photos have, unless they are copies of one."""
    if len({(photo.record.stamp.hash, photo.record.stamp.rest) for photo in photos}) > 1:
        raise UserError(f"{wanted} may be {', '.join(photo.path for photo in photos)}", "give its path")


def _is_named(path: str, name: str, wanted: str) -> bool:
    """Whether ``wanted`` is the name of the file, or its path in whatever form."""
    return wanted in {path, name} or (
        Path(wanted).name == name != wanted and os.path.realpath(path) == os.path.realpath(wanted)
    )


def _skipped(wanted: str, request: AlbumRequest) -> tuple[str, str] | None:
    """The path of a skipped file, a companion, or a file in a skipped folder, and why; None for any other."""
    from photo_ranker.indexing.discovery import gather
    from photo_ranker.indexing.file_kinds import Skipped, why_no_photo

    for listing in gather(request.photos, recursive=request.recursive):
        for item in listing.items:
            for name in item.companions:
                if _is_named(listing.path_of(name), name, wanted):
                    return listing.path_of(name), f"it belongs to {item.name}, which stands for it"
        for why, name in listing.skipped:
            path = listing.path_of(name)
            if _is_named(path, name, wanted):
                return path, why_no_photo(path) if why is Skipped.NO_PHOTO else f"it is skipped: {why.value}"
            if wanted.startswith(path + os.sep):
                return wanted, f"{path} is skipped: {why.value}"
    return None


def _explain_listed(rank: int, item: RankedPhoto, ranking: Ranking, *, as_json: bool) -> None:
    from photo_ranker.exporters.document import result_object
    from photo_ranker.ranker.reasons import explain

    if as_json:
        terms = [{"name": term.name, "value": term.value, "weight": term.weight} for term in item.terms]
        penalties = [{"name": one.name, "value": one.value, "factor": one.factor} for one in item.penalties]
        known = {"schema": 1, "listed": True, "threshold": ranking.threshold, **result_object(item, rank)}
        write_json({**known, "terms": terms, "penalties": penalties})
        return
    write_line(f"{item.path}: rank {rank} of {len(ranking.results)}, {item.kind}")
    for copy in item.copies:
        write_line(f"  the same bytes: {copy.path}")
    write_line(f"  similarity {item.match.similarity:.3f}, sure from {ranking.threshold:.3f}")
    for line in explain(item.terms, item.penalties, item.score).splitlines():
        write_line(line)


def _explain_missing(path: str, why: str, figures: dict[str, Any], *, as_json: bool) -> None:
    from photo_ranker.core.terminal import path_fields

    if as_json:
        write_json({"schema": 1, "listed": False, **path_fields(path), "why": why, **figures})
        return
    write_line(f"{path}: not among the results: {why}")
    if "similarity" in figures:
        write_line(f"  best similarity of a face {figures['similarity']:.3f}, sure from {figures['threshold']:.3f}")


def _why_not(
    number: int, album: Album, question: Question, threshold: float, settings: Settings
) -> tuple[str, dict[str, Any]]:
    """The reason in words, and the figures where faces were compared."""
    from photo_ranker.person_finder.years import year_of

    record = album.photos[number].record
    if record.unreadable is not None:
        return f"it could not be read: {record.unreadable}", {}
    if not record.faces:
        return "no face was found in it", {}
    if question.dated.born is not None and (year_of(record.taken_at) or question.dated.born) < question.dated.born:
        return f"it was taken before the person was born in {question.dated.born}", {}
    if not question.references:
        return "none of its faces counts as the person's, or a filter leaves it out", {}
    return _compared(number, album, question, threshold, settings)


def _compared(
    number: int, album: Album, question: Question, threshold: float, settings: Settings
) -> tuple[str, dict[str, Any]]:
    from photo_ranker.person_finder import find_person

    def matched(told: Sequence[Told]) -> Match | None:
        finding = find_person(
            album,
            question.references,
            settings=settings,
            threshold=-1.0,  # low enough that every face is a match
            not_references=question.not_references,
            told=told,
        )
        return next((match for match in finding.matches if match.photo == number), None)

    match, without_decisions = matched(question.told), matched(())
    doubtful_from = threshold - settings.match.doubt_margin
    if without_decisions and (match is None or match.similarity < doubtful_from <= without_decisions.similarity):
        born = ", or it is older than their year of birth" if any(one.born for one in question.told) else ""
        return f"by a decision about people (names, not, split, move) it shows somebody else{born}", {}
    if match is None:
        return f"its faces are smaller than {settings.match.min_face} px (--min-face)", {}
    sure = match.similarity >= threshold
    doubtful = not sure and match.similarity >= doubtful_from
    figures = {"similarity": round(match.similarity, 4), "threshold": threshold, "sure": sure, "doubtful": doubtful}
    if sure or (doubtful and question.doubtful):
        return "the person is in it, but a filter or --distinct leaves it out", figures
    if doubtful:
        return "the match is doubtful (--doubtful lists it)", figures
    return "no face in it is similar enough, not even for a doubtful match", figures
