"""Taking photos home: the options that rank, best and export share, and what they do."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import add_export_options as add_taking_options
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.album import Album, AlbumPhoto
    from photo_ranker.cli.console import Say
    from photo_ranker.exporters.albums import Carried, Plan, Wanted
    from photo_ranker.ranker import RankedPhoto
    from photo_ranker.settings import Settings

__all__ = [
    "add_taking_options",
    "arranged",
    "check_taking",
    "is_taking",
    "save_frames",
    "take",
    "taken",
    "write_report",
]


def is_taking(args: argparse.Namespace) -> bool:
    """Whether photos are to be taken home."""
    return args.to is not None or args.zip is not None


def check_taking(args: argparse.Namespace) -> None:
    """What can be seen to be wrong beforehand."""
    if not is_taking(args):
        if getattr(args, "gallery", None) is not None:
            return
        if args.dry_run and args.frames is None and not hasattr(args, "what"):
            raise UserError("--dry-run shows how photos are taken home", "add --to DIR, --zip FILE or --frames DIR")
        words = {"--ordered": args.ordered, "--per-event": args.per_event, "--with-context": args.with_context}
        if lonely := next((word for word, is_given in words.items() if is_given), None):
            raise UserError(f"{lonely} says how an album is made, but none is", "add --to DIR or --zip FILE")
        return
    if args.to is not None and args.zip is not None:
        raise UserError("--to and --zip are two albums", "make one after the other")
    if str(args.zip) == "-" and not args.dry_run:
        _check_stdout_is_free(args)
    elif args.zip is not None and str(args.zip) != "-":
        if os.path.lexists(args.zip):
            raise UserError(f"{args.zip} exists; it is left as it is", "choose another name for --zip")
        if not args.zip.parent.is_dir():
            raise UserError(f"there is no folder {args.zip.parent}", "make it first, or write somewhere else")


def _check_stdout_is_free(args: argparse.Namespace) -> None:
    output = getattr(args, "output", None)
    forms = {"--json": args.json, "--format": getattr(args, "format", None), "--print0": getattr(args, "print0", None)}
    word = "--output -" if str(output) == "-" else next((word for word, value in forms.items() if value), None)
    if word and (output is None or str(output) == "-"):
        raise UserError(f"--zip - and {word} would both fill stdout", "give one of them a file")


def taken(
    results: Iterable[RankedPhoto],
    album: Album,
    settings: Settings,
    args: argparse.Namespace,
    person: str | None = None,
) -> list[Wanted]:
    """Ranked photos as the files of an album; those of a ``person`` in a folder of their own."""
    from photo_ranker.exporters.albums import Wanted

    ranked = list(results)
    wanted = [
        Wanted(item.path, item.photo.record.companions, number=number, score=item.score, person=person)
        for number, item in enumerate(ranked, 1)
    ]
    return arranged(wanted, [item.photo for item in ranked], album, settings, args)


def arranged(
    wanted: list[Wanted], photos: list[AlbumPhoto], album: Album, settings: Settings, args: argparse.Namespace
) -> list[Wanted]:
    """With what else goes along, and in folders, as the options say."""
    from photo_ranker.exporters.albums import arrange

    return arrange(wanted, photos, album, settings, per_event=args.per_event, context=args.with_context)


def take(wanted: list[Wanted], args: argparse.Namespace, say: Say, *, as_json: bool = False) -> None:
    """Make the album, or show what would be done; ``as_json`` for a command whose only answer the album is."""
    if args.zip is not None:
        _zip(wanted, args, say, as_json=as_json)
        return
    from photo_ranker.exporters.albums import carry, plan_album

    plan = plan_album(wanted, args.to, args.way, ordered=args.ordered)
    if args.dry_run:
        _show(plan, args)
        return
    from tqdm import tqdm

    size = plan.bytes_to_write
    # None = no bar where stderr is no terminal.
    with tqdm(total=len(plan.todo), unit=" files", file=sys.stderr, disable=args.quiet or None) as bar:
        done = carry(plan, lambda *_: bar.update())
    if as_json:
        _write_files(plan, size, done)
    _report(plan, done, say)


def save_frames(results: Iterable[RankedPhoto], settings: Settings, args: argparse.Namespace, say: Say) -> None:
    """The best moments of films as photos; what is there already is left."""
    from photo_ranker.core.files import remove_leftovers, write_new
    from photo_ranker.errors import PhotoUnreadable
    from photo_ranker.images import Limits
    from photo_ranker.images.video import frame_jpeg

    if not args.dry_run:
        remove_leftovers(args.frames)
    saved = 0
    for item in results:
        if item.face.at_seconds is None:
            continue
        minutes, seconds = divmod(item.face.at_seconds, 60)
        target = args.frames / f"{Path(item.path).stem}_{int(minutes)}m{seconds:04.1f}s.jpg"
        if args.dry_run:
            write_line(f"save: {item.path} -> {target}")
            continue
        try:
            args.frames.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(target):
                write_new(target, [frame_jpeg(Path(item.path), item.face.at_seconds, Limits.of(settings.measure))])
                saved += 1
        except PhotoUnreadable as error:
            say(f"  left out: {item.path}: {error.reason}")
        except OSError as error:
            raise UserError(f"cannot write {target}: {error.strerror or error}", "choose another folder") from error
    say(f"saved {saved} moments in {args.frames}")


def _show(plan: Plan, args: argparse.Namespace) -> None:
    from photo_ranker.exporters.albums import check

    check(plan)
    if args.json:
        _write_files(plan, plan.bytes_to_write, None)
        return
    words = {"todo": plan.way, "there": "already there", "missing": "missing"}
    for step in plan.steps:
        write_line(f"{words[step.state]}: {step.entry.source} -> {step.target}")
    size = f"{plan.bytes_to_write / 1e6:.1f} MB"
    write_line(f"{len(plan.todo)} of {len(plan.steps)} files to {plan.way}, {size} to write")


def _write_files(plan: Plan, size: int, done: Carried | None) -> None:
    """Every file as JSON: what would become of it, or what did."""
    from photo_ranker.exporters.document import path_fields

    failed = {source for source, _ in done.failed} if done else set()
    files = []
    for step in plan.steps:
        became = step.state if done is None or step.state != "todo" else "done"
        state = "failed" if step.entry.source in failed else became
        files.append({**path_fields(step.entry.source), "target": path_fields(str(step.target)), "state": state})
    write_report(
        {"dry_run": done is None, "way": plan.way, "bytes": size, "done": done.done if done else 0, "files": files}
    )


def write_report(fields: dict[str, Any]) -> None:
    """Print what was made, or would be, as JSON."""
    write_json({"schema": 1, **fields})


def _report(plan: Plan, done: Carried, say: Say) -> None:
    there = f", {done.already_there} were there already" if done.already_there else ""
    said = {"copy": "copied", "hardlink": "linked", "symlink": "linked", "move": "moved"}[plan.way]
    say(f"{said} {done.done} files to {plan.folder}{there}")
    for source, reason in [*((source, "no such file") for source in done.missing), *done.failed]:
        say(f"  left out: {source}: {reason}")
    if done.failed:
        raise UserError(f"{len(done.failed)} files could not be taken along", "see above, and run again")


def _zip(wanted: list[Wanted], args: argparse.Namespace, say: Say, *, as_json: bool) -> None:
    from photo_ranker.core.files import remove_leftovers, write_new
    from photo_ranker.exporters.albums import archive_names
    from photo_ranker.exporters.document import path_fields
    from photo_ranker.exporters.zip import zip_stream

    files = list(archive_names(wanted, ordered=args.ordered))
    document = {
        "dry_run": args.dry_run,
        "zip": str(args.zip),
        "files": [{**path_fields(str(path)), "name": name} for name, path in files],
    }
    if args.dry_run and args.json:
        write_report(document)
    elif args.dry_run:
        for name, path in files:
            write_line(f"pack: {path} -> {name}")
    elif str(args.zip) == "-":
        sys.stdout.buffer.writelines(zip_stream(files))
    else:
        remove_leftovers(args.zip.parent)
        try:
            write_new(args.zip, zip_stream(files))
        except OSError as error:
            raise UserError(f"cannot write {args.zip}: {error.strerror or error}", "choose another place") from error
        if as_json:
            write_report(document)
        say(f"packed {len(files)} files into {args.zip}")
