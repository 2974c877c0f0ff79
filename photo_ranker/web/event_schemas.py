"""What requests and answers about a scored event look like."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from photo_ranker.web.schemas import AlbumId, PhotoOut, Strict

__all__ = ["EventPage", "MomentOut", "ScoreAsk"]


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


class EventPage(BaseModel):
    """A part of a scored event, the best photos first."""

    is_scored: bool = Field(description="false: POST /score first")
    total: int
    offset: int
    moments: list[MomentOut]
    photos: list[PhotoOut]
