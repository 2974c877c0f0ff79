"""``people list`` and ``people show``: who is there."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.engine_options import spec_of
from photo_ranker.cli.options import add_album_options, number_between
from photo_ranker.cli.parsing import add_common

if TYPE_CHECKING:
    from photo_ranker.cli.people_count import Everyone
    from photo_ranker.people.book import Person

__all__ = ["add_list", "add_show", "face_objects", "person_object", "run_list", "run_show"]


def add_list(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``list``."""
    add_album_options(parser, first=True)
    parser.add_argument("--all", action="store_true", help="hidden people too")
    parser.add_argument(
        "--threshold", type=number_between(-1, 1), metavar="X", help="similarity of one person (default: sets itself)"
    )
    parser.add_argument(
        "--algorithm",
        choices=["graph", "hdbscan", "dbscan", "agglomerative"],
        default="graph",
        help="for comparison: what a textbook algorithm would say; nothing is stored",
    )
    add_common(parser)


def run_list(args: argparse.Namespace) -> int:
    """Print everyone."""
    from photo_ranker.cli.people_count import counted

    if args.algorithm != "graph":
        return _compare(args)
    with counted(args) as everyone:
        people = everyone.people(hidden=args.all)
        if args.json:
            write_json(_document(everyone, people), indent=1)
            return 0
        for person in people:
            write_line(_line(person, everyone))
        alone = len(_unassigned(everyone))
        hidden = sum(person.hidden for person in everyone.book.present())
        if not people:
            everyone.say("there is nobody in this album")
        if alone:
            everyone.say(f"note: {alone} faces are too poor to say whose they are")
        if hidden and not args.all:
            everyone.say(f"note: {hidden} hidden (--all shows them)")
    return 0


def add_show(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``show``."""
    parser.add_argument("person", nargs="?", metavar="PERSON", help="name, number or id")
    parser.add_argument("--decisions", action="store_true", help="list all decisions instead")
    add_album_options(parser, first=True)
    add_common(parser)


def run_show(args: argparse.Namespace) -> int:
    """Print one person, or all decisions."""
    from photo_ranker.cli.people_count import counted
    from photo_ranker.errors import UserError

    if args.person is None and not args.decisions:
        raise UserError("whom?", "give a name or number, or --decisions")
    if args.decisions and args.person is not None:
        args.folders = [args.person, *args.folders]  # the only word is the folder
    with counted(args) as everyone:
        if args.decisions:
            return _decisions(everyone, as_json=args.json)
        person = everyone.book.find(args.person)
        if args.json:
            write_json(
                {"schema": 1, **person_object(person, everyone), "missing": _missing(person, everyone)}, indent=1
            )
            return 0
        write_line(_line(person, everyone))
        for face in face_objects(person.faces, everyone):
            write_line(f"  {face['id']}  {face['path']}")
        if missing := _missing(person, everyone):
            write_line(f"  and {len(missing)} faces in photos that are not here")
    return 0


def person_object(person: Person, everyone: Everyone) -> dict[str, Any]:
    """A person as JSON."""
    return {
        "id": person.id,
        "number": person.number,
        "name": person.name,
        "category": person.category,
        "role": person.role,
        "hidden": person.hidden,
        "representative": person.representative,
        "faces": face_objects(person.faces, everyone),
    }


def face_objects(faces: Iterable[str], everyone: Everyone) -> list[dict[str, Any]]:
    """Where faces are, as JSON; a copied photo shows each of its faces once more."""
    from photo_ranker.exporters.document import path_fields

    table = everyone.table
    return [
        {
            **path_fields(table.album.photos[int(table.album.owners[number])].path),
            "box": [round(value, 1) for value in table.album.faces[number].box],
            "id": face,
        }
        for face in faces
        for number in table.places.get(face, ())
    ]


def _document(everyone: Everyone, people: Sequence[Person]) -> dict[str, Any]:
    alone = _unassigned(everyone)
    return {
        "schema": 1,
        "engine": everyone.table.album.engine,
        "threshold": everyone.counted.threshold,
        "counts": {
            "photos": len(everyone.table.album.photos),
            "faces": len(everyone.table.album.faces),
            "people": len(people),
            "unassigned": len(alone),
            "hidden": sum(person.hidden for person in everyone.book.present()),
        },
        "people": [person_object(person, everyone) for person in people],
        "unassigned": face_objects(alone, everyone),
        "overruled": [
            {"decision": item.decision, "text": item.text, "faces": list(item.faces)}
            for item in everyone.counted.overruled
        ],
    }


def _unassigned(everyone: Everyone) -> list[str]:
    owners = everyone.book.owners()
    return [face for face in everyone.table.ids if face not in owners]


def _missing(person: Person, everyone: Everyone) -> list[str]:
    return [face for face in person.faces if face not in everyone.table.places]


def _line(person: Person, everyone: Everyone) -> str:
    from photo_ranker.people.corrections import shown_name

    faces = [face for face in person.faces if face in everyone.table.places]
    photos = {photo for face in faces for photo in everyone.table.photos(face)}
    more = ", ".join(
        part for part in (person.category if person.category != "other" else "", person.role or "") if part
    )
    hidden = "  hidden" if person.hidden else ""
    return f"{person.number:>5}  {shown_name(person):<28}{len(photos):>5} photos  {more}{hidden}".rstrip()


def _decisions(everyone: Everyone, *, as_json: bool) -> int:
    import msgspec

    if as_json:
        write_json({"schema": 1, "decisions": msgspec.to_builtins(everyone.book.decisions)}, indent=1)
        return 0
    overruled = {item.decision: len(item.faces) for item in everyone.counted.overruled}
    for decision in everyone.book.decisions:
        undone = f"  (undone {decision.undone})" if decision.undone else ""
        newer = f"  (overruled by newer ones for {overruled[decision.id]} faces)" if decision.id in overruled else ""
        write_line(f"{decision.id:>5}  {decision.at}  {decision.text}{undone}{newer}")
    return 0


def _compare(args: argparse.Namespace) -> int:
    """What a textbook algorithm makes of the album."""
    from photo_ranker.cli.console import say_to_stderr
    from photo_ranker.cli.options import check_photos, open_album, settings_of, sources_of
    from photo_ranker.cli.people_count import Everyone
    from photo_ranker.people.book import Book
    from photo_ranker.people.classic import group_classically
    from photo_ranker.people.faces import FaceTable
    from photo_ranker.people.recount import Counted
    from photo_ranker.people.store import find_root
    from photo_ranker.person_finder.populations import population_of

    args.photos = sources_of(args)
    check_photos(args.photos)
    settings = settings_of(args)
    table = FaceTable(open_album(args, spec_of(args, settings)), settings)
    labels = group_classically(args.algorithm, table.rows, population_of(table.album.engine)).tolist()
    book = Book()
    for label in sorted(set(labels) - {-1}):
        book.add_person([face for face, mine in zip(table.ids, labels, strict=True) if mine == label])
    say = say_to_stderr(quiet=args.quiet)
    everyone = Everyone(book, table, Counted(args.threshold or 0.0, 0, []), settings, find_root(args.photos), say)
    if args.json:
        write_json(_document(everyone, everyone.people()), indent=1)
        return 0
    for person in everyone.people():
        write_line(_line(person, everyone))
    return 0
