"""What requests and answers look like; the API's documentation is made from these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AlbumChange",
    "AlbumList",
    "AlbumOut",
    "AnswerAsk",
    "ClusterAsk",
    "CopyAsk",
    "DecisionOut",
    "DownloadAsk",
    "DownloadOut",
    "ExportAsk",
    "FaceId",
    "FaceOut",
    "FaceRef",
    "FacesAsk",
    "FileStanding",
    "FilesAsk",
    "FilesHere",
    "FolderAsk",
    "IndexAsk",
    "JobList",
    "JobOut",
    "MarkChange",
    "MarkOut",
    "MarksAsk",
    "MarksBefore",
    "MergeAsk",
    "OfferedFile",
    "Pair",
    "PairsOut",
    "PeopleOut",
    "PersonChange",
    "PersonDetail",
    "PersonFace",
    "PersonId",
    "PersonOut",
    "PhotoDetail",
    "PhotoId",
    "PhotoOut",
    "PhotoPage",
    "RankAsk",
    "RankPage",
    "ReferenceId",
    "ReferenceOut",
    "SessionAsk",
    "SettingOut",
    "Uploaded",
]

Title = Annotated[str, Field(min_length=1, max_length=200)]
AlbumId = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
PhotoId = Annotated[str, Field(pattern="^p[0-9a-f]{16}$")]
FaceId = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]
PersonId = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]
ReferenceId = Annotated[str, Field(pattern="^r[0-9a-f]{16}$")]
Many = 500
"""References, people and the like in one question."""


class Strict(BaseModel):
    """A request: a word that we do not know is an error and not ignored."""

    model_config = ConfigDict(extra="forbid")


class MarkOut(BaseModel):
    """A person's judgement."""

    flag: Literal["pick", "reject"] | None = None
    stars: int = 0


class PhotoOut(BaseModel):
    """One photo of a grid."""

    id: str
    name: str
    width: int
    height: int
    version: str = Field(description="changes with the picture; part of the address of its thumbnails")
    taken_at: str | None
    unreadable: str | None
    faces: int
    focus: tuple[float, float] = Field(description="where to look, as parts of width and height")
    mark: MarkOut
    result: dict[str, Any] | None = Field(default=None, description="of a ranking: a result of the JSON document")


class AlbumOut(BaseModel):
    """One album."""

    id: str
    title: str
    kind: Literal["folder", "session"]
    folder: str | None = Field(description="its place on this machine; not told to users of other machines")
    recursive: bool
    created_at: str
    photos: int | None = Field(default=None, description="null until it is opened")
    faces: int | None = None
    cover: list[PhotoOut] = Field(default=[], description="a few photos")


class AlbumList(BaseModel):
    """All albums."""

    albums: list[AlbumOut]
    may_open_folders: bool


class SessionAsk(Strict):
    """A new session for uploads."""

    title: Title


class FolderAsk(Strict):
    """A folder of this machine."""

    folder: Annotated[str, Field(min_length=1, max_length=4096)]
    recursive: bool = False


class AlbumChange(Strict):
    """A new title."""

    title: Title


class OfferedFile(Strict):
    """A file that could be sent."""

    name: Annotated[str, Field(min_length=1, max_length=2000)]
    size: Annotated[int, Field(ge=0)]


class FilesAsk(Strict):
    """Which of these files are missing?"""

    files: Annotated[list[OfferedFile], Field(max_length=20_000)]


class FileStanding(BaseModel):
    """How much of a file is here."""

    name: str
    size: int
    have: int
    refused: str | None


class FilesHere(BaseModel):
    """The state of each file that was asked for."""

    files: list[FileStanding]


class JobOut(BaseModel):
    """Long work."""

    id: str
    kind: str
    album: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: dict[str, Any] = Field(description="done, total, words")
    result: dict[str, Any] | None
    problem: dict[str, Any] | None
    created_at: str
    ended_at: str | None
    restarts: int = Field(description="how often the server ended while it was at work")


class JobList(BaseModel):
    """All jobs, oldest first."""

    jobs: list[JobOut]


class Uploaded(BaseModel):
    """What became of a piece of a file."""

    complete: bool
    job: JobOut | None = Field(default=None, description="for a ZIP: the job that unpacks it")


class IndexAsk(Strict):
    """How to index."""

    retry_failed: bool = False


class PhotoPage(BaseModel):
    """A part of a grid."""

    total: int
    offset: int
    photos: list[PhotoOut]


