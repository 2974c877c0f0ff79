"""Shared by the commands about people: their requests, and how decisions are printed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import add_album_options, add_common
from photo_ranker.cli.requests import album_of, album_words, export_of
from photo_ranker.workspace import AlbumRequest, Workspace
from photo_ranker.workspace.exchange import NamesRequest

if TYPE_CHECKING:
    from photo_ranker.people.book import Decision
    from photo_ranker.workspace.people import AlbumPeople

__all__ = ["ChangeRequest", "PeopleRequest", "add_change_options", "change_people", "make_request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRequest:
    """The request of every command about people.

    A field has the value of the option of the same name, unless :data:`_MADE` says how to make it.
    """

    album: AlbumRequest
    album_words: tuple[str, ...]
    """Options that name the same album, for commands that are shown as advice."""
    as_json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest(PeopleRequest):
    """The request of every command that changes people."""

    dry_run: bool


_MADE: dict[str, Callable[[argparse.Namespace], Any]] = {
    "album": album_of,
    "album_words": lambda args: tuple(album_words(args)),
    "as_json": lambda args: args.json,
    "export": export_of,
    "names": lambda args: NamesRequest(
        references=args.references, xmp=args.xmp, labels=args.labels, guests=args.guests
    ),
}
"""Field of a request -> function that makes it from the options."""

T = TypeVar("T", bound=PeopleRequest)


def make_request(args: argparse.Namespace, kind: type[T]) -> T:
    """The request that the options of a command make; nothing after it sees the options."""
    words = vars(args)
    if words.get("decisions") and words["person"] is not None:
        # `show --decisions` names no person, so its first argument is a folder.
        words = words | {"person": None, "folders": [words["person"], *words["folders"]]}
        args = argparse.Namespace(**words)
    values = {
        name: _MADE[name](args) if name in _MADE else _frozen(words[name])
        for name in (field.name for field in fields(kind))
    }
    return kind(**values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def add_change_options(parser: argparse.ArgumentParser) -> None:
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
