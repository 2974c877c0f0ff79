"""Uploads into a session: what is missing, a piece of a file, and the job that unpacks a ZIP."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from photo_ranker.core.words import current_words
from photo_ranker.web.problems import UPLOAD, Conflict, may_fail
from photo_ranker.web.schemas import FilesAsk, FilesHere, FileStanding, Uploaded
from photo_ranker.web.uploads import Offer, Standing
from photo_ranker.web.workplace import EntryHere, Place, job_out

__all__ = ["router"]

router = APIRouter(prefix="/api/albums/{album_id}/files", tags=["uploads"], responses=may_fail(404, 409))


@router.post("/standing")
def files_standing(ask: FilesAsk, entry: EntryHere, place: Place) -> FilesHere:
    """How much of each file is here already: send the rest of those that are not complete.

    Where ``compare`` is true, something that looks like the file is here: ask again for all of them, now with the
    digest of that file, to be told whether it is the same.
    """
    _must_be_session(entry.kind)
    found = place.inbox(entry).standing(Offer(item.name, item.size, item.sample, item.digest) for item in ask.files)
    place.inbox(entry).expect(found)
    if any(file.have == file.size and file.name.lower().endswith(".zip") for file in found):
        for archive in place.inbox(entry).waiting():  # its job has failed, or was cancelled, and is asked for once more
            place.unpack(entry, archive)
    return FilesHere(files=[_told(standing) for standing in found])


@router.post("", responses=may_fail(507), openapi_extra=UPLOAD)
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


@router.delete("/missing", status_code=204, responses=may_fail(507))
def forget_missing(entry: EntryHere, place: Place) -> Response:
    """Wait no longer for files of an upload that broke off; an album's ``missing`` names them."""
    _must_be_session(entry.kind)
    place.inbox(entry).forget_missing()
    return Response(status_code=204)


def _must_be_session(kind: str) -> None:
    if kind != "session":
        raise Conflict("this album is a folder of its own", "make a session to upload photos")


def _told(standing: Standing) -> FileStanding:
    why = standing.refused
    return FileStanding(**{**msgspec.structs.asdict(standing), "refused": why and current_words().said(why)})
