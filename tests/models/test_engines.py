from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photo_ranker.errors import UserError
from photo_ranker.models import EngineOptions
from photo_ranker.models.engines import ENGINES, engine_keys, named_engine, open_engine
from photo_ranker.models.insightface_engine import PACKS
from photo_ranker.models.sessions import LiteModel, providers
from photo_ranker.person_finder.populations import POPULATIONS

OPTIONS = EngineOptions(detect_side=1024, detect_threshold=0.6)


def test_every_engine_has_a_population() -> None:
    assert ENGINES.keys() <= POPULATIONS.keys()


def test_every_known_pack_is_an_engine() -> None:
    assert ENGINES.keys() == {"sface", "duo", *PACKS}


def test_a_name_is_only_taken_by_models_that_may_have_it(tmp_path: Path) -> None:
    for name in ("sface", "buffalo_l", "a:b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "det.onnx").touch()
    assert named_engine("sface") == ("sface", "")
    assert named_engine(str(tmp_path / "buffalo_l")) == ("buffalo_l", str(tmp_path / "buffalo_l"))
    for name in ("sface", "a:b"):
        with pytest.raises(UserError, match="an engine cannot be called"):
            named_engine(str(tmp_path / name))


def test_an_unknown_engine_is_answered_with_those_there_are() -> None:
    with pytest.raises(UserError) as raised:
        open_engine("eigenfaces", OPTIONS)
    assert raised.value.message == "there is no engine 'eigenfaces'"
    assert "sface" in raised.value.advice


def test_what_changes_a_detection_changes_its_key() -> None:
    usual = engine_keys("sface", OPTIONS)
    larger = engine_keys("sface", EngineOptions(2048, 0.6))
    surer = engine_keys("sface", EngineOptions(1024, 0.7))
    assert len({usual.detect, larger.detect, surer.detect}) == 3
    assert usual.embed == larger.embed == surer.embed


def test_threads_and_device_change_no_key() -> None:
    assert engine_keys("sface", EngineOptions(1024, 0.6, threads=4, device="cuda")) == engine_keys("sface", OPTIONS)


def test_an_unknown_device_is_answered_with_those_there_are() -> None:
    with pytest.raises(UserError) as raised:
        open_engine("sface", EngineOptions(1024, 0.6, device="abacus"))
    assert raised.value.message == "there is no device 'abacus'"
    assert "cpu, cuda" in raised.value.advice


@pytest.mark.skipif("CUDAExecutionProvider" in providers(), reason="this ONNX Runtime can use CUDA")
def test_a_device_that_this_machine_lacks_is_said() -> None:
    with pytest.raises(UserError) as raised:
        open_engine("sface", EngineOptions(1024, 0.6, device="cuda"))
    assert raised.value.message == "'cuda' cannot be used: this ONNX Runtime has no CUDAExecutionProvider"


def test_no_engine_chatters_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    engine = open_engine("sface", OPTIONS)
    engine.detector.detect(np.zeros((64, 64, 3), np.uint8))
    assert capfd.readouterr().err == ""


def test_a_broken_lite_model_is_an_error_not_a_crash() -> None:
    with pytest.raises(ValueError, match="Flatbuffer"):
        LiteModel(b"not a model", threads=1)
