"""The engines to choose from; each loads its libraries and fetches its files only when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from photo_ranker.errors import UserError
from photo_ranker.models.base import Engine

__all__ = [
    "ENGINES",
    "ENGINE_KEYS",
    "HAPPINESS",
    "EngineKeys",
    "EngineOptions",
    "engine_keys",
    "named_engine",
    "open_engine",
]


_Made = TypeVar("_Made")

_MESH = "mediapipe-face-landmarker.1"
HAPPINESS = "deepface-emotion.1"
"""What measures the emotion "happy", beside any engine."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How an engine is to work."""

    detect_side: int
    """Longer side of the picture that faces are looked for in, in pixels."""
    detect_threshold: float
    """Faces below this score are not reported, 0 to 1."""
    threads: int = 1
    device: str = "cpu"
    models: str = ""
    """Folder or name of the models, for engines that are any such folder; empty = the engine's name."""


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
        tells_clarity=True,
    )


def _sface_keys(options: EngineOptions) -> EngineKeys:
    return EngineKeys(
        detect=f"yunet-2023mar.3:{options.detect_side}:{options.detect_threshold:g}",
        embed="sface-2021dec.2",
        mesh=_MESH,
    )


def _insightface(options: EngineOptions) -> Engine:
    from photo_ranker.models.insightface_engine import open_pack
    from photo_ranker.models.mesh import MediaPipeMesher

    detector, embedder = open_pack(options)
    return Engine(Path(options.models).name, detector, embedder, MediaPipeMesher(options))


def _insightface_keys(options: EngineOptions) -> EngineKeys:
    from photo_ranker.models.packs import files_in, fingerprint, pack_folder

    models = fingerprint(files_in(pack_folder(options.models)))
    return EngineKeys(
        detect=f"insightface-{models}.1:{options.detect_side}:{options.detect_threshold:g}",
        embed=f"insightface-{models}.1",
        mesh=_MESH,
    )


ENGINES: dict[str, Callable[[EngineOptions], Engine]] = {
    "sface": _sface,
    "buffalo_l": _insightface,
    "buffalo_m": _insightface,
    "buffalo_s": _insightface,
    "buffalo_sc": _insightface,
    "antelopev2": _insightface,
}
"""Any other folder with models of insightface is an engine too, by its own name."""

ENGINE_KEYS: dict[str, Callable[[EngineOptions], EngineKeys]] = {
    "sface": _sface_keys,
    "buffalo_l": _insightface_keys,
    "buffalo_m": _insightface_keys,
    "buffalo_s": _insightface_keys,
    "buffalo_sc": _insightface_keys,
    "antelopev2": _insightface_keys,
}
"""Apart from the engines, so that a fresh record is known as such without loading a model."""


def open_engine(name: str, options: EngineOptions) -> Engine:
    """The engine of this name, its files fetched and its models loaded."""
    return _chosen(ENGINES, _insightface, name, options)


def engine_keys(name: str, options: EngineOptions) -> EngineKeys:
    """The keys of the engine of this name; loads no model."""
    return _chosen(ENGINE_KEYS, _insightface_keys, name, options)


def named_engine(word: str) -> tuple[str, str]:
    """What a user calls an engine -> its name in records, and its models where the name does not tell."""
    if word in ENGINES:
        return word, ""
    from photo_ranker.models.packs import PACKS, pack_folder

    folder = pack_folder(word)
    is_taken = folder.name in ENGINES and folder.name not in PACKS
    if is_taken or not folder.name.replace("_", "").replace("-", "").replace(".", "").isalnum():
        raise UserError(f"an engine cannot be called '{folder.name}'", "give the folder another name")
    return folder.name, str(folder)


def _chosen(
    registry: dict[str, Callable[[EngineOptions], _Made]],
    other: Callable[[EngineOptions], _Made],
    name: str,
    options: EngineOptions,
) -> _Made:
    options = options if options.models else replace(options, models=name)
    return registry.get(name, other)(options)
