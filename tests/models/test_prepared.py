from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest

from photo_ranker.models import store
from photo_ranker.models.onnx_prepare import trial_model
from photo_ranker.models.prepared import (
    PREPARED_SHA256,
    is_as_prepared,
    prepared_model,
    prepared_path,
    with_free_axes,
)
from photo_ranker.models.store import model_path

YUNET = "face_detection_yunet_2023mar_int8bq.onnx"
MAKE = with_free_axes({0: "batch", 2: "height", 3: "width"})


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own cache, with the published files as if put there by hand."""
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(model_path(YUNET).parent))
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    store._remembered.cache_clear()
    return tmp_path / "cache" / "models"


def test_a_model_is_prepared_once(cache: Path) -> None:
    content = prepared_model(YUNET, MAKE)
    assert prepared_path(YUNET).parent == cache
    assert prepared_path(YUNET).read_bytes() == content
    assert prepared_model(YUNET, lambda _: pytest.fail("prepared again")) == content


@pytest.mark.skipif(os.name == "nt", reason="links as on POSIX")
def test_nothing_is_written_through_what_was_planted_in_its_place(cache: Path, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo")
    content, path = prepared_model(YUNET, MAKE), prepared_path(YUNET)
    for plant in ("symlink_to", "hardlink_to"):
        path.unlink()
        getattr(path, plant)(photo)
        assert prepared_model(YUNET, MAKE) == content
        assert photo.read_bytes() == b"a photo"
        assert not path.is_symlink()
        assert path.read_bytes() == content


@pytest.mark.parametrize("left", [b"", b"half of the fi"])
def test_a_half_written_prepared_model_is_made_again(cache: Path, left: bytes) -> None:
    whole = prepared_model(YUNET, MAKE)
    prepared_path(YUNET).write_bytes(left)
    assert not is_as_prepared(YUNET)
    assert prepared_model(YUNET, MAKE) == whole
    assert is_as_prepared(YUNET)


def test_a_planted_model_with_a_digest_beside_it_is_not_loaded(cache: Path) -> None:
    whole = prepared_model(YUNET, MAKE)
    planted, path = trial_model(), prepared_path(YUNET)
    path.write_bytes(planted)
    path.with_suffix(".sha256").write_text(hashlib.sha256(planted).hexdigest())
    assert prepared_model(YUNET, MAKE) == whole
    assert path.read_bytes() == whole
    assert not path.with_suffix(".sha256").exists()


def test_what_another_onnx_writes_is_used_and_not_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PREPARED_SHA256, YUNET, "0" * 64)
    assert onnx.load_model_from_string(prepared_model(YUNET, MAKE)).graph.output[0].name == "cls_8"
    assert not prepared_path(YUNET).exists()


def test_without_a_writable_cache_the_model_is_prepared_in_memory(cache: Path) -> None:
    cache.parent.write_text("a file where the folder should be")
    content = prepared_model(YUNET, MAKE)
    assert onnx.load_model_from_string(content).graph.output[0].name == "cls_8"


def test_prepared_files_are_loaded_without_the_package_that_prepares_them() -> None:
    code = (
        "import sys\nfrom photo_ranker.models.base import EngineOptions\n"
        "from photo_ranker.models.engines import open_engine\n"
        "open_engine('sface', EngineOptions(detect_side=1024, detect_threshold=0.6))\n"
        "print('onnx' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True)  # prepares them where that was never done
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"
