from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from photo_ranker.core.installation import about_missing, failure_of_ours
from photo_ranker.errors import InstallationBroken, OutOfMemory, PhotoUnreadable


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


def caught_while_importing(folder: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> Exception:
    """The error of a library whose module begins with this line."""
    (folder / "brittle.py").write_text(line)
    monkeypatch.syspath_prepend(folder)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of any kind
        import brittle  # type: ignore[import-not-found]  # noqa: F401
    return caught.value


@pytest.mark.parametrize(
    "line",
    [
        "raise OSError('libfoo.so.1: cannot open shared object file')",
        "raise ImportError('libfoo.so.1: cannot open shared object file')",
        "raise AttributeError('_ARRAY_API not found')",
        "import nowhere",
    ],
)
def test_whatever_keeps_a_library_from_loading_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    found = failure_of_ours(caught_while_importing(tmp_path, monkeypatch, line))
    assert isinstance(found, InstallationBroken)
    assert found.advice


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : std::bad_alloc"),
        ValueError("OpenCV(5.0.0) error: (-4:Insufficient memory) Failed to allocate 3221225472 bytes"),
        ImportError("libfoo.so: failed to map segment from shared object: Cannot allocate memory", name="cv2"),
        RuntimeError("can't start new thread"),
    ],
)
def test_lack_of_memory_is_ours_however_it_is_said(error: Exception) -> None:
    assert isinstance(failure_of_ours(error), OutOfMemory)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("broken data stream"),
        OSError("cannot identify image file"),
        OSError(errno.EIO, "Input/output error"),
        RuntimeError("Memory allocation error: Security limit exceeded"),
        PhotoUnreadable("damaged"),
    ],
)
def test_damage_is_the_photos_own(error: Exception) -> None:
    assert failure_of_ours(error) is None


LIMITED = """
import resource
from photo_ranker.core.installation import failure_of_ours, is_memory_short
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
for room in (1 << 30, 1 << 25):
    resource.setrlimit(resource.RLIMIT_AS, (used + room, resource.RLIM_INFINITY))
    print(is_memory_short(), type(failure_of_ours(ValueError("broken data stream"))).__name__)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="Linux alone tells its use of memory there")
def test_a_process_short_of_memory_blames_no_photo() -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False NoneType", "True OutOfMemory"]
