"""``photo-ranker export``: photos, ratings and names where other programs find them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from photo_ranker.cli.album_options import (
    add_taking_options,
    arranged,
    check_taking,
    is_taking,
    save_frames,
    take,
    taken,
    write_report,
)
from photo_ranker.cli.console import say_to_stderr
from photo_ranker.cli.engine_options import spec_of
from photo_ranker.cli.export_xmp import add_xmp_options, check_xmp, remove_xmp, write_xmp
from photo_ranker.cli.options import add_album_options, check_photos, settings_of
from photo_ranker.cli.parsing import add_common, path_for
from photo_ranker.cli.rank import add_question_options, note_on, question_of
from photo_ranker.cli.rank_checks import check_companions
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.cli.console import Say
    from photo_ranker.cli.known_people import Known
    from photo_ranker.exporters.albums import Wanted
    from photo_ranker.ranker import RankedPhoto

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """examples:
  photo-ranker export --photos wedding --ref anna.jpg --top 50 --to anna --ordered --with-context
  photo-ranker export --photos wedding --person Anna --person Ben --to for-the-parents
  photo-ranker export --photos wedding --per-event --zip wedding.zip
  photo-ranker export xmp --photos wedding --ref anna.jpg --label Select
  photo-ranker export xmp --photos wedding --remove
  photo-ranker export --photos wedding --person all --gallery wedding-pages
  photo-ranker export --photos wedding --faces faces.parquet"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=["album", "xmp"],
        default="album",
        help="album: photos into a folder or a ZIP file (default); xmp: ratings and names beside the photos",
    )
    add_question_options(parser)
    parser.add_argument(
        "--person",
        action="append",
        default=[],
        metavar="PERSON",
        help="people of the album by name or number; a folder for each; all = everyone who has a name",
    )
    add_album_options(parser)
    add_taking_options(parser)
    add_xmp_options(parser)
    parser.add_argument(
        "--gallery",
        type=path_for("--gallery"),
        metavar="DIR",
        help="a new folder that shows the photos in any browser or web host",
    )
    parser.add_argument(
        "--faces", type=path_for("--faces"), metavar="FILE", help="a table of all faces: .parquet or .csv"
    )
    add_common(parser)
    parser.set_defaults(top=0, explain=None)


def run(args: argparse.Namespace) -> int:
    """Choose the photos and hand them over."""
    _check(args)
    from photo_ranker.cli.known_people import known_people

    say = say_to_stderr(quiet=args.quiet)
    if args.what == "xmp" and args.remove:
        remove_xmp(args, say)
        return 0
    with known_people(args, settings_of(args)) as known:
        if args.faces is not None:
            _faces(args, known, say)
        if args.what == "xmp":
            write_xmp(args, known, _scored(args, known, say), say)
        elif is_taking(args) or args.gallery is not None:
            wanted = _wanted(args, known, say)
            if args.gallery is not None:
                _gallery(wanted, args, known, say)
            if is_taking(args):
                take(wanted, args, say, as_json=args.json)
    return 0


def _check(args: argparse.Namespace) -> None:
    check_photos(args.photos)
    check_taking(args)
    check_companions(args)
    check_xmp(args)
    if args.ref and args.person:
        raise UserError("--ref and --person both say whom to look for", "give one of them")
    if args.what == "xmp" and (is_taking(args) or args.gallery):
        raise UserError("export xmp writes beside the photos and makes no album", "leave --to, --zip and --gallery out")
    if args.what == "album" and not (is_taking(args) or args.faces or args.gallery):
        raise UserError("nothing to make", "say where to: --to, --zip, --gallery or --faces; or export xmp")
    things = {
        "xmp": args.what == "xmp",
        "--to or --zip": is_taking(args),
        "--gallery": args.gallery,
        "--faces": args.faces,
    }
    given = [word for word, value in things.items() if value]
    if args.json and len(given) > 1:
        raise UserError(f"--json tells of one thing, not of {' and '.join(given)}", "make one after the other")
    if args.faces is not None:
        from photo_ranker.exporters.faces import FACES_FORMATS

        if args.faces.suffix.lower().removeprefix(".") not in FACES_FORMATS:
            raise UserError(f"no table of faces is called {args.faces.name}", "end its name in .parquet or .csv")


