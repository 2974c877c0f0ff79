"""Frozen facts: what was measured, never what it is worth.

All boxes and points are pixels of the upright full-size picture.
``None`` means "not measured" and never counts as 0.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

import msgspec

from photo_ranker.errors import MetadataError

__all__ = [
    "DEFAULT_ENGINE",
    "DUO",
    "FACE_VERSION",
    "HOLDS",
    "MESH_VERSION",
    "PICTURE_VERSION",
    "SECOND_LENGTH",
    "UNNAMED_ENGINE",
    "VIDEO_FORMATS",
    "VIDEO_PART",
    "Box",
    "Face",
    "FaceFigures",
    "FivePoints",
    "Former",
    "Match",
    "MeshFigures",
    "PhotoRecord",
    "PictureFigures",
    "Point",
    "Stamp",
    "finder_of",
    "overlap",
]

Box = tuple[float, float, float, float]
"""x, y of the top left corner, width, height."""

Point = tuple[float, float]

DEFAULT_ENGINE = "sface"
"""The engine of those who choose none, where the file of :data:`DUO` cannot be had."""

DUO = "duo"
"""The faces that :data:`DEFAULT_ENGINE` finds, each known by a second network too."""

UNNAMED_ENGINE = "sface"
"""The engine of faces and parts that are stored without one: the default of the versions that left it out.

It says what old files mean, so it stays when :data:`DEFAULT_ENGINE` changes.
"""

VIDEO_FORMATS = frozenset(["avi", "mkv", "mov", "mp4", "webm"])
VIDEO_PART = "video"
"""The part of a measurement that only videos have: which frames, and how their faces become one."""


SECOND_LENGTH = (2 / 3) ** 0.5
"""How long a second embedding is kept: beside a first one of unit length its cosine then counts 4 of 10.

So the two tell the people of one half of LFW apart best, at every size of face (``docs/ACCURACY.md``).
"""


def finder_of(engine: str) -> str:
    """The engine that finds an engine's faces: itself, except for one that looks at the faces of another."""
    return UNNAMED_ENGINE if engine == DUO else engine


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


