"""Shared by commands that export: the options of xmp, and reports of exported photos."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.requests import album_words
from photo_ranker.core.terminal import command, counted
from photo_ranker.errors import UserError
from photo_ranker.workspace import XmpRequest

if TYPE_CHECKING:
    from photo_ranker.core.terminal import Listener
    from photo_ranker.exporters.albums import Carried, Plan, Wanted
    from photo_ranker.ranker import RankedPhoto
    from photo_ranker.workspace import ExportRequest, Workspace
    from photo_ranker.workspace.exchange import XmpReport
    from photo_ranker.workspace.exports import ExportedFolder

__all__ = ["add_xmp_options", "export_album", "export_frames", "report_xmp", "write_report", "xmp_of"]


def export_album(
    wanted: list[Wanted], request: ExportRequest, listener: Listener, *, as_json: bool, is_all: bool = False
) -> None:
    """Export photos, or show what would be done; ``is_all`` says that the command prints nothing else."""
    if request.zip is not None:
        _export_zip(wanted, request, listener, as_json=as_json, is_all=is_all)
        return
    from photo_ranker.workspace.exports import export_folder

    made = export_folder(wanted, request, listener)
    if kept := made.plan.old_names:
        listener.say(f"note: named as in an earlier export: {counted(len(kept), 'photo')}")
    if made.done is None:
        _show(made, as_json=as_json)
        return
    if as_json and is_all:
        _write_files(made)
    _report(made.plan, made.done, listener)


def export_frames(results: Iterable[RankedPhoto], workspace: Workspace, request: ExportRequest) -> None:
    """Save the best frames of films, if the request has a folder for them."""
    if request.frames is None:
        return
    from photo_ranker.workspace.exports import save_frames

    saved = 0
    for frame in save_frames(results, workspace.settings, request):
        if frame.state == "planned":
            write_line(f"save: {frame.film} -> {frame.target}")
        elif frame.state == "unreadable":
            workspace.listener.say(f"  left out: {frame.film}: {frame.reason}")
        saved += frame.state == "saved"
    workspace.listener.say(f"saved {counted(saved, 'moment')} in {request.frames}")


def _show(made: ExportedFolder, *, as_json: bool) -> None:
    if as_json:
        _write_files(made)
        return
    plan = made.plan
    words = {"todo": plan.way, "there": "already there", "missing": "missing"}
    for step in plan.steps:
        write_line(f"{words[step.state]}: {step.entry.source} -> {step.target}")
    files = counted(len(plan.steps), "file")
    write_line(f"{len(plan.todo)} of {files} to {plan.way}, {made.size / 1e6:.1f} MB to write")


def _write_files(made: ExportedFolder) -> None:
    """Print the state of every file as JSON, after an export or a dry run."""
    from photo_ranker.core.terminal import path_fields

    plan, done = made.plan, made.done
    failed = {source for source, _ in done.failed} if done else set()
    files = []
    for step in plan.steps:
        became = step.state if done is None or step.state != "todo" else "done"
        state = "failed" if step.entry.source in failed else became
        files.append({**path_fields(step.entry.source), "target": path_fields(str(step.target)), "state": state})
    write_report(
        {
            "dry_run": done is None,
            "way": plan.way,
            "bytes": made.size,
            "done": done.done if done else 0,
            "files": files,
        }
    )


def write_report(fields: dict[str, Any]) -> None:
    """Print a report as JSON."""
    write_json({"schema": 1, **fields})


def _report(plan: Plan, done: Carried, listener: Listener) -> None:
    there = f", {done.already_there} were there already" if done.already_there else ""
    verb = {"copy": "copied", "hardlink": "linked", "symlink": "linked", "move": "moved"}[plan.way]
    listener.say(f"{verb} {counted(done.done, 'file')} to {plan.folder}{there}")
    for source, reason in [*((source, "no such file") for source in done.missing), *done.failed]:
        listener.say(f"  left out: {source}: {reason}")
    if done.failed:
        raise UserError(f"{counted(len(done.failed), 'file')} could not be exported", "see above, and run again")


def _export_zip(
    wanted: list[Wanted], request: ExportRequest, listener: Listener, *, as_json: bool, is_all: bool
) -> None:
    from photo_ranker.core.terminal import path_fields
    from photo_ranker.exporters.writing import zip_stream
    from photo_ranker.workspace.exports import export_zip, zip_files

    assert request.zip is not None
    files = zip_files(wanted, request)
    missing: dict[str, str] = {}
    if request.is_to_stdout and not request.dry_run:
        sys.stdout.buffer.writelines(zip_stream(files, missing.__setitem__))
    elif not request.dry_run:
        missing = export_zip(files, request.zip)
    if as_json and (is_all or request.dry_run):
        packed = [{**path_fields(str(path)), "name": name} for name, path in files if name not in missing]
        left_out = [
            {**path_fields(str(path)), "name": name, "reason": missing[name]} for name, path in files if name in missing
        ]
        left = {"left_out": left_out} if left_out else {}
        write_report({"dry_run": request.dry_run, "zip": str(request.zip), "files": packed, **left})
    elif request.dry_run:
        for name, path in files:
            write_line(f"pack: {path} -> {name}")
    if not request.dry_run and not request.is_to_stdout:
        listener.say(f"packed {counted(len(files) - len(missing), 'file')} into {request.zip}")
    for name, path in files:
        if name in missing:
            listener.say(f"  left out: {path}: {missing[name]}")
    if missing:
        raise UserError(f"{counted(len(missing), 'file')} could not be packed", "see above, and export again")


def add_xmp_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``export xmp``."""
    group = parser.add_argument_group("xmp: ratings and names that other programs read")
    add = group.add_argument
    add("--label", metavar="WORD", help="a label for the photos, such as Select")
    add("--keyword", action="append", default=[], metavar="WORD", help="a keyword for them; may be given several times")
    add(
        "--naming",
        choices=["full", "stem"],
        default="full",
        help="new sidecars are called IMG_1.jpg.xmp (full, default) or IMG_1.xmp (stem: Lightroom, Capture One)",
    )
    add("--embed", action="store_true", help="write into the photos themselves, through an installed exiftool")
    add("--remove", action="store_true", help="remove what was written before, and nothing else")


