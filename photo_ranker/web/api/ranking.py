"""The best photos: of a person, by references and weights, and of an event.

Events are scored in the classic two steps, under their old addresses.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from photo_ranker.exporters.document import face_object
from photo_ranker.web.answers import JPEG, UPLOAD, may_fail
from photo_ranker.web.api.jobs import job_out
from photo_ranker.web.event_files import ScoredPhoto, people_told, scored_event
from photo_ranker.web.grid import bursts_of
from photo_ranker.web.photo_filter import PhotoQuery
from photo_ranker.web.problems import NotHere
from photo_ranker.web.questions import RankAsk, RankPage, SettingOut, weights
from photo_ranker.web.references import Kept
from photo_ranker.web.schemas import AlbumId, JobOut, PhotoOut, ReferenceId, Strict
from photo_ranker.web.workplace import AlbumHere, EntryHere, Place
from photo_ranker.workspace.references import meant_face

__all__ = ["event_router", "router"]

router = APIRouter(prefix="/api", tags=["ranking"])

event_router = APIRouter(tags=["event"])


class ReferenceOut(BaseModel):
    """A reference photo that was sent."""

    id: str
    name: str
    width: int
    height: int
    faces: list[dict[str, Any]]
    chosen: int = Field(
        description="the largest face, from 0 from the left; of equally large ones that in most photos of the album"
    )


@router.get("/weights")
def list_weights(place: Place) -> list[SettingOut]:
    """What can be weighed, with its range and the user's own value."""
    return weights(place.settings)


@router.post("/albums/{album_id}/references", status_code=201, responses=may_fail(404, 503, 507), openapi_extra=UPLOAD)
async def send_reference(
    request: Request, here: AlbumHere, place: Place, name: Annotated[str, Query(min_length=1, max_length=255)]
) -> ReferenceOut:
    """A photo of the person, as the body of the request; answers with the faces that it shows."""
    kept = await place.references.receive(here.entry.id, name, request.stream())
    return _reference_out(kept, kept.faces.index(meant_face(kept.faces, here.album)))


@router.post("/albums/{album_id}/rank", responses=may_fail(400, 404, 409))
def rank_photos(ask: RankAsk, album: AlbumHere, place: Place) -> RankPage:
    """The best photos of a person, best first: a part of them."""
    return place.asking(album).page(ask)


@router.get(
    "/albums/{album_id}/references/{reference_id}/faces/{number}/picture",
    response_class=Response,
    responses=JPEG | may_fail(404),
)
def read_reference_face(
    reference_id: Annotated[ReferenceId, Path()], number: Annotated[int, Path(ge=0)], entry: EntryHere, place: Place
) -> Response:
    """A face of a reference photo as a square JPEG."""
    jpeg = place.references.picture(entry.id, reference_id, number, place.thumbnails)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=31536000, immutable"})


def _reference_out(kept: Kept, chosen: int) -> ReferenceOut:
    return ReferenceOut(
        id=kept.id,
        name=kept.name,
        width=kept.width,
        height=kept.height,
        faces=[face_object(face) for face in kept.faces],
        chosen=chosen,
    )


GOOD = 0.75
"""From this value up, a signal is given as a reason for the photo."""

PRAISE = {
    "technical": "sharp and well lit",
    "composition": "well composed",
    "expression": "good expressions",
    "context": "those who matter are in it",
}

BLAME = {"require_all_eyes_open": "somebody blinks", "require_all_facing": "somebody looks away"}


class ClusterAsk(Strict):
    """Which album."""

    album: AlbumId


class ScoreAsk(Strict):
    """Which album, and what its moments were."""

    album: AlbumId
    moments: Annotated[dict[int, Annotated[str, Field(max_length=100)]], Field(max_length=1000)] = Field(
        default={},
        description="number of a moment -> what it was (Dinner); kept from then on, an empty one goes",
        json_schema_extra={"propertyNames": {"pattern": "^[0-9]{1,6}$"}},
    )


class MomentOut(BaseModel):
    """One moment of an event."""

    number: int
    label: str | None
    start: str
    end: str
    photos: int


class EventQuery(PhotoQuery):
    """Which photos of the last scoring."""

    moment: Annotated[int | None, Field(ge=1, description="only photos of this moment")] = None
    distinct: Annotated[bool, Field(description="of photos taken within seconds the best, with the others' names")] = (
        False
    )


class EventPage(BaseModel):
    """A part of a scored event, the best photos first."""

    is_scored: bool = Field(description="false: POST /score first")
    is_current: bool = Field(description="false: who is who, or who matters, has changed since")
    total: int
    offset: int
    moments: list[MomentOut]
    photos: list[PhotoOut]


@event_router.post("/cluster", status_code=202, responses=may_fail(404, 507))
def cluster(ask: ClusterAsk, place: Place) -> JobOut:
    """Group all faces of an album into people: a job."""
    return job_out(place.count_people(place.albums.get(ask.album)), place)


@event_router.post("/score", status_code=202, responses=may_fail(404, 507))
def score(ask: ScoreAsk, place: Place) -> JobOut:
    """Score all photos of an album for the people who matter: a job, whose result names the files."""
    return job_out(place.score(place.albums.get(ask.album), ask.moments), place)


@event_router.get("/api/albums/{album_id}/event", responses=may_fail(400, 404, 409))
def read_event(
    asked: Annotated[EventQuery, Query()],
    album: AlbumHere,
    place: Place,
) -> EventPage:
    """What the last scoring found: moments, and photos, the best first unless another order is asked for."""
    scored = scored_event(album, place.albums.place(album.entry.id), lambda: bursts_of(album, place.settings))
    if scored is None:
        return EventPage(is_scored=False, is_current=False, total=0, offset=asked.offset, moments=[], photos=[])
    grid = place.grid(album)
    listed = scored.best if asked.distinct else scored.photos
    by_number = {photo.number: photo for photo in listed if _is_in_moment(photo, asked.moment)}
    chosen = place.choice(album, asked).chosen(by_number)
    return EventPage(
        is_scored=True,
        is_current=scored.people == people_told(place.everyone(album).people.shown()),
        total=len(chosen),
        offset=asked.offset,
        moments=[MomentOut(**told) for told in scored.moments],
        photos=[
            grid.photo(number, None, _result(by_number[number]))
            for number in chosen[asked.offset : asked.offset + asked.limit]
        ],
    )


@event_router.get(
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
        place.jobs.wait_for("event", entry.id)  # the tables are written after the page has its response
    if not path.is_file():
        raise NotHere("nobody has looked for the best photos yet", "POST /score, or the button on the page of events")
    return FileResponse(path, filename=name)


def _is_in_moment(photo: ScoredPhoto, moment: int | None) -> bool:
    return moment is None or (photo.told.moment or {}).get("number") == moment


def _result(item: ScoredPhoto) -> dict[str, Any]:
    told = item.told
    return {
        "rank": item.rank,
        "alternates": list(item.alternates),
        "score": told.score,
        "scores": told.scores,
        "moment": told.moment,
        "reasons": [PRAISE[name] for name, value in told.scores.items() if value is not None and value >= GOOD],
        "against": [BLAME.get(rule, rule) for rule in told.broken_rules],
    }
