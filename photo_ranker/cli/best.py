"""``photo-ranker best``: the best photos of each person, of several together, or a few that show everyone.

``photo-ranker event`` is here too: it scores all photos of an event for the people who matter, and writes its files.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.export_parts import export_album, export_frames
from photo_ranker.cli.options import (
    add_album_options,
    add_common,
    add_copies_option,
    add_export_options,
    path_for,
    whole_number,
)
from photo_ranker.cli.requests import (
    CommonRequest,
    album_export_of,
    album_of,
    album_words,
    check_stdout_is_free,
    workspace_of,
)
from photo_ranker.core.terminal import also, command, counted
from photo_ranker.errors import UserError
from photo_ranker.workspace import AlbumRequest, ExportRequest, Workspace
from photo_ranker.workspace.requests import LABELS_NAME, EventRequest

if TYPE_CHECKING:
    from photo_ranker.people.best import Together
    from photo_ranker.people.book import Person
    from photo_ranker.questions.selection import Copies
    from photo_ranker.ranker import RankedPhoto
    from photo_ranker.workspace.people import AlbumPeople

__all__ = [
    "EVENT_EXAMPLE",
    "EXAMPLE",
    "add_arguments",
    "add_event_arguments",
    "event_request_of",
    "request_of",
    "run",
    "run_event",
]

EXAMPLE = """example:
  photo-ranker best wedding --per-person 5 --distinct
  photo-ranker best wedding --with Anna --with Ben
  photo-ranker best wedding --cover 20
  photo-ranker best wedding --named --per-person 20 --to for-everyone --ordered"""

USUAL_PHOTOS = 5
"""How many photos are listed by default: of each person, or of people together."""

MISSING_NAMES = 10
"""How many of the people whom no photo of a cover shows are named; the others are only counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_album_options(parser, first=True)
    add = parser.add_argument
    add(
        "--per-person", type=whole_number, metavar="N", help=f"photos of each person; 0 = all (default: {USUAL_PHOTOS})"
    )
    add("--distinct", action="store_true", help="only the best of each moment")
    add_copies_option(add)
    add("--person", action="append", default=[], metavar="PERSON", help="only these: name, number or id")
    add("--named", action="store_true", help="only people who have a name")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--with", dest="together", action="append", default=[], metavar="PERSON",
        help="photos with any of these people, those where most look good first",
    )  # fmt: skip
    which.add_argument(
        "--cover", type=whole_number, metavar="N", help="everyone at least once in N photos; 0 = as many as it takes"
    )
    add("--top", type=whole_number, metavar="N", help=f"with --with: number of photos (default: {USUAL_PHOTOS})")
    add_export_options(parser)
    add_common(parser)


class BestRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The request of the command."""

    album: AlbumRequest
    per_person: int
    """Photos of each person; 0 = all."""
    distinct: bool
    """Only the best photo of each moment."""
    copies: Copies
    people: tuple[str, ...]
    """Names, numbers or ids of people; empty = everyone."""
    named: bool
    """Only people who have a name."""
    together: tuple[str, ...]
    """People who may be in the same photo; photos where most of them look good come first."""
    cover: int | None
    """At most this many photos, which together show everyone; 0 = as many as needed; None = no cover is asked for."""
    top: int
    """At most this many photos of people together; 0 = all."""
    export: ExportRequest
    """Where to copy the photos, besides listing them."""
    as_json: bool


def request_of(args: argparse.Namespace) -> BestRequest:
    """The request that the options make; refuses options that contradict each other."""
    export = album_export_of(args)
    check_stdout_is_free(export, {"--json": args.json})
    if (args.together or args.cover is not None) and (export.makes_album or export.frames):
        raise UserError(
            "albums hold the best of each person", "leave --with and --cover out, or --to, --zip and --frames"
        )
    if args.together and (args.person or args.named):
        everyone = [word for who in dict.fromkeys([*args.person, *args.together]) for word in ("--with", who)]
        advice = f"ask for those together: {command('best', *album_words(args), *everyone)}"
        raise UserError("--person and --named list each person alone, --with people together", advice)
    about_each = {"--per-person": args.per_person is not None, "--distinct": args.distinct}
    _refuse_ignored(
        args.top, args.cover, [option for option, is_given in about_each.items() if is_given], together=args.together
    )
    return BestRequest(
        album=album_of(args),
        per_person=USUAL_PHOTOS if args.per_person is None else args.per_person,
        distinct=args.distinct,
        copies=args.copies,
        people=tuple(args.person),
        named=args.named,
        together=tuple(args.together),
        cover=args.cover,
        top=USUAL_PHOTOS if args.top is None else args.top,
        export=export,
        as_json=args.json,
    )


def _refuse_ignored(top: int | None, cover: int | None, of_each: Sequence[str], *, together: Sequence[str]) -> None:
    """Refuse options that the question would ignore; ``of_each`` are given options about each person's photos."""
    if top is not None and not together:
        other = f"--cover {top}" if cover is not None else f"--per-person {top}"
        raise UserError("--top goes with --with", f"write {other}")
    if of_each and (together or cover is not None):
        raise UserError(f"{of_each[0]} is about the photos of one person", "leave it out, or --with and --cover")