def _wanted(args: argparse.Namespace, known: Known, say: Say) -> list[Wanted]:
    from photo_ranker.exporters.albums import Wanted

    ranked = _ranked(args, known, say)
    if args.frames is not None:
        save_frames((item for _, results in ranked or [] for item in results), known.settings, args, say)
    if ranked is not None:
        return [
            item
            for person, results in ranked
            for item in taken(results, known.album, known.settings, args, person if len(ranked) > 1 else None)
        ]
    photos = [photo for photo in known.album.photos if photo.record.unreadable is None]
    wanted = [Wanted(photo.path, photo.record.companions) for photo in photos]
    return arranged(wanted, photos, known.album, known.settings, args)


def _ranked(
    args: argparse.Namespace, known: Known, say: Say
) -> list[tuple[str | None, tuple[RankedPhoto, ...] | list[RankedPhoto]]] | None:
    """Whose photos, best first; None when nobody was named: all photos."""
    if args.person:
        return [(name, ranked) for name, ranked in known.best_of(args.person, args.top, only_distinct=args.distinct)]
    if not args.ref:
        return None
    from photo_ranker.answer import answer

    ranking = answer(known.album, question_of(args, spec_of(args, known.settings, say), say), known.settings)
    note_on(ranking, say, doubtful_listed=args.doubtful)
    return [(None, ranking.results)]


def _scored(args: argparse.Namespace, known: Known, say: Say) -> dict[str, float] | None:
    """Path -> best score of the photo for those asked for; None when nobody was."""
    ranked = _ranked(args, known, say)
    if ranked is None:
        return None
    scores: dict[str, float] = {}
    for _, results in ranked:
        for item in results:
            scores[item.path] = max(item.score, scores.get(item.path, 0.0))
    return scores


def _gallery(wanted: list[Wanted], args: argparse.Namespace, known: Known, say: Say) -> None:
    from itertools import groupby

    from tqdm import tqdm

    from photo_ranker.exporters.gallery import Room, Shown, write_gallery
    from photo_ranker.images import Limits
    from photo_ranker.images.thumbnails import Thumbnails

    if args.dry_run:
        say(f"would show {len(wanted)} photos in {args.gallery}")
        _tell_gallery(args, len(wanted), ())
        return
    records = {photo.path: photo.record for photo in known.album.photos}
    by_folder = groupby(sorted(wanted, key=lambda item: item.folder), key=lambda item: item.folder)
    rooms = [
        Room(folder or "Photos", [Shown(item.path, records[item.path]) for item in items])
        for folder, items in by_folder
    ]
    small = Thumbnails(Limits.of(known.settings.measure))
    with tqdm(total=len(wanted), unit=" photos", file=sys.stderr, disable=args.quiet or None) as bar:
        made = write_gallery(args.gallery, rooms, small.whole, bar.update)
    for path, reason in made.left_out:
        say(f"  left out: {path}: {reason}")
    say(f"{made.photos} photos to see in {args.gallery / 'index.html'}")
    _tell_gallery(args, made.photos, made.left_out)


def _tell_gallery(args: argparse.Namespace, photos: int, left_out: Sequence[tuple[str, str]]) -> None:
    from photo_ranker.exporters.document import path_fields

    if args.json:
        skipped = [{**path_fields(path), "reason": reason} for path, reason in left_out]
        page = path_fields(str(args.gallery / "index.html"))
        write_report({"dry_run": args.dry_run, "gallery": page, "photos": photos, "left_out": skipped})


def _faces(args: argparse.Namespace, known: Known, say: Say) -> None:
    from photo_ranker.exporters.faces import render
    from photo_ranker.exporters.writing import replace_file

    suffix = args.faces.suffix.lower().removeprefix(".")
    pieces = render(known.album, known.names, known.settings, suffix)
    if args.dry_run:
        say(f"would write the table of {len(known.album.faces)} faces to {args.faces}")
        _tell_faces(args, len(known.album.faces))
        return
    try:
        replace_file(args.faces, pieces, private=True)
    except OSError as error:
        raise UserError(f"cannot write {args.faces}: {error.strerror or error}", "choose another place") from error
    say(f"wrote {len(known.album.faces)} faces to {args.faces}")
    _tell_faces(args, len(known.album.faces))


def _tell_faces(args: argparse.Namespace, faces: int) -> None:
    from photo_ranker.exporters.document import path_fields

    if args.json:
        write_report({"dry_run": args.dry_run, "table": path_fields(str(args.faces)), "faces": faces})
