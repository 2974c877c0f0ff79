"""The best photos of a person: references, weights, the ranking."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from photo_ranker.exporters.document import face_object
from photo_ranker.web.problems import JPEG, UPLOAD, may_fail
from photo_ranker.web.questions import weights
from photo_ranker.web.ranking_schemas import RankAsk, RankPage, ReferenceOut, SettingOut
from photo_ranker.web.references import Kept
from photo_ranker.web.schemas import ReferenceId
from photo_ranker.web.workplace import AlbumHere, EntryHere, Place

__all__ = ["router"]

router = APIRouter(prefix="/api", tags=["ranking"])


@router.get("/weights")
def list_weights(place: Place) -> list[SettingOut]:
    """What can be weighed, with its range and the user's own value."""
    return weights(place.settings)


@router.post("/albums/{album_id}/references", status_code=201, responses=may_fail(404, 503, 507), openapi_extra=UPLOAD)
async def send_reference(
    request: Request, entry: EntryHere, place: Place, name: Annotated[str, Query(min_length=1, max_length=255)]
) -> ReferenceOut:
    """A photo of the person, as the body of the request; answers with the faces that it shows."""
    return _reference_out(await place.references.receive(entry.id, name, request.stream()))


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


def _reference_out(kept: Kept) -> ReferenceOut:
    return ReferenceOut(
        id=kept.id,
        name=kept.name,
        width=kept.width,
        height=kept.height,
        faces=[face_object(face) for face in kept.faces],
        chosen=kept.chosen,
    )
