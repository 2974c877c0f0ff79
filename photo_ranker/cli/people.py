"""``photo-ranker people``: find everyone, name them once, correct them for good.

This file has ``list``, ``show`` and ``suggest``, which print people, decisions and questions that would help, and the
table of all actions: ``people_change`` has those that change people, ``people_files`` those that read and write files.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from photo_ranker.cli import people_change as change
from photo_ranker.cli import people_files as files
from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import Parser, add_album_options, add_common, number_between, whole_number
from photo_ranker.cli.people_change import change_people
from photo_ranker.cli.requests import ChangeRequest, CommonRequest, PeopleRequest, make_request, workspace_of
from photo_ranker.core.terminal import command, counted
from photo_ranker.errors import UserError
from photo_ranker.workspace import Workspace

if TYPE_CHECKING:
    from photo_ranker.people.book import Decision, Person
    from photo_ranker.people.suggest import Question
    from photo_ranker.workspace.people import AlbumPeople

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


class ListRequest(PeopleRequest, frozen=True, kw_only=True):
    """How people are found, and which are listed."""

    hidden: bool
    """List hidden people too."""
    threshold: float | None
    """Similarity from which faces are one person; None = derived from the album."""
    algorithm: str
    """"graph" is ours; the others are for comparison."""


def add_list(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``list``."""
    add_album_options(parser, first=True)
    parser.add_argument("--all", dest="hidden", action="store_true", help="hidden people too")
    parser.add_argument(
        "--threshold", type=number_between(-1, 1), metavar="X", help="similarity of one person (default: automatic)"
    )
    parser.add_argument(
        "--algorithm",
        choices=["graph", "hdbscan", "dbscan", "agglomerative"],
        default="graph",
        help="for comparison: what a textbook algorithm would say; nothing is stored",
    )
    add_common(parser)


def run_list(request: ListRequest, workspace: Workspace) -> None:
    """Print all people."""
    if request.algorithm != "graph":
        _compare(request, workspace)
        return
    say = workspace.listener.say
    with workspace.people(request.album, keep=True, threshold=request.threshold) as people:
        shown = people.shown(hidden=request.hidden)
        _print_people(people, shown, request, people.threshold)
        if request.as_json:
            return
        if not shown:
            say("there is nobody in this album")
        if unrecognised := len(people.unrecognised()):
            say(f"note: {counted(unrecognised, 'face')} unrecognised: too unclear to tell whose")
        if false := len(people.false_faces()):
            say(f"note: {counted(false, 'thing')} left out as not {'a face' if false == 1 else 'faces'}")
        if (hidden := _hidden(people)) and not request.hidden:
            say(f"note: {hidden} hidden (--all shows them)")


def _compare(request: ListRequest, workspace: Workspace) -> None:
    """Print the people that a textbook algorithm finds."""
    from photo_ranker.workspace.people import textbook_people

    album = workspace.album(request.album)
    people = textbook_people(album, workspace.settings, request.album.photos, request.algorithm)
    _print_people(people, people.shown(), request, request.threshold or 0.0)


def _print_people(people: AlbumPeople, shown: Sequence[Person], request: ListRequest, threshold: float) -> None:
    if request.as_json:
        write_json(_document(people, shown, threshold), indent=1)
        return
    for person in shown:
        write_line(_line(person, people))


def _document(people: AlbumPeople, shown: Sequence[Person], threshold: float) -> dict[str, Any]:
    unrecognised = people.unrecognised()
    return {
        "schema": 1,
        "engine": people.album.engine,
        "threshold": threshold,
        "counts": {
            "photos": len(people.album.photos),
            "faces": len(people.album.faces),
            "people": len(shown),
            "unassigned": len(unrecognised),
            "false_faces": len(people.false_faces()),
            "hidden": _hidden(people),
        },
        "people": [_person_object(person, people) for person in shown],
        "unassigned": _face_objects(unrecognised, people),
        "false_faces": _face_objects(people.false_faces(), people),
        "overruled": [
            {"decision": item.decision, "text": item.text, "faces": list(item.faces)} for item in people.overruled()
        ],
    }


