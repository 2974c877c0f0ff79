"""The prepared files of models: checked, cached, and made where they are missing.

The package onnx, which prepares them, is imported only then: loading it takes longer than finding a face.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from photo_ranker.core import files
from photo_ranker.core.locks import locked
from photo_ranker.errors import FileRefused
from photo_ranker.models.store import SECOND_NETWORK, model_path, models_folder

__all__ = [
    "PREPARATION",
    "PREPARED_SHA256",
    "Make",
    "is_as_prepared",
    "prepared_model",
    "prepared_path",
    "with_free_axes",
]

PREPARATION = 1
"""Raise it when a :data:`Make` gives another result."""

PREPARED_SHA256 = {
    "face_detection_yunet_2023mar_int8bq.onnx": "26e5021074bbe7d0b38fbd50d11598059bab1070c50b2ff3f377e1fd22d2f8bd",
    "face_recognition_sface_2021dec_int8bq.onnx": "28552548f9d4e0410eefc19ce26af3e58ac781ad91d82caf6d64499363dc839f",
    SECOND_NETWORK: "0344d0eb1e8c44e7c3d451f0641f01da81bd58d52a7cb76cbfbf2c1e1960be31",
}
"""Hashes of the prepared files; a test prepares each again."""

log = logging.getLogger(__name__)

Make = Callable[[Path], bytes]
"""Turns a published file into the prepared model; always gives the same bytes."""


def with_free_axes(axes: Mapping[int, str]) -> Make:
    """Prepares a published ONNX file, with these axes of its input dynamic."""

    def make(source: Path) -> bytes:
        from photo_ranker.models.onnx_prepare import prepare

        return prepare(source, axes)

    return make


def prepared_model(name: str, make: Make) -> bytes:
    """The prepared model, from the cache if the file there is exactly what ``make`` gives."""
    path = prepared_path(name)
    if content := _kept(path, name):
        return content
    source = model_path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_suffix(".lock")):
            files.remove_leftovers(path.parent, in_cache=True)
            # Another process may have made it while we waited.
            return _kept(path, name) or _made(source, make, path, name)
    except OSError as error:
        log.info("%s cannot be kept (%s), so it is prepared anew each time", path.name, error)
        return make(source)


def prepared_path(name: str) -> Path:
    """The path of the prepared file of a model; it may not exist yet."""
    return models_folder() / f"{Path(name).stem}.prepared-{PREPARATION}.onnx"


def is_as_prepared(name: str) -> bool:
    """Whether the cached file is what the preparation gives; any other is never loaded."""
    return _kept(prepared_path(name), name) is not None


def _kept(path: Path, name: str) -> bytes | None:
    """The content of a cached file. The bytes that were read are checked, since the file may be replaced meanwhile."""
    try:
        content = files.read(path)
    except (OSError, FileRefused):
        return None
    return content if hashlib.sha256(content).hexdigest() == PREPARED_SHA256[name] else None


def _made(source: Path, make: Make, path: Path, name: str) -> bytes:
    content = make(source)
    if hashlib.sha256(content).hexdigest() == PREPARED_SHA256[name]:
        _write(path, content)
    else:  # a file that a later run cannot check is not cached
        log.info("this version of onnx writes %s in other bytes, so it is prepared anew each time", path.name)
    return content


def _write(path: Path, content: bytes) -> None:
    files.replace(path, [content])
    path.with_suffix(".sha256").unlink(missing_ok=True)  # older versions trusted a digest in this file
