"""``people name | merge | split | move | not | not-a-face | draw | hide | undo``: decisions, which later counts keep.

The end of the file has what all changes share: their options, and how decisions are printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import add_album_options, add_common, whole_number
from photo_ranker.cli.requests import ChangeRequest
from photo_ranker.core.terminal import command
from photo_ranker.errors import UserError
from photo_ranker.records import Box
from photo_ranker.workspace import Workspace

if TYPE_CHECKING:
    from photo_ranker.people.book import Category, Decision, Person
    from photo_ranker.workspace.people import AlbumPeople

__all__ = [
    "DrawRequest", "FacesRequest", "FalseFacesRequest", "HideRequest", "MergeRequest", "NameRequest", "UndoRequest",
    "add_draw", "add_faces", "add_false_faces", "add_hide", "add_merge", "add_move", "add_name",
    "add_undo", "change_people", "run_draw", "run_false_faces", "run_hide", "run_merge", "run_move", "run_name",
    "run_not", "run_split", "run_undo",
]  # fmt: skip

FACES_HELP = "faces: ids, or PHOTO, or PHOTO#2 for its second face from the left"


class NameRequest(ChangeRequest, frozen=True, kw_only=True):
    """A person's name, category, role and year of birth, and the face to show."""

    person: str
    """Name, number or id, as in all requests below."""
    name: str | None
    category: Category | None
    """What the person is to the event; scores of the event depend on it."""
    role: str | None
    """In the user's words, such as "bride"; it is shown and changes no score."""
    face: str | None
    """The face to show for the person."""
    born: int | None
    """The year of birth; 0 takes it away."""

    def __post_init__(self) -> None:
        """Refuse to set nothing."""
        if (self.name, self.category, self.role, self.face, self.born) == (None,) * 5:
            raise UserError("nothing to set", "give a name, --category, --role, --face or --born")


