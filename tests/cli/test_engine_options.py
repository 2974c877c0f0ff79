"""--engine, --smile and --device: the default needs no other library, and what is missing is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from photo_ranker.cli import main
from photo_ranker.models.store import sample_photo

LIBRARIES = ("insightface", "deepface")


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    return Path(shutil.copy(sample_photo("Tom_Hanks_54745.png"), folder))


def libraries_that(folder: Path, code: str) -> str:
    """A folder to be looked into first, in which both libraries do this when they are imported."""
    for name in LIBRARIES:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(code.format(name=name))
    return str(folder)


def run(path: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "photo_ranker", *words]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_default_never_imports_them(tmp_path: Path, portrait: Path) -> None:
    """Neither does the main process, nor any worker."""
    mark = tmp_path / "imported"
    path = libraries_that(tmp_path / "path", f"open({str(mark)!r}, 'a').write('{{name}} ')")
    for words in (
        ["index", str(portrait.parent)],
        ["inspect", str(portrait)],
        ["people", "list", str(portrait.parent)],
    ):
        assert run(path, *words).returncode == 0
    done = run(path, "rank", "--ref", str(portrait), "--photos", str(portrait.parent))
    assert done.stdout.splitlines() == [str(portrait)]
    assert not mark.exists()


@pytest.mark.parametrize(
    ("words", "library"), [(["--engine", "PACK"], "insightface"), (["--smile", "deepface"], "deepface")]
)
def test_a_library_that_is_missing_is_said_with_the_way_to_get_it(
    tmp_path: Path, portrait: Path, words: list[str], library: str
) -> None:
    path = libraries_that(tmp_path / "path", "raise ModuleNotFoundError(\"No module named '{name}'\", name='{name}')")
    pack = tmp_path / "PACK"
    pack.mkdir()
    (pack / "det.onnx").write_bytes(b"any")
    words = [word.replace("PACK", str(pack)) for word in words]
    done = run(path, "index", str(portrait.parent), *words)
    assert done.returncode == 2
    # On a busy machine a note comes first that the models take their time.
    assert f"error: {library}, for " in done.stderr
    assert f"pip install {library}" in done.stderr


def test_an_unknown_device_is_answered_with_those_there_are(portrait: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(portrait.parent), "--device", "abacus"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: there is no device 'abacus'",
        "  choose one of: auto, cpu, cuda, coreml, directml, openvino",
    ]


def test_a_device_that_is_not_here_is_said_and_nothing_is_measured(
    portrait: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", str(portrait.parent), "--device", "coreml", "--quiet"]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: 'coreml' cannot be used: ")


def test_a_folder_without_models_is_no_engine(
    tmp_path: Path, portrait: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", str(portrait.parent), "--engine", str(tmp_path)]) == 2
    assert f"the folder {tmp_path} holds no ONNX models" in capsys.readouterr().err
