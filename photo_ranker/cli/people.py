"""``photo-ranker people``: find everyone, name them once, correct them for good."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NamedTuple

from photo_ranker.cli import people_change as change
from photo_ranker.cli import people_files as files
from photo_ranker.cli import people_show as show
from photo_ranker.cli.options import Parser
from photo_ranker.cli.people_requests import PeopleRequest, make_request
from photo_ranker.cli.requests import CommonRequest, workspace_of
from photo_ranker.workspace import Workspace

__all__ = ["ACTIONS", "EXAMPLE", "add_arguments", "request_of", "run"]

EXAMPLE = """example:
  photo-ranker people list wedding
  photo-ranker people name 3 "Anna Berg" --photos wedding"""


class Action(NamedTuple):
    """One row of the table of actions."""

    about: str
    """One line for ``--help``."""
    add_arguments: Callable[[argparse.ArgumentParser], None]
    request: type[PeopleRequest]
    """The request that the options make."""
    run: Callable[[Any, Workspace], None]
    """Carries out such a request."""


ACTIONS: dict[str, Action] = {
    "list": Action("everyone in an album", show.add_list, show.ListRequest, show.run_list),
    "show": Action("one person with all faces, or all decisions", show.add_show, show.ShowRequest, show.run_show),
    "name": Action("give a person a name, a category or a role", change.add_name, change.NameRequest, change.run_name),
    "merge": Action("make one person of several", change.add_merge, change.MergeRequest, change.run_merge),
    "split": Action("make a new person of some faces", change.add_faces, change.FacesRequest, change.run_split),
    "move": Action("give faces to a person", change.add_move, change.FacesRequest, change.run_move),
    "not": Action("say that faces are not a person", change.add_faces, change.FacesRequest, change.run_not),
    "not-a-face": Action(
        "say that what was found is no face: wallpaper, a hand",
        change.add_false_faces,
        change.FalseFacesRequest,
        change.run_false_faces,
    ),
    "draw": Action("add a face that was not found", change.add_draw, change.DrawRequest, change.run_draw),
    "hide": Action("hide a stranger for good, or show one again", change.add_hide, change.HideRequest, change.run_hide),
    "undo": Action("take back a decision, whichever it is", change.add_undo, change.UndoRequest, change.run_undo),
    "suggest": Action("the questions whose answers help most", show.add_suggest, show.SuggestRequest, show.run_suggest),
    "evaluate": Action(
        "how well the people agree with your own labels or sorted folders",
        files.add_evaluate,
        files.EvaluateRequest,
        files.run_evaluate,
    ),
    "import": Action(
        "names from photos of each person, XMP, labels or a guest list",
        files.add_import,
        files.ImportRequest,
        files.run_import,
    ),
    "copy": Action(
        "copy or link the photos of a person into a folder", files.add_copy, files.CopyRequest, files.run_copy
    ),
    "export-faces": Action(
        "write a folder of face crops for each person, to be sorted by hand",
        files.add_export_faces,
        files.ExportFacesRequest,
        files.run_export_faces,
    ),
    "import-faces": Action(
        "take such folders, sorted, as corrections",
        files.add_import_faces,
        files.ImportFacesRequest,
        files.run_import_faces,
    ),
}
"""Name of the action -> its entry."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    for name, action in ACTIONS.items():
        action.add_arguments(actions.add_parser(name, help=action.about, description=action.about, epilog=EXAMPLE))


def request_of(args: argparse.Namespace) -> tuple[Action, PeopleRequest]:
    """The action and the request that the options make."""
    action = ACTIONS[args.action]
    return action, make_request(args, action.request)


def run(asked: tuple[Action, PeopleRequest], common: CommonRequest) -> int:
    """Carry out the request."""
    action, request = asked
    with workspace_of(common) as workspace:
        action.run(request, workspace)
    return 0
