"""``photo-ranker best``: the best photos of each person, of several together, or of everyone in few."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.album_options import add_taking_options, check_taking, is_taking, save_frames, take, taken
from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import add_album_options, whole_number
from photo_ranker.cli.parsing import add_common
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.cli.people_count import Everyone
    from photo_ranker.people.best import Together
    from photo_ranker.people.book import Person

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """example:
  photo-ranker best wedding --per-person 5 --distinct
  photo-ranker best wedding --with Anna --with Ben
  photo-ranker best wedding --cover 20
  photo-ranker best wedding --named --per-person 20 --to for-everyone --ordered"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_album_options(parser, first=True)
    add = parser.add_argument
    add("--per-person", type=whole_number, default=5, metavar="N", help="so many photos of each; 0 = all (default: 5)")
    add("--distinct", action="store_true", help="only the best of each moment")
    add("--person", action="append", default=[], metavar="PERSON", help="only these: name, number or id")
    add("--named", action="store_true", help="only people who have a name")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--with", dest="together", action="append", default=[], metavar="PERSON",
        help="one photo for several: where most of them look good",
    )  # fmt: skip
    which.add_argument(
        "--cover", type=whole_number, metavar="N", help="everyone at least once in N photos; 0 = as many as it takes"
    )
    add("--top", type=whole_number, default=5, metavar="N", help="of --with: so many photos (default: 5)")
    add_taking_options(parser)
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Choose and print."""
    from photo_ranker.cli.people_count import counted

    check_taking(args)
    if (args.together or args.cover is not None) and (is_taking(args) or args.frames):
        raise UserError(
            "albums hold the best of each person", "leave --with and --cover out, or --to, --zip and --frames"
        )
    with counted(args) as everyone:
        if args.together:
            return _together(args, everyone)
        people = [everyone.book.find(word) for word in args.person] or everyone.people()
        people = [person for person in people if person.name or not args.named]
        if args.cover is not None:
            return _cover(args, everyone, people)
        return _each(args, everyone, people)


def _each(args: argparse.Namespace, everyone: Everyone, people: list[Person]) -> int:
    from photo_ranker.exporters.document import result_object
    from photo_ranker.people.best import best_of
    from photo_ranker.people.corrections import shown_name

    found = [
        (person, best_of(person, everyone.table, args.per_person, everyone.settings, only_distinct=args.distinct))
        for person in people
    ]
    if args.frames is not None:
        save_frames((item for _, ranked in found for item in ranked), everyone.settings, args, everyone.say)
    if is_taking(args):
        album, settings = everyone.table.album, everyone.settings
        wanted = [item for who, ranked in found for item in taken(ranked, album, settings, args, shown_name(who))]
        take(wanted, args, everyone.say)
    if args.dry_run or str(args.zip) == "-":
        return 0
    if args.json:
        best = [
            {**_who(person), "results": [result_object(item, place) for place, item in enumerate(ranked, 1)]}
            for person, ranked in found
        ]
        write_json({"schema": 1, "people": best}, indent=1)
        return 0
    for person, ranked in found:
        write_line(shown_name(person))
        for item in ranked:
            write_line(f"  {item.score:.2f}  {item.path}  {', '.join(item.reasons)}")
    return 0


def _together(args: argparse.Namespace, everyone: Everyone) -> int:
    from photo_ranker.people.best import together

    people = [everyone.book.find(word) for word in args.together]
    found = together(people, everyone.table, everyone.settings)
    return _show(args, everyone, people, found[: args.top] if args.top else found, [])


def _cover(args: argparse.Namespace, everyone: Everyone, people: list[Person]) -> int:
    from photo_ranker.people.best import cover

    chosen, missing = cover(people, everyone.table, everyone.settings, args.cover)
    return _show(args, everyone, people, chosen, missing)


def _show(
    args: argparse.Namespace, everyone: Everyone, people: list[Person], photos: list[Together], missing: list[Person]
) -> int:
    from photo_ranker.exporters.document import path_fields
    from photo_ranker.people.corrections import shown_name

    if args.json:
        results = [
            {"rank": place, **path_fields(item.path), "score": item.score, "good": item.good, "looks": item.looks}
            for place, item in enumerate(photos, 1)
        ]
        document = {"schema": 1, "people": [_who(person) for person in people], "results": results}
        write_json({**document, "missing": [_who(person) for person in missing]}, indent=1)
        return 0
    names = {person.id: shown_name(person) for person in people}
    for item in photos:
        looks = ", ".join(f"{names[person]} {value:.2f}" for person, value in item.looks.items())
        write_line(f"{item.score:.2f}  {item.path}  {looks}")
    if missing:
        everyone.say(f"note: not shown: {', '.join(map(shown_name, missing))}")
    return 0


def _who(person: Person) -> dict[str, Any]:
    from photo_ranker.people.corrections import shown_name

    return {
        "id": person.id,
        "number": person.number,
        "name": person.name,
        "shown": shown_name(person),
        "category": person.category,
    }