class Stamp(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a file looked like just before it was read."""

    size: int
    mtime_ns: int
    hash: str
    """Of the picture itself: writing a rating or a name into the file leaves it as it is."""
    rest: str = ""
    """Of all bytes that ``hash`` leaves out. Files with the same size, hash and rest hold the same bytes.

    Empty = not known, as in records of older versions and of very large films.
    """


class MeshFigures(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What the face mesh says of one face."""

    presence: float
    """How sure the mesh is that it lies on a face, 0 to 1."""
    yaw: float
    """Degrees, positive = turned to the right side of the picture."""
    pitch: float
    """Degrees, positive = looking up."""
    roll: float
    """Degrees, positive = head tilted clockwise in the picture."""
    expressions: Annotated[bytes, msgspec.Meta(min_length=104, max_length=104)]
    """52 expression coefficients in MediaPipe's order: little-endian float16."""
    certainty: float = 18.0
    """Log odds of the presence, which tell sure from very sure: 18 is usual, below 7 something is odd."""
    doubt: float = 0.0
    """Mean distance between the mesh and the detector's five points, in sizes of the box; 0.03 is usual."""
    mouth_lift: float = -0.02
    """From the corners of the mouth down to the upper lip's edge, in distances between the eyes' outer corners.

    The defaults of this and the next three are those of a face at rest.
    """
    mouth_cheek: float = 0.4
    """From the cheeks down to the corners of the mouth, in the same unit; a smile makes it shorter."""
    mouth_chin: float = 0.51
    """From the corners of the mouth down to the chin, in the same unit."""
    iris_drop: float = -0.02
    """From the eyes' corners down to the irises, in the same unit; grows as the lids sink."""


MESH_VERSION = 1
"""Of the figures of a mesh. Each version is raised when the same photo would be measured otherwise."""


class FaceFigures(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Raw figures of one face, judged in a square of at most 112 pixels around it."""

    sharpness: float | None = None
    """Octaves between fine and coarse detail: 2.2 sharp, 0.8 blurred by 3% of the face; None = no detail at all."""
    noise: float = 0.0
    """Deviation in grey levels."""
    brightness: float = 0.0
    """Median luminance, 0 to 1."""
    bright_end: float = 0.0
    """Luminance of the brightest 5%, 0 to 1: low when too little light fell on the face, whatever its skin."""
    black: float = 0.0
    """Part of the face without detail in the dark, 0 to 1."""
    white: float = 0.0
    """Part of the face without detail in the light, 0 to 1."""
    side_light: float = 0.0
    """Octaves by which one half of the face is brighter than the other; 0 = even."""
    outside: float = 0.0
    """Part of the face's outline beyond the edge of the picture, 0 to 1."""
    dark_glasses: float | None = None
    """Log odds that dark glasses hide the eyes: -4 bare, 3 behind a lens."""


FACE_VERSION = 2
"""Of the figures of a face."""


class PictureFigures(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Raw figures of a whole picture, judged at a longer side of at most 512 pixels."""

    sharpness: float | None = None
    """Octaves between fine and coarse detail where the picture is sharpest; None = no detail at all."""
    brightness: float = 0.0
    """Median luminance, 0 to 1."""
    bright_end: float = 0.0
    """Luminance of the brightest 5%, 0 to 1."""
    black: float = 0.0
    """Part of the picture without detail in the dark, 0 to 1."""
    white: float = 0.0
    """Part of the picture without detail in the light, 0 to 1."""
    phash: str = ""
    """64-bit perceptual hash, 16 hex digits, for near-duplicates."""


PICTURE_VERSION = 2
"""Of the figures of a whole picture."""


FivePoints = tuple[Point, Point, Point, Point, Point]
"""Picture-left eye, picture-right eye, nose, picture-left and picture-right corner of the mouth."""

HOLDS = "holds"
"""Says of a field that is kept as text what it is the text of."""

_NOTHING = msgspec.Raw(b"null")
_AS_POINTS = msgspec.json.Decoder(FivePoints)
_AS_MESH = msgspec.json.Decoder(MeshFigures | None)
_AS_FIGURES = msgspec.json.Decoder(FaceFigures | None)


class Face(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One face in one photo, as one engine found it; made by :meth:`of`.

    Its details stay text until they are asked for: a question needs them of the few faces that match,
    and reading them for a whole album would take longer than the answer.
    """

    id: str
    """Lasting name of this face; names and corrections refer to it."""
    box: Box
    points_text: msgspec.Raw = msgspec.field(name="points")
    detection: float
    """How sure the detector is, 0 to 1."""
    embedding: bytes | None = None
    """Identity: little-endian float16, unit length."""
    second_embedding: bytes | None = None
    """What the second network of :data:`DUO` says of the same face, :data:`SECOND_LENGTH` long."""
    clarity: float | None = None
    """Length of the embedding before it became unit; for SFace 8 = hardly a face, 13 = plainly seen."""
    mesh_text: Annotated[msgspec.Raw, msgspec.Meta(extra={HOLDS: MeshFigures})] = msgspec.field(
        name="mesh", default=_NOTHING
    )
    figures_text: Annotated[msgspec.Raw, msgspec.Meta(extra={HOLDS: FaceFigures})] = msgspec.field(
        name="figures", default=_NOTHING
    )
    look: bytes | None = None
    """What the mesh network's inner map says of the face, in a few numbers: little-endian float16."""
    happy: float | None = None
    """deepface's emotion "happy", 0 to 1, if somebody asked for it."""
    at_seconds: float | None = None
    """In a video: the moment of this face, the best of all."""
    frames: int | None = None
    """In a video: in how many of the frames that were looked at the person was seen."""
    # A factory, since a plain default would be left out of the file.
    engine: str = msgspec.field(default_factory=lambda: UNNAMED_ENGINE)
    """What found the face; always stored."""

    @classmethod
    def of(
        cls,
        id: str,  # noqa: A002
        box: Box,
        points: FivePoints,
        detection: float,
        *,
        mesh: MeshFigures | None = None,
        figures: FaceFigures | None = None,
        **facts: Any,
    ) -> Self:
        """A face with these facts, by the names of the fields and properties."""
        return cls(id, box, _text(points), detection, mesh_text=_text(mesh), figures_text=_text(figures), **facts)

    def with_details(self, mesh: MeshFigures | None, figures: FaceFigures | None) -> Self:
        """The same face, measured."""
        return msgspec.structs.replace(self, mesh_text=_text(mesh), figures_text=_text(figures))

    @property
    def points(self) -> FivePoints:
        """The detector's five points."""
        points: FivePoints = _details(_AS_POINTS, self.points_text, self.id)
        return points

    @property
    def mesh(self) -> MeshFigures | None:
        """What the face mesh says, if it found the face."""
        mesh: MeshFigures | None = _details(_AS_MESH, self.mesh_text, self.id)
        return mesh

    @property
    def figures(self) -> FaceFigures | None:
        """The raw figures, if they were measured."""
        figures: FaceFigures | None = _details(_AS_FIGURES, self.figures_text, self.id)
        return figures

    def identity(self, engine: str) -> bytes | None:
        """What an engine knows the face by; of two networks both, one after the other."""
        if engine != DUO or self.embedding is None:
            return self.embedding
        return None if self.second_embedding is None else self.embedding + self.second_embedding

    @property
    def size_px(self) -> float:
        """The shorter side of the box."""
        return min(self.box[2], self.box[3])


def _text(value: object) -> msgspec.Raw:
    return _NOTHING if value is None else msgspec.Raw(msgspec.json.encode(value))


def _details(decoder: msgspec.json.Decoder[Any], text: msgspec.Raw, face: str) -> Any:
    try:
        return decoder.decode(text)
    except msgspec.DecodeError as error:
        raise MetadataError(
            f"the stored facts of face {face} are damaged: {error}",
            "move that .photo_ranker_metadata.json away; the next run measures its photos anew",
        ) from error


class Former(msgspec.Struct, frozen=True, gc=False):
    """The faces of a photo whose file cannot be read any more: it may be half written, and come back whole."""

    hash: str
    """Of the picture they were in."""
    width: int
    height: int
    faces: tuple[Face, ...]


class PhotoRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """All measured facts of one photo, or the reason why there are none."""

    stamp: Stamp
    width: int = 0
    """Upright full-size width; 0 when unreadable."""
    height: int = 0
    orientation: int = 1
    """As EXIF counts: how the stored picture is turned to become upright."""
    format: str = ""
    taken_at: str | None = None
    """The camera's wall clock, ISO 8601 with sub-seconds if known; never the file's mtime."""
    utc_offset: str | None = None
    camera: str | None = None
    unreadable: str | None = None
    """Why the photo could not be measured."""
    parts: dict[str, str] = {}
    """Part of the measurement -> key of what measured it."""
    picture: PictureFigures | None = None
    faces: tuple[Face, ...] = ()
    companions: tuple[str, ...] = ()
    """Names of files that belong to this one: the RAW of a JPEG, the video of a live photo."""
    former: Former | None = None
    """Of an unreadable photo: whose ids the next readable version takes over. Nobody else asks for it."""

    @property
    def is_video(self) -> bool:
        """Whether its faces are moments of a film."""
        return self.format in VIDEO_FORMATS

    @property
    def moment(self) -> float | None:
        """In a video: the moment to show for the whole."""
        longest = max(self.faces, key=lambda face: face.frames or 0, default=None)
        return longest.at_seconds if longest is not None else 0.0 if self.is_video else None

    def faces_by(self, engine: str) -> tuple[Face, ...]:
        """The faces that one engine found or looks at."""
        finder = finder_of(engine)
        return tuple([face for face in self.faces if face.engine == finder])


class Match(msgspec.Struct, frozen=True):
    """One face that is, or may be, the person who is looked for."""

    photo: int
    """Number of the photo in the album."""
    face: int
    """Number of the face in the album's list of faces."""
    similarity: float
    """The value that decides; comparable with the threshold."""
    cosine: float
    """Plain cosine to the nearest reference."""
    runner_up: float | None
    """Best similarity of anyone else in the photo."""
    doubtful: bool = False
