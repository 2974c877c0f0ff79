"""A library that is missing or broken ends the run; no photo is called damaged for it, and nothing of it is stored."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from photo_files import TINY_HEIC, dng, encoded, quarters
from photo_ranker.metadata import METADATA_NAME, load
from photo_ranker.models.store import sample_photo

ROOT = Path(__file__).parents[2]
NOT_FOUND = "raise ModuleNotFoundError(\"No module named '{0}'\", name='{0}')"
NO_LIBRARY = "raise ImportError('libfoo.so.1: cannot open shared object file', name='{0}')"
NO_LIBRARY_BY_HAND = "raise OSError('libfoo.so.1: cannot open shared object file')"


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A photo of every way to decode."""
    folder = tmp_path / "album"
    folder.mkdir()
    shutil.copy(sample_photo("t1.jpg"), folder)
    shutil.copy(sample_photo("Tom_Hanks_54745.png"), folder)
    (folder / "phone.heic").write_bytes(TINY_HEIC)
    (folder / "web.webp").write_bytes(encoded(quarters(), "WEBP"))
    return folder


def broken(folder: Path, module: str, how: str) -> dict[str, str]:
    """An environment where importing the module ends like this."""
    (folder / "shadow").mkdir()
    (folder / "shadow" / f"{module}.py").write_text(how.format(module))
    return {**os.environ, "PYTHONPATH": str(folder / "shadow")}


def command(*words: str | Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "photo_ranker", *map(str, words)]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(
    ("module", "how"),
    [
        ("simplejpeg", NOT_FOUND),
        pytest.param("simplejpeg", NO_LIBRARY, marks=pytest.mark.slow),
        ("simplejpeg", NO_LIBRARY_BY_HAND),
        ("pi_heif", NOT_FOUND),
        pytest.param("pi_heif", NO_LIBRARY_BY_HAND, marks=pytest.mark.slow),
        pytest.param("cv2", NO_LIBRARY_BY_HAND, marks=pytest.mark.slow),
        pytest.param("onnxruntime", NO_LIBRARY, marks=pytest.mark.slow),
        pytest.param("ai_edge_litert", NOT_FOUND, marks=pytest.mark.slow),
    ],
)
def test_a_broken_library_ends_the_run_and_blames_no_photo(album: Path, tmp_path: Path, module: str, how: str) -> None:
    done = command("index", album, "--quiet", "--workers", "1", environment=broken(tmp_path, module, how))
    assert (done.returncode, done.stdout) == (1, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert (module if how == NOT_FOUND else "libfoo.so.1") in first
    assert second.startswith("  ")
    assert all(record.unreadable is None for record in load(album).values())
    mended = command("index", album, "--workers", "1")
    assert mended.returncode == 0
    assert "4 photos in 1 folder" in mended.stdout
    assert " 0 unreadable" in mended.stdout


def test_run_rank_without_its_jpeg_decoder_says_so(album: Path, tmp_path: Path) -> None:
    environment = broken(tmp_path, "simplejpeg", NOT_FOUND)
    line = [sys.executable, str(ROOT / "run_rank.py"), "--ref", str(album / "t1.jpg"), "--photos", str(album)]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-2:] == [  # a note on the reference may come first, if it is remembered
        "error: simplejpeg cannot be used: simplejpeg is not installed",
        "  pip install --force-reinstall simplejpeg",
    ]


@pytest.mark.parametrize("how", [NOT_FOUND, NO_LIBRARY_BY_HAND])
def test_camera_raw_without_its_extra_is_left_out_and_not_stored(album: Path, tmp_path: Path, how: str) -> None:
    (album / "camera.dng").write_bytes(dng((640, 480), encoded(quarters(1200, 800), "JPEG"), (1200, 800)))
    done = command("index", album, "--quiet", environment=broken(tmp_path, "rawpy", how))
    assert (done.returncode, done.stderr) == (0, "")
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("  unreadable")]
    assert ("pip install 'photo-ranker[raw]'" if how == NOT_FOUND else "libfoo.so.1") in told
    assert sorted(load(album)) == ["Tom_Hanks_54745.png", "phone.heic", "t1.jpg", "web.webp"]
    assert " 0 unreadable" in command("index", album).stdout


def test_what_a_former_version_stored_for_want_of_a_library_heals(album: Path) -> None:
    found = (album / "t1.jpg").stat()
    stamp = f'{{"size":{found.st_size},"mtime_ns":{found.st_mtime_ns},"hash":""}}'
    verdict = f'{{"stamp":{stamp},"unreadable":"damaged (no module named \'simplejpeg\')"}}'
    (album / METADATA_NAME).write_text(f'{{"schema":1,"photos":{{\n"t1.jpg":{verdict}\n}}}}\n')
    done = command("rank", "--ref", album / "t1.jpg", "--photos", album)
    assert (done.returncode, done.stdout.split()) == (0, [str(album / "t1.jpg")])
    assert load(album)["t1.jpg"].unreadable is None


def limited(megabytes: int, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """A command that may take only so much memory."""
    line = f'ulimit -v {megabytes * 1000}; exec "$@"'
    command_line = ["bash", "-c", line, "bash", sys.executable, "-m", "photo_ranker", *map(str, words)]
    return subprocess.run(command_line, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit the address space")
@pytest.mark.parametrize(("what", "megabytes"), [("inspect", 60), ("inspect", 400), ("index", 150), ("index", 700)])
def test_too_little_memory_is_one_clear_line(album: Path, what: str, megabytes: int) -> None:
    done = limited(megabytes, what, album if what == "index" else album / "t1.jpg", "--quiet")
    assert (done.returncode, done.stdout) == (1, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("error: ")
    assert "memory" in first
    assert "ulimit -v" in first + second
    assert load(album) == {}