def add_name(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``name``."""
    parser.add_argument("person", metavar="PERSON", help="name, number or id")
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="the new name; a person who already has it is merged with this one"
    )
    parser.add_argument("--category", choices=["main", "important", "other"])
    parser.add_argument("--role", metavar="WORDS", help="in your words: bride, best man")
    parser.add_argument("--face", metavar="FACE", help="the face to show for the person")
    parser.add_argument(
        "--born",
        type=whole_number,
        metavar="YEAR",
        help="the year of birth: faces in older photos are somebody else's (0 takes it away)",
    )
    _add_options(parser)


def run_name(request: NameRequest, workspace: Workspace) -> None:
    """Set the name, category, role, face or year of birth of a person."""

    def change(people: AlbumPeople) -> list[Decision]:
        person, decisions = people.find(request.person), []
        if request.name is not None:
            decisions.append(people.name(person, request.name))
            person = people.book.now(person.id)
        if request.category is not None:
            decisions.append(people.set_fact(person, "category", request.category))
        if request.role is not None:
            decisions.append(people.set_fact(person, "role", request.role))
        if request.face is not None:
            face = people.find_face(request.face, person.faces)
            decisions.append(people.set_fact(person, "representative", face))
        if request.born is not None:
            decisions.append(people.set_born(person, request.born))
        return decisions

    change_people(request, workspace, change)


class MergeRequest(ChangeRequest, frozen=True, kw_only=True):
    """People to merge."""

    person: str
    """Who stays."""
    others: tuple[str, ...]
    """Who is merged into the first."""


def add_merge(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``merge``."""
    parser.add_argument("person", metavar="PERSON", help="who stays: name, number or id")
    parser.add_argument("others", nargs="+", metavar="OTHER", help="who is the same person")
    _add_options(parser)


def run_merge(request: MergeRequest, workspace: Workspace) -> None:
    """Merge people."""
    change_people(
        request,
        workspace,
        lambda people: [people.merge(people.find(request.person), list(map(people.find, request.others)))],
    )


class FacesRequest(ChangeRequest, frozen=True, kw_only=True):
    """Some faces and a person."""

    person: str
    """The person that the faces are taken from or given to."""
    faces: tuple[str, ...]
    """Ids, photos, or photos with a number from the left."""


def add_faces(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``split`` and ``not``."""
    parser.add_argument("person", metavar="PERSON", help="name, number or id")
    parser.add_argument("faces", nargs="+", metavar="FACE", help=FACES_HELP)
    _add_options(parser)


def add_move(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``move``."""
    parser.add_argument("person", metavar="PERSON", help="whose faces they are: name, number or id")
    parser.add_argument("faces", nargs="+", metavar="FACE", help=FACES_HELP)
    _add_options(parser)


def run_split(request: FacesRequest, workspace: Workspace) -> None:
    """Move some faces of a person to a new person."""
    _take_faces(request, workspace, lambda people, person, faces: people.split(person, faces))


def run_not(request: FacesRequest, workspace: Workspace) -> None:
    """Decide that faces are not this person's; the next count finds out whose they are."""
    from photo_ranker.workspace.people import theirs

    _take_faces(request, workspace, lambda people, person, faces: people.deny(person, theirs(person, faces)))


def _take_faces(
    request: FacesRequest, workspace: Workspace, take: Callable[[AlbumPeople, Person, list[str]], Decision]
) -> None:
    """Change faces that belong to a person; somebody else's face is an error with advice."""
    from photo_ranker.workspace.people import NotTheirFace

    def change(people: AlbumPeople) -> list[Decision]:
        person = people.find(request.person)
        return [take(people, person, [people.find_face(word, person.faces) for word in request.faces])]

    try:
        change_people(request, workspace, change)
    except NotTheirFace as error:
        listing = command("people", "show", request.person, *request.album_words)
        raise UserError(f"face {error.face} is not one of {request.person}'s", f"{listing} lists them") from error


def run_move(request: FacesRequest, workspace: Workspace) -> None:
    """Give faces to a person, whomever they belonged to."""
    change_people(
        request,
        workspace,
        lambda people: [people.move(list(map(people.find_face, request.faces)), people.find(request.person))],
    )


class FalseFacesRequest(ChangeRequest, frozen=True, kw_only=True):
    """Detections that are not faces, or are faces after all."""

    faces: tuple[str, ...]
    person: str | None
    """Add all faces of this person."""
    is_face: bool

    def __post_init__(self) -> None:
        """Refuse a request without faces."""
        if not self.faces and self.person is None:
            raise UserError("which faces?", "give faces, or --person for all faces of a person")


def add_false_faces(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``not-a-face``."""
    parser.add_argument("faces", nargs="*", metavar="FACE", help=FACES_HELP)
    parser.add_argument("--person", metavar="PERSON", help="all faces of a person: name, number or id")
    parser.add_argument("--is-face", action="store_true", help="say that they are faces after all")
    _add_options(parser)


def run_false_faces(request: FalseFacesRequest, workspace: Workspace) -> None:
    """Decide that detections are not faces, or are faces after all."""

    def change(people: AlbumPeople) -> list[Decision]:
        among = people.false_faces() if request.is_face else None
        faces = [people.find_face(word, among) for word in request.faces]
        if request.person is not None:
            faces += people.find(request.person).faces
        return [people.say_true(faces) if request.is_face else people.say_false(faces)]

    change_people(request, workspace, change)


class DrawRequest(ChangeRequest, frozen=True, kw_only=True):
    """A face that was not found."""

    photo: str
    """Its path, or the end of it."""
    box: Box
    """Pixels of the upright photo."""


def add_draw(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``draw``."""
    parser.add_argument("photo", metavar="PHOTO", help="its path, or the end of it")
    parser.add_argument(
        "box",
        metavar="X,Y,WIDTH,HEIGHT",
        type=_box,
        help="where the face is, in pixels of the upright photo, from its top left corner",
    )
    _add_options(parser)


def _box(text: str) -> Box:
    try:
        x, y, width, height = map(float, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' are not four numbers, such as 812,420,318,402") from None
    return x, y, width, height


def run_draw(request: DrawRequest, workspace: Workspace) -> None:
    """Draw a face that was not found, and measure it."""
    change_people(request, workspace, lambda people: [people.draw(people.find_photo(request.photo), request.box)])
    if not request.dry_run:
        workspace.album(request.album)


class HideRequest(ChangeRequest, frozen=True, kw_only=True):
    """People to hide, or to show again."""

    people: tuple[str, ...]
    """Names, numbers or ids."""
    show: bool
    """Show them again."""


def add_hide(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``hide``."""
    parser.add_argument("people", nargs="+", metavar="PERSON", help="name, number or id")
    parser.add_argument("--show", action="store_true", help="show them again")
    _add_options(parser)


def run_hide(request: HideRequest, workspace: Workspace) -> None:
    """Hide people for good, or show them again."""

    def change(people: AlbumPeople) -> list[Decision]:
        chosen = [people.find(word) for word in request.people]
        return [people.set_fact(person, "hidden", not request.show) for person in chosen]

    change_people(request, workspace, change)


class UndoRequest(ChangeRequest, frozen=True, kw_only=True):
    """The decision to undo."""

    decision: int | None
    """Its number; None = the last one."""


def add_undo(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``undo``."""
    parser.add_argument(
        "decision", nargs="?", type=whole_number, metavar="N", help="its number (default: the last one)"
    )
    _add_options(parser)


def run_undo(request: UndoRequest, workspace: Workspace) -> None:
    """Undo a decision."""

    def change(people: AlbumPeople) -> list[Decision]:
        decision, held = people.undo(request.decision)
        if held:
            workspace.listener.say(
                f"note: newer decisions still hold {len(held)} of the faces; undo them too (show --decisions)"
            )
        return [decision]

    change_people(request, workspace, change, done="undone:")


def _add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of every command that changes people."""
    add_album_options(parser)
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    add_common(parser)


def change_people(
    request: ChangeRequest, workspace: Workspace, change: Callable[[AlbumPeople], list[Decision]], done: str = ""
) -> list[Decision]:
    """Change the people of the album, and print the decisions once they are saved."""
    with workspace.people(request.album, keep=not request.dry_run) as people:
        decisions = change(people)
    _report(request, decisions, done)
    return decisions


def _report(request: ChangeRequest, decisions: Sequence[Decision], done: str = "") -> None:
    """Print decisions that were made, or would be."""
    if request.as_json:
        objects = [{"id": decision.id, "at": decision.at, "text": decision.text} for decision in decisions]
        write_json({"schema": 1, "dry_run": request.dry_run, "decisions": objects}, indent=1)
        return
    for decision in decisions:
        words = f"{done} {decision.text}".strip()
        write_line(f"would have {words}" if request.dry_run else f"{words} (decision {decision.id})")
