"""``photo-ranker library``: one index over many folders, so that a question to a million faces is answered at once."""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.console import say_to_stderr, spoken_duration, write_json, write_line
from photo_ranker.cli.options import in_true_time, settings_of, whole_number
from photo_ranker.cli.parsing import add_common, path_for
from photo_ranker.records import DEFAULT_ENGINE
from photo_ranker.terminal import command, path_word

if TYPE_CHECKING:
    from pathlib import Path

    from photo_ranker.album import Album
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.answer import Question, Ranking
    from photo_ranker.cli.console import Say
    from photo_ranker.library import Changes
    from photo_ranker.library.grouping import Crowd
    from photo_ranker.settings import Settings

__all__ = ["EXAMPLE", "add_arguments", "ranked", "run", "spec_for"]

EXAMPLE = """example:
  photo-ranker index /archive --recursive
  photo-ranker library /archive
  photo-ranker rank --ref anna.jpg --library /archive --top 20"""

SCHEMA = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("folder", type=path_for("DIR"), metavar="DIR", help="the folder that all the indexed folders are in")
    add(
        "--engine",
        metavar="NAME",
        help=f"whose faces (default: those of the library there is, else {DEFAULT_ENGINE})",
    )
    add("--people", type=whole_number, metavar="N", help="count everyone, and show the N who are in most photos")
    add("--rebuild", action="store_true", help="read every folder anew, not only what has changed")
    add("--dry-run", action="store_true", help="only say what would be read")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """Make or update the library and report."""
    from photo_ranker.library import engine_to_make, update_library
    from photo_ranker.models.usual import usual_engine

    say, started = say_to_stderr(quiet=args.quiet), time.monotonic()
    args.engine = args.engine or engine_to_make(args.folder, usual_engine(say))
    with _bar(quiet=args.quiet) as bar:

        def step(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        changes = update_library(
            args.folder, args.engine, settings_of(args), say, step, dry_run=args.dry_run, rebuild=args.rebuild
        )
    seconds = time.monotonic() - started
    for path in changes.damaged:
        mend = command("index", path_word(args.folder / path))
        say(f"note: the metadata of {args.folder / path} is damaged and left out; {mend} mends it")
    if changes.unknown:
        mend = command("index", path_word(args.folder), "--recursive", "--engine", args.engine)
        say(f"note: {args.engine} has not looked at {changes.unknown:,} faces yet, which are left out; {mend} does it")
    if args.json:
        people = _people_document(args) if args.people is not None and not args.dry_run else {}
        write_json(_document(changes, args, seconds) | people)
        return 0
    for line in _text(changes, args, seconds):
        write_line(line)
    if args.people is not None and not args.dry_run:
        count, crowds = _people(args)
        write_line(f"{count:,} people are seen more than once")
        for crowd in crowds:
            write_line(f"  in {crowd.photos:,} photos: {crowd.example.path}")
    return 0


def _people(args: argparse.Namespace) -> tuple[int, list[Crowd]]:
    from photo_ranker.library import group_library, open_library

    return group_library(open_library(args.folder, args.engine, settings_of(args)), args.people)


def _people_document(args: argparse.Namespace) -> dict[str, Any]:
    from photo_ranker.exporters.document import path_fields

    count, crowds = _people(args)
    most = [{"photos": one.photos, "faces": one.faces, **path_fields(one.example.path)} for one in crowds]
    return {"people": {"count": count, "most": most}}


def spec_for(root: Path, spec: AnalyserSpec) -> AnalyserSpec:
    """What measures references for a library: the engine that it is about."""
    from photo_ranker.library import engine_to_ask

    return dataclasses.replace(spec, engine=engine_to_ask(root, spec.engine))


def ranked(
    ask: Callable[[], Question], engine: str, args: argparse.Namespace, settings: Settings, say: Say
) -> tuple[Album, Ranking]:
    """The answer of ``--library``."""
    from photo_ranker.library import answer_from, open_library

    library = open_library(args.library, engine, settings, say)
    in_time = in_true_time(args, is_part=True)
    return answer_from(library, ask(), settings, exact=True if args.exact else None, in_time=in_time)


def _bar(*, quiet: bool) -> Any:
    import sys

    from tqdm import tqdm

    # None = no bar where stderr is no terminal.
    return tqdm(unit=" folders", file=sys.stderr, disable=quiet or None)


def _document(changes: Changes, args: argparse.Namespace, seconds: float) -> dict[str, Any]:
    from photo_ranker.exporters.document import path_fields

    return {
        "schema": SCHEMA,
        "dry_run": args.dry_run,
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


def _text(changes: Changes, args: argparse.Namespace, seconds: float) -> list[str]:
    done = "to read" if args.dry_run else "read"
    folders = f"{len(changes.read):,} {done}, {changes.unchanged:,} unchanged"
    if changes.dropped:
        folders += f", {len(changes.dropped):,} no longer there"
    if args.dry_run:
        return [f"folders: {folders}"]
    held = f"{changes.faces:,} faces in {changes.photos:,} photos"
    return [f"{held} (folders: {folders})", f"  {spoken_duration(seconds)}, in {changes.place}"]
