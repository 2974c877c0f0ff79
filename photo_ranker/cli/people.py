"""``photo-ranker people``: find everyone, name them once, correct them for good."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NamedTuple

from photo_ranker.cli import people_change, people_files, people_show
from photo_ranker.cli.parsing import Parser
from photo_ranker.cli.people_requests import PeopleRequest, request_of
from photo_ranker.cli.requests import workspace_of
from photo_ranker.workspace import Workspace

__all__ = ["ACTIONS", "EXAMPLE", "add_arguments", "run"]

EXAMPLE = """example:
  photo-ranker people list wedding
  photo-ranker people name 3 "Anna Berg" --photos wedding"""


class Action(NamedTuple):
    """One line of the table of actions."""

    about: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    request: type[PeopleRequest]
    """What the options are turned into."""
    run: Callable[[Any, Workspace], None]
    """Does what such a request asks."""


ACTIONS: dict[str, Action] = {
    "list": Action("everyone in an album", people_show.add_list, people_show.ListRequest, people_show.list_people),
    "show": Action(
        "one person with all faces, or all decisions",
        people_show.add_show,
        people_show.ShowRequest,
        people_show.show_person,
    ),
    "name": Action(
        "give a person a name, a category or a role",
        people_change.add_name,
        people_change.NameRequest,
        people_change.name_person,
    ),
    "merge": Action(
        "make one person of several", people_change.add_merge, people_change.MergeRequest, people_change.merge_people
    ),
    "split": Action(
        "make a new person of some faces", people_change.add_faces, people_change.FacesRequest, people_change.split
    ),
    "move": Action("give faces to a person", people_change.add_move, people_change.FacesRequest, people_change.move),
    "not": Action(
        "say that faces are not a person", people_change.add_faces, people_change.FacesRequest, people_change.deny
    ),
    "hide": Action(
        "hide a stranger for good, or show one again",
        people_change.add_hide,
        people_change.HideRequest,
        people_change.hide_people,
    ),
    "undo": Action(
        "take back a decision, whichever it is",
        people_change.add_undo,
        people_change.UndoRequest,
        people_change.undo_decision,
    ),
    "suggest": Action(
        "the questions whose answers help most",
        people_show.add_suggest,
        people_show.SuggestRequest,
        people_show.suggest_questions,
    ),
    "import": Action(
        "names from photos of each person, XMP, labels or a guest list",
        people_files.add_import,
        people_files.ImportRequest,
        people_files.take_names,
    ),
    "copy": Action(
        "copy or link the photos of a person into a folder",
        people_files.add_copy,
        people_files.CopyRequest,
        people_files.copy_photos,
    ),
    "export-faces": Action(
        "write a folder of face crops for each person, to be sorted by hand",
        people_files.add_export_faces,
        people_files.ExportFacesRequest,
        people_files.export_faces,
    ),
    "import-faces": Action(
        "take such folders, sorted, as corrections",
        people_files.add_import_faces,
        people_files.ImportFacesRequest,
        people_files.take_sorted_faces,
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    for name, action in ACTIONS.items():
        action.add_arguments(actions.add_parser(name, help=action.about, description=action.about, epilog=EXAMPLE))


def run(args: argparse.Namespace) -> int:
    """Do what is asked."""
    action = ACTIONS[args.action]
    request = request_of(args, action.request)
    with workspace_of(args) as workspace:
        action.run(request, workspace)
    return 0
