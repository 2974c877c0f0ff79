"""``photo-ranker people``: find everyone, name them once, correct them for good."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple

from photo_ranker.cli import (
    people_copy,
    people_correct,
    people_faces,
    people_import,
    people_show,
    people_suggest,
)
from photo_ranker.cli.parsing import Parser

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """example:
  photo-ranker people list wedding
  photo-ranker people name 3 "Anna Berg" --photos wedding"""


class Action(NamedTuple):
    """One line of the table of actions."""

    about: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


ACTIONS: dict[str, Action] = {
    "list": Action("everyone in an album", people_show.add_list, people_show.run_list),
    "show": Action("one person with all faces, or all decisions", people_show.add_show, people_show.run_show),
    "name": Action("give a person a name, a category or a role", people_correct.add_name, people_correct.run_name),
    "merge": Action("make one person of several", people_correct.add_merge, people_correct.run_merge),
    "split": Action("make a new person of some faces", people_correct.add_split, people_correct.run_split),
    "move": Action("give faces to a person", people_correct.add_move, people_correct.run_move),
    "not": Action("say that faces are not a person", people_correct.add_not, people_correct.run_not),
    "hide": Action("hide a stranger for good, or show one again", people_correct.add_hide, people_correct.run_hide),
    "undo": Action("take back a decision, whichever it is", people_correct.add_undo, people_correct.run_undo),
    "suggest": Action("the questions whose answers help most", people_suggest.add_suggest, people_suggest.run_suggest),
    "import": Action(
        "names from photos of each person, XMP, labels or a guest list",
        people_import.add_import,
        people_import.run_import,
    ),
    "copy": Action("copy or link the photos of a person into a folder", people_copy.add_copy, people_copy.run_copy),
    "export-faces": Action(
        "write a folder of face crops for each person, to be sorted by hand",
        people_faces.add_export_faces,
        people_faces.run_export_faces,
    ),
    "import-faces": Action(
        "take such folders, sorted, as corrections", people_faces.add_import_faces, people_faces.run_import_faces
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    for name, action in ACTIONS.items():
        action.add_arguments(actions.add_parser(name, help=action.about, description=action.about, epilog=EXAMPLE))


def run(args: argparse.Namespace) -> int:
    """Do what is asked."""
    return ACTIONS[args.action].run(args)
