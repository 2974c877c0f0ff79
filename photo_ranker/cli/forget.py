"""``photo-ranker forget``: remove all face data that we keep of a folder, and say what was removed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from photo_ranker.cli import forget_app
from photo_ranker.cli.console import say_to_stderr, write_line
from photo_ranker.cli.parsing import add_common
from photo_ranker.errors import NotSaved, UserError

if TYPE_CHECKING:
    from photo_ranker.cli.console import Say

__all__ = ["EXAMPLE", "KINDS", "Kind", "add_arguments", "run"]

EXAMPLE = """example:
  photo-ranker forget ~/Pictures --dry-run"""


_PEOPLE_NAME = ".photo_ranker_people.json"

SHOWN = 5
"""Files of a kind, in one folder, that are named one by one."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file that we write and that tells of faces."""

    name: str
    find: Callable[[Path], Iterator[Path]]
    """All of them that belong to a folder and those below it."""
    option: Literal["", "names", "sessions"] = ""
    """Made or sent by the user, not by us: removed only with this option."""


def _beside_photos(prefix: str) -> Callable[[Path], Iterator[Path]]:
    def find(root: Path) -> Iterator[Path]:
        for folder, _, names in os.walk(root):
            yield from (Path(folder, name) for name in sorted(names) if name.startswith(prefix))

    return find


def _in_cache(root: Path) -> Iterator[Path]:
    for place in _places_in_cache(root):
        by_hand = _names_at(place)
        yield from (path for path in sorted(place.iterdir()) if path.is_file() and path not in by_hand)


def _names_in_cache(root: Path) -> Iterator[Path]:
    for place in _places_in_cache(root):
        yield from _names_at(place)


def _places_in_cache(root: Path) -> Iterator[Path]:
    from photo_ranker.metadata import cache_places

    root = Path(os.path.realpath(root))
    for place, folder in cache_places().items():
        if folder == root or root in folder.parents:
            yield place


def _names_at(place: Path) -> list[Path]:
    """What a user has said, and with it the note of which folder it is about."""
    from photo_ranker.metadata.places import FOLDER_NAME

    books = sorted(place.glob(f"{_PEOPLE_NAME}*"))
    return [*books, place / FOLDER_NAME] if books else []


def _references(_: Path) -> Iterator[Path]:
    from photo_ranker.references import references_folder

    yield from (path for path in sorted(references_folder().glob("*")) if path.is_file())


def _thumbnails(_: Path) -> Iterator[Path]:
    from photo_ranker.images.thumbnails import thumbnails_folder

    yield from (path for path in sorted(thumbnails_folder().glob("*")) if path.is_file())


def _libraries(root: Path) -> Iterator[Path]:
    """Also those of folders above: they hold faces of this one, and can be made anew."""
    from photo_ranker.library.places import libraries_of

    for place in libraries_of(root):
        yield from (path for path in sorted(place.rglob("*")) if path.is_file())


