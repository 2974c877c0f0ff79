"""What models run on, and that every device that is here sees the same faces."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from photo_ranker.errors import UserError
from photo_ranker.models import Engine, EngineOptions, sessions
from photo_ranker.models.align import align
from photo_ranker.models.engines import open_engine
from photo_ranker.models.prepared import trial_model
from photo_ranker.models.sessions import (
    DEVICES,
    SAME_FACE,
    SAME_PLACE,
    OnnxModel,
    batch_size,
    chosen_device,
    no_stderr,
    no_stdout,
    why_not,
)
from photo_ranker.records import overlap
from pictures import picture

ONLY_CPU = pytest.mark.skip(reason="this ONNX Runtime has the processor alone; make test-devices installs another")
FOUND = [pytest.param(device) for device in DEVICES if device != "cpu" and not why_not(device)]
HERE = FOUND or [pytest.param("none", marks=ONLY_CPU)]


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The devices that work on an imagined machine."""
    names = {"cpu"}
    monkeypatch.setattr(sessions, "why_not", lambda device: "" if device in names else "it is not here")
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
    monkeypatch.setattr(sessions, "providers", lambda: list(DEVICES.values()))
    why_not.cache_clear()
    try:
        assert "CoreMLExecutionProvider" in why_not("coreml")
        assert not why_not("cpu")
    finally:
        why_not.cache_clear()


def test_accelerators_get_larger_batches() -> None:
    assert batch_size("cuda") > batch_size("cpu") == OnnxModel(trial_model(), 1, "cpu").batch


def test_a_loaded_model_does_not_keep_its_file_in_memory() -> None:
    content = trial_model()
    before = sys.getrefcount(content)
    model = OnnxModel(content, 1, "cpu")
    assert sys.getrefcount(content) == before
    assert (model.run(np.full((1, 4), 3, np.float32))["y"] == 3).all()


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


def test_what_is_printed_meanwhile_is_dropped_from_python_and_from_c(capfd: pytest.CaptureFixture[str]) -> None:
    print("before")
    with no_stdout():
        print("chatter")
        os.write(1, b"chatter of C\n")
        print("a warning", file=sys.stderr)
    with no_stderr():
        os.write(2, b"a greeting\n")
        print("a result")
    print("after")
    assert capfd.readouterr() == ("before\na result\nafter\n", "a warning\n")


def test_threads_that_are_quiet_at_once_give_the_streams_back(capfd: pytest.CaptureFixture[str]) -> None:
    def be_quiet(seconds: float) -> None:
        with no_stdout():
            time.sleep(seconds)
            print("chatter")

    threads = [threading.Thread(target=be_quiet, args=(seconds,)) for seconds in (0.02, 0.05, 0.01, 0.03)]
    for thread in threads:
        thread.start()
        time.sleep(0.005)
    for thread in threads:
        thread.join()
    print("after")
    os.write(1, b"and from C\n")
    assert "chatter" not in (said := capfd.readouterr().out)
    assert sorted(said.splitlines()) == ["after", "and from C"]


def test_the_streams_come_back_after_a_failure(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="broken"), no_stdout():
        raise ValueError("broken")
    print("after")
    assert capfd.readouterr().out == "after\n"