def run(request: BestRequest, common: CommonRequest) -> int:
    """Choose and print."""
    with (
        workspace_of(common) as workspace,
        workspace.people(request.album, keep=not request.export.dry_run) as people,
    ):
        if request.together:
            _together(request, people, workspace)
            return 0
        chosen = [people.find(word) for word in request.people] or people.shown()
        chosen = [person for person in chosen if person.name or not request.named]
        if request.cover is not None:
            _cover(request, people, chosen, workspace)
        else:
            _each(request, people, chosen, workspace)
    return 0


def _each(request: BestRequest, people: AlbumPeople, chosen: Sequence[Person], workspace: Workspace) -> None:
    from photo_ranker.people.corrections import shown_name
    from photo_ranker.workspace.exports import best_of_people, wanted_results

    found = best_of_people(people, chosen, request.per_person, only_distinct=request.distinct, copies=request.copies)
    export = request.export
    export_frames((item for _, ranked in found for item in ranked), workspace, export)
    if export.makes_album:
        wanted = [
            item
            for person, ranked in found
            for item in wanted_results(ranked, people.album, people.settings, export, shown_name(person))
        ]
        export_album(wanted, export, workspace.listener, as_json=request.as_json)
    if not (export.dry_run or export.is_to_stdout):
        _print_each(found, as_json=request.as_json)


def _print_each(found: Sequence[tuple[Person, Sequence[RankedPhoto]]], *, as_json: bool) -> None:
    from photo_ranker.exporters import beside, why
    from photo_ranker.exporters.document import result_object
    from photo_ranker.people.corrections import shown_name

    if as_json:
        best = [
            {**_person_object(person), "results": [result_object(item, place) for place, item in enumerate(ranked, 1)]}
            for person, ranked in found
        ]
        write_json({"schema": 1, "people": best}, indent=1)
        return
    for person, ranked in found:
        write_line(shown_name(person))
        for item in ranked:
            write_line(f"  {item.score:.2f}  {item.path}{beside(item)}  {why(item)}".rstrip())


def _together(request: BestRequest, people: AlbumPeople, workspace: Workspace) -> None:
    from photo_ranker.people.best import together

    chosen = [people.find(word) for word in request.together]
    found = together(chosen, people.table, people.settings, request.copies)
    shown = found[: request.top] if request.top else found
    _print_photos(chosen, shown, (), lambda item: f"{item.score:.2f}", as_json=request.as_json)
    everyone = {person.id for person in chosen}
    if found and not any(item.looks.keys() == everyone for item in found):
        workspace.listener.say("note: no photo shows all of them")
    elif partly := sum(item.looks.keys() != everyone for item in shown):
        workspace.listener.say(f"note: not showing all of them: {counted(partly, 'photo')} of {len(shown)}")


def _cover(request: BestRequest, people: AlbumPeople, chosen: list[Person], workspace: Workspace) -> None:
    from photo_ranker.people.best import cover
    from photo_ranker.people.corrections import shown_name

    photos, missing = cover(chosen, people.table, people.settings, request.cover or 0, request.copies)
    # Each photo shows a small part of the crowd, so how many people it shows says more than a score.
    _print_photos(
        chosen, photos, missing, lambda item: counted(len(item.looks), "person", "people"), as_json=request.as_json
    )
    if missing and not request.as_json:
        names = ", ".join(map(shown_name, missing[:MISSING_NAMES]))
        more = f" and {len(missing) - MISSING_NAMES} more" if len(missing) > MISSING_NAMES else ""
        workspace.listener.say(f"note: not shown: {names}{more}")


def _print_photos(
    people: Sequence[Person],
    photos: Sequence[Together],
    missing: Sequence[Person],
    figure: Callable[[Together], str],
    *,
    as_json: bool,
) -> None:
    from photo_ranker.core.terminal import path_fields, paths_fields
    from photo_ranker.people.corrections import shown_name

    if as_json:
        results = [
            {
                "rank": place,
                **path_fields(item.path),
                "score": item.score,
                "good": item.good,
                "looks": item.looks,
                **paths_fields("copies", item.copies),
            }
            for place, item in enumerate(photos, 1)
        ]
        document = {"schema": 1, "people": [_person_object(person) for person in people], "results": results}
        write_json({**document, "missing": [_person_object(person) for person in missing]}, indent=1)
        return
    names = {person.id: shown_name(person) for person in people}
    for item in photos:
        looks = ", ".join(f"{names[person]} {value:.2f}" for person, value in item.looks.items())
        write_line(f"{figure(item)}  {item.path}{also(len(item.copies), 'copy', 'copies')}  {looks}")


def _person_object(person: Person) -> dict[str, Any]:
    from photo_ranker.people.corrections import shown_name

    return {
        "id": person.id,
        "number": person.number,
        "name": person.name,
        "shown": shown_name(person),
        "category": person.category,
    }


EVENT_EXAMPLE = """example:
  photo-ranker event wedding --output scored --moment 1=Ceremony"""


def add_event_arguments(parser: argparse.ArgumentParser) -> None:
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


def event_request_of(args: argparse.Namespace) -> EventRequest:
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


def run_event(request: EventRequest, common: CommonRequest) -> int:
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
