"""``people name | merge | split | move | not | hide | undo``: words that hold for good."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import add_album_options, album_words, whole_number
from photo_ranker.cli.parsing import add_common
from photo_ranker.errors import UserError
from photo_ranker.terminal import command

if TYPE_CHECKING:
    from photo_ranker.cli.people_count import Everyone
    from photo_ranker.people.book import Decision

__all__ = [
    "add_hide", "add_merge", "add_move", "add_name", "add_not", "add_split", "add_undo", "report_decisions",
    "run_hide", "run_merge", "run_move", "run_name", "run_not", "run_split", "run_undo",
]  # fmt: skip

FACES_HELP = "faces: ids, or PHOTO, or PHOTO#2 for its second face from the left"


def _common(parser: argparse.ArgumentParser) -> None:
    add_album_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    add_common(parser)


def add_name(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``name``."""
    parser.add_argument("person", metavar="PERSON", help="name, number or id")
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="the new name; a person who already has it is merged with this one"
    )
    parser.add_argument("--category", choices=["main", "important", "other"])
    parser.add_argument("--role", metavar="WORDS", help="in your words: bride, best man")
    parser.add_argument("--face", metavar="FACE", help="the face to show for the person")
    _common(parser)


def run_name(args: argparse.Namespace) -> int:
    """Name a person, or say what the person is to the event."""
    from photo_ranker.cli.people_which_face import face_of
    from photo_ranker.people.corrections import give_name, set_fact

    if args.name is None and args.category is None and args.role is None and args.face is None:
        raise UserError("nothing to set", "give a name, --category, --role or --face")

    def work(everyone: Everyone) -> list[Decision]:
        book, person = everyone.book, everyone.book.find(args.person)
        said = []
        if args.name is not None:
            said.append(give_name(book, person, args.name))
            person = book.now(person.id)
        if args.category is not None:
            said.append(set_fact(book, person, "category", args.category))
        if args.role is not None:
            said.append(set_fact(book, person, "role", args.role))
        if args.face is not None:
            said.append(set_fact(book, person, "representative", face_of(args.face, everyone.table, person.faces)))
        return said

    return _decide(args, work)


def add_merge(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``merge``."""
    parser.add_argument("person", metavar="PERSON", help="who stays: name, number or id")
    parser.add_argument("others", nargs="+", metavar="OTHER", help="who is the same person")
    _common(parser)


def run_merge(args: argparse.Namespace) -> int:
    """Make one person of several."""
    from photo_ranker.people.corrections import merge

    return _decide(
        args,
        lambda everyone: [
            merge(everyone.book, everyone.book.find(args.person), [everyone.book.find(word) for word in args.others])
        ],
    )


def add_split(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``split``."""
    parser.add_argument("person", metavar="PERSON", help="name, number or id")
    parser.add_argument("faces", nargs="+", metavar="FACE", help=FACES_HELP)
    _common(parser)


def run_split(args: argparse.Namespace) -> int:
    """Make a new person of some faces of one."""
    from photo_ranker.cli.people_which_face import face_of
    from photo_ranker.people.corrections import split

    def work(everyone: Everyone) -> list[Decision]:
        person = everyone.book.find(args.person)
        faces = [face_of(word, everyone.table, person.faces) for word in args.faces]
        _must_have(person.faces, faces, args)
        return [split(everyone.book, person, faces)]

    return _decide(args, work)


def add_move(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``move``."""
    parser.add_argument("person", metavar="PERSON", help="whose faces they are: name, number or id")
    parser.add_argument("faces", nargs="+", metavar="FACE", help=FACES_HELP)
    _common(parser)


def run_move(args: argparse.Namespace) -> int:
    """Give faces to a person, whoever had them."""
    from photo_ranker.cli.people_which_face import face_of
    from photo_ranker.people.corrections import move

    def work(everyone: Everyone) -> list[Decision]:
        faces = [face_of(word, everyone.table) for word in args.faces]
        return [move(everyone.book, faces, everyone.book.find(args.person))]

    return _decide(args, work)


def add_not(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``not``."""
    add_split(parser)


def run_not(args: argparse.Namespace) -> int:
    """Say that faces are not a person; the next count finds out whose they are."""
    from photo_ranker.cli.people_which_face import face_of
    from photo_ranker.people.corrections import deny

    def work(everyone: Everyone) -> list[Decision]:
        person = everyone.book.find(args.person)
        faces = [face_of(word, everyone.table, person.faces) for word in args.faces]
        _must_have(person.faces, faces, args)
        return [deny(everyone.book, faces, person)]

    return _decide(args, work)


def add_hide(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``hide``."""
    parser.add_argument("people", nargs="+", metavar="PERSON", help="name, number or id")
    parser.add_argument("--show", action="store_true", help="show them again")
    _common(parser)


def run_hide(args: argparse.Namespace) -> int:
    """Hide people for good, or show them again."""
    from photo_ranker.people.corrections import set_fact

    def work(everyone: Everyone) -> list[Decision]:
        people = [everyone.book.find(word) for word in args.people]
        return [set_fact(everyone.book, person, "hidden", not args.show) for person in people]

    return _decide(args, work)


def add_undo(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``undo``."""
    parser.add_argument(
        "decision", nargs="?", type=whole_number, metavar="N", help="its number (default: the last one)"
    )
    _common(parser)


def run_undo(args: argparse.Namespace) -> int:
    """Take back a decision."""
    from photo_ranker.people.undoing import undo

    def work(everyone: Everyone) -> list[Decision]:
        decision, held = undo(everyone.book, args.decision)
        if held:
            everyone.say(f"note: newer decisions still hold {len(held)} of the faces; undo them too (show --decisions)")
        return [decision]

    return _decide(args, work, done="took back")


def _must_have(faces: list[str], wanted: list[str], args: argparse.Namespace) -> None:
    for face in wanted:
        if face not in faces:
            listing = command("people", "show", args.person, *album_words(args))
            raise UserError(f"face {face} is not one of {args.person}'s", f"{listing} lists them")


def _decide(args: argparse.Namespace, work: Callable[[Everyone], list[Decision]], done: str = "") -> int:
    from photo_ranker.cli.people_count import counted

    with counted(args) as everyone:
        report_decisions(args, work(everyone), done)
    return 0


def report_decisions(args: argparse.Namespace, said: list[Decision], done: str = "") -> None:
    """Print what was decided."""
    if args.json:
        decisions = [{"id": decision.id, "at": decision.at, "text": decision.text} for decision in said]
        write_json({"schema": 1, "dry_run": args.dry_run, "decisions": decisions}, indent=1)
        return
    for decision in said:
        words = f"{done} {decision.text}".strip()
        write_line(f"would have {words}" if args.dry_run else f"{words} (decision {decision.id})")