KINDS: tuple[Kind, ...] = (
    Kind("measured faces", _beside_photos(".photo_ranker_metadata.json")),
    Kind("measured faces of folders that cannot be written", _in_cache),
    Kind("libraries of this folder, of folders above and below", _libraries),
    Kind("remembered reference photos, of all folders", _references),
    Kind("thumbnails and enlarged faces, of all folders", _thumbnails),
    Kind("references, events and measured faces of the app", forget_app.measured),
    Kind("records of the app's jobs", forget_app.job_records),
    Kind("names and decisions", _beside_photos(_PEOPLE_NAME), option="names"),
    Kind("names and decisions of folders that cannot be written", _names_in_cache, option="names"),
    Kind("picks, stars, titles and names in the app", forget_app.made_by_hand, option="names"),
    Kind("uploaded photos of the app's sessions", forget_app.uploads, option="sessions"),
)
"""Every kind of face data that we ever write; who adds one adds it here."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("folder", type=Path, metavar="DIR", help="the folder to forget, with all folders below it")
    add("--names", action="store_true", help="also remove names and decisions, after a question")
    add(
        "--sessions", action="store_true", help="also remove all photos that were uploaded to the app, after a question"
    )
    add("--yes", action="store_true", help="do not ask")
    add("--dry-run", action="store_true", help="only list what would be removed")
    add_common(parser)


def run(args: argparse.Namespace) -> int:
    """List, ask where it matters, and remove."""
    say = say_to_stderr(quiet=args.quiet)
    kind_of: dict[Path, Kind] = {}
    for kind in KINDS:
        for path in kind.find(args.folder):
            kind_of.setdefault(path, kind)
    found = [(kind, path) for path, kind in kind_of.items()]
    if not found and not args.folder.is_dir():
        raise UserError(f"there is no folder {args.folder}", "check the path")
    doomed = [(kind, path) for kind, path in found if not kind.option or getattr(args, kind.option)]
    kept = [(kind, path) for kind, path in found if kind.option and not getattr(args, kind.option)]
    precious = [(kind, path) for kind, path in doomed if kind.option]
    if precious and not args.yes and not args.dry_run:
        _ask(precious)
    if not args.dry_run:
        _remove([path for _, path in doomed], say)
    _report(doomed, kept, args)
    return 0


def _ask(precious: list[tuple[Kind, Path]]) -> None:
    if not sys.stdin.isatty():
        raise UserError("what was made or sent by hand would be lost for good", "add --yes if that is meant")
    for name in dict.fromkeys(kind.name for kind, _ in precious):
        paths = [path for kind, path in precious if kind.name == name]
        more = f" and {len(paths) - SHOWN} others" if len(paths) > SHOWN else ""
        print(f"{name}: {', '.join(map(str, paths[:SHOWN]))}{more}", file=sys.stderr)
    print("Remove them for good? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise UserError("nothing was removed", "leave --names and --sessions out to keep what was made by hand")


def _remove(paths: list[Path], say: Say) -> None:
    from contextlib import nullcontext

    from photo_ranker.metadata import METADATA_NAME, FolderLock

    by_folder: dict[Path, list[Path]] = {}
    for path in paths:
        by_folder.setdefault(path.parent, []).append(path)
    for folder, files in by_folder.items():
        try:
            # A run that is at work there would write everything again.
            at_work = any(path.name.startswith(METADATA_NAME) for path in files)
            with FolderLock(folder, say) if at_work else nullcontext():
                for path in files:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise NotSaved(f"{folder} cannot be cleaned: {error.strerror}", "check its permissions") from error
    _remove_empty_places(by_folder)


def _remove_empty_places(folders: dict[Path, list[Path]]) -> None:
    from photo_ranker.folders import app_home, cache_folder
    from photo_ranker.library.places import LIBRARY_NAME

    ours = (cache_folder(), app_home())
    for folder in sorted(folders, reverse=True):  # what is inside comes first
        place = folder
        while (
            place.is_dir()
            and (any(map(place.is_relative_to, ours)) or LIBRARY_NAME in place.parts)
            and not any(place.iterdir())
        ):
            place.rmdir()
            place = place.parent


def _report(doomed: list[tuple[Kind, Path]], kept: list[tuple[Kind, Path]], args: argparse.Namespace) -> None:
    if args.json:
        import msgspec

        from photo_ranker.exporters.document import path_fields

        lists = {
            name: [{**path_fields(str(path)), "kind": kind.name} for kind, path in entries]
            for name, entries in (("removed", doomed), ("kept", kept))
        }
        write_line(msgspec.json.encode({"schema": 1, "dry_run": args.dry_run, **lists}).decode())
        return
    done = "would be removed" if args.dry_run else "removed"
    for kind, what in _in_short(doomed):
        write_line(f"{done}: {what} ({kind.name})")
    for kind, what in _in_short(kept):
        write_line(f"kept: {what} ({kind.name}; --{kind.option} removes them too)")
    if not doomed:
        write_line("there was nothing to remove")


def _in_short(entries: list[tuple[Kind, Path]]) -> Iterator[tuple[Kind, str]]:
    """Each file, or where many of a kind are together, the folder: a cache holds thousands."""
    together: dict[tuple[str, Path], list[tuple[Kind, Path]]] = {}
    for kind, path in entries:
        together.setdefault((kind.name, path.parent), []).append((kind, path))
    for (_, folder), files in together.items():
        if len(files) > SHOWN:
            yield files[0][0], f"{len(files):,} files in {folder}"
        else:
            yield from ((kind, str(path)) for kind, path in files)
