from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from photo_ranker.models import store
from photo_ranker.models.prepared import (
    PREPARED_SHA256,
    Make,
    is_as_prepared,
    prepare,
    prepared_model,
    prepared_path,
    trial_model,
    with_free_axes,
)
from photo_ranker.models.sessions import OnnxModel
from photo_ranker.models.store import model_path
from photo_ranker.models.yunet import YuNetNetwork, without_doubles
from pictures import picture

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
        "import sys\nfrom photo_ranker.models import EngineOptions\n"
        "from photo_ranker.models.engines import open_engine\n"
        "open_engine('sface', EngineOptions(detect_side=1024, detect_threshold=0.6))\n"
        "print('onnx' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True)  # prepares them where that was never done
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


SFACE = "face_recognition_sface_2021dec_int8bq.onnx"
MAKES: dict[str, Make] = {
    YUNET: with_free_axes({0: "batch", 2: "height", 3: "width"}),
    SFACE: with_free_axes({0: "batch"}),
}
Outputs = dict[str, NDArray[np.float32]]


def as_published(name: str, batch: NDArray[np.float32]) -> Outputs:
    """What the file says as it is, with zeros for the weights that it asks for and does not use."""
    session = onnxruntime.InferenceSession(str(model_path(name)), providers=["CPUExecutionProvider"])
    first, *stale = session.get_inputs()
    feed = {first.name: batch, **{item.name: np.zeros(item.shape, np.float32) for item in stale}}
    names = [item.name for item in session.get_outputs()]
    return dict(zip(names, session.run(names, feed), strict=True))


def prepared(name: str) -> OnnxModel:
    return OnnxModel(prepared_model(name, MAKES[name]), threads=1, device="cpu")


def noise(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(7).uniform(0, 255, shape).astype(np.float32)


def test_sface_says_the_same_prepared_as_published() -> None:
    batch = noise(1, 3, 112, 112)
    expected = as_published(SFACE, batch)["fc1"]
    got = prepared(SFACE).run(batch)["fc1"]
    assert np.abs(got - expected).max() < 1e-5 * np.abs(expected).max()


def test_yunet_says_the_same_prepared_as_opencv_says_of_the_published_file() -> None:
    """ONNX Runtime cannot run the published file at all."""
    pixels = picture("t1.jpg")
    height, width = pixels.shape[:2]
    theirs = cv2.FaceDetectorYN.create(str(model_path(YUNET)), "", (width, height), 0.6, 0.3)
    _, expected = theirs.detect(np.ascontiguousarray(pixels[:, :, ::-1]))
    got = without_doubles(YuNetNetwork(threads=1, device="cpu").rows([pixels], 0.6)[0])
    assert len(got) == len(expected) == 6
    expected = expected[np.argsort(-expected[:, 14])]
    assert np.abs(got[:, :14] - expected[:, :14]).max() < 0.01
    assert np.abs(got[:, 14] - expected[:, 14]).max() < 1e-4


def test_pictures_of_one_batch_do_not_touch_each_other() -> None:
    model = prepared(SFACE)
    batch = noise(5, 3, 112, 112)
    together = model.run(batch)["fc1"]
    for number in range(5):
        alone = model.run(batch[number : number + 1])["fc1"][0]
        assert np.allclose(together[number], alone, atol=1e-5)


def test_yunet_takes_any_size_and_number() -> None:
    outputs = prepared(YUNET).run(noise(3, 3, 96, 160))
    assert outputs["cls_8"].shape == (3, 12 * 20, 1)
    assert outputs["kps_32"].shape == (3, 3 * 5, 10)


@pytest.mark.parametrize("name", [YUNET, SFACE])
def test_nothing_is_left_to_undo_at_every_start(name: str) -> None:
    model = onnx.load_model_from_string(prepare(model_path(name), {0: "batch"}))
    assert not {"DequantizeLinear", "PRelu"} & {node.op_type for node in model.graph.node}
    assert len(model.graph.input) == 1


def a_small_model(slopes: NDArray[np.float32]) -> onnx.ModelProto:
    """Quantised weights in blocks of 2 along their rows, then PRelu."""
    values = np.array([[1, -2, 3, 4], [5, 6, -7, 8]], np.int8)
    scales = np.array([[0.5, 0.25], [1.0, 2.0]], np.float32)
    zeros = np.array([[0, 1], [-1, 0]], np.int8)
    nodes = [
        helper.make_node("DequantizeLinear", ["values", "scales", "zeros"], ["weights"], axis=1, block_size=2),
        helper.make_node("MatMul", ["x", "weights"], ["product"]),
        helper.make_node("PRelu", ["product", "slopes"], ["y"]),
    ]
    tensors = {"values": values, "scales": scales, "zeros": zeros, "slopes": slopes}
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 4])],
        [numpy_helper.from_array(array, name) for name, array in tensors.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


@pytest.mark.parametrize("slope", [-0.81, 0.0, 0.25, 1.0, 1.12])
def test_prelu_is_exact_for_every_slope(tmp_path: Path, slope: float) -> None:
    onnx.save(a_small_model(np.full(4, slope, np.float32)), tmp_path / "small.onnx")
    model = OnnxModel(prepare(tmp_path / "small.onnx", {0: "batch"}), threads=1, device="cpu")
    x = np.array([[1, -1], [-3, 2], [0.5, 0.25]], np.float32)
    weights = np.array([[0.5, -1.0, 0.5, 0.75], [6, 7, -14, 16]], np.float32)
    product = x @ weights
    assert np.allclose(model.run(x)["y"], np.where(product > 0, product, slope * product), atol=1e-5)


def test_weights_quantised_another_way_are_refused_not_guessed(tmp_path: Path) -> None:
    model = a_small_model(np.zeros(4, np.float32))
    del model.graph.node[0].attribute[:]
    onnx.save(model, tmp_path / "other.onnx")
    with pytest.raises(ValueError, match="only block-wise"):
        prepare(tmp_path / "other.onnx", {0: "batch"})


@pytest.mark.parametrize("name", [YUNET, SFACE])
def test_the_preparation_gives_what_is_pinned(name: str) -> None:
    content = MAKES[name](model_path(name))
    assert hashlib.sha256(content).hexdigest() == PREPARED_SHA256[name]
