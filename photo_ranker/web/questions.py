"""What a client asks about an album, as requests to the workspace, and the answer as a page.

First what a question looks like, also when it selects photos to export; then the answer, and the weights that have
sliders.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from pydantic import BaseModel, Field

from photo_ranker.core.terminal import counted
from photo_ranker.core.words import current_words
from photo_ranker.errors import SettingError, UserError
from photo_ranker.exporters.document import result_object
from photo_ranker.questions import Filters
from photo_ranker.ranker import RankedPhoto
from photo_ranker.records import Face
from photo_ranker.settings import Settings, WeightSettings
from photo_ranker.web.grid import Grid
from photo_ranker.web.marks import Marks
from photo_ranker.web.open_albums import CachedPeople, OpenAlbum
from photo_ranker.web.photo_filter import PhotoChoice, PhotoFilter, PhotoQuery
from photo_ranker.web.problems import NotHere
from photo_ranker.web.references import References
from photo_ranker.web.schemas import FaceId, Many, PersonId, PhotoId, PhotoOut, ReferenceId, Strict, Title
from photo_ranker.workspace.answers import AlbumAnswers, OrderedPhotos, RankRequest
from photo_ranker.workspace.requests import AlbumFace, PersonRequest, PhotosRequest, SentFace, ShownFace

__all__ = [
    "WEIGHTS",
    "Asking",
    "DownloadAsk",
    "ExportAsk",
    "RankAsk",
    "RankPage",
    "SettingOut",
    "photos_request_of",
    "weighed",
    "weights",
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
        """Whether the request says whom to look for."""
        return bool(self.people or self.faces or self.references)


class RankPage(BaseModel):
    """A part of a ranking."""

    total: int
    offset: int
    engine: str
    threshold: float
    counts: dict[str, int]
    pending: int = Field(description="photos of the whole album that are not measured yet")
    photos: list[PhotoOut]


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
        """Which photos without faces to include."""
        if isinstance(self.with_context, bool):
            return "near" if self.with_context else None
        return self.with_context


class DownloadAsk(ExportAsk):
    """In which form."""

    format: Literal["zip", "html", "csv", "json", "txt"] = "zip"


def _person_request_of(ask: RankAsk) -> PersonRequest:
    """Whom a client looks for."""
    if not ask.asks_for_somebody:
        raise UserError("no person is chosen", "drop a photo of the person, or click a face")
    return PersonRequest(
        name=ask.people[0] if ask.people else None,
        faces=(*map(AlbumFace, ask.faces), *(SentFace(item.reference, item.face) for item in ask.references)),
        not_faces=tuple(map(AlbumFace, ask.not_faces)),
        together_faces=tuple(map(AlbumFace, ask.with_faces)),
        together_names=tuple(ask.with_people),
        threshold=ask.threshold,
    )


def photos_request_of(ask: RankAsk) -> PhotosRequest:
    """Which photos of the person a client wants."""
    # By name, so that a new filter in both classes needs no line here.
    given = {name: getattr(ask, name) for name in Filters.__struct_fields__ if name in RankAsk.model_fields}
    return PhotosRequest(
        filters=Filters(**given),
        doubtful=ask.doubtful,
        distinct=ask.distinct,
        top=ask.top,
        copies=ask.copies,
    )


class Asking(msgspec.Struct, frozen=True):
    """Answers the questions of clients to one album."""

    album: OpenAlbum
    everyone: CachedPeople
    references: References
    marks: Marks
    settings: Settings
    favourites: Mapping[str, int]
    """Key of a photo -> how many guests like it."""
    tells_paths: bool = True
    """Whether the client may know where on this machine the photos are; else it gets names within the album."""

    def page(self, ask: RankAsk) -> RankPage:
        """A part of the answer."""
        ordered = self.all(ask)
        grid = Grid(self.album, self.marks, self.favourites)
        shown = self._shown(ordered, ask)
        return RankPage(
            total=len(ordered.order),
            offset=ask.offset,
            engine=self.album.album.engine,
            threshold=ordered.threshold,
            counts=msgspec.to_builtins(ordered.counts),
            pending=self.album.pending,
            photos=[
                grid.photo(item.match.photo, item.face, result_object(self._for_client(item), rank))
                for rank, item in shown
            ],
        )

    def all(self, ask: RankAsk) -> OrderedPhotos:
        """The whole answer."""
        # A link to a person outlives a merge.
        heirs = {who: [self.everyone.heir(one).id for one in getattr(ask, who)] for who in ("people", "with_people")}
        ask = ask.model_copy(update=heirs)
        choice = self._choice(ask)
        request = RankRequest(
            person=_person_request_of(ask),
            photos=photos_request_of(ask),
            choice=choice.key,
        )
        answers = AlbumAnswers(
            self.everyone.people.album,
            lambda: self.everyone.people,
            self.everyone.version,
            self._face,
            weighed(self.settings, ask.weights),
            self.album,
            self._year,
        )
        return answers.order(request, choice.test() if choice.key else None)

    def _shown(self, ordered: OrderedPhotos, ask: RankAsk) -> list[tuple[int, RankedPhoto]]:
        """A part of the answer with ranks, in the requested order."""
        last = ask.offset + ask.limit
        if ask.sort is None or ask.sort == "best":
            return list(enumerate(ordered.explained(ask.offset, last), ask.offset + 1))
        rank_of = {ordered.lineup.photo(number): rank for rank, number in enumerate(ordered.order, 1)}
        ranks = [rank_of[photo] for photo in self._choice(ask).sorted(list(rank_of))[ask.offset : last]]
        return [(rank, ordered.explained(rank - 1, rank)[0]) for rank in ranks]

    def _for_client(self, item: RankedPhoto) -> RankedPhoto:
        return item if self.tells_paths else self.album.within_result(item)

    def _choice(self, ask: RankAsk) -> PhotoChoice:
        """The part of the filter that the search itself does not apply."""
        known = {"with_people", "since", "until"}
        asked = PhotoFilter(**{name: getattr(ask, name) for name in PhotoFilter.model_fields if name not in known})
        return PhotoChoice(asked, self.album, self.everyone, self.marks, self.settings, self.favourites)

    def _year(self, face: ShownFace) -> float | None:
        if isinstance(face, AlbumFace):
            return None  # the search knows the dates of the album's photos
        return self.references.get(self.album.entry.id, face.reference).year

    def _face(self, face: ShownFace) -> Face:
        if isinstance(face, AlbumFace):
            return self.album.face(face.id)[1]
        faces = self.references.get(self.album.entry.id, face.reference, self.album.album.engine).faces
        if face.number >= len(faces):
            raise NotHere(f"the reference shows {counted(len(faces), 'face')}", "choose one of them")
        return faces[face.number]


class SettingOut(BaseModel):
    """A weight that a slider may move."""

    name: str
    group: Literal["single", "group", "both"]
    label: str
    meaning: str
    value: float
    low: float
    high: float


WEIGHTS = {name: about for name, about in WeightSettings.declared().items() if about.slider}
"""Name of a weight with a slider -> its declaration."""

SLIDER_TOP = 5.0
"""Only the ratios of weights matter, so a slider need not reach the top of a weight's range."""


def weights(settings: Settings) -> list[SettingOut]:
    """All weights with a slider, and their values in the user's settings."""
    said = current_words().said
    return [
        SettingOut(
            name=name,
            group=about.slider,
            label=said(about.label),
            meaning=said(about.meaning.removeprefix(f"{about.slider}: ")),
            value=getattr(settings.weights, name),
            low=about.low,
            high=min(about.high, SLIDER_TOP),
        )
        for name, about in WEIGHTS.items()
        if about.slider
    ]


def weighed(settings: Settings, values: Mapping[str, float]) -> Settings:
    """The settings with these weights; any name that is not a weight is refused."""
    for name in values:
        if name not in WEIGHTS:
            raise SettingError(f"{name} is not a weight", "GET /api/weights lists them")
    return settings.changed(**values)
