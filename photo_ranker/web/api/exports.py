"""Exports: a ZIP as a stream, a self-contained page, lists, a copy in a folder, XMP sidecars.

First the routes, then which photos a client exports, and into which folders; the exporters do the rest.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter
from fastapi import Path as PathOf
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.terminal import SILENT, shown
from photo_ranker.core.words import current_words
from photo_ranker.exporters import FILE_EXPORTERS
from photo_ranker.exporters.albums import Wanted, archive_names, check, plan_album
from photo_ranker.exporters.html import PictureMaker
from photo_ranker.exporters.writing import zip_stream
from photo_ranker.questions.answer import Ranking, Unreadable
from photo_ranker.questions.selection import leaders, one_of_each
from photo_ranker.ranker import RankedPhoto
from photo_ranker.web.answers import may_fail
from photo_ranker.web.api.jobs import job_out
from photo_ranker.web.job_process import names_in, packed, ratings_in
from photo_ranker.web.open_albums import OpenAlbum
from photo_ranker.web.problems import NotAllowed, NotHere
from photo_ranker.web.questions import DownloadAsk, ExportAsk, weighed
from photo_ranker.web.schemas import JobOut
from photo_ranker.web.upload_names import named_folder
from photo_ranker.web.workplace import AlbumHere, Place, Workplace
from photo_ranker.workspace import XmpRequest
from photo_ranker.workspace.exchange import export_xmp
from photo_ranker.workspace.exports import best_of_people, folder_names, wanted_photos, wanted_results
from photo_ranker.workspace.requests import ExportRequest

__all__ = ["router"]

router = APIRouter(prefix="/api/albums/{album_id}", tags=["exports"], responses=may_fail(400, 404, 409))

MEDIA = {"zip": "application/zip", **{name: exporter.media_type for name, exporter in FILE_EXPORTERS.items()}}

DownloadId = Annotated[str, PathOf(pattern="^[0-9a-f]{16}$")]


class PreviewAsk(ExportAsk):
    """What an export would write."""

    folder: Annotated[
        str | None, Field(min_length=1, max_length=4096, description="where to copy to; null: into a ZIP")
    ] = None


class ExportPreview(BaseModel):
    """What an export would write where; nothing is written yet."""

    folder: str | None
    photos: int
    files: int = Field(description="with those that belong to the photos")
    bytes: int = Field(description="to be written")
    there: int = Field(description="files that the folder has already")
    missing: int = Field(description="files that are gone: a ZIP names them in missing.txt")
    copies: int = Field(default=0, description="photos left out since another has the same bytes; 0 for a ranking")
    names: list[str] = Field(description="the first files, by their names within the folder or the ZIP")


class XmpAsk(ExportAsk):
    """What sidecars are to say."""

    all_names: bool = Field(default=False, description="also names of faces that nobody has confirmed")


class XmpFileOut(BaseModel):
    """What a sidecar would say."""

    name: str = Field(description="of the sidecar")
    stars: int | None
    names: list[str]
    problem: str = Field(description="why it is left as it is")


class XmpPreview(BaseModel):
    """What writing sidecars would do."""

    photos: int = Field(description="photos that stars or names are written for")
    files: list[XmpFileOut] = Field(description="the first sidecars that would be new or changed")


class DownloadOut(BaseModel):
    """Where the download is."""

    url: str
    photos: int


class CopyAsk(ExportAsk):
    """Where to copy the photos to."""

    folder: Annotated[str, Field(min_length=1, max_length=4096)]


@router.post("/downloads", status_code=201)
def prepare_download(ask: DownloadAsk, album: AlbumHere, place: Place) -> DownloadOut:
    """Say what to download; the answer holds the address, which a browser can open as any file."""
    files: Sequence[object] = (
        _wanted_of(album, place, ask) if ask.format == "zip" else _ranking_of(album, place, ask).results
    )
    if not files:
        raise NotHere("there are no photos to export", "loosen the filters")
    name = secrets.token_hex(8)
    place.remember_download(name, album.entry, ask)
    return DownloadOut(url=f"/api/albums/{album.entry.id}/downloads/{name}", photos=len(files))


@router.get(
    "/downloads/{download_id}",
    response_class=StreamingResponse,
    responses={200: {"description": "The file", "content": {kind: {} for kind in MEDIA.values()}}},
)
def download(download_id: DownloadId, album: AlbumHere, place: Place) -> StreamingResponse:
    """The file itself, made while it is sent."""
    album_id, ask = place.downloads.get(download_id, ("", None))
    if ask is None or album_id != album.entry.id:
        raise NotHere("this download is not known any more", "ask for it again")
    if ask.format == "zip":
        pieces = zip_stream(archive_names(_wanted_of(album, place, ask), ordered=ask.ordered))
    else:
        pieces = FILE_EXPORTERS[ask.format].render(_ranking_of(album, place, ask), _pictures_of(album, place))
    name = quote(f"{ask.title}.{ask.format}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return StreamingResponse(pieces, media_type=MEDIA[ask.format], headers=headers)


@router.post("/exports/preview")
def preview_export(ask: PreviewAsk, album: AlbumHere, place: Place) -> ExportPreview:
    """What a ZIP, or a copy into a folder, would hold: nothing is written."""
    if ask.folder is not None and not place.options.local:
        raise NotAllowed("only users of the machine itself may copy to its folders", "download the ZIP")
    folder = None if ask.folder is None else named_folder(ask.folder, may_be_new=True)
    told = _previewed(_wanted_of(album, place, ask), folder, ordered=ask.ordered)
    return told.model_copy(update={"copies": _copies_left_out(album, place, ask)})


@router.post("/copies", status_code=202, responses=may_fail(507))
def copy_photos(ask: CopyAsk, album: AlbumHere, place: Place) -> JobOut:
    """Copy photos into a folder of this machine: a job. For users of the machine alone."""
    if not place.options.local:
        raise NotAllowed("only users of the machine itself may copy to its folders", "download the ZIP")
    photos = [packed(wanted) for wanted in _wanted_of(album, place, ask)]
    params = {"photos": photos, "folder": str(named_folder(ask.folder, may_be_new=True)), "ordered": ask.ordered}
    return job_out(place.jobs.submit("copy", album.entry.id, params), place)


@router.post("/xmp", status_code=202, responses=may_fail(507))
def write_xmp(ask: XmpAsk, album: AlbumHere, place: Place) -> JobOut:
    """Write stars and confirmed names into XMP sidecars beside the photos and all their copies: a job.

    Your stars go before the score's.
    """
    photos, entry = _with_stars(ask, album, place), msgspec.to_builtins(album.entry)
    params = {"photos": photos, "entry": entry, "all_names": ask.all_names}
    return job_out(place.jobs.submit("xmp", album.entry.id, params), place)


@router.post("/xmp/preview")
def preview_xmp(ask: XmpAsk, album: AlbumHere, place: Place) -> XmpPreview:
    """What writing sidecars would do: nothing is written."""
    ratings = ratings_in(_with_stars(ask, album, place), place.settings)
    names = names_in(place.everyone(album).people.book, all_names=ask.all_names)
    return XmpPreview(photos=len(ratings), files=_first_sidecars(album.album, names, ratings))


def _with_stars(ask: XmpAsk, album: OpenAlbum, place: Workplace) -> list[dict[str, Any]]:
    marks = place.marks(album.entry)
    by_path = {photo.path: photo for photo in album.album.photos}
    wanted = _with_copies(album, _wanted_of(album, place, ask))
    return [{**packed(item), "stars": marks.of(by_path[item.path]).stars} for item in wanted]


NAMES_PREVIEWED = 30
"""Most file names in a preview."""


def _wanted_of(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> list[Wanted]:
    """The photos that the client lists, else those ranked, else all that are shown; in folders if requested."""
    request = ExportRequest(ordered=ask.ordered, per_event=ask.per_event, with_context=ask.context)
    opened, settings = album.album, place.settings
    if ask.per_person:
        return [
            wanted
            for name, results in _by_person(album, place, ask)
            for wanted in wanted_results(results, opened, settings, request, name)
        ]
    if _is_ranking(ask):
        return wanted_results(place.asking(album).all(ask).explained(), opened, settings, request)
    return wanted_photos(_chosen(album, place, ask), opened, settings, request, numbered=True)


def _is_ranking(ask: ExportAsk) -> bool:
    return ask.asks_for_somebody and not ask.photos


def _chosen(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> list[AlbumPhoto]:
    if _is_ranking(ask):
        return [item.photo for item in place.asking(album).all(ask).explained()]
    seen = _seen(album, place, ask)
    return seen if ask.copies == "all" else one_of_each(seen)


def _seen(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> list[AlbumPhoto]:
    """The photos that the client lists, else all that are shown, with the copies among them."""
    photos = album.album.photos
    named = [album.photo(name) for name in ask.photos]
    return named or [photos[number] for number in place.choice(album, ask).chosen(range(len(photos)))]


def _copies_left_out(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> int:
    if ask.per_person or _is_ranking(ask) or ask.copies == "all":
        return 0
    seen = _seen(album, place, ask)
    return len(seen) - len(one_of_each(seen))


def _by_person(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> list[tuple[str, list[RankedPhoto]]]:
    """The photos of everyone who has a name, best first: only those that the client lists, else all that are shown."""
    people = msgspec.structs.replace(place.everyone(album).people, settings=weighed(place.settings, ask.weights))
    named = [person for person in people.shown() if person.name]
    if not named:
        raise NotHere("nobody in this album has a name yet", "name people first: the People page, or people name")
    allowed = {photo.path for photo in _chosen(album, place, ask)}
    return [
        (
            name,
            [item for item in ranked if not allowed.isdisjoint([item.path, *(copy.path for copy in item.copies)])],
        )
        for (_, name), (_, ranked) in zip(
            folder_names(named),
            best_of_people(people, named, ask.top, only_distinct=ask.distinct, copies=ask.copies),
            strict=True,
        )
    ]


def _with_copies(album: OpenAlbum, wanted: Sequence[Wanted]) -> list[Wanted]:
    """The photos, each followed by the other files of the album with the same bytes."""
    photos = album.album.photos
    leader_of = leaders(photos, range(len(photos)))
    numbers = {photo.path: number for number, photo in enumerate(photos)}
    beside: dict[int, list[AlbumPhoto]] = {}
    for number, leader in leader_of.items():
        beside.setdefault(leader, []).append(photos[number])
    found: dict[str, Wanted] = {}
    for item in wanted:
        for photo in beside[leader_of[numbers[item.path]]]:
            given = found.get(photo.path)
            if given is None or photo.path == item.path:
                found[photo.path] = msgspec.structs.replace(item, path=photo.path, companions=photo.record.companions)
    return list(found.values())


def _ranking_of(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> Ranking:
    """The whole answer, as the exporters take it; users of other machines see names within the album."""
    asked = place.asking(album).all(ask)
    is_local = place.options.local
    return Ranking(
        engine=album.album.engine,
        threshold=asked.threshold,
        counts=asked.counts,
        unreadable=tuple(
            Unreadable((photo if is_local else album.within(photo)).path, photo.record.unreadable)
            for photo in album.album.photos
            if photo.record.unreadable is not None
        ),
        results=tuple(item if is_local else album.within_result(item) for item in asked.explained()),
    )


def _pictures_of(album: OpenAlbum, place: Workplace) -> PictureMaker:
    """The pictures of a page, by paths or by names within the album."""
    return lambda path, record, face, side: place.thumbnails(str(album.entry.path / path), record, face, side)


def _previewed(wanted: list[Wanted], folder: Path | None, *, ordered: bool) -> ExportPreview:
    """What an export would write, in a folder or in a ZIP."""
    if folder is None:
        return _previewed_zip(wanted, ordered=ordered)
    plan = plan_album(wanted, folder, ordered=ordered)
    check(plan)
    states = Counter(step.state for step in plan.steps)
    return ExportPreview(
        folder=shown(str(folder)),
        photos=len(wanted),
        files=states["todo"] + states["there"],
        bytes=plan.bytes_to_write,
        there=states["there"],
        missing=states["missing"],
        names=[shown(step.entry.target) for step in plan.todo[:NAMES_PREVIEWED]],
    )


def _previewed_zip(wanted: list[Wanted], *, ordered: bool) -> ExportPreview:
    files = list(archive_names(wanted, ordered=ordered))
    here = [(name, path) for name, path in files if path.is_file()]
    return ExportPreview(
        folder=None,
        photos=len(wanted),
        files=len(here),
        bytes=sum(path.stat().st_size for _, path in here),
        there=0,
        missing=len(files) - len(here),
        names=[name for name, _ in here[:NAMES_PREVIEWED]],
    )


SIDECARS_PREVIEWED = 20
"""Most photos in a preview: each is read as a whole, for the stars that it may contain."""


def _first_sidecars(album: Album, names: Mapping[str, str], ratings: Mapping[str, int | None]) -> list[XmpFileOut]:
    """What the sidecars of the first photos would say; those that already say it are left out."""
    photos = [photo for photo in album.photos if photo.path in ratings][:SIDECARS_PREVIEWED]
    few = {photo.path: ratings[photo.path] for photo in photos}
    report = export_xmp(Album(photos, album.engine), names, few, XmpRequest(dry_run=True), SILENT)
    return [_sidecar_out(Path(file.path), file.reason, photos, names, few) for file in report.files]


def _sidecar_out(
    sidecar: Path, problem: str, photos: list[AlbumPhoto], names: Mapping[str, str], ratings: Mapping[str, int | None]
) -> XmpFileOut:
    photo = next((one for one in photos if sidecar.name.startswith(Path(one.path).stem)), None)
    faces = photo.record.faces if photo else ()
    problem = current_words().said(problem)
    shown = sidecar.name.encode("utf-8", "replace").decode()
    said = sorted({names[face.id] for face in faces if face.id in names})
    return XmpFileOut(name=shown, stars=ratings[photo.path] if photo else None, names=said, problem=problem)
