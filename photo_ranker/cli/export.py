"""``photo-ranker export``: puts photos, ratings and names where other programs find them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from photo_ranker.cli.export_parts import add_xmp_options, export_album, export_frames, report_xmp, write_report, xmp_of
from photo_ranker.cli.options import add_album_options, add_common, add_export_options, path_for
from photo_ranker.cli.requests import (
    CommonRequest,
    add_question_options,
    album_of,
    check_others,
    check_stdout_is_free,
    export_of,
    note_on,
    person_request,
    photos_request,
    workspace_of,
)
from photo_ranker.core.terminal import counted
from photo_ranker.errors import UserError
from photo_ranker.workspace import AlbumRequest, ExportRequest, PersonRequest, PhotosRequest, Workspace, XmpRequest

if TYPE_CHECKING:
    from photo_ranker.album import Album, AlbumPhoto
    from photo_ranker.exporters.albums import Wanted
    from photo_ranker.ranker import RankedPhoto
    from photo_ranker.workspace.exports import NamedAlbum

__all__ = ["EXAMPLE", "add_arguments", "request_of", "run"]

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
    add_export_options(parser)
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
    parser.set_defaults(top=0)


class ExportCommandRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The request of the command."""

    album: AlbumRequest
    person: PersonRequest | None
    """The person whom references show, or the first of ``names``. None: all photos are exported."""
    names: tuple[str, ...]
    """People of the album, instead of references."""
    photos: PhotosRequest
    export: ExportRequest
    """A folder or a ZIP file for the photos."""
    xmp: XmpRequest | None
    """None unless the command is ``export xmp``."""
    gallery: Path | None
    """A new folder of pages that show the photos."""
    faces: Path | None
    """A file for the table of all faces."""
    as_json: bool


def request_of(args: argparse.Namespace) -> ExportCommandRequest:
    """The request that the options make; refuses contradictions and missing files."""
    album, export, photos = album_of(args), export_of(args), photos_request(args, args.top)
    if args.gallery is None:
        export.check_has_place()
    check_stdout_is_free(export, {"--json": args.json})
    check_others(args)
    xmp = xmp_of(args)
    person = person_request(args, next(iter(args.person), None)) if args.ref or args.person else None
    if person is None:
        _refuse_person_options(vars(args), is_album=export.makes_album or args.gallery is not None)
    exports_photos = export.makes_album or export.frames is not None or args.gallery is not None
    if xmp and exports_photos:
        advice = "leave --to, --zip, --frames and --gallery out"
        raise UserError("export xmp writes beside the photos and makes no album", advice)
    if not (xmp or exports_photos or args.faces):
        raise UserError("nothing to make", "say where to: --to, --zip, --frames, --gallery or --faces; or export xmp")
    if person and not (xmp or exports_photos):
        raise UserError("--faces is a table of everyone's faces", "leave --ref and --person out")
    things = {"xmp": xmp, "--to or --zip": export.makes_album, "--gallery": args.gallery, "--faces": args.faces}
    given = [word for word, value in things.items() if value]
    if args.json and len(given) != 1:
        made = " and ".join(given) or "--frames"
        raise UserError(f"--json tells of one thing, not of {made}", "make one after the other")
    if args.faces is not None:
        _check_table(args.faces)
    return ExportCommandRequest(
        album=album,
        person=person,
        names=tuple(args.person),
        photos=photos,
        export=export,
        xmp=xmp,
        gallery=args.gallery,
        faces=args.faces,
        as_json=args.json,
    )


_PERSON_OPTIONS = (
    *("ref_face", "ref_year", "born", "not_ref", "threshold", "doubtful"),
    *("top", "distinct", "solo", "group", "together", "only", "min_score", "min_face"),
)
"""Options that choose among the photos of a person."""


def _refuse_person_options(options: Mapping[str, object], *, is_album: bool) -> None:
    """Refuse options that need a person if nobody is named: all photos would be exported instead."""
    unusable = _PERSON_OPTIONS if is_album else (*_PERSON_OPTIONS, "since", "until")
    if given := next((option for option in unusable if options[option]), None):
        word = "--with" if given == "together" else f"--{given.replace('_', '-')}"
        raise UserError(f"{word} chooses among the photos of a person", "say whose: --ref PHOTO or --person NAME")
    if options["frames"]:
        raise UserError("--frames saves moments of a person", "say whose: --ref PHOTO or --person NAME")
    if options["ordered"]:
        raise UserError(
            "--ordered puts the rank before each name, and nobody is ranked", "say whose: --ref PHOTO or --person NAME"
        )


def _check_table(path: Path) -> None:
    from photo_ranker.exporters.document import FACES_FORMATS

    if path.suffix.lower().removeprefix(".") not in FACES_FORMATS:
        raise UserError(f"no table of faces is called {path.name}", "end its name in .parquet or .csv")


def run(request: ExportCommandRequest, common: CommonRequest) -> int:
    """Choose the photos and export them."""
    with workspace_of(common) as workspace:
        if request.xmp and request.xmp.remove:
            from photo_ranker.workspace.exchange import remove_xmp

            report_xmp(remove_xmp(request.album, request.xmp), request.xmp, workspace.listener, as_json=request.as_json)
            return 0
        keep = not request.export.dry_run
        with workspace.named_album(request.album, keep=keep, count=bool(request.names)) as named:
            _export(request, named, workspace)
    return 0


