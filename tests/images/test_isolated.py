"""The second process may die in every way; the photos after it are read all the same."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import asdict
from PIL import TiffImagePlugin

from photo_files import LIMITS, TINY_HEIC, encoded, opened, quarters
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import open_photo
from photo_ranker.images.decoders import DECODERS, isolated
from photo_ranker.images.exif import Exif


def read_heic(folder: Path) -> tuple[int, ...]:
    return opened(folder, TINY_HEIC, f"{threading.get_ident()}.heic").picture().pixels.shape


def test_a_crash_is_a_reason_and_the_next_photo_is_read(tmp_path: Path) -> None:
    crash = {"kind": "no such format", "limits": {}, "shrink": 0}  # not caught there: the process dies of it
    with pytest.raises(PhotoUnreadable, match="damaged: the decoder broke down on it"):
        isolated._ask(crash, TINY_HEIC)
    assert read_heic(tmp_path) == (64, 48, 3)


def test_every_exif_fact_comes_back() -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags.update({0x010F: "Acme", 0x0110: "X1", 0x0112: 6, 0x0132: "2024:06:01 15:04:05", 0x9010: "+02:00"})
    part = TiffImagePlugin.IFDRational
    tags.update({0xA434: "50mm", 0x829A: part(1, 250), 0x829D: part(28, 10), 0x8827: 400, 0x920A: part(50)})
    tags[0x4746] = 4
    data = encoded(quarters(64, 48), "TIFF", tiffinfo=tags)
    read = isolated.IsolatedDecoder("tiff", data, LIMITS).exif
    assert read == DECODERS["tiff"](data, LIMITS).exif
    # A fact that stays at its default would not show that it was sent: set it in this photo too.
    assert not [name for name, value in asdict(read).items() if value == getattr(Exif(), name)]


def test_a_process_that_was_killed_meanwhile_is_replaced(tmp_path: Path) -> None:
    read_heic(tmp_path)
    before = isolated._helper()
    before._process.kill()
    before._process.wait()
    assert read_heic(tmp_path) == (64, 48, 3)
    assert isolated._helper() is not before


def test_a_process_that_dies_between_question_and_answer_is_replaced(tmp_path: Path) -> None:
    photo = opened(tmp_path, TINY_HEIC, "a.heic")
    isolated._helper()._process.kill()  # not waited for: it may still look alive
    assert photo.picture().pixels.shape == (64, 48, 3)


def test_a_decoder_that_takes_forever_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path, TINY_HEIC, "a.heic")
    monkeypatch.setattr(isolated, "PATIENCE_SECONDS", 0.000001)
    big = encoded(quarters(3000, 2000), "TIFF", compression="tiff_lzw")
    start = time.perf_counter()
    with pytest.raises(PhotoUnreadable, match="takes longer than 0 seconds to decode"):
        opened(tmp_path, big, "a.tif").picture()
    assert time.perf_counter() - start < 10
    monkeypatch.undo()
    assert read_heic(tmp_path) == (64, 48, 3)


def test_threads_take_turns(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        shapes = list(pool.map(lambda _: read_heic(tmp_path), range(40)))
    assert set(shapes) == {(64, 48, 3)}


WORKERS = """
import multiprocessing, sys
from pathlib import Path
from photo_ranker.images import Limits, open_photo

def width(path):
    return open_photo(path, Limits(10**8, 10**8)).picture().pixels.shape[1]

if __name__ == "__main__":
    path = Path(sys.argv[2])
    print(width(path))
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        print(*pool.map(width, [path] * 3))
    print(width(path))
"""


@pytest.mark.parametrize("way", multiprocessing.get_all_start_methods())
def test_worker_processes_have_their_own(tmp_path: Path, way: str) -> None:
    script, path = tmp_path / "workers.py", tmp_path / "a.heic"
    script.write_text(WORKERS)
    path.write_bytes(TINY_HEIC)
    said = subprocess.run([sys.executable, script, way, path], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.split() == ["48"] * 5


def test_nothing_is_left_running(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(TINY_HEIC)
    code = (
        "import sys; from pathlib import Path; from photo_ranker.images import Limits, open_photo;"
        "from photo_ranker.images.decoders import isolated;"
        "open_photo(Path(sys.argv[1]), Limits(10**8, 10**8)); print(isolated._helper()._process.pid)"
    )
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, path], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(said.stdout), 0)


def test_the_pictures_that_need_no_second_process_start_none(tmp_path: Path) -> None:
    isolated._stop()
    opened(tmp_path, encoded(quarters(), "JPEG")).picture()
    opened(tmp_path, encoded(quarters(), "PNG")).picture()
    assert not isolated._helpers


def test_no_file_is_opened_by_the_second_process(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(TINY_HEIC)
    photo = open_photo(path, LIMITS)
    path.unlink()
    assert photo.picture().pixels.shape == (64, 48, 3)
