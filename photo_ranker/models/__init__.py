"""A picture becomes faces; foreign types stop at this door."""

from photo_ranker.models.base import DetectedFace, Engine, FaceDetector, FaceEmbedder, FaceMesh, FaceMesher
from photo_ranker.models.engines import ENGINES, EngineOptions, open_engine

__all__ = [
    "ENGINES",
    "DetectedFace",
    "Engine",
    "EngineOptions",
    "FaceDetector",
    "FaceEmbedder",
    "FaceMesh",
    "FaceMesher",
    "open_engine",
]
