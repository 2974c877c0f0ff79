from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from photo_ranker.models import sources
from photo_ranker.models.sources import digest_of


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def rewritten(path: Path, content: bytes) -> str:
    """The digest as another process would see it, with the time left as it was."""
    before = path.stat().st_mtime_ns
    path.write_bytes(content)
    os.utime(path, ns=(before, before))
    sources._digest.cache_clear()
    return digest_of(path)


def test_it_is_the_sha256_of_the_content(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"one")
    assert digest_of(path) == hashlib.sha256(b"one").hexdigest()


def test_it_is_kept_for_other_processes_as_long_as_size_and_time_stay(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"one")
    first = digest_of(path)
    assert rewritten(path, b"two") == first, "read again, though it looks the same"
    assert rewritten(path, b"three") == hashlib.sha256(b"three").hexdigest()
    path.write_bytes(b"three")
    os.utime(path, ns=(1, 1))
    assert digest_of(path) == hashlib.sha256(b"three").hexdigest()


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"x": 1', b"\xff"])
def test_what_is_kept_may_be_damaged(tmp_path: Path, cache: Path, damage: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"one")
    cache.mkdir()
    (cache / "digests.json").write_bytes(damage)
    assert digest_of(path) == hashlib.sha256(b"one").hexdigest()


def test_files_that_are_gone_are_forgotten(tmp_path: Path, cache: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).write_bytes(b"one")
        digest_of(tmp_path / name)
        (tmp_path / "old").unlink(missing_ok=True)
    assert list(json.loads((cache / "digests.json").read_bytes())) == [str(tmp_path / "new")]


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"one")
    cache.write_bytes(b"a file in the way")
    assert digest_of(path) == hashlib.sha256(b"one").hexdigest()


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")
@pytest.mark.timeout(20)
@pytest.mark.parametrize("plant", ["symlink_to", "hardlink_to", "mkfifo"])
def test_what_was_planted_in_its_place_stays_as_it_is(plant: str, cache: Path, tmp_path: Path) -> None:
    path, photo = tmp_path / "model.onnx", tmp_path / "photo.jpg"
    path.write_bytes(b"one")
    photo.write_bytes(b"a photo")
    cache.mkdir()
    if plant == "mkfifo":
        os.mkfifo(cache / "digests.json")
    else:
        getattr(cache / "digests.json", plant)(photo)
    assert rewritten(path, b"two") == hashlib.sha256(b"two").hexdigest()
    assert photo.read_bytes() == b"a photo"
