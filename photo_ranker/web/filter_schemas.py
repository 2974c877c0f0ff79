"""What a filter of photos looks like, and a timeline."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from photo_ranker.web.schemas import Many, PersonId, PhotoId, Strict

__all__ = ["GridQuery", "PhotoFilter", "PhotoQuery", "Sort", "TimePart", "Timeline", "Unit"]

Sort = Literal["best", "time", "name", "sharpness", "expression", "eyes", "faces", "stars"]

Half = Literal["good", "bad"]


class PhotoFilter(Strict):
    """What a photo must be to be shown; the default shows all."""

    show: Literal["all", "picks", "unrejected", "rejects", "starred", "favourites"] = "all"
    sharpness: Annotated[Half | None, Field(description="mean of its faces; without faces of the picture")] = None
    expression: Annotated[Half | None, Field(description="mean of its faces")] = None
    eyes: Annotated[Half | None, Field(description="good: nobody blinks")] = None
    min_faces: Annotated[int, Field(ge=0, le=100_000)] = 0
    max_faces: Annotated[int | None, Field(ge=0, le=100_000)] = None
    with_people: Annotated[list[PersonId], Field(max_length=20, description="all of them are in it")] = Field(
        default=[]
    )
    since: Annotated[str | None, Field(max_length=32, description="2024-06-01 or 2024-06-01T15:00")] = None
    until: Annotated[str | None, Field(max_length=32, description="likewise")] = None
    words: Annotated[str, Field(max_length=200, description="all in the names of the file and of who is in it")] = ""
    sort: Annotated[Sort | None, Field(description="null: the usual order of the page")] = None


class PhotoQuery(PhotoFilter):
    """A part of the photos that pass a filter."""

    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 120


class GridQuery(PhotoQuery):
    """A part of the photos, perhaps as stacks."""

    stacked: Annotated[bool, Field(description="bursts and copies as one photo each, the best frame on top")] = False
    opened: Annotated[
        list[PhotoId], Field(max_length=Many, description="photos whose stacks are shown frame by frame")
    ] = Field(default=[])


Unit = Literal["year", "month", "day", "hour", "minute"]


class TimePart(BaseModel):
    """A part of a timeline: ``since`` and ``until`` are a filter for its photos."""

    since: str
    until: str
    photos: int


class Timeline(BaseModel):
    """How many photos were taken when."""

    unit: Unit
    undated: int
    parts: list[TimePart]
