"""``photo-ranker people``: find everyone, name them once, correct them for good."""

from __future__ import annotations

import argparse
from importlib import import_module

from photo_ranker.cli.parsing import Parser

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """example:
  photo-ranker people list wedding
  photo-ranker people name 3 "Anna Berg" --photos wedding"""

ACTIONS: dict[str, tuple[str, str]] = {
    "list": ("people_show", "everyone in an album"),
    "show": ("people_show", "one person with all faces, or all decisions"),
    "name": ("people_correct", "give a person a name, a category or a role"),
    "merge": ("people_correct", "make one person of several"),
    "split": ("people_correct", "make a new person of some faces"),
    "move": ("people_correct", "give faces to a person"),
    "not": ("people_correct", "say that faces are not a person"),
    "hide": ("people_correct", "hide a stranger for good, or show one again"),
    "undo": ("people_correct", "take back a decision, whichever it is"),
    "suggest": ("people_suggest", "the questions whose answers help most"),
    "import": ("people_import", "names from photos of each person, XMP, labels or a guest list"),
    "copy": ("people_copy", "copy or link the photos of a person into a folder"),
    "export-faces": ("people_faces", "write a folder of face crops for each person, to be sorted by hand"),
    "import-faces": ("people_faces", "take such folders, sorted, as corrections"),
}
"""Action -> the module that has ``add_<action>`` and ``run_<action>``, and what it does."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    for name, (module, about) in ACTIONS.items():
        add = getattr(import_module(f"photo_ranker.cli.{module}"), f"add_{name.replace('-', '_')}")
        one = actions.add_parser(name, help=about, description=about, epilog=EXAMPLE)
        add(one)


def run(args: argparse.Namespace) -> int:
    """Do what is asked."""
    module, _ = ACTIONS[args.action]
    exit_code: int = getattr(import_module(f"photo_ranker.cli.{module}"), f"run_{args.action.replace('-', '_')}")(args)
    return exit_code
