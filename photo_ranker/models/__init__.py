"""Finds faces in a picture and measures them. Types of model libraries never leave this package."""

from photo_ranker.models.base import (
    DetectedFace,
    Engine,
    EngineKeys,
    EngineOptions,
    FaceDetector,
    FaceEmbedder,
    FaceMesh,
    FaceMesher,
)
from photo_ranker.models.engines import ENGINES, open_engine

__all__ = [
    "ENGINES",
    "DetectedFace",
    "Engine",
    "EngineKeys",
    "EngineOptions",
    "FaceDetector",
    "FaceEmbedder",
    "FaceMesh",
    "FaceMesher",
    "open_engine",
]
