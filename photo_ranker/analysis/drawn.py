"""Faces that a user has drawn: they join those that were found, and the engine looks where exactly they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from photo_ranker.models.align import cut
from photo_ranker.models.base import DetectedFace, FaceDetector, Picture
from photo_ranker.records import Box, Drawings, DrawnFace, Face, overlap

__all__ = ["locate", "with_drawn"]

SAME_FACE = 0.5
"""Overlap from which a face that was found is the drawn one, as for faces that are measured again."""
NEAR = 0.3
"""Overlap from which a detection in the drawn box is the face that was meant: people draw too large a box."""

_SIDE, _FACE = 256, 112
"""px of the window around the box, and of the box in it: faces of that size are detected best."""
_USUAL_POINTS = ((0.28, 0.39), (0.72, 0.39), (0.5, 0.58), (0.31, 0.74), (0.69, 0.74))
"""Eyes, nose and corners of the mouth as shares of a box: medians of 550 faces, for one that is not seen."""


def with_drawn(
    found: Sequence[Face],
    before: Sequence[Face],
    drawings: Drawings | None,
    measured: Callable[[DrawnFace, Sequence[Face]], Face],
) -> tuple[Face, ...]:
    """The faces that were found, with those drawn.

    ``before`` are the photo's faces so far: what was drawn stays, also where nobody knows of it any more (the photo was
    moved away from the book that tells of it), until it is taken back.
    """
    drawings = drawings or Drawings()
    told = {face.id for face in drawings.faces}
    faces = [face for face in found if not face.drawn]
    stay = [face for face in before if face.drawn and face.id not in {*told, *drawings.taken_back}]
    for face in stay:
        _add(faces, face)
    for drawn in drawings.faces:
        _add(faces, measured(drawn, faces))
    return tuple(faces)


def _add(faces: list[Face], drawn: Face) -> None:
    """Add a drawn face, unless the detector has found it by now: that one takes over its id."""
    for number, face in enumerate(faces):
        if not face.drawn and overlap(face.box, drawn.box) >= SAME_FACE:
            faces[number] = msgspec.structs.replace(face, id=drawn.id)
            return
    faces.append(drawn)


def locate(detector: FaceDetector, picture: Picture, box: Box, others: Sequence[Box] = ()) -> DetectedFace:
    """The face in a drawn box: as the detector sees it there, enlarged, else with its points where they usually are.

    ``others`` are boxes of faces that are known: none of them is meant.
    """
    x, y, width, height = box
    zoom = _FACE / max(width, height)
    left, top = _SIDE / 2 - zoom * (x + width / 2), _SIDE / 2 - zoom * (y + height / 2)
    window = cut(picture, np.array([[zoom, 0, left], [0, zoom, top]]), _SIDE)
    seen = [face.moved(1 / zoom, -left / zoom, -top / zoom) for face in detector.detect(window)]
    new = [face for face in seen if all(overlap(face.box, other) < SAME_FACE for other in others)]
    best = max(new, key=lambda face: overlap(face.box, box), default=None)
    if best is not None and overlap(best.box, box) >= NEAR:
        return best
    one, two, three, four, five = ((x + across * width, y + down * height) for across, down in _USUAL_POINTS)
    return DetectedFace(box, (one, two, three, four, five), 0.0)
