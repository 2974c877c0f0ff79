"""A pack of insightface as an engine: its detector and identity model, with our mesh.

The only file that imports insightface, and only when a pack is opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.files import locked
from photo_ranker.errors import ModelUnavailable, UserError
from photo_ranker.models import Closer, Crops, DetectedFace, EngineOptions, Picture
from photo_ranker.models.sessions import batch_size, chosen_device, no_stdout, provider_settings, session_options
from photo_ranker.models.sources import digest_of, is_reachable
from photo_ranker.records import DEFAULT_ENGINE, DUO

__all__ = [
    "ACCEPTED",
    "LICENCE",
    "PACKS",
    "PackDetector",
    "PackEmbedder",
    "files_in",
    "fingerprint",
    "is_accepted",
    "open_pack",
    "our_certainty",
    "pack_folder",
    "packs_folder",
    "their_certainty",
]

_CERTAINTIES = ((0.0, 0.5, 0.6, 0.7, 0.82, 1.0), (0.0, 0.6, 0.75, 0.88, 0.94, 1.0))
"""SCRFD's certainties, and YuNet's for comparable faces, so that one setting works for both.

0.5 is insightface's own threshold, clear faces have 0.8 to 0.9. Set by hand, since we may not use the weights.
"""
_LARGE_LOOK = (128, 128)
"""Second size at which faces are searched for: one that fills the picture is found in a small copy."""
_STEP = 32
"""The detector takes pictures whose sides are multiples of this."""


class PackDetector:
    """Finds faces with the pack's detector, in the whole picture at two sizes."""

    def __init__(self, model: Any, options: EngineOptions, *, square: bool) -> None:
        """``square`` uses one size for all photos, for devices that compile a model per size."""
        self._model, self._side, self._square = model, options.detect_side, square

    def detect(self, picture: Picture, _closer: Closer | None = None) -> list[DetectedFace]:
        """Every face, best score first."""
        boxes, points = self._model.detect(np.ascontiguousarray(picture[:, :, ::-1]), input_size=self._sizes(picture))
        return [_face(box, five) for box, five in zip(boxes.tolist(), points.tolist(), strict=True)]

    def _sizes(self, picture: Picture) -> list[tuple[int, int]]:
        height, width = picture.shape[:2]
        scale = min(1.0, self._side / max(height, width))
        sides = (self._side, self._side) if self._square else (width * scale, height * scale)
        across, down = (max(_STEP, -int(-side // _STEP) * _STEP) for side in sides)
        return [_LARGE_LOOK, (across, down)]


class PackEmbedder:
    """Identity with the pack's recognition model."""

    def __init__(self, model: Any, batch: int) -> None:
        fixed = model.input_shape[0]
        self._model, self._batch = model, fixed if isinstance(fixed, int) else batch
        self.dimensions = int(model.output_shape[-1])

    def embed(self, crops: Crops) -> NDArray[np.float32]:
        """One row for each crop."""
        rows = np.zeros((len(crops), self.dimensions), np.float32)
        for start in range(0, len(crops), self._batch):
            part = slice(start, start + self._batch)
            rows[part] = self._model.get_feat([crop[:, :, ::-1] for crop in crops[part]])
        return rows


def open_pack(options: EngineOptions) -> tuple[PackDetector, PackEmbedder]:
    """The two models of the pack in the folder ``options.models``."""
    folder = pack_folder(options.models)
    device = chosen_device(options.device)
    with _failures_of(folder), no_stdout():
        from insightface.app import FaceAnalysis

        names, settings = provider_settings(device, options.threads)
        app = FaceAnalysis(
            name=str(folder),
            allowed_modules=["detection", "recognition"],
            providers=names,
            provider_options=settings,
            sess_options=session_options(options.threads),
            static_shape_sessions=device == "coreml",
        )
        app.prepare(ctx_id=0, det_thresh=their_certainty(options.detect_threshold))
        detector, embedder = app.det_model, app.models.get("recognition")
    if embedder is None or not detector.use_kps:
        what = "no model that tells people apart" if embedder is None else "a detector without the five points"
        raise ModelUnavailable(f"{folder} holds {what}", "fill it with a whole pack of insightface")
    square = device == "coreml"
    return PackDetector(detector, options, square=square), PackEmbedder(embedder, batch_size(device))


def our_certainty(theirs: float) -> float:
    """The certainty that YuNet would give a face with this certainty from SCRFD."""
    return float(np.interp(theirs, *_CERTAINTIES))


def their_certainty(ours: float) -> float:
    """The inverse of :func:`our_certainty`."""
    return float(np.interp(ours, _CERTAINTIES[1], _CERTAINTIES[0]))


@contextmanager
def _failures_of(folder: Path) -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else "they are no pack of insightface"
        raise ModelUnavailable(
            f"the models in {folder} cannot be used: {reason}", "remove that folder and fetch or fill it again"
        ) from error


def _face(box: list[float], points: list[list[float]]) -> DetectedFace:
    left, top, right, bottom, score = box
    one, two, three, four, five = ((x, y) for x, y in points)
    return DetectedFace((left, top, right - left, bottom - top), (one, two, three, four, five), our_certainty(score))


# Packs of insightface: folders of ONNX files that find faces and tell people apart.
#
# ``insightface.app.FaceAnalysis`` looks for them in ``~/.insightface/models`` and downloads those it knows by name.
# Their weights are for non-commercial research only, so nothing is downloaded before the user accepts that.


PACKS = ("buffalo_l", "buffalo_m", "buffalo_s", "buffalo_sc", "antelopev2")
"""Those that insightface downloads; any other folder of such models will do as well."""

ACCEPTED = "PHOTO_RANKER_ACCEPT_INSIGHTFACE"
LICENCE = "the models of insightface are for non-commercial research only"

log = logging.getLogger(__name__)


def packs_folder() -> Path:
    """Where insightface keeps its packs."""
    return Path("~/.insightface/models").expanduser()


def is_accepted() -> bool:
    """Whether the user has accepted the licence."""
    return os.environ.get(ACCEPTED) == "1"


def pack_folder(word: str, *, fetch: Callable[[str], None] | None = None) -> Path:
    """The folder with the models of a pack, given by name or as a folder; a known one is downloaded if it is missing.

    ``fetch`` downloads a pack by its name; insightface does that itself.
    """
    given = Path(word).expanduser()
    is_path = given.name != word
    folder = given.absolute() if is_path else packs_folder() / word
    if not files_in(folder) and files_in(folder / folder.name):
        return folder / folder.name  # some downloads hold the folder inside another of the same name
    if files_in(folder):
        return folder
    if is_path:
        state = "holds no ONNX models" if folder.is_dir() else "does not exist"
        raise UserError(f"the folder {folder} {state}", "name an engine, or a folder with models of insightface")
    if word not in PACKS:
        raise UserError(
            f"there is no engine '{word}'",
            f"choose one of: {DUO}, {DEFAULT_ENGINE}, {', '.join(PACKS)}; or a folder with models of insightface, "
            f"by its path or by its name in {packs_folder()}",
        )
    _download(word, folder, fetch or _fetch)
    return pack_folder(word)


def files_in(folder: Path) -> list[Path]:
    """The model files of a pack, in the order of their names."""
    return sorted(path for path in folder.glob("*.onnx") if path.is_file())


def fingerprint(paths: Sequence[Path]) -> str:
    """A short hash of the models' contents, which tells packs apart."""
    return hashlib.sha256("".join(map(digest_of, paths)).encode()).hexdigest()[:12]


def _download(name: str, folder: Path, fetch: Callable[[str], None]) -> None:
    if not is_accepted():
        raise UserError(
            f"'{name}' has to be downloaded, and {LICENCE}",
            f"if that is what you do, say --accept-license (or set {ACCEPTED}=1)",
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.parent / f".{name}.lock", lambda: log.info("waiting: another run fetches %s", name)):
            if files_in(folder) or files_in(folder / name):
                return  # another process has fetched it while we waited
            with contextlib.suppress(OSError):
                folder.rmdir()  # left by an interrupted download: insightface would take it for a pack
            log.info("fetching %s from insightface", name)
            fetch(name)
    except (OSError, RuntimeError, ValueError) as error:  # what insightface and its downloader throw
        raise _unavailable(name, folder, str(error) or type(error).__name__) from error
    if not (files_in(folder) or files_in(folder / name)):
        raise _unavailable(name, folder, "the download holds no models")


def _fetch(name: str) -> None:
    from zipfile import BadZipFile

    from insightface.utils import storage

    url = storage.model_zoo_download_url(f"{name}.zip")
    if not is_reachable(url):
        raise OSError(f"{url} cannot be reached")
    try:
        with no_stdout():
            storage.ensure_available("models", name, root=str(packs_folder().parent))
    except BadZipFile as error:
        raise OSError(f"{url} gave a damaged file") from error


def _unavailable(name: str, folder: Path, reason: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"'{name}' could not be downloaded: {reason}",
        f"connect to the internet, or put the ONNX files of {name} into {folder} by hand",
    )
