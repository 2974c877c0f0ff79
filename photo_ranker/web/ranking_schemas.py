"""What requests and answers about rankings and exports look like."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from photo_ranker.web.photo_filter import PhotoQuery
from photo_ranker.web.schemas import FaceId, Many, PersonId, PhotoId, PhotoOut, ReferenceId, Strict, Title

__all__ = [
    "CopyAsk",
    "DownloadAsk",
    "DownloadOut",
    "ExportAsk",
    "ExportPreview",
    "FaceRef",
    "PreviewAsk",
    "RankAsk",
    "RankPage",
    "ReferenceOut",
    "SettingOut",
    "XmpAsk",
    "XmpFileOut",
    "XmpPreview",
]


class FaceRef(Strict):
    """A face of a reference photo that was sent."""

    reference: ReferenceId
    face: Annotated[int, Field(ge=0, description="from the left, from 0")]


class RankAsk(PhotoQuery):
    """Whose photos, which, and by which weights."""

    people: Annotated[list[PersonId], Field(max_length=1, description="where the book of people says")] = Field(
        default=[]
    )
    faces: Annotated[list[FaceId], Field(max_length=Many, description="looked for, beside the person named")] = Field(
        default=[]
    )
    references: Annotated[list[FaceRef], Field(max_length=Many, description="looked for, like faces")] = Field(
        default=[]
    )
    not_faces: Annotated[list[FaceId], Field(max_length=Many)] = Field(default=[])
    with_faces: Annotated[list[FaceId], Field(max_length=20, description="each is another person")] = Field(default=[])
    weights: dict[str, float] = Field(
        default={},
        description="names and ranges: GET /api/weights",
        json_schema_extra={"propertyNames": {"pattern": "^[a-z_]{1,64}$"}},
    )
    kind: Literal["single", "group"] | None = None
    only: bool = False
    min_score: Annotated[float, Field(ge=0, le=1)] = 0
    threshold: Annotated[float | None, Field(ge=-1, le=1)] = None
    doubtful: bool = False
    distinct: bool = False
    copies: Annotated[Literal["one", "all"], Field(description="one result for files with identical bytes, or all")] = (
        "one"
    )
    top: Annotated[int, Field(ge=0, description="0 = all")] = 0

    @property
    def asks_for_somebody(self) -> bool:
        """Whether it says whom to look for."""
        return bool(self.people or self.faces or self.references)


class RankPage(BaseModel):
    """A part of a ranking."""

    total: int
    offset: int
    engine: str
    threshold: float
    counts: dict[str, int]
    photos: list[PhotoOut]


class ReferenceOut(BaseModel):
    """A reference photo that was sent."""

    id: str
    name: str
    width: int
    height: int
    faces: list[dict[str, Any]]
    chosen: int = Field(description="the largest face, from 0 from the left")


class SettingOut(BaseModel):
    """A weight that a slider may move."""

    name: str
    group: Literal["single", "group", "both"]
    label: str
    meaning: str
    value: float
    low: float
    high: float


class ExportAsk(RankAsk):
    """Which photos to export: a ranking, or these."""

    photos: Annotated[list[PhotoId], Field(max_length=20_000)] = Field(default=[])
    ordered: bool = Field(default=False, description="names begin with 001_, best first")
    per_person: bool = Field(default=False, description="a folder for each person who has a name, best photos first")
    per_event: bool = Field(default=False, description="a folder for each event; a long pause begins a new one")
    with_context: bool | Literal["near", "all"] = Field(
        default=False,
        description="also photos without faces: near the chosen ones in time, else in file order (near, true), or all",
    )
    title: Title = "album"

    @property
    def context(self) -> Literal["near", "all"] | None:
        """Which photos without faces come along."""
        if isinstance(self.with_context, bool):
            return "near" if self.with_context else None
        return self.with_context


class PreviewAsk(ExportAsk):
    """What an export would write."""

    folder: Annotated[
        str | None, Field(min_length=1, max_length=4096, description="where to copy to; null: into a ZIP")
    ] = None


class ExportPreview(BaseModel):
    """What an export would write where; nothing is written yet."""

    folder: str | None
    photos: int
    files: int = Field(description="with those that belong to the photos")
    bytes: int = Field(description="to be written")
    there: int = Field(description="files that the folder has already")
    names: list[str] = Field(description="the first files, by their names within the folder or the ZIP")


class XmpAsk(ExportAsk):
    """What sidecars are to say."""

    all_names: bool = Field(default=False, description="also names of faces that nobody has confirmed")


class XmpFileOut(BaseModel):
    """What a sidecar would say."""

    name: str = Field(description="of the sidecar")
    stars: int | None
    names: list[str]
    problem: str = Field(description="why it is left as it is")


class XmpPreview(BaseModel):
    """What writing sidecars would do."""

    photos: int = Field(description="photos that stars or names are written for")
    files: list[XmpFileOut] = Field(description="the first sidecars that would be new or changed")


class DownloadAsk(ExportAsk):
    """In which form."""

    format: Literal["zip", "html", "csv", "json", "txt"] = "zip"


class DownloadOut(BaseModel):
    """Where the download is."""

    url: str
    photos: int


class CopyAsk(ExportAsk):
    """Where to copy the photos to."""

    folder: Annotated[str, Field(min_length=1, max_length=4096)]
