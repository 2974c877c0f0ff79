"""The classic two steps under their old addresses, and the files that come of them."""

from __future__ import annotations

from typing import Literal

import msgspec
from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from photo_ranker.web.problems import NotHere
from photo_ranker.web.schemas import ClusterAsk, JobOut
from photo_ranker.web.telling import job_out
from photo_ranker.web.workplace import EntryHere, Place

__all__ = ["router"]

router = APIRouter(tags=["event"])


@router.post("/cluster", status_code=202)
def cluster(ask: ClusterAsk, place: Place) -> JobOut:
    """Group all faces of an album into people: a job."""
    return job_out(place.count_people(place.shelf.get(ask.album)))


@router.post("/score", status_code=202)
def score(ask: ClusterAsk, place: Place) -> JobOut:
    """Score all photos of an album for the people who matter: a job, whose result names the files."""
    entry = place.shelf.get(ask.album)
    return job_out(place.jobs.submit("event", entry.id, {"entry": msgspec.to_builtins(entry)}))


@router.get("/api/albums/{album_id}/event/{name}", response_class=FileResponse)
def read_event_file(
    name: Literal["event.json", "photo_scores.csv", "face_data.csv"], entry: EntryHere, place: Place
) -> Response:
    """What the last scoring wrote."""
    path = place.shelf.place(entry.id) / "event" / name
    if not path.is_file():
        raise NotHere("the event is not scored yet", "POST /score first")
    return FileResponse(path, filename=name)
