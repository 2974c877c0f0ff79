"""``photo-ranker forget``: remove all face data that we keep about a folder, even what a run writes meanwhile."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from photo_ranker.cli.console import Say, say_to_stderr, write_json, write_line
from photo_ranker.cli.forget_kinds import Finding, ForgetTarget, Kind, contents_of, find_all, is_facts
from photo_ranker.cli.options import add_common, path_for
from photo_ranker.cli.requests import CommonRequest
from photo_ranker.core.terminal import command, path_word, printable
from photo_ranker.errors import NotSaved, UserError

__all__ = ["EXAMPLE", "add_arguments", "request_of", "run"]


EXAMPLE = """example:
  photo-ranker forget ~/Pictures --dry-run"""

SHOWN = 5
"""Up to this many files of one kind in a folder are listed one by one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("folder", type=path_for("DIR"), metavar="DIR", help="the folder to forget, with all folders below it")
    add("--names", action="store_true", help="also remove names and decisions, after a question")
    add(
        "--sessions", action="store_true", help="also remove all photos that were uploaded to the app, after a question"
    )
    add("--others", action="store_true", help="also remembered references and thumbnails of other folders' photos")
    add("--yes", action="store_true", help="do not ask")
    add("--dry-run", action="store_true", help="only list what would be removed")
    add_common(parser)


class ForgetRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be removed."""

    folder: Path
    options: frozenset[str]
    """Given options that remove more kinds of files: names, sessions, others."""
    yes: bool
    """Do not ask."""
    dry_run: bool
    as_json: bool


def request_of(args: argparse.Namespace) -> ForgetRequest:
    """The request that the options make."""
    given = frozenset(option for option in ("names", "sessions", "others") if vars(args)[option])
    return ForgetRequest(folder=args.folder, options=given, yes=args.yes, dry_run=args.dry_run, as_json=args.json)


def run(request: ForgetRequest, common: CommonRequest) -> int:
    """List the files, ask before data made by hand goes, and remove them."""
    say, folder = say_to_stderr(quiet=common.quiet), request.folder
    subject = ForgetTarget(folder, contents_of(folder))
    found = find_all(subject)
    if not folder.is_dir() and all(kind.of_all for kind, _ in found):
        raise UserError(f"there is no folder {folder}", "check the path, or forget the folder above it")
    doomed = [(kind, path) for kind, path in found if not kind.option or kind.option in request.options]
    kept = [(kind, path) for kind, path in found if kind.option and kind.option not in request.options]
    precious = [(kind, path) for kind, path in doomed if kind.is_precious]
    if precious and not request.yes and not request.dry_run:
        _ask(precious)
    if request.dry_run:
        doomed = [(kind, path) for kind, path in doomed if not _is_held_lock(path)]
    else:
        doomed = _remove_all(doomed, subject, say)
    _report(doomed, kept, request)
    if "names" in request.options:
        _tell_of_xmp(folder, say)
    return 0


def _tell_of_xmp(folder: Path, say: Say) -> None:
    """Tell how to remove names from photos and sidecars: those are the user's files, so we do not touch them here."""
    if folder.is_dir():
        take_out = command("export", "xmp", "--photos", path_word(folder), "--recursive", "--remove")
        say("note: names and face regions that were written beside or into photos stay there; these take them out:")
        say(f"  {take_out}")
        say(f"  {take_out} --embed")


