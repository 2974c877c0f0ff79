"""The table of engines, and deepface's opinion on smiles; each loads its libraries and fetches files when opened."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from photo_ranker.core import files
from photo_ranker.core.files import cache_folder
from photo_ranker.core.terminal import command
from photo_ranker.errors import FileRefused, ModelUnavailable, UserError
from photo_ranker.models import DetectedFace, Engine, EngineKeys, EngineOptions, FaceMesh, FaceMesher, Picture
from photo_ranker.models.sessions import chosen_device, no_stdout
from photo_ranker.models.sources import digest_of, is_reachable
from photo_ranker.models.store import OPTIONAL, SECOND_NETWORK, by_hand_folder, found_at, get, models_folder
from photo_ranker.records import DEFAULT_ENGINE, DUO

__all__ = [
    "AGAIN_SECONDS",
    "ENGINES",
    "HAPPINESS",
    "USUAL",
    "EngineEntry",
    "Happiness",
    "emotion_file",
    "engine_keys",
    "fetch_second_network",
    "named_engine",
    "open_engine",
    "second_network_is_here",
    "usual_engine",
]

_MESH = "mediapipe-face-landmarker.2"
"""Key of the mesh network, which every engine uses; raise it when faces are cut out or averaged differently."""
_LOOK = f"{_MESH}.look-3.hidden-1"
"""Contains the names of the weights, ``look-3.npz`` and ``hidden-1.npz``: new ones make stored results stale."""
HAPPINESS = "deepface-emotion.1"
"""Key of the model of the emotion "happy", which works with every engine."""


class _NoMesher:
    """Stands in for a mesher where no meshes are wanted."""

    def measure(self, _picture: Picture, faces: Sequence[DetectedFace]) -> list[FaceMesh | None]:
        return [None for _ in faces]


def _mesher(options: EngineOptions) -> FaceMesher:
    if options.identity_only:
        return _NoMesher()
    from photo_ranker.models.mesh import MediaPipeMesher

    return MediaPipeMesher(options)


def _sface(options: EngineOptions) -> Engine:
    from photo_ranker.models.identity import SFaceEmbedder
    from photo_ranker.models.yunet import YuNetDetector

    return Engine(
        name="sface",
        detector=YuNetDetector(options),
        embedder=SFaceEmbedder(options),
        mesher=_mesher(options),
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
    from photo_ranker.models.identity import ReidentificationEmbedder

    return msgspec.structs.replace(_sface(options), second=ReidentificationEmbedder(options))


def _duo_keys(options: EngineOptions) -> EngineKeys:
    return msgspec.structs.replace(_sface_keys(options), second="face-reidentification-retail-0095.2")


def _insightface(options: EngineOptions) -> Engine:
    from photo_ranker.models.insightface_engine import open_pack

    detector, embedder = open_pack(options)
    return Engine(Path(options.models).name, detector, embedder, _mesher(options))


def _insightface_keys(options: EngineOptions) -> EngineKeys:
    from photo_ranker.models.insightface_engine import files_in, fingerprint, pack_folder

    models = fingerprint(files_in(pack_folder(options.models)))
    return EngineKeys(
        detect=f"insightface-{models}.1:{options.detect_side}:{options.detect_threshold:g}",
        embed=f"insightface-{models}.1",
        mesh=_MESH,
        look=_LOOK,
    )


class EngineEntry(msgspec.Struct, frozen=True):
    """One row of the table of engines."""

    open: Callable[[EngineOptions], Engine]
    """Loads the models."""
    keys: Callable[[EngineOptions], EngineKeys]
    """Loads no model, so that an up-to-date record is recognised at once."""


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
"""Name -> engine. Any other folder with a pack of insightface is an engine too, by the folder's name."""


def open_engine(name: str, options: EngineOptions) -> Engine:
    """Open the engine of this name: fetch its files and load its models."""
    return _entry(name).open(_with_models(name, options))


def engine_keys(name: str, options: EngineOptions) -> EngineKeys:
    """The keys of the engine of this name; loads no model."""
    return _entry(name).keys(_with_models(name, options))


def named_engine(word: str) -> tuple[str, str]:
    """The user's word for an engine -> its name in records, and the folder of its models if it is not in the table."""
    if word in ENGINES:
        return word, ""
    from photo_ranker.models.insightface_engine import PACKS, pack_folder

    folder = pack_folder(word)
    is_taken = folder.name in ENGINES and folder.name not in PACKS
    if is_taken or not folder.name.replace("_", "").replace("-", "").replace(".", "").isalnum():
        raise UserError(f"an engine cannot be called '{folder.name}'", "give the folder another name")
    return folder.name, str(folder)


def _entry(name: str) -> EngineEntry:
    return ENGINES.get(name, _PACK)


def _with_models(name: str, options: EngineOptions) -> EngineOptions:
    return options if options.models else msgspec.structs.replace(options, models=name)


# Chooses the default engine, and fetches the second network that ``duo`` needs.
#
# No package contains the second network, so a machine without access to the web cannot fetch it. Fetching is tried at
# most once a day, and a failure is reported once per machine; without the network ``sface`` works alone.


