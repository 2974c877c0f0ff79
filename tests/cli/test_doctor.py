from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from photo_ranker.cli import doctor, main
from photo_ranker.cli.doctor import CheckResult

LIBGL = 'raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory", name="cv2")'


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is installed; packages that are not named are not."""
    packages: dict[str, str] = {}

    def version(package: str) -> str:
        if package not in packages:
            raise PackageNotFoundError(package)
        return packages[package]

    monkeypatch.setattr(doctor, "version", version)
    return packages


def only(findings: list[CheckResult], state: str) -> list[CheckResult]:
    return [finding for finding in findings if finding.state == state]


def test_a_healthy_machine_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert said.endswith("all is well\n")
    assert "opencv-python-headless" in said
    assert "face_landmarker.task" in said


def test_json_has_every_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is True
    names = {finding["name"] for finding in document["findings"]}
    assert {"python", "processors", "onnxruntime", "opencv", "device", "cache", "[web]"} <= names
    assert all(finding["state"] in {"ok", "note", "problem"} for finding in document["findings"])


def test_opencv_packages_at_different_versions_are_a_problem(installed: dict[str, str]) -> None:
    installed.update({"opencv-python": "4.9.0.80", "opencv-contrib-python-headless": "4.10.0.84"})
    (found,) = only(list(doctor._opencv()), "problem")
    assert found.text == (
        "2 packages share one cv2 folder: opencv-python 4.9.0.80, opencv-contrib-python-headless 4.10.0.84"
    )
    assert found.advice.endswith("opencv-python==4.10.0.84 opencv-contrib-python-headless==4.10.0.84")


def test_opencv_packages_at_one_version_are_fine(installed: dict[str, str]) -> None:
    installed.update({"opencv-python": "5.0.0.93", "opencv-contrib-python-headless": "5.0.0.93"})
    assert [finding.state for finding in doctor._opencv()] == ["ok"]


def test_a_missing_package_is_named_with_the_way_to_get_it(installed: dict[str, str]) -> None:
    problems = only(list(doctor._packages()), "problem")
    assert CheckResult("pi-heif", "problem", "not installed", "pip install pi-heif") in problems
    assert only(list(doctor._opencv()), "problem")[0].advice == "pip install opencv-python-headless"


def test_another_flavour_of_onnx_runtime_is_as_good(installed: dict[str, str]) -> None:
    installed["onnxruntime-gpu"] = "1.31.1"
    assert CheckResult("onnxruntime", "ok", "1.31.1") in list(doctor._packages())


def test_two_flavours_of_onnx_runtime_are_a_problem(installed: dict[str, str]) -> None:
    installed.update({"onnxruntime": "1.31.1", "onnxruntime-gpu": "1.30.0"})
    (found,) = only(list(doctor._accelerators()), "problem")
    assert found.text == "onnxruntime, onnxruntime-gpu overwrite each other"


def test_a_card_that_is_not_used_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/usr/bin/{name}")  # type: ignore[attr-defined]
    monkeypatch.setattr("photo_ranker.models.sessions.providers", lambda: ["CPUExecutionProvider"])
    (found,) = only(list(doctor._accelerators()), "note")
    assert found.name == "nvidia"
    assert "onnxruntime-gpu" in found.advice


def test_an_extra_that_is_missing_is_a_note(installed: dict[str, str]) -> None:
    installed["fastapi"] = "0.115"
    found = {finding.name: finding for finding in doctor._extras()}
    assert found["[web]"].advice == "pip install uvicorn jinja2 python-multipart"
    assert found["[raw]"].text == "not installed: rawpy (for camera RAW files)"
    assert {finding.state for finding in found.values()} == {"note"}


def test_models_that_are_not_here_yet_are_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path))
    monkeypatch.delenv("PHOTO_RANKER_MODELS", raising=False)
    found = list(doctor._models())
    assert [finding.state for finding in found] == ["note"] * 4
    assert found[-1].text == f"not here, so the engine sface works alone (looked for in {tmp_path / 'models'})"
    assert {finding.advice for finding in found} == {"photo-ranker models fetch"}


def test_a_damaged_model_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(tmp_path))
    (tmp_path / "face_landmarker.task").write_bytes(b"half")
    (found,) = only(list(doctor._models()), "problem")
    assert found.advice == f"remove {tmp_path / 'face_landmarker.task'}, then photo-ranker models fetch"


def test_a_folder_by_hand_that_is_not_there_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(tmp_path / "nowhere"))
    (found,) = only(list(doctor._models()), "problem")
    assert found.text == f"there is no folder {tmp_path / 'nowhere'}"


def test_a_cache_that_cannot_be_written_is_a_problem(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", "/proc/photo-ranker")
    assert main(["doctor"]) == 2
    said = capsys.readouterr().out
    assert "FIX   cache" in said
    assert "/proc/photo-ranker cannot be written" in said
    assert said.endswith("1 to fix\n")


def test_a_full_disk_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_ROOM_BYTES", 1e18)
    (found,) = doctor._caches()
    assert found.state == "problem"
    assert found.advice == "make room on that disk"


def test_doctor_makes_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "a" / "b"))
    assert [finding.state for finding in doctor._caches()] == ["ok"]
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def without_libgl(tmp_path: Path) -> dict[str, str]:
    """An environment where ``import cv2`` ends as it does with opencv-python on a bare server."""
    (tmp_path / "cv2.py").write_text(LIBGL)
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def command(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "photo_ranker", *words]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)


def test_doctor_itself_works_without_libgl(without_libgl: dict[str, str]) -> None:
    done = command(without_libgl, "doctor")
    assert done.returncode == 2
    assert "FIX   opencv" in done.stdout
    assert "opencv-python-headless" in done.stdout


def test_a_command_without_libgl_ends_in_one_clear_line(without_libgl: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff")
    done = command(without_libgl, "inspect", str(tmp_path / "a.jpg"))
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first == "error: OpenCV cannot start on this machine: libGL.so.1 is missing"
    assert "opencv-python-headless" in second
