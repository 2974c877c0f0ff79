"""What requests and responses look like; the API's documentation is generated from these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = [
    "AlbumChange",
    "AlbumId",
    "AlbumList",
    "AlbumOut",
    "BurstOut",
    "BurstRow",
    "FaceId",
    "FaceOut",
    "FileStanding",
    "FilesAsk",
    "FilesHere",
    "FolderAsk",
    "FolderHere",
    "FolderPage",
    "IndexAsk",
    "JobList",
    "JobOut",
    "Many",
    "MarkChange",
    "MarkFields",
    "MarkOut",
    "MarksAsk",
    "MarksBefore",
    "NamesAsk",
    "OfferedFile",
    "PersonId",
    "PhotoDetail",
    "PhotoId",
    "PhotoOut",
    "PhotoPage",
    "ReferenceId",
    "SessionAsk",
    "ShotOut",
    "StackOut",
    "Strict",
    "Title",
    "Uploaded",
]

Title = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"\S", min_length=1, max_length=200)]
"""A title: spaces around it are removed, and it must hold more than spaces."""

AlbumId = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]

PhotoId = Annotated[str, Field(pattern="^p[0-9a-f]{16}$")]

FaceId = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]

PersonId = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]

ReferenceId = Annotated[str, Field(pattern="^r[0-9a-f]{16}$")]

Many = 500
"""Most references, people and the like in one question."""


class Strict(BaseModel):
    """A request: a word that we do not know is an error and not ignored."""

    model_config = ConfigDict(extra="forbid")


class MarkOut(BaseModel):
    """A person's judgement."""

    flag: Literal["pick", "reject"] | None = None
    stars: int = 0


class PhotoOut(BaseModel):
    """One photo of a grid, or the photo on top of a stack."""

    id: str
    name: str
    width: int
    height: int
    version: str = Field(description="changes with the picture; part of the address of its thumbnails")
    taken_at: str | None
    unreadable: str | None
    pending: bool = Field(default=False, description="not measured yet: its size, time and faces are not known")
    is_film: bool = False
    faces: int
    focus: tuple[float, float] = Field(description="where to look, as parts of width and height")
    mark: MarkOut
    guests: int = Field(default=0, description="how many guests have it among their favourites")
    result: dict[str, Any] | None = Field(default=None, description="of a ranking: a result of the JSON document")
    stack: StackOut | None = Field(
        default=None, description="the photos that the cell stands for, where these are several"
    )
    in_stack: str | None = Field(default=None, description="in an opened stack, below its top: the photo on top")


class StackOut(BaseModel):
    """The photos that one cell stands for."""

    kind: Literal["burst", "copies"]
    photos: list[PhotoOut] = Field(description="the best first: it is on top")
    is_open: bool = Field(description="its other photos follow it, each in a cell of its own")


class AlbumOut(BaseModel):
    """One album."""

    id: str
    title: str
    kind: Literal["folder", "session"]
    is_sample: bool = Field(default=False, description="photos that come with the app, to try it")
    folder: str | None = Field(description="its place on this machine; not told to users of other machines")
    recursive: bool
    created_at: str
    photos: int | None = Field(default=None, description="null until it is opened")
    pending: int = Field(default=0, description="photos that are not measured yet")
    faces: int | None = None
    has_files: bool | None = Field(default=None, description="whether a session holds files, indexed or not")
    missing: list[str] = Field(default=[], description="files of a session that were to be sent and have not arrived")
    cover: list[PhotoOut] = Field(default=[], description="a few photos")
    notes: list[str] = Field(default=[], description="what the user should know: files that were damaged")


class AlbumList(BaseModel):
    """All albums."""

    albums: list[AlbumOut]
    may_open_folders: bool
    notes: list[str] = Field(default=[], description="what the user should know, also of albums that cannot be shown")


class SessionAsk(Strict):
    """A new session for uploads."""

    title: Title


