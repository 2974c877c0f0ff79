from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from photo_ranker.models.onnx_prepare import prepare
from photo_ranker.models.prepared import PREPARED_SHA256, Make, prepared_model, with_free_axes
from photo_ranker.models.sessions import OnnxModel
from photo_ranker.models.store import model_path
from photo_ranker.models.yunet_network import YuNetNetwork, without_doubles
from pictures import picture

YUNET, SFACE = "face_detection_yunet_2023mar_int8bq.onnx", "face_recognition_sface_2021dec_int8bq.onnx"
MAKE: dict[str, Make] = {
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
    return OnnxModel(prepared_model(name, MAKE[name]), threads=1, device="cpu")


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
    content = MAKE[name](model_path(name))
    assert hashlib.sha256(content).hexdigest() == PREPARED_SHA256[name]