def _hidden(people: AlbumPeople) -> int:
    return sum(person.hidden for person in people.book.present())


class ShowRequest(PeopleRequest, frozen=True, kw_only=True):
    """The person to show, or all decisions."""

    person: str | None
    """None = list all decisions."""
    decisions: bool

    def __post_init__(self) -> None:
        """Refuse to show nobody."""
        if self.person is None and not self.decisions:
            raise UserError("whom?", "give a name or number, or --decisions")


def add_show(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``show``."""
    parser.add_argument("person", nargs="?", metavar="PERSON", help="name, number or id")
    parser.add_argument("--decisions", action="store_true", help="list all decisions instead")
    add_album_options(parser, first=True)
    add_common(parser)


def run_show(request: ShowRequest, workspace: Workspace) -> None:
    """Print one person, or all decisions."""
    with workspace.people(request.album, keep=True) as people:
        if request.person is None:
            _show_decisions(people, as_json=request.as_json)
            return
        person = people.find(request.person)
        missing = people.missing(person)
        if request.as_json:
            write_json({"schema": 1, **_person_object(person, people), "missing": missing}, indent=1)
            return
        write_line(_line(person, people))
        for face in _face_objects(person.faces, people):
            write_line(f"  {face['id']}  {face['path']}")
        if missing:
            write_line(f"  and {counted(len(missing), 'face')} in photos that are not here")


def _show_decisions(people: AlbumPeople, *, as_json: bool) -> None:
    import msgspec

    if as_json:
        write_json({"schema": 1, "decisions": msgspec.to_builtins(people.book.decisions)}, indent=1)
        return
    overruled = {item.decision: len(item.faces) for item in people.overruled()}
    for decision in people.book.decisions:
        undone = f"  (undone {decision.undone})" if decision.undone else ""
        newer = (
            f"  (overruled by newer ones for {counted(overruled[decision.id], 'face')})"
            if decision.id in overruled
            else ""
        )
        write_line(f"{decision.id:>5}  {decision.at}  {decision.text}{undone}{newer}")


def _line(person: Person, people: AlbumPeople) -> str:
    from photo_ranker.people.corrections import shown_name

    born = "" if person.born is None else f"born {person.born}"
    words = (person.category if person.category != "other" else "", person.role or "", born)
    more = ", ".join(word for word in words if word)
    hidden = "  hidden" if person.hidden else ""
    number, noun = counted(people.photo_count(person), "photo").split()
    return f"{person.number:>5}  {shown_name(person):<28}{number:>5} {noun:<6}  {more}{hidden}".rstrip()


def _person_object(person: Person, people: AlbumPeople) -> dict[str, Any]:
    return {
        "id": person.id,
        "number": person.number,
        "name": person.name,
        "category": person.category,
        "role": person.role,
        "born": person.born,
        "hidden": person.hidden,
        "representative": person.representative,
        "faces": _face_objects(person.faces, people),
    }


def _face_objects(faces: Iterable[str], people: AlbumPeople) -> list[dict[str, Any]]:
    """Faces as JSON objects; a face in several copies of a photo is listed once per copy."""
    from photo_ranker.core.terminal import path_fields

    table = people.table
    return [
        {
            **path_fields(table.whole.photos[photo].path),
            "box": [round(value, 1) for value in table.face(face).box],
            "id": face,
        }
        for face in faces
        if face in table.places or face in table.false_places
        for photo in table.photos(face)
    ]


class SuggestRequest(ChangeRequest, frozen=True, kw_only=True):
    """How many questions to print, or the answer to one."""

    top: int
    """0 = all."""
    same: tuple[str, str] | None
    """Two faces that the user says are one person."""
    different: tuple[str, str] | None
    """Two faces that the user says are two people."""


def add_suggest(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``suggest``."""
    add_album_options(parser, first=True)
    parser.add_argument(
        "--top", type=whole_number, default=10, metavar="N", help="number of pairs; 0 = all (default: 10)"
    )
    answers = parser.add_mutually_exclusive_group()
    answers.add_argument("--same", nargs=2, metavar="FACE", help="answer: these two are one person")
    answers.add_argument("--different", nargs=2, metavar="FACE", help="answer: these two are two people")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    add_common(parser)


def run_suggest(request: SuggestRequest, workspace: Workspace) -> None:
    """Print questions, or store an answer."""
    if pair := request.same or request.different:
        change_people(request, workspace, lambda people: [_answer(people, pair, same=request.same is not None)])
        return
    with workspace.people(request.album, keep=not request.dry_run) as people:
        found = people.questions()
        questions = found[: request.top] if request.top else found
        if request.as_json:
            objects = [_question_object(question, people) for question in questions]
            write_json({"schema": 1, "total": len(found), "questions": objects}, indent=1)
            return
        for question in questions:
            for line in _question_lines(question, people, request):
                write_line(line)
        if not questions:
            workspace.listener.say("there is nothing to ask: everyone is told apart clearly")
        elif len(found) > len(questions):
            workspace.listener.say(f"note: {counted(len(found) - len(questions), 'more question')} (--top 0 shows all)")


def _answer(people: AlbumPeople, pair: tuple[str, str], *, same: bool) -> Decision:
    one, other = map(people.find_face, pair)
    return people.answer(one, other, same=same)


def _question_object(question: Question, people: AlbumPeople) -> dict[str, Any]:
    return {
        "faces": [_face_objects([face], people)[0] for face in question.faces],
        "people": list(question.people),
        "similarity": question.similarity,
        "chance": question.chance,
        "helps": question.helps,
    }


def _question_lines(question: Question, people: AlbumPeople, request: SuggestRequest) -> Iterator[str]:
    """One question, and the commands that answer it."""
    from photo_ranker.people.corrections import shown_name

    names = [shown_name(people.book.now(person)) for person in question.people]
    places = [_face_objects([face], people)[0]["path"] for face in question.faces]
    yield f"is {names[0]} ({places[0]}) the same as {names[1]} ({places[1]})? {_percent(question.chance)} probable"
    for answer in ("--same", "--different"):
        yield f"  {command('people', 'suggest', answer, *question.faces, *request.album_words)}"


def _percent(chance: float) -> str:
    """A chance in percent, but never 0% or 100%: such a question would not need asking."""
    return "under 1%" if chance < 0.005 else "over 99%" if chance >= 0.995 else f"{chance:.0%}"


ACTIONS: dict[str, Action] = {
    "list": Action("everyone in an album", add_list, ListRequest, run_list),
    "show": Action("one person with all faces, or all decisions", add_show, ShowRequest, run_show),
    "name": Action("give a person a name, a category or a role", change.add_name, change.NameRequest, change.run_name),
    "merge": Action("make one person of several", change.add_merge, change.MergeRequest, change.run_merge),
    "split": Action("make a new person of some faces", change.add_faces, change.FacesRequest, change.run_split),
    "move": Action("give faces to a person", change.add_move, change.FacesRequest, change.run_move),
    "not": Action("say that faces are not this person", change.add_faces, change.FacesRequest, change.run_not),
    "not-a-face": Action(
        "say that what was found is no face: wallpaper, a hand",
        change.add_false_faces,
        change.FalseFacesRequest,
        change.run_false_faces,
    ),
    "draw": Action("add a face that was not found", change.add_draw, change.DrawRequest, change.run_draw),
    "hide": Action("hide a stranger for good, or show one again", change.add_hide, change.HideRequest, change.run_hide),
    "undo": Action("take back a decision, whichever it is", change.add_undo, change.UndoRequest, change.run_undo),
    "suggest": Action("the questions whose answers help most", add_suggest, SuggestRequest, run_suggest),
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
