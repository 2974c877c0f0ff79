"""``people suggest``: the doubtful pairs, the most helpful first, and their answers."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import add_album_options, album_words, whole_number
from photo_ranker.cli.parsing import add_common
from photo_ranker.terminal import command

if TYPE_CHECKING:
    from photo_ranker.cli.people_count import Everyone
    from photo_ranker.people.suggest import Question

__all__ = ["add_suggest", "run_suggest"]


def add_suggest(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_album_options(parser, first=True)
    parser.add_argument(
        "--top", type=whole_number, default=10, metavar="N", help="so many pairs; 0 = all (default: 10)"
    )
    answers = parser.add_mutually_exclusive_group()
    answers.add_argument("--same", nargs=2, metavar="FACE", help="answer: these two are one person")
    answers.add_argument("--different", nargs=2, metavar="FACE", help="answer: these two are two people")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    add_common(parser)


def run_suggest(args: argparse.Namespace) -> int:
    """Ask, or take an answer."""
    from photo_ranker.cli.people_correct import report_decisions
    from photo_ranker.cli.people_count import counted
    from photo_ranker.cli.people_which_face import face_of
    from photo_ranker.people.corrections import say_different, say_same
    from photo_ranker.people.suggest import suggest

    with counted(args) as everyone:
        if answer := args.same or args.different:
            one, other = (face_of(word, everyone.table) for word in answer)
            say = say_same if args.same else say_different
            report_decisions(args, [say(everyone.book, one, other)])
            return 0
        questions = suggest(everyone.book, everyone.table, everyone.counted.threshold)
        questions = questions[: args.top] if args.top else questions
        if args.json:
            write_json({"schema": 1, "questions": [_object(question, everyone) for question in questions]}, indent=1)
            return 0
        for question in questions:
            for line in _lines(question, everyone, args):
                write_line(line)
        if not questions:
            everyone.say("there is nothing to ask: everyone is told apart clearly")
    return 0


def _object(question: Question, everyone: Everyone) -> dict[str, Any]:
    from photo_ranker.cli.people_show import face_objects

    return {
        "faces": [face_objects([face], everyone)[0] for face in question.faces],
        "people": list(question.people),
        "similarity": question.similarity,
        "chance": question.chance,
        "helps": question.helps,
    }


def _lines(question: Question, everyone: Everyone, args: argparse.Namespace) -> Iterator[str]:
    """The question, and the commands that answer it."""
    from photo_ranker.cli.people_show import face_objects
    from photo_ranker.people.corrections import shown_name

    names = [shown_name(everyone.book.now(person)) for person in question.people]
    places = [face_objects([face], everyone)[0]["path"] for face in question.faces]
    yield f"is {names[0]} ({places[0]}) the same as {names[1]} ({places[1]})? {question.chance:.0%} probable"
    for answer in ("--same", "--different"):
        yield f"  {command('people', 'suggest', answer, *question.faces, *album_words(args))}"