class FaceOut(BaseModel):
    """A face in a photo."""

    face: dict[str, Any]
    signals: dict[str, float | None]
    person: str | None = None
    name: str | None = None


class PhotoDetail(BaseModel):
    """All that is known of a photo."""

    photo: PhotoOut
    format: str
    camera: str | None
    signals: dict[str, float | None]
    faces: list[FaceOut]


class MarkChange(Strict):
    """A new judgement of one photo."""

    photo: PhotoId
    flag: Literal["pick", "reject"] | None = None
    stars: Annotated[int, Field(ge=0, le=5)] = 0


class MarksAsk(Strict):
    """New judgements."""

    marks: Annotated[list[MarkChange], Field(max_length=20_000)]


class MarksBefore(BaseModel):
    """What stood there before: send it back to undo."""

    before: list[MarkChange]


class PersonOut(BaseModel):
    """One person."""

    id: str
    number: int
    name: str | None
    category: str
    role: str | None
    hidden: bool
    faces: int
    photos: int
    cover: str | None = Field(description="the face to show; null if none is in this album")


class PeopleOut(BaseModel):
    """Everyone in an album."""

    people: list[PersonOut]
    total: int = Field(description="so many were asked for, of whom these are a part")
    offset: int
    unassigned: int = Field(description="faces of nobody in particular")


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


class PairsOut(BaseModel):
    """Doubtful pairs."""

    total: int
    pairs: list[Pair]


class PersonChange(Strict):
    """One fact of a person."""

    name: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    hidden: bool | None = None
    category: Literal["main", "important", "other"] | None = None
    role: Annotated[str | None, Field(max_length=100)] = None
    representative: FaceId | None = None


class MergeAsk(Strict):
    """Who becomes one."""

    into: PersonId
    others: Annotated[list[PersonId], Field(min_length=1, max_length=Many)]


class FacesAsk(Strict):
    """Some faces."""

    faces: Annotated[list[FaceId], Field(min_length=1, max_length=20_000)]


class AnswerAsk(Strict):
    """Whether two faces are one person."""

    one: FaceId
    other: FaceId
    same: bool


class DecisionOut(BaseModel):
    """What was written down; it can be undone by its id."""

    id: int
    text: str
    held: int = Field(default=0, description="when undone: faces that newer decisions hold")


class ClusterAsk(Strict):
    """Which album."""

    album: AlbumId


class FaceRef(Strict):
    """A face of a reference photo that was sent."""

    reference: ReferenceId
    face: Annotated[int, Field(ge=0, description="from the left, from 0")]


class RankAsk(Strict):
    """Whose photos, which, and by which weights."""

    people: Annotated[list[PersonId], Field(max_length=1)] = []
    faces: Annotated[list[FaceId], Field(max_length=Many)] = []
    references: Annotated[list[FaceRef], Field(max_length=Many)] = []
    not_faces: Annotated[list[FaceId], Field(max_length=Many)] = []
    with_people: Annotated[list[PersonId], Field(max_length=20)] = []
    with_faces: Annotated[list[FaceId], Field(max_length=20, description="each is another person")] = []
    weights: dict[str, float] = Field(default={}, description="names and ranges: GET /api/weights")
    kind: Literal["single", "group"] | None = None
    only: bool = False
    since: Annotated[str | None, Field(max_length=32)] = None
    until: Annotated[str | None, Field(max_length=32)] = None
    min_score: Annotated[float, Field(ge=0, le=1)] = 0
    threshold: Annotated[float | None, Field(ge=-1, le=1)] = None
    doubtful: bool = False
    distinct: bool = False
    top: Annotated[int, Field(ge=0, description="0 = all")] = 0
    show: Literal["all", "picks", "unrejected", "rejects", "starred"] = "all"
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 120


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
    """Which photos to take home: a ranking, or these."""

    photos: Annotated[list[PhotoId], Field(max_length=20_000)] = []
    ordered: bool = Field(default=False, description="names begin with 001_, best first")
    per_person: bool = Field(default=False, description="a folder for each person who has a name, best photos first")
    per_event: bool = Field(default=False, description="a folder for each event; a long pause begins a new one")
    with_context: bool = Field(default=False, description="also photos without faces from the same time")
    title: Title = "album"

    @property
    def asks_for_somebody(self) -> bool:
        """Whether it is a ranking."""
        return bool(self.people or self.faces or self.references)


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
