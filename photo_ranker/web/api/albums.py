"""Albums: list, open, make, rename, delete, bring back, index."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Response

from photo_ranker.core.words import current_words
from photo_ranker.web.open_albums import OpenAlbum
from photo_ranker.web.photos import Grid
from photo_ranker.web.problems import may_fail
from photo_ranker.web.schemas import AlbumChange, AlbumList, AlbumOut, FolderAsk, IndexAsk, JobOut, PhotoOut, SessionAsk
from photo_ranker.web.storage import AlbumEntry
from photo_ranker.web.upload_names import TAKEN
from photo_ranker.web.workplace import AlbumHere, AlbumId, EntryHere, Place, Workplace, job_out

__all__ = ["router"]

router = APIRouter(prefix="/api/albums", tags=["albums"])

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
    """Photos with faces, spread over the album."""
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
