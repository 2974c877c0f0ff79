"""``photo-ranker library``: one index over many folders, so that a question to a million faces is answered at once."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

import msgspec

from photo_ranker.cli.console import TerminalListener, spoken_duration, write_json, write_line
from photo_ranker.cli.options import add_common, path_for, whole_number
from photo_ranker.cli.requests import CommonRequest, settings_of
from photo_ranker.core.terminal import command, counted, path_word
from photo_ranker.workspace import Workspace
from photo_ranker.workspace.requests import LibraryRequest

if TYPE_CHECKING:
    from photo_ranker.library import Changes
    from photo_ranker.library.answering import LibraryPerson

__all__ = ["EXAMPLE", "add_arguments", "request_of", "run"]

EXAMPLE = """example:
  photo-ranker index /archive --recursive
  photo-ranker library /archive
  photo-ranker rank --ref anna.jpg --library /archive --top 20"""

SCHEMA = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("folder", type=path_for("DIR"), metavar="DIR", help="the folder that all the indexed folders are in")
    add("--engine", default="", metavar="NAME", help="whose faces (default: the usual engine's)")
    add("--people", type=whole_number, metavar="N", help="count everyone, and show the N who are in most photos")
    add("--rebuild", action="store_true", help="read every folder again, not only what has changed")
    add("--dry-run", action="store_true", help="only say what would be read")
    add_common(parser)


class LibraryCommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The request of the command."""

    library: LibraryRequest
    """What to create or update."""
    people: int | None
    """Number of people to show, those in most photos; None = people are not counted."""
    as_json: bool


def request_of(args: argparse.Namespace) -> LibraryCommandRequest:
    """The request that the options make."""
    library = LibraryRequest(folder=args.folder, engine=args.engine, rebuild=args.rebuild, dry_run=args.dry_run)
    return LibraryCommandRequest(library=library, people=None if args.dry_run else args.people, as_json=args.json)


def run(request: LibraryCommandRequest, common: CommonRequest) -> int:
    """Create or update the library and report."""
    started = time.monotonic()
    folder = request.library.folder
    workspace = Workspace(settings_of(common), listener=TerminalListener(quiet=common.quiet))
    changes = workspace.update_library(request.library)
    seconds = time.monotonic() - started
    for path in changes.damaged:
        mend = command("index", path_word(folder / path))
        workspace.listener.say(f"note: the metadata of {folder / path} is damaged and left out; {mend} mends it")
    grouped = None if request.people is None else workspace.group_library(request.library, request.people)
    if request.as_json:
        people = {} if grouped is None else _people_document(*grouped)
        write_json(_document(changes, seconds, dry_run=request.library.dry_run) | people)
        return 0
    for line in _text(changes, seconds, dry_run=request.library.dry_run):
        write_line(line)
    if grouped is not None:
        write_line(f"{counted(grouped[0], 'person is', 'people are')} seen more than once")
        for person in grouped[1]:
            write_line(f"  in {counted(person.photos, 'photo')}: {person.example.path}")
    return 0


def _people_document(count: int, shown: list[LibraryPerson]) -> dict[str, Any]:
    from photo_ranker.core.terminal import path_fields

    most = [{"photos": one.photos, "faces": one.faces, **path_fields(one.example.path)} for one in shown]
    return {"people": {"count": count, "most": most}}


def _document(changes: Changes, seconds: float, *, dry_run: bool) -> dict[str, Any]:
    from photo_ranker.core.terminal import path_fields

    return {
        "schema": SCHEMA,
        "dry_run": dry_run,
        "library": str(changes.place),
        "counts": {
            "photos": changes.photos,
            "faces": changes.faces,
            "read": len(changes.read),
            "unchanged": changes.unchanged,
            "dropped": len(changes.dropped),
            "damaged": len(changes.damaged),
        },
        "seconds": round(seconds, 3),
        "read": [path_fields(path) for path in changes.read],
        "dropped": [path_fields(path) for path in changes.dropped],
        "damaged": [path_fields(path) for path in changes.damaged],
    }


def _text(changes: Changes, seconds: float, *, dry_run: bool) -> list[str]:
    done = "to read" if dry_run else "read"
    folders = f"{len(changes.read):,} {done}, {changes.unchanged:,} unchanged"
    if changes.dropped:
        folders += f", {len(changes.dropped):,} no longer there"
    if dry_run:
        return [f"folders: {folders}"]
    held = f"{counted(changes.faces, 'face')} in {counted(changes.photos, 'photo')}"
    return [f"{held} (folders: {folders})", f"  {spoken_duration(seconds)}, in {changes.place}"]
