"""The engines to choose from; each loads its libraries and fetches its files only when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from photo_ranker.errors import UserError
from photo_ranker.models.base import Engine

__all__ = ["ENGINES", "ENGINE_KEYS", "EngineKeys", "EngineOptions", "engine_keys", "open_engine"]


_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How an engine is to work."""

    detect_side: int
    """Longer side of the picture that faces are looked for in, in pixels."""
    detect_threshold: float
    """Faces below this score are not reported, 0 to 1."""
    threads: int = 1
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class EngineKeys:
    """Names and versions of what measures; another key means another measurement."""

    detect: str
    embed: str
    mesh: str


def _sface(options: EngineOptions) -> Engine:
    from photo_ranker.models.mesh import MediaPipeMesher
    from photo_ranker.models.sface import SFaceEmbedder
    from photo_ranker.models.yunet import YuNetDetector

    return Engine(
        name="sface",
        detector=YuNetDetector(options),
        embedder=SFaceEmbedder(options),
        mesher=MediaPipeMesher(options),
    )


def _sface_keys(options: EngineOptions) -> EngineKeys:
    return EngineKeys(
        detect=f"yunet-2023mar.3:{options.detect_side}:{options.detect_threshold:g}",
        embed="sface-2021dec.2",
        mesh="mediapipe-face-landmarker.1",
    )


ENGINES: dict[str, Callable[[EngineOptions], Engine]] = {
    "sface": _sface,
}

ENGINE_KEYS: dict[str, Callable[[EngineOptions], EngineKeys]] = {
    "sface": _sface_keys,
}
"""Apart from the engines, so that a fresh record is known as such without loading a model."""


def open_engine(name: str, options: EngineOptions) -> Engine:
    """The engine of this name, its files fetched and its models loaded."""
    return _chosen(ENGINES, name)(options)


def engine_keys(name: str, options: EngineOptions) -> EngineKeys:
    """The keys of the engine of this name; loads nothing."""
    return _chosen(ENGINE_KEYS, name)(options)


def _chosen(registry: dict[str, Callable[[EngineOptions], _Made]], name: str) -> Callable[[EngineOptions], _Made]:
    if name not in registry:
        raise UserError(f"there is no engine '{name}'", f"choose one of: {', '.join(registry)}")
    return registry[name]
