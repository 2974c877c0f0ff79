"""``photo-ranker index``: measure the photos in folders once; every later question is then answered immediately."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.console import spoken_duration, write_json, write_line
from photo_ranker.cli.options import (
    add_common,
    add_engine_options,
    add_recursive,
    add_retry_failed,
    add_workers,
    place_for,
)
from photo_ranker.cli.requests import CommonRequest, workspace_of
from photo_ranker.core.terminal import counted
from photo_ranker.workspace.requests import IndexRequest

if TYPE_CHECKING:
    from photo_ranker.indexing import Report
    from photo_ranker.workspace import Workspace

__all__ = ["EXAMPLE", "add_arguments", "request_of", "run", "run_in"]

EXAMPLE = """example:
  photo-ranker index ~/Pictures --recursive
  photo-ranker index s3://archive/photos --recursive --ray ray://head:10001"""

SCHEMA = 1
SHOWN = 20
"""At most this many unreadable or waiting photos are listed; a broken disk may have thousands."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add(
        "folders",
        nargs="+",
        type=place_for("DIR"),
        metavar="DIR",
        help="folders with photos, or their addresses (s3://bucket/photos)",
    )
    add_recursive(add)
    add_workers(add)
    add_retry_failed(add)
    add("--dry-run", action="store_true", help="only say what would be done")
    add(
        "--ray",
        nargs="?",
        const="auto",
        metavar="ADDRESS",
        help="measure on a Ray cluster: its address; local starts one here; without a value, the one of this node",
    )
    add_engine_options(parser)
    add_common(parser)


def request_of(args: argparse.Namespace) -> IndexRequest:
    """The request that the options make."""
    return IndexRequest(
        folders=tuple(args.folders),
        recursive=args.recursive,
        workers=args.workers,
        retry_failed=args.retry_failed,
        dry_run=args.dry_run,
        cluster=args.ray,
    )


def run(request: IndexRequest, common: CommonRequest) -> int:
    """Update the folders and report."""
    with workspace_of(common) as workspace:
        return run_in(workspace, request, as_json=common.as_json)


def run_in(workspace: Workspace, request: IndexRequest, *, as_json: bool) -> int:
    """Update the folders in a given workspace and report."""
    report = workspace.index(request)
    if as_json:
        write_json(_document(report, dry_run=request.dry_run))
    else:
        for line in _text(report, dry_run=request.dry_run):
            write_line(line)
    return 0


def _document(report: Report, *, dry_run: bool) -> dict[str, Any]:
    from photo_ranker.core.terminal import path_fields

    return {
        "schema": SCHEMA,
        "dry_run": dry_run,
        "counts": report.counts(),
        "seconds": round(report.seconds, 3),
        "waiting": [{**path_fields(path), "reason": reason} for path, reason in report.waiting],
        "unreadable": [{**path_fields(path), "reason": reason} for path, reason in report.unreadable],
        "skipped": [{**path_fields(path), "reason": reason} for path, reason in report.skipped],
        "kept_elsewhere": [{**path_fields(folder), "place": place} for folder, place in report.kept_elsewhere],
    }


def _text(report: Report, *, dry_run: bool) -> list[str]:
    analysed = f"{report.analysed} {'to analyse' if dry_run else 'analysed'}"
    numbers = f"{report.fresh} fresh, {analysed}, {report.moved} moved, {len(report.unreadable)} unreadable"
    lines = [f"{counted(report.found, 'photo')} in {counted(report.folders, 'folder')}: {numbers}"]
    more = [counted(report.faces, "face")]
    if report.companions:
        more.append(f"{counted(report.companions, 'companion file')} (RAW, live photo videos, sidecars)")
    if report.dropped:
        more.append(f"{counted(report.dropped, 'photo')} no longer there")
    lines.append(f"  {', '.join(more)}")
    if report.analysed and not dry_run:
        lines.append(f"  {spoken_duration(report.seconds)}, {report.photos_per_second:.1f} photos/s")
    lines += [f"  waits for the second network: {path}: {reason}" for path, reason in report.waiting[:SHOWN]]
    if len(report.waiting) > SHOWN:
        lines.append(f"  waits for the second network: {len(report.waiting) - SHOWN:,} more (--json lists them)")
    lines += [f"  unreadable: {path}: {reason}" for path, reason in report.unreadable[:SHOWN]]
    if len(report.unreadable) > SHOWN:
        lines.append(f"  unreadable: {len(report.unreadable) - SHOWN:,} more (--json lists them)")
    if report.skipped:
        counts = (f"{count} {reason}" for reason, count in report.skipped_counts().items())
        lines.append(f"  skipped {len(report.skipped)}: {', '.join(counts)} (--json lists them)")
    lines += [f"  {folder} cannot be written to; its results are in {place}" for folder, place in report.kept_elsewhere]
    return lines