def xmp_of(args: argparse.Namespace) -> XmpRequest | None:
    """The request of ``export xmp``; None for any other export."""
    given = {"--label": args.label, "--keyword": args.keyword, "--embed": args.embed, "--remove": args.remove}
    given["--naming"] = args.naming != "full"
    if args.what != "xmp":
        if misplaced := next((word for word, value in given.items() if value), None):
            advice = f"say: {command('export', 'xmp', *album_words(args))} ..."
            raise UserError(f"{misplaced} belongs to export xmp", advice)
        return None
    if args.remove and (args.ref or args.person or args.faces):
        raise UserError("--remove takes out all that was written", "leave the other options out")
    return XmpRequest(
        label=args.label,
        keywords=tuple(args.keyword),
        naming=args.naming,
        embed=args.embed,
        remove=args.remove,
        dry_run=args.dry_run,
    )


def report_xmp(report: XmpReport, request: XmpRequest, listener: Listener, *, as_json: bool) -> None:
    """Print the state of every file and the totals."""
    if as_json:
        _write_xmp_files(report, request)
    else:
        for file in report.files:
            if file.reason:
                listener.say(f"  {file.state}: {file.path}: {file.reason}")
            elif request.dry_run:
                write_line(f"{file.state}: {file.path}")
    counts = Counter(file.state for file in report.files)
    verb = "would be written" if request.dry_run else "written"
    removed = f", {counts['removed']} removed" if request.remove else ""
    # Counts the files named above with a reason. "0 left as they are" would deny those that had nothing to change.
    left = f", {counts['left']} left as they are" if counts["left"] else ""
    looked_at = counted(report.photos, "photo")
    listener.say(f"{counted(counts['written'], 'file')} {verb}{removed}{left}, {looked_at} looked at")
    if lost := sum(file.is_loss for file in report.files):
        verb = "would lose" if request.dry_run else "has lost" if lost == 1 else "have lost"
        listener.say(f"note: {counted(lost, 'file')} {verb} a rating, label or keywords that an earlier export wrote")
    if report.inside:
        verb = "keeps" if report.inside == 1 else "keep"
        listener.say(f"note: {counted(report.inside, 'photo')} {verb} what --embed wrote; --remove --embed removes it")
    if failed := counts["failed"]:
        raise UserError(f"{counted(failed, 'file')} could not be written", "check the permissions, and run again")


def _write_xmp_files(report: XmpReport, request: XmpRequest) -> None:
    from photo_ranker.core.terminal import path_fields

    done = []
    for file in report.files:
        why = {"reason": file.reason} if file.reason else {}
        done.append({**path_fields(file.path), "state": file.state, **why})
    write_json({"schema": 1, "dry_run": request.dry_run, "files": done})
