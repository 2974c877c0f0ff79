"""``photo-ranker export xmp``: ratings, names and face regions beside the photos, or out again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.console import write_line
from photo_ranker.core import files
from photo_ranker.errors import FileRefused, PhotoUnreadable, UserError

if TYPE_CHECKING:
    from photo_ranker.album import AlbumPhoto
    from photo_ranker.cli.console import Say
    from photo_ranker.cli.known_people import Known
    from photo_ranker.exporters.xmp import Change, Facts

__all__ = ["add_xmp_options", "check_xmp", "write_xmp"]


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
        raise UserError(f"{lonely} belongs to export xmp", "say: photo-ranker export xmp ...")
    if args.remove and (args.label or args.keyword or args.ref or args.person):
        raise UserError("--remove takes out all that was written", "leave the other options out")
    if args.embed:
        from photo_ranker.exporters.xmp import find_exiftool

        find_exiftool()


def write_xmp(args: argparse.Namespace, known: Known, scores: dict[str, float] | None, say: Say) -> None:
    """Write or remove, photo by photo; with ``scores`` only those photos, and their ratings."""
    photos = [photo for photo in known.album.photos if photo.record.unreadable is None]
    if scores is not None:
        photos = [photo for photo in photos if photo.path in scores]
    folders = {Path(photo.path).parent for photo in photos}
    if not args.dry_run:
        for folder in folders:
            files.remove_leftovers(folder)
    done = [each for photo in photos for each in _one(photo, args, known, scores)]
    if not args.dry_run:
        for folder in folders:
            files.sync_folder(folder)  # before anything is called written
    counts = {state: sum(item["state"] == state for item in done) for state in ("written", "removed", "left")}
    if args.json:
        import msgspec

        write_line(msgspec.json.encode({"schema": 1, "dry_run": args.dry_run, "files": done}).decode())
    else:
        _tell(done, args, say)
    verb = "would be written" if args.dry_run else "written"
    removed = f", {counts['removed']} removed" if args.remove else ""
    say(f"{counts['written']} files {verb}{removed}, {counts['left']} left as they are, {len(photos)} photos looked at")


def _tell(done: list[dict[str, Any]], args: argparse.Namespace, say: Say) -> None:
    for item in done:
        if item["state"] == "left":
            say(f"  left: {item['path']}: {item['reason']}")
        elif args.dry_run:
            write_line(f"{item['state']}: {item['path']}")


def _one(
    photo: AlbumPhoto, args: argparse.Namespace, known: Known, scores: dict[str, float] | None
) -> Iterator[dict[str, Any]]:
    from photo_ranker.exporters.xmp import facts_of, plan_removal, plan_sidecar, stars

    path = Path(photo.path)
    rating = None if scores is None else stars(scores[photo.path], known.settings)
    facts = None
    if not args.remove:
        facts = facts_of(photo.record, known.names, rating=rating, label=args.label, keywords=args.keyword)
    if args.embed:
        yield from _embedded(photo, facts, args)
    elif facts is None:
        for change in plan_removal(path, photo.record.companions, _packet(path)):
            yield _carry_out(change, args)
    else:
        change = plan_sidecar(path, photo.record.companions, facts, args.naming, _packet(path))
        if change.is_needed or change.problem:
            yield _carry_out(change, args)


def _carry_out(change: Change, args: argparse.Namespace) -> dict[str, Any]:
    from photo_ranker.exporters.document import path_fields
    from photo_ranker.exporters.xmp import apply

    about: dict[str, Any] = dict(path_fields(str(change.path)))
    if change.problem:
        return {**about, "state": "left", "reason": change.problem}
    if not args.dry_run:
        apply(change)
    return {**about, "state": "removed" if change.after is None else "written"}


def _embedded(photo: AlbumPhoto, facts: Facts | None, args: argparse.Namespace) -> Iterator[dict[str, Any]]:
    from photo_ranker.exporters.document import path_fields
    from photo_ranker.exporters.xmp import embed
    from photo_ranker.images import content_hash

    about: dict[str, Any] = dict(path_fields(photo.path))
    try:
        changed = embed(
            Path(photo.path),
            photo.record.format,
            facts,
            lambda path: content_hash(files.read(path, follow=True)),
            dry_run=args.dry_run,
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
