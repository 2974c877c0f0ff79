"""Faces of real photos, measured and weighed, for the tests of quality and signals."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from photo_ranker import quality
from photo_ranker.core.codec import encode_array
from photo_ranker.models import DetectedFace, Engine, EngineOptions
from photo_ranker.models.engines import open_engine
from photo_ranker.ranker import FaceSignals, face_signals
from photo_ranker.records import Face, PhotoRecord, Stamp
from photo_ranker.settings import Settings

__all__ = ["Look", "engine", "looks"]


class Look(NamedTuple):
    """One face: as found, as recorded, as weighed."""

    found: DetectedFace
    face: Face
    signals: FaceSignals


@cache
def engine() -> Engine:
    """The real engine, opened once."""
    return open_engine("sface", EngineOptions(detect_side=1024, detect_threshold=0.6))


def looks(pixels: NDArray[np.uint8], **settings: Any) -> list[Look]:
    """Every face, from left to right."""
    found = sorted(engine().detector.detect(pixels), key=lambda face: face.box[0])
    record = PhotoRecord(Stamp(1, 1, ""), width=pixels.shape[1], height=pixels.shape[0])
    return [_look(pixels, face, record, Settings(**settings)) for face in found]


def _look(pixels: NDArray[np.uint8], found: DetectedFace, record: PhotoRecord, settings: Settings) -> Look:
    mesh = engine().mesher.measure(pixels, [found])[0]
    face = Face.of(
        id="f",
        box=found.box,
        points=found.points,
        detection=found.score,
        mesh=None if mesh is None else quality.measure_mesh(mesh, found),
        figures=quality.measure_face(pixels, found, mesh),
    )
    if mesh is not None and mesh.look is not None:
        face = replace(face, look=encode_array(mesh.look))
    return Look(found, face, face_signals(face, record, settings))