USUAL = DUO
"""The engine of users who choose none, if the file of the second network is here or can be fetched."""

AGAIN_SECONDS = 24 * 3600.0
"""Pause after a failure to fetch."""


def usual_engine(say: Callable[[str], None] = lambda _: None) -> str:
    """The default engine; the second network is fetched if that was not tried lately."""
    if USUAL != DUO:
        return USUAL
    if second_network_is_here():
        return DUO
    note = _note()
    if _was_tried_lately(note):
        return DEFAULT_ENGINE
    tell = (lambda _: None) if note.exists() else say
    by_hand = by_hand_folder()
    if by_hand is not None and found_at(OPTIONAL[SECOND_NETWORK]) is None:
        # A machine whose model files are provided by hand has no network to ask.
        if _write_note():
            tell(f"note: {SECOND_NETWORK} is not in {by_hand}; the engine {DEFAULT_ENGINE} works alone")
        return DEFAULT_ENGINE
    return DUO if fetch_second_network(tell) else DEFAULT_ENGINE


def second_network_is_here() -> bool:
    """Whether the file is here and whole: a damaged one must not stop users who never asked for it."""
    path = found_at(OPTIONAL[SECOND_NETWORK])
    return path is not None and digest_of(path) == OPTIONAL[SECOND_NETWORK].sha256


def fetch_second_network(say: Callable[[str], None]) -> bool:
    """Fetch the file and return whether it is here now; a failure is reported and noted."""
    if not _write_note():  # without the note every run would wait for the network
        return False
    try:
        get(OPTIONAL[SECOND_NETWORK], models_folder())
    except ModelUnavailable as error:
        again = command("models", "fetch")
        say(f"note: {error.message}; the engine {DEFAULT_ENGINE} works alone ({again} tries again)")
        return False
    _note().unlink(missing_ok=True)
    return True


def _write_note() -> bool:
    """Note that the file was looked for today; return whether the note could be written."""
    note = _note()
    try:
        folder = files.private_folder(note.parent)
        files.tidy_cache(folder)  # what a killed run left behind
        files.replace(folder / note.name, [b""], sync="none")
    except (OSError, FileRefused):
        return False
    return True


def _note() -> Path:
    return cache_folder() / "told" / "no-second-network"


def _was_tried_lately(note: Path) -> bool:
    try:
        return abs(time.time() - note.lstat().st_mtime) < AGAIN_SECONDS
    except OSError:
        return False


# deepface's emotion "happy", as a second opinion on smiles. No other file imports deepface, and this one only on
# request. It runs on ONNX Runtime.


def emotion_file() -> Path:
    """The path where deepface keeps its model."""
    home = os.environ.get("DEEPFACE_HOME") or Path.home()
    return Path(home, ".deepface", "weights", "facial_expression_model_weights.onnx")


class Happiness:
    """Measures how happy faces look."""

    def __init__(self, device: str) -> None:
        # If TensorFlow or PyTorch is installed, deepface would prefer it, and give other values.
        os.environ["DEEPFACE_BACKEND_ENGINE"] = "onnx"
        os.environ["DEEPFACE_ONNX_PROVIDERS"] = chosen_device(device)
        with _failures(), no_stdout():
            from deepface import DeepFace

            _check_source()
            DeepFace.build_model(task="facial_attribute", model_name="Emotion")
        self._deepface: Any = DeepFace

    def measure(self, picture: Picture, faces: Sequence[DetectedFace]) -> list[float | None]:
        """A value from 0 to 1 per face; ``None`` if the face is outside the picture."""
        return [self._of(_crop(picture, face)) for face in faces]

    def _of(self, crop: Picture) -> float | None:
        if not crop.size:
            return None
        with no_stdout():
            found = self._deepface.analyze(
                crop[:, :, ::-1].copy(),
                actions=["emotion"],
                detector_backend="skip",
                enforce_detection=False,
                silent=True,
            )
        return round(float(found[0]["emotion"]["happy"]) / 100, 4)


def _crop(picture: Picture, face: DetectedFace) -> Picture:
    x, y, width, height = face.box
    left, top, right, bottom = (max(0, round(edge)) for edge in (x, y, x + width, y + height))
    return picture[top:bottom, left:right]


def _check_source() -> None:
    """Fail at once if no host can be reached: deepface would wait a minute for each."""
    if emotion_file().is_file():
        return
    from deepface.models.demography.onnx.Emotion import WEIGHTS_URL

    if not any(map(is_reachable, WEIGHTS_URL)):
        raise OSError(f"{WEIGHTS_URL[0]} cannot be reached")


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise
    except Exception as error:
        path = emotion_file()
        advice = f"remove {path} and try again"
        if not path.is_file():
            advice = f"connect to the internet, or put {path.name} into {path.parent} by hand"
        reason = str(error.__cause__ or error).splitlines()[0]
        raise ModelUnavailable(f"deepface's model of emotions cannot be used: {reason}", advice) from error