def _ask(precious: list[Finding]) -> None:
    if not sys.stdin.isatty():
        raise UserError("what was made or sent by hand would be lost for good", "add --yes if that is meant")
    for name in dict.fromkeys(kind.name for kind, _ in precious):
        paths = [path for kind, path in precious if kind.name == name]
        more = f" and {len(paths) - SHOWN} others" if len(paths) > SHOWN else ""
        print(printable(f"{name}: {', '.join(map(str, paths[:SHOWN]))}{more}"), file=sys.stderr)
    print("Remove them for good? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise UserError("nothing was removed", "leave --names and --sessions out to keep what was made by hand")


def _remove_all(doomed: list[Finding], subject: ForgetTarget, say: Say) -> list[Finding]:
    """Remove files, and search again while there are new ones: a run may be writing to the next folder."""
    removed, more = [], doomed
    while gone := remove_files(more, say):
        removed += gone
        more = [(kind, path) for kind, path in find_all(subject) if not kind.option]
        if not any(is_facts(path) for _, path in more):
            break
    return removed


def _is_held_lock(path: Path) -> bool:
    """Whether this is the lock of a running index: that run removes it when it ends, and it holds no data."""
    from photo_ranker.metadata.lock import is_held, lock_of

    return path == lock_of(path.parent) and is_held(path.parent)


def _report(doomed: list[Finding], kept: list[Finding], request: ForgetRequest) -> None:
    if request.as_json:
        from photo_ranker.core.terminal import path_fields

        lists = {
            name: [{**path_fields(str(path)), "kind": kind.name} for kind, path in entries]
            for name, entries in (("removed", doomed), ("kept", kept))
        }
        write_json({"schema": 1, "dry_run": request.dry_run, **lists})
        return
    done = "would be removed" if request.dry_run else "removed"
    for kind, what in _in_short(doomed):
        write_line(f"{done}: {what} ({kind.name})")
    for kind, what in _in_short(kept):
        write_line(f"kept: {what} ({kind.name}; --{kind.option} removes them too)")
    if not doomed:
        write_line("there was nothing to remove")


def _in_short(entries: list[Finding]) -> Iterator[tuple[Kind, str]]:
    """Each file, or its folder if that holds many of the same kind: a cache holds thousands."""
    together: dict[tuple[str, Path], list[Finding]] = {}
    for kind, path in entries:
        together.setdefault((kind.name, path.parent), []).append((kind, path))
    for (_, folder), files in together.items():
        if len(files) > SHOWN:
            yield files[0][0], f"{len(files):,} files in {folder}"
        else:
            yield from ((kind, str(path)) for kind, path in files)


def remove_files(doomed: Iterable[Finding], say: Say) -> list[Finding]:
    """Remove files and return them. Waits for a run that is writing there, and removes what it wrote too."""
    by_folder: dict[Path, list[Finding]] = {}
    for finding in doomed:
        by_folder.setdefault(finding[1].parent, []).append(finding)
    gone = []
    for folder, findings in by_folder.items():
        try:
            gone += _remove_in(folder, findings, say)
        except OSError as error:
            raise NotSaved(f"{folder} cannot be cleaned: {error.strerror}", "check its permissions") from error
    _remove_empty_places(by_folder)
    return gone


def _remove_in(folder: Path, findings: list[Finding], say: Say) -> list[Finding]:
    from photo_ranker.core.files import remove_leftovers
    from photo_ranker.metadata import FolderLock
    from photo_ranker.metadata.lock import is_held, lock_of

    others = [(kind, path) for kind, path in findings if not is_facts(path)]
    if len(others) == len(findings):
        return _unlink(others)
    kind, lock = next(kind for kind, path in findings if is_facts(path)), lock_of(folder)
    left_behind = [(kind, lock)] if lock.exists() and not is_held(folder) else []
    # A running index would write everything again, so wait for its lock, then list the files again.
    with FolderLock(folder, say):
        remove_leftovers(folder)
        facts = [(kind, path) for path in sorted(folder.iterdir()) if is_facts(path) and path != lock]
        gone = _unlink([*facts, *others])
    return [*gone, *(finding for finding in left_behind if not lock.exists())]


def _unlink(findings: list[Finding]) -> list[Finding]:
    for _, path in findings:
        path.unlink(missing_ok=True)
    return findings


def _remove_empty_places(folders: Iterable[Path]) -> None:
    from photo_ranker.core.files import app_home, cache_folder
    from photo_ranker.library.layout import LIBRARY_NAME

    ours = (cache_folder(), app_home())
    for folder in sorted(folders, reverse=True):  # inner folders first
        place = folder
        while (
            place.is_dir()
            and (any(map(place.is_relative_to, ours)) or LIBRARY_NAME in place.parts)
            and not any(place.iterdir())
        ):
            place.rmdir()
            place = place.parent
