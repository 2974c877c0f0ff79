"""Albums: list, open, create, rename, delete, restore, index; uploads into a session, folders of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from photo_ranker.core.terminal import shown
from photo_ranker.core.words import current_words
from photo_ranker.errors import UserError
from photo_ranker.indexing.discovery import list_folder
from photo_ranker.web.answers import UPLOAD, may_fail
from photo_ranker.web.api.jobs import job_out
from photo_ranker.web.grid import Grid
from photo_ranker.web.open_albums import OpenAlbum
from photo_ranker.web.problems import Conflict, NotAllowed
from photo_ranker.web.schemas import (
    AlbumChange,
    AlbumList,
    AlbumOut,
    FilesAsk,
    FilesHere,
    FileStanding,
    FolderAsk,
    FolderHere,
    FolderPage,
    IndexAsk,
    JobOut,
    NamesAsk,
    PhotoOut,
    SessionAsk,
    Uploaded,
)
from photo_ranker.web.storage import AlbumEntry
from photo_ranker.web.upload_names import TAKEN, named_folder
from photo_ranker.web.uploads import Offer, Standing
from photo_ranker.web.workplace import AlbumHere, AlbumId, EntryHere, Place, Workplace

__all__ = ["files_router", "folders_router", "router"]

router = APIRouter(prefix="/api/albums", tags=["albums"])

files_router = APIRouter(prefix="/api/albums/{album_id}/files", tags=["uploads"], responses=may_fail(404, 409))

folders_router = APIRouter(prefix="/api/folders", tags=["albums"])

COVER_PHOTOS = 4


@router.get("")
def list_albums(place: Place) -> AlbumList:
    """All albums; those named at the start first."""
    return AlbumList(
        albums=[_album_out(place, entry) for entry in place.albums.entries()],
        may_open_folders=place.options.local,
        notes=_notes(place, place.albums.notes()),
    )


@router.post("/sessions", status_code=201, responses=may_fail(507))
def new_session(ask: SessionAsk, place: Place) -> AlbumOut:
    """An empty session, to upload photos into."""
    return _album_out(place, place.albums.new_session(ask.title))


@router.post("/sample", status_code=201, responses=may_fail(507))
def new_sample(ask: SessionAsk, place: Place) -> AlbumOut:
    """The sample album: a session with photos that come with the app. Deleting it takes them away."""
    return _album_out(place, place.albums.new_sample(ask.title))


@router.post("/folders", status_code=201, responses=may_fail(404, 409, 507))
def open_folder(ask: FolderAsk, place: Place) -> AlbumOut:
    """Open a folder of this machine; for users of the machine alone."""
    return _album_out(place, place.albums.open_folder(ask.folder, recursive=ask.recursive))


@router.get("/{album_id}", responses=may_fail(404, 409))
def read_album(album: AlbumHere, place: Place) -> AlbumOut:
    """One album with its numbers; reads its metadata if need be."""
    out = _album_out(place, album.entry)
    out.photos, out.faces, out.pending = len(album.ids), len(album.album.faces), album.pending
    if album.entry.kind == "session":
        out.missing = place.inbox(album.entry).missing()
        out.has_files = any(path.suffix.lower() in TAKEN for path in album.entry.path.rglob("*"))
    marks = place.marks(album.entry)
    out.cover = _cover(album, Grid(album, marks))
    out.notes = _notes(place, [place.albums.note(out.id), marks.note])
    return out


@router.patch("/{album_id}", responses=may_fail(404, 409, 507))
def rename_album(ask: AlbumChange, entry: EntryHere, place: Place) -> AlbumOut:
    """Give an album another title; a folder keeps its own name."""
    return _album_out(place, place.albums.rename(entry.id, ask.title))


@router.delete("/{album_id}", status_code=204, responses=may_fail(404, 409, 507))
def delete_album(entry: EntryHere, place: Place) -> Response:
    """Take an album from the list and stop its jobs. A session is kept for a week, a folder's photos stay untouched."""
    place.delete(entry)
    return Response(status_code=204)


@router.post("/{album_id}/restore", responses=may_fail(404, 409, 507))
def restore_album(album_id: AlbumId, place: Place) -> AlbumOut:
    """Bring a deleted album back."""
    return _album_out(place, place.albums.restore(album_id))


@router.post("/{album_id}/index", status_code=202, responses=may_fail(404, 507))
def index_album(entry: EntryHere, place: Place, ask: IndexAsk | None = None) -> JobOut:
    """Measure what is new or changed: a job."""
    return job_out(place.index(entry, retry_failed=ask.retry_failed if ask else False), place)


