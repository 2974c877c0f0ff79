"""Frozen facts: what was measured, never what it is worth.

All boxes and points are pixels of the upright full-size picture.
``None`` means "not measured" and never counts as 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Annotated, Any, Self

import msgspec

from photo_ranker.errors import MetadataError

__all__ = [
    "DEFAULT_ENGINE",
    "DRAWN_PART",
    "DUO",
    "FACE_VERSION",
    "HOLDS",
    "MESH_VERSION",
    "PICTURE_VERSION",
    "SECOND_LENGTH",
    "SECOND_PART",
    "UNNAMED_ENGINE",
    "VIDEO_FORMATS",
    "VIDEO_PART",
    "Box",
    "Drawings",
    "DrawnFace",
    "EditedFace",
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
    "drawn_part",
    "face_id",
    "finder_of",
    "overlap",
    "part_name",
    "without_engine",
]

Box = tuple[float, float, float, float]
"""x, y of the top left corner, width, height."""

Point = tuple[float, float]
"""x, y."""

DEFAULT_ENGINE = "sface"
"""The engine when the user chooses none and the model of :data:`DUO` cannot be fetched."""

DUO = "duo"
"""The engine that finds faces as :data:`DEFAULT_ENGINE` does and identifies each by a second network too."""

UNNAMED_ENGINE = "sface"
"""The engine of stored faces and parts that name none: older versions left it out when it was the default.

It is part of the old file format, so it stays when :data:`DEFAULT_ENGINE` changes.
"""

VIDEO_FORMATS = frozenset(["avi", "mkv", "mov", "mp4", "webm"])
"""Values of :attr:`PhotoRecord.format` that are films."""
VIDEO_PART = "video"
"""The part of a measurement that only videos have: which frames, and how their faces become one."""
DRAWN_PART = "drawn"
"""The part of a measurement that only photos with drawn faces have."""


SECOND_LENGTH = (2 / 3) ** 0.5
"""Length to which a second embedding is scaled: beside a first one of length 1 its cosine counts 4 tenths.

This share tells the people of one half of LFW apart best, at every size of face (``docs/ACCURACY.md``).
"""


def finder_of(engine: str) -> str:
    """The engine that finds an engine's faces: itself, except for :data:`DUO`, which identifies those of sface."""
    return UNNAMED_ENGINE if engine == DUO else engine


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)


def face_id(content_hash: str, box: Box) -> str:
    """The id of a face, from its picture and its place, so that every run makes the same one."""
    place = ",".join(f"{value:.1f}" for value in box)
    return "f" + blake2b(f"{content_hash}:{place}".encode(), digest_size=8).hexdigest()


class DrawnFace(msgspec.Struct, frozen=True):
    """A face that no engine has found: a user has drawn its box."""

    id: str
    picture: str
    """``Stamp.hash`` of the photo, so that renaming or moving the file changes nothing."""
    box: Box
    """As it was drawn."""


class EditedFace(msgspec.Struct, frozen=True, omit_defaults=True):
    """A face whose id is not the one that its picture gives: it was handed on when the photo was edited."""

    id: str
    picture: str
    """``Stamp.hash`` of the photo as it is now."""
    box: Box
    engine: str = UNNAMED_ENGINE


class Drawings(msgspec.Struct, frozen=True):
    """What a user has said about drawn faces in one picture."""

    faces: tuple[DrawnFace, ...] = ()
    taken_back: tuple[str, ...] = ()
    """Ids of faces that were drawn and taken back."""

    @property
    def key(self) -> str:
        """The key of :data:`DRAWN_PART`: it changes whenever these drawings do."""
        words = " ".join(["1", *(face.id for face in self.faces), "-", *self.taken_back])
        return blake2b(words.encode(), digest_size=4).hexdigest()