class FolderAsk(Strict):
    """A folder of this machine."""

    folder: Annotated[str, Field(min_length=1, max_length=4096)]
    recursive: bool = False


class FolderHere(BaseModel):
    """A folder within another."""

    name: str
    folder: str = Field(description="its whole path")


class FolderPage(BaseModel):
    """What lies in a folder of this machine."""

    folder: str = Field(description="its whole path")
    parent: str | None = Field(description="null: there is none above it")
    photos: int = Field(description="directly in it")
    folders: list[FolderHere]


class AlbumChange(Strict):
    """A new title."""

    title: Title


Sample = Annotated[
    str,
    Field(
        pattern="^([0-9a-f]{8})?$",
        description="CRC-32 of 16,384 bytes each from the beginning, from half the size and of the end, in hex",
    ),
]

Digest = Annotated[
    str, Field(pattern="^([0-9a-f]{64})?$", description="SHA-256 of the whole file, in hex; only where compare is true")
]


class OfferedFile(Strict):
    """A file that could be sent."""

    name: Annotated[str, Field(min_length=1, max_length=2000)]
    size: Annotated[int, Field(ge=0)]
    sample: Sample = ""
    digest: Digest = ""


class FilesAsk(Strict):
    """Which of these files are missing?"""

    files: Annotated[list[OfferedFile], Field(max_length=20_000)]


class NamesAsk(Strict):
    """Files that are no longer sent."""

    names: Annotated[list[Annotated[str, Field(max_length=2000)]], Field(max_length=20_000)]


class FileStanding(BaseModel):
    """How much of a file is here."""

    name: str
    size: int
    have: int
    refused: str | None
    send_as: str = Field(description="the name to send it under: numbered where another file has the one offered")
    compare: bool = Field(description="something that looks like it is here: ask again, with the digest")


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

    total: int = Field(description="cells of the whole grid")
    in_all: int = Field(description="photos of the whole grid, those of stacks included")
    offset: int
    pending: int = Field(default=0, description="photos of the whole album that are not measured yet")
    photos: list[PhotoOut]


class FaceOut(BaseModel):
    """A face in a photo."""

    face: dict[str, Any]
    signals: dict[str, float | None]
    person: str | None = None
    name: str | None = None
    is_false: bool = Field(default=False, description="no face at all: it counts nowhere")
    at_seconds: float | None = Field(default=None, description="in a film: where the face was measured")


class PhotoDetail(BaseModel):
    """All that is known of a photo."""

    photo: PhotoOut
    format: str
    camera: str | None
    moment: float | None = Field(description="of a film: the second that its picture shows")
    signals: dict[str, float | None]
    faces: list[FaceOut]


class ShotOut(BaseModel):
    """What a photo was taken with, as its camera wrote it; null = it did not."""

    camera: str | None
    lens: str | None
    exposure_seconds: float | None
    aperture: float | None = Field(description="the f-number")
    iso: int | None
    focal_mm: float | None


class BurstRow(BaseModel):
    """One person in the frames of a burst."""

    person: str | None
    name: str | None
    faces: list[str | None] = Field(description="the face in each frame; null where the person is not seen")


class BurstOut(BaseModel):
    """The frames of a burst, by time, and who is in them."""

    frames: list[PhotoDetail]
    rows: list[BurstRow] = Field(description="who is in most frames first")


class MarkFields(Strict):
    """A judgement, or a part of one."""

    flag: Literal["pick", "reject"] | None = None
    stars: Annotated[int, Field(ge=0, le=5)] = 0


class MarkChange(MarkFields):
    """A new judgement of one photo; what is left out stays as it is."""

    photo: PhotoId


class MarksAsk(Strict):
    """New judgements."""

    marks: Annotated[list[MarkChange], Field(max_length=20_000)]
    only_if: Annotated[
        MarkFields | None,
        Field(description="change only photos whose marks still say this: what was given since stays"),
    ] = None


class MarksBefore(BaseModel):
    """What stood there before: send it back to undo."""

    before: list[MarkChange]
