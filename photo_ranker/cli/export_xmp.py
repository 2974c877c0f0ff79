"""``photo-ranker export xmp``: ratings, names and face regions beside the photos, or out again."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.cli.options import album_words
from photo_ranker.core import files
from photo_ranker.errors import FileRefused, PhotoUnreadable, UserError
from photo_ranker.terminal import command

if TYPE_CHECKING:
    from photo_ranker.album import AlbumPhoto
    from photo_ranker.cli.console import Say
    from photo_ranker.cli.known_people import Known
    from photo_ranker.exporters.xmp import Change, Facts

__all__ = ["add_xmp_options", "check_xmp", "remove_xmp", "write_xmp"]


def add_xmp_options(parser: argparse.ArgumentParser) -> None:
    """What is written, and where."""
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
    add("--remove", action="store_true", help="take out again what was written, and nothing else")


def check_xmp(args: argparse.Namespace) -> None:
    """What can be seen to be wrong beforehand."""
    given = {"--label": args.label, "--keyword": args.keyword, "--embed": args.embed, "--remove": args.remove}
    if args.what != "xmp" and (lonely := next((word for word, value in given.items() if value), None)):
        raise UserError(f"{lonely} belongs to export xmp", f"say: {command('export', 'xmp', *album_words(args))} ...")
    if args.remove and (args.label or args.keyword or args.ref or args.person or args.faces):
        raise UserError("--remove takes out all that was written", "leave the other options out")
    if args.embed:
        from photo_ranker.exporters.xmp import find_exiftool

        find_exiftool()


def write_xmp(args: argparse.Namespace, known: Known, scores: dict[str, float] | None, say: Say) -> None:
    """Write photo by photo; with ``scores`` only those photos, and their ratings."""
    photos = [photo for photo in known.album.photos if photo.record.unreadable is None]
    if scores is not None:
        photos = [photo for photo in photos if photo.path in scores]
    folders = _tidied((Path(photo.path) for photo in photos), args)
    done = [each for photo in photos for each in _written(photo, args, known, scores)]
    _sync(folders, args)
    _report(done, len(photos), args, say)


def remove_xmp(args: argparse.Namespace, say: Say) -> None:
    """Take out what was written; nothing is measured for it, since that may just have been forgotten."""
    from photo_ranker.indexing.gather import gather

    items = [
        (Path(listing.path_of(item.name)), item.companions)
        for listing in gather(args.photos, recursive=args.recursive)
        for item in listing.items
    ]
    folders = _tidied((path for path, _ in items), args)
    done = [each for path, companions in items for each in _removed(path, companions, args)]
    _sync(folders, args)
    _report(done, len(items), args, say)


def _tidied(photos: Iterable[Path], args: argparse.Namespace) -> set[Path]:
    """The folders of these photos, without what killed runs have left in them."""
    folders = {path.parent for path in photos}
    if not args.dry_run:
        for folder in folders:
            files.remove_leftovers(folder)
    return folders


def _sync(folders: set[Path], args: argparse.Namespace) -> None:
    """Have new names on the disk before anything is called written."""
    if not args.dry_run:
        for folder in folders:
            files.sync_folder(folder)


def _report(done: list[dict[str, Any]], looked_at: int, args: argparse.Namespace, say: Say) -> None:
    counts = {state: sum(item["state"] == state for item in done) for state in ("written", "removed", "left")}
    if args.json:
        write_json({"schema": 1, "dry_run": args.dry_run, "files": done})
    else:
        _tell(done, args, say)
    verb = "would be written" if args.dry_run else "written"
    removed = f", {counts['removed']} removed" if args.remove else ""
    say(f"{counts['written']} files {verb}{removed}, {counts['left']} left as they are, {looked_at} photos looked at")


def _tell(done: list[dict[str, Any]], args: argparse.Namespace, say: Say) -> None:
    for item in done:
        if item["state"] == "left":
            say(f"  left: {item['path']}: {item['reason']}")
        elif args.dry_run:
            write_line(f"{item['state']}: {item['path']}")


def _written(
    photo: AlbumPhoto, args: argparse.Namespace, known: Known, scores: dict[str, float] | None
) -> Iterator[dict[str, Any]]:
    from photo_ranker.exporters.xmp import facts_of, plan_sidecar, stars

    path = Path(photo.path)
    rating = None if scores is None else stars(scores[photo.path], known.settings)
    facts = facts_of(photo.record, known.names, rating=rating, label=args.label, keywords=args.keyword)
    if args.embed:
        yield from _embedded(path, photo.record.format, facts, args)
        return
    change = plan_sidecar(path, photo.record.companions, facts, args.naming, _packet(path))
    if change.is_needed or change.problem:
        yield _carry_out(change, args)


def _removed(path: Path, companions: Sequence[str], args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    from photo_ranker.exporters.xmp import plan_removal

    if not args.embed:
        for change in plan_removal(path, companions, _packet(path)):
            yield _carry_out(change, args)
    elif kind := _format_of(path):
        yield from _embedded(path, kind, None, args)


def _format_of(path: Path) -> str | None:
    """The format of a photo that we may have written into; None for any other file."""
    from photo_ranker.exporters.xmp import EMBEDDABLE
    from photo_ranker.images.sniff import sniff

    try:
        kind = sniff(files.read_head(path, 4096, follow=True), path.suffix)
    except (PhotoUnreadable, FileRefused, OSError):
        return None
    return kind if kind in EMBEDDABLE else None


def _carry_out(change: Change, args: argparse.Namespace) -> dict[str, Any]:
    from photo_ranker.exporters.document import path_fields
    from photo_ranker.exporters.xmp import apply

    about: dict[str, Any] = dict(path_fields(str(change.path)))
    if change.problem:
        return {**about, "state": "left", "reason": change.problem}
    if not args.dry_run:
        apply(change)
    return {**about, "state": "removed" if change.after is None else "written"}


def _embedded(path: Path, kind: str, facts: Facts | None, args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    from photo_ranker.exporters.document import path_fields
    from photo_ranker.exporters.xmp import embed
    from photo_ranker.images import content_hash

    about: dict[str, Any] = dict(path_fields(str(path)))
    try:
        changed = embed(
            path, kind, facts, lambda path: content_hash(files.read(path, follow=True)), dry_run=args.dry_run
        )
    except (PhotoUnreadable, FileRefused, OSError) as error:
        yield {**about, "state": "left", "reason": str(error)}
        return
    if changed:
        yield {**about, "state": "written"}


def _packet(path: Path) -> bytes:
    """The XMP block that the photo itself holds."""
    from photo_ranker.images.xmp import xmp_packet

    try:
        packet = xmp_packet(files.read(path, follow=True))
    except (OSError, FileRefused):
        return b""
    return packet + b"</x:xmpmeta>" if packet else b""
