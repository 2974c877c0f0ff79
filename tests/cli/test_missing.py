from __future__ import annotations

import pytest

from photo_ranker.cli.missing import about_missing


def not_there(module: str) -> ModuleNotFoundError:
    return ModuleNotFoundError(f"No module named '{module}'", name=module)


@pytest.mark.parametrize(
    ("module", "message", "advice"),
    [
        ("rawpy", "rawpy, for camera RAW files, is not installed", "pip install rawpy"),
        ("ray", "ray, for clusters and object storage, is not installed", "pip install ray fsspec"),
        ("pi_heif", "pi_heif cannot be used: pi-heif is not installed", "pip install --force-reinstall pi-heif"),
        ("cv2", "cv2 cannot be used: opencv-python-headless is not installed", None),
        ("onnx.helper", "onnx cannot be used: No module named 'onnx.helper'", None),
    ],
)
def test_a_library_that_is_not_there(module: str, message: str, advice: str | None) -> None:
    told = about_missing(not_there(module))
    assert told
    assert told.message == message
    assert advice is None or told.advice == advice


@pytest.mark.parametrize("library", ["libGL.so.1", "libgthread-2.0.so.0", "libEGL.so.1"])
def test_a_system_library_that_opencv_wants(library: str) -> None:
    told = about_missing(ImportError(f"{library}: cannot open shared object file: No such file", name="cv2"))
    assert told
    assert told.message == f"OpenCV cannot start on this machine: {library} is missing"


def test_a_library_that_is_broken_says_why() -> None:
    told = about_missing(ImportError("DLL load failed while importing onnxruntime_pybind11_state", name="onnxruntime"))
    assert told
    assert told.message.endswith("DLL load failed while importing onnxruntime_pybind11_state")


def test_a_mistake_of_ours_is_not_explained_away() -> None:
    assert about_missing(ImportError("cannot import name 'x'", name="photo_ranker.records")) is None
