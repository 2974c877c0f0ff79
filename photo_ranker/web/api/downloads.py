"""Exports: a ZIP as a stream, a page of its own, lists, a copy in a folder."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Path
from fastapi.responses import StreamingResponse

from photo_ranker.exporters import FILE_EXPORTERS
from photo_ranker.exporters.albums import archive_names
from photo_ranker.exporters.writing import zip_stream
from photo_ranker.web.exports import (
    first_sidecars,
    names_in,
    packed,
    pictures_of,
    previewed,
    ranking_of,
    ratings_in,
    wanted_of,
    with_copies,
)
from photo_ranker.web.open_albums import OpenAlbum
from photo_ranker.web.problems import NotAllowed, NotHere, may_fail
from photo_ranker.web.ranking_schemas import (
    CopyAsk,
    DownloadAsk,
    DownloadOut,
    ExportPreview,
    PreviewAsk,
    XmpAsk,
    XmpPreview,
)
from photo_ranker.web.schemas import JobOut
from photo_ranker.web.upload_names import named_folder
from photo_ranker.web.workplace import AlbumHere, Place, Workplace, job_out

__all__ = ["router"]

router = APIRouter(prefix="/api/albums/{album_id}", tags=["exports"], responses=may_fail(400, 404, 409))

MEDIA = {"zip": "application/zip", **{name: exporter.media_type for name, exporter in FILE_EXPORTERS.items()}}

DownloadId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]


@router.post("/downloads", status_code=201)
def prepare_download(ask: DownloadAsk, album: AlbumHere, place: Place) -> DownloadOut:
    """Say what to download; the answer holds the address, which a browser can open as any file."""
    files: Sequence[object] = (
        wanted_of(album, place, ask) if ask.format == "zip" else ranking_of(album, place, ask).results
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
        pieces = zip_stream(archive_names(wanted_of(album, place, ask), ordered=ask.ordered))
    else:
        pieces = FILE_EXPORTERS[ask.format].render(ranking_of(album, place, ask), pictures_of(album, place))
    name = quote(f"{ask.title}.{ask.format}", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return StreamingResponse(pieces, media_type=MEDIA[ask.format], headers=headers)


@router.post("/exports/preview")
def preview_export(ask: PreviewAsk, album: AlbumHere, place: Place) -> ExportPreview:
    """What a ZIP, or a copy into a folder, would hold: nothing is written."""
    if ask.folder is not None and not place.options.local:
        raise NotAllowed("only users of the machine itself may copy to its folders", "download the ZIP")
    folder = None if ask.folder is None else named_folder(ask.folder, may_be_new=True)
    return previewed(wanted_of(album, place, ask), folder, ordered=ask.ordered)


@router.post("/copies", status_code=202, responses=may_fail(507))
def copy_photos(ask: CopyAsk, album: AlbumHere, place: Place) -> JobOut:
    """Copy photos into a folder of this machine: a job. For users of the machine alone."""
    if not place.options.local:
        raise NotAllowed("only users of the machine itself may copy to its folders", "download the ZIP")
    photos = [packed(wanted) for wanted in wanted_of(album, place, ask)]
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
    return XmpPreview(photos=len(ratings), files=first_sidecars(album.album, names, ratings))


def _with_stars(ask: XmpAsk, album: OpenAlbum, place: Workplace) -> list[dict[str, Any]]:
    marks = place.marks(album.entry)
    by_path = {photo.path: photo for photo in album.album.photos}
    wanted = with_copies(album, wanted_of(album, place, ask))
    return [{**packed(item), "stars": marks.of(by_path[item.path]).stars} for item in wanted]
