"""The engines to choose from; each loads its libraries and fetches its files only when it is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from photo_ranker.errors import UserError
from photo_ranker.models.base import Engine, EngineKeys, EngineOptions
from photo_ranker.records import DUO

__all__ = [
    "ENGINES",
    "HAPPINESS",
    "EngineEntry",
    "engine_keys",
    "named_engine",
    "open_engine",
]

_MESH = "mediapipe-face-landmarker.2"
"""Raised when faces are cut out or the answers are averaged otherwise."""
_LOOK = f"{_MESH}.look-2"
"""The name of the file of weights is in it."""
HAPPINESS = "deepface-emotion.1"
"""What measures the emotion "happy", beside any engine."""


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
        look=_LOOK,
    )


def _duo(options: EngineOptions) -> Engine:
    from photo_ranker.models.reidentification import ReidentificationEmbedder

    return replace(_sface(options), second=ReidentificationEmbedder(options))


def _duo_keys(options: EngineOptions) -> EngineKeys:
    return replace(_sface_keys(options), second="face-reidentification-retail-0095.2")


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
        look=_LOOK,
    )


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """One line of the table of engines."""

    open: Callable[[EngineOptions], Engine]
    """Loads the models."""
    keys: Callable[[EngineOptions], EngineKeys]
    """Loads none, so that a fresh record is known as such at once."""


_PACK = EngineEntry(_insightface, _insightface_keys)

ENGINES: dict[str, EngineEntry] = {
    "sface": EngineEntry(_sface, _sface_keys),
    DUO: EngineEntry(_duo, _duo_keys),
    "buffalo_l": _PACK,
    "buffalo_m": _PACK,
    "buffalo_s": _PACK,
    "buffalo_sc": _PACK,
    "antelopev2": _PACK,
}
"""Name -> engine. Any other folder with models of insightface is an engine too, by its own name."""


def open_engine(name: str, options: EngineOptions) -> Engine:
    """The engine of this name, its files fetched and its models loaded."""
    return _entry(name).open(_with_models(name, options))


def engine_keys(name: str, options: EngineOptions) -> EngineKeys:
    """The keys of the engine of this name; loads no model."""
    return _entry(name).keys(_with_models(name, options))


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


def _entry(name: str) -> EngineEntry:
    return ENGINES.get(name, _PACK)


def _with_models(name: str, options: EngineOptions) -> EngineOptions:
    return options if options.models else replace(options, models=name)