class Stamp(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a file looked like just before it was read."""

    size: int
    """Bytes of the file."""
    mtime_ns: int
    hash: str
    """Hash of the picture data only: a program that writes a rating or a name into the file does not change it."""
    rest: str = ""
    """Hash of all other bytes. Files with the same size, hash and rest are identical.

    Empty = not known, as in records of older versions and of very large films.
    """


class MeshFigures(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What the face mesh measures of one face; the defaults are those of an ordinary face at rest."""

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
    """Log odds of the presence, which tell 0.999 from 0.99999: 18 is usual, below 7 something hides the face."""
    doubt: float = 0.0
    """Mean distance between the mesh and the detector's five points, as a share of the box; 0.03 is usual."""
    mouth_lift: float = -0.02
    """From the corners of the mouth down to the upper lip's edge; unit: distance between the eyes' outer corners."""
    mouth_cheek: float = 0.4
    """From the cheeks down to the corners of the mouth, in the same unit; a smile makes it shorter."""
    mouth_chin: float = 0.51
    """From the corners of the mouth down to the chin, in the same unit."""
    iris_drop: float = -0.02
    """From the eyes' corners down to the irises, in the same unit; grows as the lids sink."""


MESH_VERSION = 1
"""Version of :class:`MeshFigures`: raise it when the same photo would give other figures, so old ones are stale."""


class FaceFigures(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Raw figures of one face, measured in a square crop of at most 112 pixels, so that faces of all sizes compare."""

    sharpness: float | None = None
    """Octaves between fine and coarse detail: 2.2 sharp, 0.8 blurred by 3% of the face; None = no detail at all."""
    noise: float = 0.0
    """Standard deviation of the grain, in grey levels (0 to 255)."""
    brightness: float = 0.0
    """Median luminance, 0 to 1."""
    bright_end: float = 0.0
    """Luminance of the brightest 5%, 0 to 1: low when too little light fell on the face, whatever its skin."""
    black: float = 0.0
    """Share of the face that is black, without detail, 0 to 1."""
    white: float = 0.0
    """Share of the face that is white, without detail, 0 to 1."""
    side_light: float = 0.0
    """Octaves by which one half of the face is brighter than the other; 0 = even."""
    outside: float = 0.0
    """Share of the face's outline beyond the edge of the picture, 0 to 1."""
    dark_glasses: float | None = None
    """Log odds that dark glasses hide the eyes: -4 bare, 3 behind a lens."""


FACE_VERSION = 2
"""Version of :class:`FaceFigures`."""


class PictureFigures(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Raw figures of a whole picture, measured at a longer side of at most 512 pixels."""

    sharpness: float | None = None
    """Octaves between fine and coarse detail where the picture is sharpest; None = no detail at all."""
    brightness: float = 0.0
    """Median luminance, 0 to 1."""
    bright_end: float = 0.0
    """Luminance of the brightest 5%, 0 to 1."""
    black: float = 0.0
    """Share of the picture that is black, without detail, 0 to 1."""
    white: float = 0.0
    """Share of the picture that is white, without detail, 0 to 1."""
    phash: str = ""
    """64-bit perceptual hash, 16 hex digits, for near-duplicates."""


PICTURE_VERSION = 2
"""Version of :class:`PictureFigures`."""


FivePoints = tuple[Point, Point, Point, Point, Point]
"""Picture-left eye, picture-right eye, nose, picture-left and picture-right corner of the mouth."""

HOLDS = "holds"
"""Metadata key of a field that holds JSON text: the type that the text decodes to."""

_NOTHING = msgspec.Raw(b"null")
# Made once: building a decoder costs more than decoding one face.
_AS_POINTS = msgspec.json.Decoder(FivePoints)
_AS_MESH = msgspec.json.Decoder(MeshFigures | None)
_AS_FIGURES = msgspec.json.Decoder(FaceFigures | None)


class Face(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One face in one photo, as one engine found it; made by :meth:`of`.

    Points, mesh and figures stay JSON text until they are read: a question needs them only for the faces that
    match, and decoding them for a whole album would take longer than the answer.
    """

    id: str
    """Stays the same when the photo is measured again: names and corrections refer to it."""
    box: Box
    points_text: msgspec.Raw = msgspec.field(name="points")
    """JSON of :attr:`points`."""
    detection: float
    """How sure the detector is, 0 to 1; 1 for a face that was drawn."""
    embedding: bytes | None = None
    """Output of the identity network: little-endian float16, unit length."""
    second_embedding: bytes | None = None
    """Output of the second network of :data:`DUO`, scaled to length :data:`SECOND_LENGTH`."""
    clarity: float | None = None
    """Length of the embedding before it was scaled to 1. With SFace 8 = hardly a face, 13 = clearly seen."""
    mesh_text: Annotated[msgspec.Raw, msgspec.Meta(extra={HOLDS: MeshFigures})] = msgspec.field(
        name="mesh", default=_NOTHING
    )
    """JSON of :attr:`mesh`."""
    figures_text: Annotated[msgspec.Raw, msgspec.Meta(extra={HOLDS: FaceFigures})] = msgspec.field(
        name="figures", default=_NOTHING
    )
    """JSON of :attr:`figures`."""
    look: bytes | None = None
    """What :mod:`photo_ranker.models.mesh` makes of the mesh network's inner maps: little-endian float16."""
    happy: float | None = None
    """deepface's emotion "happy", 0 to 1, if somebody asked for it."""
    at_seconds: float | None = None
    """In a film: where the best view of this face is."""
    frames: int | None = None
    """In a film: in how many of the examined frames the face was seen."""
    drawn: bool = False
    """Whether a user has drawn it; a detector cannot find it again."""
    # ``omit_defaults`` leaves plain defaults out of the file, but never those of a factory.
    engine: str = msgspec.field(default_factory=lambda: UNNAMED_ENGINE)
    """The engine that found the face; always stored, so that no change of a default relabels faces."""

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
        """A face with these facts, each under the name of its field or property."""
        return cls(id, box, _text(points), detection, mesh_text=_text(mesh), figures_text=_text(figures), **facts)

    def with_details(self, mesh: MeshFigures | None, figures: FaceFigures | None) -> Self:
        """The same face with the mesh and the figures."""
        return msgspec.structs.replace(self, mesh_text=_text(mesh), figures_text=_text(figures))

    @property
    def points(self) -> FivePoints:
        """The detector's five points."""
        points: FivePoints = _details(_AS_POINTS, self.points_text, self.id)
        return points

    @property
    def mesh(self) -> MeshFigures | None:
        """What the face mesh measured, if it recognised the face."""
        mesh: MeshFigures | None = _details(_AS_MESH, self.mesh_text, self.id)
        return mesh

    @property
    def figures(self) -> FaceFigures | None:
        """The raw figures, if they were measured."""
        figures: FaceFigures | None = _details(_AS_FIGURES, self.figures_text, self.id)
        return figures

    def identity(self, engine: str) -> bytes | None:
        """The embedding that an engine compares; for :data:`DUO` those of both networks, or None if one is missing."""
        if engine != DUO or self.embedding is None:
            return self.embedding
        return None if self.second_embedding is None else self.embedding + self.second_embedding

    @property
    def size_px(self) -> float:
        """The shorter side of the box, in pixels."""
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
    """The faces that a photo had before its file became unreadable: it may be half written now, and readable later."""

    hash: str
    """``Stamp.hash`` of the picture they were in."""
    width: int
    height: int
    faces: tuple[Face, ...]
    """Their ids are to be kept."""


class PhotoRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """All measured facts of one photo, or the reason why there are none."""

    stamp: Stamp
    """Shows whether the file has changed since."""
    width: int = 0
    """Upright full-size width; 0 when unreadable."""
    height: int = 0
    orientation: int = 1
    """EXIF's number, 1 to 8: how to turn the stored picture upright."""
    format: str = ""
    """What the content is, whatever the suffix: "jpeg", "heic", "mp4"."""
    taken_at: str | None = None
    """The camera's wall clock, ISO 8601 with sub-seconds if known; never the file's mtime."""
    utc_offset: str | None = None
    """Of ``taken_at``, as "+02:00"."""
    camera: str | None = None
    """Maker and model."""
    unreadable: str | None = None
    """Why the photo could not be measured."""
    parts: dict[str, str] = {}
    """Part of the measurement -> key of what measured it; a part whose key is not today's is stale."""
    picture: PictureFigures | None = None
    """Figures of the whole picture; None if unreadable."""
    faces: tuple[Face, ...] = ()
    """The faces that all engines have found, engine by engine."""
    companions: tuple[str, ...] = ()
    """Names of files that belong to this one: the RAW of a JPEG, the video of a live photo."""
    former: Former | None = None
    """Of an unreadable photo: the faces it had before; the next readable version takes over their ids."""

    @property
    def is_video(self) -> bool:
        """Whether it is a film; each face then has a time in it."""
        return self.format in VIDEO_FORMATS

    @property
    def moment(self) -> float | None:
        """In a film: the second to show as its picture, where the face that is seen longest looks best."""
        longest = max(self.faces, key=lambda face: face.frames or 0, default=None)
        return longest.at_seconds if longest is not None else 0.0 if self.is_video else None

    def faces_by(self, engine: str) -> tuple[Face, ...]:
        """The faces that an engine found, or takes over from another."""
        finder = finder_of(engine)
        # A list, since tuple() of a generator takes nearly twice as long, and this runs for every photo of an album.
        return tuple([face for face in self.faces if face.engine == finder])


# The names of a record's parts; ``analysis`` says what each depends on.


_OF_AN_ENGINE = ("detect", "embed", "mesh", "face", "look", "happy", DRAWN_PART, VIDEO_PART)
"""Parts that each engine measures by itself; "picture" is the same for all."""


def part_name(part: str, engine: str) -> str:
    """The part's name in a record; all engines except one append their name, so that a record can hold several."""
    return part if engine == UNNAMED_ENGINE or part == "picture" else f"{part}:{engine}"


def drawn_part(keys: Mapping[str, str]) -> str:
    """The name of the part of drawn faces, for the engine that these keys belong to."""
    return next(part.replace("detect", DRAWN_PART, 1) for part in keys if part.startswith("detect"))


SECOND_PART = part_name("embed", DUO)
"""The part of the second network's embeddings."""


def without_engine(record: PhotoRecord, engine: str) -> PhotoRecord:
    """The record without what only this engine has measured."""
    if engine == DUO:
        return _without_second(record)
    if engine == finder_of(DUO):  # only these faces have a second embedding
        record = _without_second(record)
    own = {part_name(part, engine) for part in _OF_AN_ENGINE}
    return msgspec.structs.replace(
        record,
        faces=tuple(face for face in record.faces if face.engine != engine),
        parts={part: key for part, key in record.parts.items() if part not in own},
    )


def _without_second(record: PhotoRecord) -> PhotoRecord:
    faces = tuple(msgspec.structs.replace(face, second_embedding=None) for face in record.faces)
    parts = {part: key for part, key in record.parts.items() if part != SECOND_PART}
    return msgspec.structs.replace(record, faces=faces, parts=parts)


class Match(msgspec.Struct, frozen=True):
    """One face that is, or may be, the person who is looked for."""

    photo: int
    """Number of the photo in the album."""
    face: int
    """Number of the face in the album's list of faces."""
    similarity: float
    """The value that is compared with the threshold; on the scale of a cosine."""
    cosine: float
    """Plain cosine to the nearest reference."""
    runner_up: float | None
    """Best similarity of any other face in the photo; None if there is none."""
    doubtful: bool = False
    """Just below the threshold: listed apart, for the user to decide."""
