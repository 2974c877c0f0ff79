"""The interfaces of an engine, which finds faces in a picture and measures them.

A picture is always RGB, uint8, height x width x 3, upright.
Coordinates are pixels of the picture given and may reach beyond its edges.
Types of model libraries never leave this package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

import msgspec

from photo_ranker.records import Box, Point

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Closer",
    "Crops",
    "DetectedFace",
    "Engine",
    "EngineKeys",
    "EngineOptions",
    "FaceDetector",
    "FaceEmbedder",
    "FaceMesh",
    "FaceMesher",
    "Picture",
]


Picture: TypeAlias = "NDArray[np.uint8]"
"""RGB, height x width x 3."""
Crops: TypeAlias = "NDArray[np.uint8]"
"""N x 112 x 112 x 3, RGB, as made by :func:`photo_ranker.models.align.align`."""


Closer = Callable[[float], Picture]
"""Returns the same picture enlarged by this factor, or at its full size if that is less."""


class DetectedFace(msgspec.Struct, frozen=True):
    """One face that a detector found."""

    box: Box
    """In pixels of the picture given; it may reach beyond its edges."""
    points: tuple[Point, Point, Point, Point, Point]
    """Picture-left eye, picture-right eye, nose, picture-left and picture-right corner of the mouth."""
    score: float
    """How sure the detector is, 0 to 1."""

    def moved(self, scale: float, x: float = 0.0, y: float = 0.0) -> DetectedFace:
        """The same face in a picture scaled by ``scale`` and then shifted by ``x`` and ``y`` pixels."""
        left, top, width, height = self.box
        one, two, three, four, five = ((px * scale + x, py * scale + y) for px, py in self.points)
        box = (left * scale + x, top * scale + y, width * scale, height * scale)
        return DetectedFace(box, (one, two, three, four, five), self.score)


class FaceMesh(msgspec.Struct, frozen=True):
    """478 points on one face, and its expression."""

    points: NDArray[np.float32]
    """478 x 3: x and y in pixels of the picture, z in the same unit, smaller = nearer to the camera."""
    presence: float
    """How sure the model is that the mesh lies on a face, 0 to 1."""
    expressions: NDArray[np.float32]
    """52 coefficients, 0 to 1, in the order of :data:`photo_ranker.models.mesh.EXPRESSIONS`."""
    look: NDArray[np.float32] | None = None
    """The result of :class:`photo_ranker.models.mesh.LookNetwork`; None = not measured."""


class EngineOptions(msgspec.Struct, frozen=True):
    """The options of an engine."""

    detect_side: int
    """Longer side of the picture that faces are looked for in, in pixels."""
    detect_threshold: float
    """Faces below this score are not reported, 0 to 1."""
    threads: int = 1
    """Processor threads per model; workers use one each."""
    device: str = "cpu"
    """A key of :data:`photo_ranker.models.sessions.DEVICES`, or "auto"."""
    models: str = ""
    """Folder or name of a pack of models, for engines that load any pack; empty = the engine's name."""
    identity_only: bool = False
    """Load only what finds faces and tells whose they are."""


class EngineKeys(msgspec.Struct, frozen=True):
    """Names and versions of the models: a change makes stored measurements stale."""

    detect: str
    """Of the detector with its options."""
    embed: str
    """Of the identity network."""
    mesh: str
    """Of the mesh and expression networks."""
    second: str = ""
    """Of the second identity network; empty if the engine has none."""
    look: str = ""
    """Of the network that reads the mesh network's inner maps."""


class FaceDetector(Protocol):
    """Finds faces."""

    def detect(self, picture: Picture, closer: Closer | None = None) -> list[DetectedFace]:
        """All faces, best score first, in pixels of ``picture``; ``closer`` returns it enlarged for a second look."""
        ...


class FaceEmbedder(Protocol):
    """Turns a face into an embedding, which is similar for photos of one person."""

    @property
    def dimensions(self) -> int:
        """How many numbers an embedding has."""
        ...

    def embed(self, crops: Crops) -> NDArray[np.float32]:
        """One row per aligned crop; its direction is the identity."""
        ...


class FaceMesher(Protocol):
    """Lays a mesh over faces and reads their expression."""

    def measure(self, picture: Picture, faces: Sequence[DetectedFace]) -> list[FaceMesh | None]:
        """One mesh per face; ``None`` if the face cannot be cut out of the picture."""
        ...


class Engine(msgspec.Struct, frozen=True):
    """One set of models that work together."""

    name: str
    """The engine that finds the faces; stored with each face."""
    detector: FaceDetector
    embedder: FaceEmbedder
    """The identity network."""
    mesher: FaceMesher
    tells_clarity: bool = False
    """Whether the length of an embedding tells how clearly the face is seen."""
    second: FaceEmbedder | None = None
    """A second identity network for the same faces; both embeddings are compared together."""
