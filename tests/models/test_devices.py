"""What models run on, and that every device that is here sees the same faces."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from photo_ranker.errors import UserError
from photo_ranker.models import Engine, EngineOptions, devices, open_engine
from photo_ranker.models.align import align
from photo_ranker.models.devices import DEVICES, SAME_FACE, SAME_PLACE, batch_size, chosen_device, why_not
from photo_ranker.models.onnx_prepare import trial_model
from photo_ranker.models.sessions import OnnxModel
from photo_ranker.records import overlap
from pictures import picture

ONLY_CPU = pytest.mark.skip(reason="this ONNX Runtime has the processor alone; make test-devices installs another")
FOUND = [pytest.param(device) for device in DEVICES if device != "cpu" and not why_not(device)]
HERE = FOUND or [pytest.param("none", marks=ONLY_CPU)]


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The devices that work on an imagined machine."""
    names = {"cpu"}
    monkeypatch.setattr(devices, "why_not", lambda device: "" if device in names else "it is not here")
    return names  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("here", "chosen"),
    [
        (set(), "cpu"),
        ({"cuda", "openvino", "directml"}, "cuda"),
        ({"openvino"}, "openvino"),
        ({"coreml"}, "cpu"),
    ],
)
def test_auto_takes_the_best_that_works(works: set[str], here: set[str], chosen: str) -> None:
    works |= here
    assert chosen_device("auto") == chosen


def test_a_device_that_was_asked_for_is_never_exchanged_in_silence(works: set[str]) -> None:
    works |= {"openvino"}
    assert chosen_device("openvino") == "openvino"
    with pytest.raises(UserError, match="'cuda' cannot be used: it is not here"):
        chosen_device("cuda")


@pytest.mark.skipif(sys.platform == "darwin", reason="CoreML starts on a Mac")
def test_a_provider_that_is_listed_and_does_not_start_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime would say nothing and take the processor."""
    monkeypatch.setattr(devices, "providers", lambda: list(DEVICES.values()))
    why_not.cache_clear()
    try:
        assert "CoreMLExecutionProvider" in why_not("coreml")
        assert not why_not("cpu")
    finally:
        why_not.cache_clear()


def test_accelerators_get_larger_batches() -> None:
    assert batch_size("cuda") > batch_size("cpu") == OnnxModel(trial_model(), 1, "cpu").batch


@pytest.fixture(scope="module", params=HERE)
def other(request: pytest.FixtureRequest) -> Engine:
    return open_engine("sface", EngineOptions(1024, 0.6, device=request.param))


def identities(engine: Engine, pixels: NDArray[np.uint8]) -> tuple[list[tuple[float, ...]], NDArray[np.float32]]:
    """Boxes with scores, and unit embeddings, of all faces from the left."""
    faces = sorted(engine.detector.detect(pixels), key=lambda face: face.box[0])
    rows = engine.embedder.embed(np.stack([align(pixels, face.points) for face in faces]))
    return [(*face.box, face.score) for face in faces], rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("name", ["t1.jpg", "astronaut.png", "Tom_Hanks_54745.png"])
def test_every_device_sees_the_same_faces(engine: Engine, other: Engine, name: str) -> None:
    ours, rows = identities(engine, picture(name))
    theirs, other_rows = identities(other, picture(name))
    assert len(ours) == len(theirs)
    overlaps = [overlap(one[:4], two[:4]) for one, two in zip(ours, theirs, strict=True)]  # type: ignore[arg-type]
    cosines = (rows * other_rows).sum(axis=1)
    print(f"\n{name}: overlap {min(overlaps):.6f}, cosine {cosines.min():.7f}")
    assert min(overlaps) >= SAME_PLACE
    assert cosines.min() >= SAME_FACE
    assert max(abs(one[4] - two[4]) for one, two in zip(ours, theirs, strict=True)) <= 0.01