def _cover(album: OpenAlbum, grid: Grid) -> list[PhotoOut]:
    """Photos with faces, spread evenly over the album."""
    numbers = [number for number, photo in enumerate(album.album.photos) if photo.record.faces]
    numbers = numbers or [number for number, photo in enumerate(album.album.photos) if not photo.record.unreadable]
    step = max(1, len(numbers) // COVER_PHOTOS)
    return [grid.photo(number) for number in numbers[::step][:COVER_PHOTOS]]


def _album_out(place: Workplace, entry: AlbumEntry) -> AlbumOut:
    return AlbumOut(
        id=entry.id,
        title=entry.title,
        kind=entry.kind,
        is_sample=entry.is_sample,
        folder=entry.folder if place.options.local and entry.kind == "folder" else None,
        recursive=entry.recursive,
        created_at=entry.created_at,
    )


def _notes(place: Workplace, notes: Iterable[str]) -> list[str]:
    return [current_words().said(place.without_paths(note)) for note in notes if note]


@files_router.post("/standing")
def files_standing(ask: FilesAsk, entry: EntryHere, place: Place) -> FilesHere:
    """How much of each file is here already: send the rest of those that are not complete.

    Where ``compare`` is true, something that looks like the file is here: ask again for all of them, now with the
    digest of that file, to be told whether it is the same.
    """
    _must_be_session(entry.kind)
    found = place.inbox(entry).standing(Offer(item.name, item.size, item.sample, item.digest) for item in ask.files)
    place.inbox(entry).expect(found)
    if any(file.have == file.size and file.name.lower().endswith(".zip") for file in found):
        for archive in place.inbox(entry).waiting():  # its job failed or was cancelled, and is submitted again
            place.unpack(entry, archive)
    return FilesHere(files=[_standing_out(standing) for standing in found])


@files_router.post("", responses=may_fail(507), openapi_extra=UPLOAD)
async def send_file(
    request: Request,
    entry: EntryHere,
    place: Place,
    name: Annotated[str, Query(min_length=1, max_length=2000)],
    size: Annotated[int, Query(ge=1, description="bytes of the whole file")],
    offset: Annotated[int, Query(ge=0, description="where this piece begins")] = 0,
    sample: Annotated[str, Query(pattern="^([0-9a-f]{8})?$", description="as told when asking for the standing")] = "",
    digest: Annotated[
        str, Query(pattern="^([0-9a-f]{64})?$", description="likewise; the whole file must have it")
    ] = "",
) -> Uploaded:
    """The next piece of a photo or a ZIP, as the body of the request; a ZIP that is complete is unpacked by a job."""
    _must_be_session(entry.kind)
    path = await place.inbox(entry).receive(Offer(name, size, sample, digest), offset, request.stream())
    if path is not None:
        place.open_albums.refresh(entry.id)
    if path is None or path.suffix.lower() != ".zip":
        return Uploaded(complete=path is not None)
    return Uploaded(complete=True, job=job_out(place.unpack(entry, path), place))


@files_router.delete("/missing", status_code=204, responses=may_fail(507))
def forget_missing(entry: EntryHere, place: Place) -> Response:
    """Wait no longer for files of an upload that broke off, and remove their beginnings; ``missing`` names them."""
    _must_be_session(entry.kind)
    place.inbox(entry).forget()
    return Response(status_code=204)


@files_router.post("/cancel", status_code=204, responses=may_fail(507))
def cancel_files(ask: NamesAsk, entry: EntryHere, place: Place) -> Response:
    """Cancel an upload, by the names ``send_as``: files that are complete stay, and nothing of the others."""
    _must_be_session(entry.kind)
    place.inbox(entry).forget(set(ask.names))
    return Response(status_code=204)


def _must_be_session(kind: str) -> None:
    if kind != "session":
        raise Conflict("this album is a folder of its own", "make a session to upload photos")


def _standing_out(standing: Standing) -> FileStanding:
    why = standing.refused
    return FileStanding(**{**msgspec.structs.asdict(standing), "refused": why and current_words().said(why)})


@folders_router.get("", responses=may_fail(400, 403, 404))
def list_folders(
    place: Place, folder: Annotated[str, Query(max_length=4096, description="empty: the user's home folder")] = ""
) -> FolderPage:
    """What lies in a folder: its subfolders, and how many photos."""
    if not place.options.local:
        raise NotAllowed("only users of the machine itself may look at its folders", "upload the photos")
    here = named_folder(folder or "~")
    try:
        listing = list_folder(str(here), os.path.realpath(here))
    except OSError as error:
        raise UserError(f"{here} cannot be opened: {error.strerror}", "choose another folder") from error
    return FolderPage(
        folder=shown(str(here)),
        parent=None if here.parent == here else shown(str(here.parent)),
        photos=len(listing.items),
        folders=[FolderHere(name=shown(name), folder=shown(str(here / name))) for name in listing.subfolders],
    )
