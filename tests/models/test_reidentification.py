from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from photo_ranker.errors import ModelUnavailable
from photo_ranker.models import Engine, EngineOptions, FaceEmbedder, store
from photo_ranker.models.align import align
from photo_ranker.models.engines import open_engine
from photo_ranker.models.identity import build, placed
from photo_ranker.models.prepared import PREPARED_SHA256
from photo_ranker.models.sessions import OnnxModel
from photo_ranker.models.store import SECOND_NETWORK
from pictures import picture
from second_network import FILE, needs_second_network

ASTRONAUT = ((202.0, 103.0), (246.0, 104.0), (222.0, 126.0), (202.0, 144.0), (241.0, 145.0))
"""Her five points, fixed here so that the vector below hangs on the network alone."""

# Of the published file and its graph in OpenVINO.
REFERENCE = [-0.036, -0.028, -0.063, -0.062, -0.075, -0.007, 0.062, -0.028, 0.008, -0.018, -0.017, -0.097, -0.196]

STRANGERS = 0.4
"""Of 6,000 pairs of LFW hardly any two people are nearer to this network."""


@pytest.fixture(scope="module")
def second() -> FaceEmbedder:
    with pytest.MonkeyPatch.context() as patch:
        assert FILE is not None
        patch.setenv("PHOTO_RANKER_MODELS", str(FILE.parent))
        store._remembered.cache_clear()
        engine = open_engine("duo", EngineOptions(detect_side=1024, detect_threshold=0.6))
    assert engine.second is not None
    return engine.second


def published(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """All numbers that the network gives for one face, before they are shortened."""
    assert FILE is not None
    model = onnx.load_from_string(build(FILE))
    last = model.graph.node[-2].input[0]
    model.graph.output[0].CopyFrom(onnx.helper.make_tensor_value_info(last, onnx.TensorProto.FLOAT, None))
    del model.graph.node[-2:]
    found: NDArray[np.float32] = OnnxModel(model.SerializeToString(), 1, "cpu").run(placed(crops[0])[None])[last]
    return found.reshape(-1)


def identities(second: FaceEmbedder, engine: Engine, name: str) -> NDArray[np.float32]:
    """Of all faces in a sample photo, of unit length."""
    pixels = picture(name)
    crops = np.stack([align(pixels, face.points) for face in engine.detector.detect(pixels)])
    rows = second.embed(crops)
    unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


@needs_second_network
def test_the_vector_is_the_one_that_openvino_gives(second: FaceEmbedder) -> None:
    crop = align(picture("astronaut.png"), ASTRONAUT)[None]
    vector, whole = second.embed(crop)[0], published(crop)
    assert whole.shape == (256,)
    assert np.abs(whole[: len(REFERENCE)] / np.linalg.norm(whole) - REFERENCE).max() < 0.002
    assert vector.shape == (second.dimensions,) == (144,)
    assert 0.99 < np.linalg.norm(vector) / np.linalg.norm(whole) < 1.0, "the directions left out say next to nothing"


@needs_second_network
def test_the_graph_is_the_pinned_one() -> None:
    assert FILE is not None
    assert hashlib.sha256(build(FILE)).hexdigest() == PREPARED_SHA256[SECOND_NETWORK]


@needs_second_network
def test_no_zero_of_the_projection_has_a_sign_that_another_processor_would_not_give_it() -> None:
    assert FILE is not None
    projection = onnx.numpy_helper.to_array(onnx.load_from_string(build(FILE)).graph.initializer[-1])
    zeros = projection == 0
    assert projection.shape[:2] == (144, 256)
    assert zeros.sum() >= 144 * 143 // 2
    assert not np.signbit(projection[zeros]).any()


@needs_second_network
def test_all_people_at_the_table_and_all_others_are_different(second: FaceEmbedder, engine: Engine) -> None:
    names = ("t1.jpg", "astronaut.png", "Tom_Hanks_54745.png")
    everyone = np.concatenate([identities(second, engine, name) for name in names])
    assert len(everyone) == 8
    assert (everyone @ everyone.T - np.eye(8)).max() < STRANGERS


@needs_second_network
def test_faces_come_out_in_their_order_however_many(second: FaceEmbedder, engine: Engine) -> None:
    pixels = picture("t1.jpg")
    crops = np.stack([align(pixels, face.points) for face in engine.detector.detect(pixels)])
    together = second.embed(crops)
    for number in range(len(crops)):
        assert np.allclose(together[number], second.embed(crops[number : number + 1])[0], atol=1e-4)
    assert second.embed(np.empty((0, 112, 112, 3), np.uint8)).shape == (0, second.dimensions)


@pytest.mark.parametrize(("length", "why"), [(1000, "ends too early"), (2_213_724 + 6, "6 bytes are left over")])
def test_other_weights_are_not_taken_for_these(tmp_path: Path, length: int, why: str) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(bytes(length))
    with pytest.raises(ModelUnavailable, match=why):
        build(path)
