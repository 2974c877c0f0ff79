"""What requests and answers about people look like."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from photo_ranker.web.schemas import FaceId, Many, PersonId, PhotoId, Strict

__all__ = [
    "AnswerAsk",
    "DecisionOut",
    "DrawAsk",
    "FaceOrNot",
    "FacesAsk",
    "MergeAsk",
    "NewPerson",
    "OverruledOut",
    "Pair",
    "PairsOut",
    "PeopleOut",
    "PersonChange",
    "PersonDetail",
    "PersonFace",
    "PersonOut",
]


class PersonOut(BaseModel):
    """One person."""

    id: str
    number: int
    name: str | None
    category: str
    role: str | None
    born: int | None = Field(description="the year of birth")
    hidden: bool
    faces: int
    photos: int
    cover: str | None = Field(description="the face to show; null if none is in this album")


class PeopleOut(BaseModel):
    """Everyone in an album."""

    people: list[PersonOut]
    total: int = Field(description="people that fit the query; these are a part of them")
    offset: int
    unassigned: int = Field(description="unrecognised faces: they belong to no person")


class PersonFace(BaseModel):
    """A face and the photo that shows it."""

    id: str
    photo: str
    photo_name: str
    version: str
    name: str | None
    confirmed: bool = False


class PersonDetail(BaseModel):
    """One person with all faces."""

    person: PersonOut
    faces: list[PersonFace]


class Pair(BaseModel):
    """Two faces that may be one person."""

    one: PersonFace
    other: PersonFace
    people: tuple[PersonId, PersonId] = Field(description="whose faces they are so far")


class PairsOut(BaseModel):
    """Doubtful pairs."""

    total: int
    pairs: list[Pair]


class PersonChange(Strict):
    """One fact of a person."""

    name: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    seen: Annotated[
        list[FaceId] | None,
        Field(max_length=20_000, description="with a name: the faces that it confirms; null = all of the person"),
    ] = None
    another: Annotated[
        bool | None, Field(description="with a name that somebody has: this is another person; else it is refused")
    ] = None
    hidden: bool | None = None
    category: Literal["main", "important", "other"] | None = None
    role: Annotated[str | None, Field(max_length=100)] = None
    representative: FaceId | None = None
    born: Annotated[int | None, Field(ge=0, le=2200, description="the year of birth; 0 takes it away")] = None


class MergeAsk(Strict):
    """People who are merged."""

    into: PersonId
    others: Annotated[list[PersonId], Field(min_length=1, max_length=Many)]


class FacesAsk(Strict):
    """Some faces."""

    faces: Annotated[list[FaceId], Field(min_length=1, max_length=20_000)]


class NewPerson(FacesAsk):
    """Somebody whom nobody has named yet."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    another: Annotated[bool, Field(description="for a name that somebody has: this is another person")] = False


class FaceOrNot(FacesAsk):
    """Whether what was found is a face at all."""

    is_face: bool = Field(default=False, description="true: these are faces after all")


Pixels = Annotated[float, Field(ge=-100_000, le=100_000)]


class DrawAsk(Strict):
    """A face that was missed."""

    photo: PhotoId
    box: tuple[Pixels, Pixels, Pixels, Pixels] = Field(description="x, y, width, height in the upright photo")


class AnswerAsk(Strict):
    """Whether two faces are one person."""

    one: FaceId
    other: FaceId
    same: bool


class OverruledOut(BaseModel):
    """An earlier decision that a newer one contradicts."""

    id: int
    text: str
    faces: int = Field(description="faces that it no longer decides about")


class DecisionOut(BaseModel):
    """A decision that was saved; it can be undone by its id."""

    id: int
    text: str
    held: int = Field(default=0, description="when undone: faces that newer decisions hold")
    job: str | None = Field(default=None, description="the job that measures a drawn face, or takes it out again")
    overruled: list[OverruledOut] = Field(default=[], description="earlier decisions that this one overrules")
