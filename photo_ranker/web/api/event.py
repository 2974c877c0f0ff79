"""Scoring of events in the classic two steps, under their old addresses, and its results."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse

from photo_ranker.web.event_files import ScoredPhoto, scored_event
from photo_ranker.web.people_schemas import EventPage, EventQuery, MomentOut, ScoreAsk
from photo_ranker.web.problems import NotHere, may_fail
from photo_ranker.web.schemas import ClusterAsk, JobOut
from photo_ranker.web.workplace import AlbumHere, EntryHere, Place, job_out

__all__ = ["router"]

router = APIRouter(tags=["event"])

GOOD = 0.75
"""From this score on a signal is told as a reason for the photo."""

PRAISE = {
    "technical": "sharp and well lit",
    "composition": "well composed",
    "expression": "good expressions",
    "context": "those who matter are in it",
}
BLAME = {"require_all_eyes_open": "somebody blinks", "require_all_facing": "somebody looks away"}


@router.post("/cluster", status_code=202, responses=may_fail(404, 507))
def cluster(ask: ClusterAsk, place: Place) -> JobOut:
    """Group all faces of an album into people: a job."""
    return job_out(place.count_people(place.albums.get(ask.album)), place)


@router.post("/score", status_code=202, responses=may_fail(404, 507))
def score(ask: ScoreAsk, place: Place) -> JobOut:
    """Score all photos of an album for the people who matter: a job, whose result names the files."""
    entry = place.albums.get(ask.album)
    moments = {str(number): label.strip() for number, label in ask.moments.items()}
    params = {"entry": msgspec.to_builtins(entry), "moments": moments}
    return job_out(place.jobs.submit("event", entry.id, params), place)


@router.get("/api/albums/{album_id}/event", responses=may_fail(400, 404, 409))
def read_event(
    asked: Annotated[EventQuery, Query()],
    album: AlbumHere,
    place: Place,
) -> EventPage:
    """What the last scoring found: moments, and photos, the best first unless another order is asked for."""
    scored = scored_event(album, place.albums.place(album.entry.id), place.settings.moments)
    if scored is None:
        return EventPage(is_scored=False, total=0, offset=asked.offset, moments=[], photos=[])
    grid = place.grid(album)
    listed = scored.best if asked.distinct else scored.photos
    by_number = {photo.number: photo for photo in listed if _is_of(photo, asked.moment)}
    chosen = place.choice(album, asked).chosen(by_number)
    return EventPage(
        is_scored=True,
        total=len(chosen),
        offset=asked.offset,
        moments=[MomentOut(**told) for told in scored.moments],
        photos=[
            grid.photo(number, None, _result(by_number[number]))
            for number in chosen[asked.offset : asked.offset + asked.limit]
        ],
    )


@router.get(
    "/api/albums/{album_id}/event/{name}",
    response_class=FileResponse,
    responses=may_fail(404) | {200: {"description": "The file", "content": {"application/json": {}, "text/csv": {}}}},
)
def read_event_file(
    name: Literal["event.json", "photo_scores.csv", "face_data.csv"], entry: EntryHere, place: Place
) -> Response:
    """What the last scoring wrote."""
    path = place.albums.place(entry.id) / "event" / name
    if not path.is_file():
        raise NotHere("nobody has looked for the best photos yet", "POST /score, or the button on the page of events")
    return FileResponse(path, filename=name)


def _is_of(photo: ScoredPhoto, moment: int | None) -> bool:
    return moment is None or (photo.told["moment"] or {}).get("number") == moment


def _result(item: ScoredPhoto) -> dict[str, Any]:
    told = item.told
    scores: dict[str, float | None] = told["scores"]
    return {
        "rank": item.rank,
        "alternates": list(item.alternates),
        "score": told["score"],
        "scores": scores,
        "moment": told["moment"],
        "reasons": [PRAISE[name] for name, value in scores.items() if value is not None and value >= GOOD],
        "against": [BLAME.get(rule, rule) for rule in told["broken_rules"]],
    }