def _export(request: ExportCommandRequest, named: NamedAlbum, workspace: Workspace) -> None:
    if request.faces is not None:
        _faces(request, request.faces, named, workspace)
    if request.xmp:
        from photo_ranker.workspace.exchange import export_xmp

        ratings = _ratings(request, named, workspace)
        report = export_xmp(named.album, named.names(), ratings, request.xmp, workspace.listener)
        report_xmp(report, request.xmp, workspace.listener, as_json=request.as_json)
    elif request.export.makes_album or request.export.frames is not None or request.gallery is not None:
        wanted = _wanted(request, named, workspace)
        if request.gallery is not None:
            _gallery(wanted, request, request.gallery, named, workspace)
        if request.export.makes_album:
            export_album(wanted, request.export, workspace.listener, as_json=request.as_json, is_all=True)


def _wanted(request: ExportCommandRequest, named: NamedAlbum, workspace: Workspace) -> list[Wanted]:
    from photo_ranker.workspace.exports import wanted_photos, wanted_results

    ranked = _ranked(request, named, workspace)
    export_frames((item for _, results in ranked or [] for item in results), workspace, request.export)
    if ranked is None:
        photos = _all_photos(request, named.album, workspace)
        return wanted_photos(photos, named.album, workspace.settings, request.export)
    # The photos of a single person need no folder of their own, but a gallery shows the name as its title.
    has_names = len(ranked) > 1 or not request.export.makes_album
    return [
        item
        for person, results in ranked
        for item in wanted_results(
            results, named.album, workspace.settings, request.export, person if has_names else None
        )
    ]


def _all_photos(request: ExportCommandRequest, album: Album, workspace: Workspace) -> Sequence[AlbumPhoto]:
    """All photos that can be read and were taken in the wanted time; says how many cannot be read."""
    from photo_ranker.questions import is_in_time
    from photo_ranker.questions.selection import one_of_each

    readable = [photo for photo in album.photos if photo.record.unreadable is None]
    if unreadable := len(album.photos) - len(readable):
        workspace.listener.say(
            f"note: {unreadable} of {counted(len(album.photos), 'photo')} could not be read (index --json lists them)"
        )
    photos = [photo for photo in readable if is_in_time(photo.record.taken_at, request.photos.filters)]
    return one_of_each(photos) if request.photos.copies == "one" else photos


def _ranked(
    request: ExportCommandRequest, named: NamedAlbum, workspace: Workspace
) -> Sequence[tuple[str | None, Sequence[RankedPhoto]]] | None:
    """People and their photos, best first; None if nobody is named, which means all photos."""
    from photo_ranker.questions.answer import answer

    if request.person is None:
        return None
    question = workspace.question(
        request.person,
        request.photos,
        album=named.album,
        no_cache=request.album.no_cache,
        sources=request.album.photos,
    )
    if request.names:
        return named.rank(request.names, question)
    ranking = answer(named.album, question, workspace.settings)
    note_on(ranking, workspace.listener.say, doubtful_listed=request.photos.doubtful)
    return [(None, ranking.results)]


def _ratings(request: ExportCommandRequest, named: NamedAlbum, workspace: Workspace) -> dict[str, int | None] | None:
    """Path -> stars of the photo's best score, for ranked photos and their copies; None if nobody is named."""
    from photo_ranker.exporters.xmp import stars

    ranked = _ranked(request, named, workspace)
    if ranked is None:
        return None
    scores: dict[str, float] = {}
    for _, results in ranked:
        for item in results:
            for path in (item.path, *(copy.path for copy in item.copies)):
                scores[path] = max(item.score, scores.get(path, 0.0))
    return {path: stars(score, workspace.settings) for path, score in scores.items()}


def _gallery(
    wanted: list[Wanted], request: ExportCommandRequest, folder: Path, named: NamedAlbum, workspace: Workspace
) -> None:
    from photo_ranker.workspace.exports import export_gallery

    say = workspace.listener.say
    if request.export.dry_run:
        say(f"would show {counted(len(wanted), 'photo')} in {folder}")
        _tell_gallery(request, folder, len(wanted), ())
        return
    made = export_gallery(wanted, folder, named.album, workspace.settings, workspace.listener)
    for path, reason in made.left_out:
        say(f"  left out: {path}: {reason}")
    say(f"{counted(made.photos, 'photo')} to see in {folder / 'index.html'}")
    _tell_gallery(request, folder, made.photos, made.left_out)


def _tell_gallery(
    request: ExportCommandRequest, folder: Path, photos: int, left_out: Sequence[tuple[str, str]]
) -> None:
    from photo_ranker.core.terminal import path_fields

    if request.as_json:
        skipped = [{**path_fields(path), "reason": reason} for path, reason in left_out]
        page = path_fields(str(folder / "index.html"))
        write_report({"dry_run": request.export.dry_run, "gallery": page, "photos": photos, "left_out": skipped})


def _faces(request: ExportCommandRequest, table: Path, named: NamedAlbum, workspace: Workspace) -> None:
    from photo_ranker.core.terminal import path_fields
    from photo_ranker.workspace.exports import export_faces_table

    count, dry_run = len(named.album.faces), request.export.dry_run
    if dry_run:
        workspace.listener.say(f"would write the table of {counted(count, 'face')} to {table}")
    else:
        export_faces_table(named, table, workspace.settings)
        workspace.listener.say(f"wrote {counted(count, 'face')} to {table}")
    if request.as_json:
        write_report({"dry_run": dry_run, "table": path_fields(str(table)), "faces": count})
