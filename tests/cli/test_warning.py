from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from photo_ranker.cli import main
from photo_ranker.cli.console import TerminalListener
from photo_ranker.models.store import sample_photo

CUT = "cut off in the middle"


def warning(reasons: list[str], photos: int) -> str | None:
    listener = TerminalListener(quiet=True)
    listener.unreadable(reasons, photos)
    return listener.warning


@pytest.mark.parametrize(
    ("reasons", "photos", "wanted"),
    [
        ([], 0, None),
        ([CUT] * 5, 10, None),
        ([CUT] * 6, 10, f"warning: 6 of 10 photos cannot be read: {CUT}"),
        ([CUT] * 4 + ["damaged"] * 4, 10, None),
        (["damaged (byte 17)", "damaged (byte 1,204)"], 3, "warning: 2 of 3 photos cannot be read: damaged (byte 17)"),
        (["not a photo: text"] * 9, 10, None),
        (["not a photo: text"] * 9 + [CUT], 10, f"warning: 1 of 1 photo cannot be read: {CUT}"),
    ],
)
def test_more_than_half_for_one_reason(reasons: list[str], photos: int, wanted: str | None) -> None:
    assert warning(reasons, photos) == wanted


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """One good photo and two that are cut off."""
    folder = tmp_path / "album"
    folder.mkdir()
    shutil.copy(sample_photo("t1.jpg"), folder / "good.jpg")
    for number in range(2):
        (folder / f"{number}.jpg").write_bytes((folder / "good.jpg").read_bytes()[: 3000 + number])
    return folder


@pytest.mark.parametrize("words", [[], ["--quiet"]])
def test_the_results_are_printed_all_the_same(album: Path, words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--ref", str(album / "good.jpg"), "--photos", str(album), *words]) == 0
    said = capfd.readouterr()
    assert said.out == f"{album / 'good.jpg'}\n"
    assert said.err.splitlines()[-1] == f"warning: 2 of 3 photos cannot be read: {CUT}"
    assert main(["index", str(album), "--quiet"]) == 0
    assert capfd.readouterr().err.splitlines() == [f"warning: 2 of 3 photos cannot be read: {CUT}"]
    assert main(["library", str(album), "--quiet"]) == 0
    assert main(["rank", "--ref", str(album / "good.jpg"), "--library", str(album), "--quiet"]) == 0
    assert capfd.readouterr().err.splitlines() == [f"warning: 2 of 3 photos cannot be read: {CUT}"]


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_it_is_red_on_a_terminal_and_comes_last(album: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    words = ["rank", "--ref", str(album / "good.jpg"), "--photos", str(album)]
    line = [sys.executable, "-m", "photo_ranker", *words]
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    done = subprocess.run(line, stderr=theirs, stdout=subprocess.DEVNULL, env=environment, check=False, timeout=120)
    os.close(theirs)
    said = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert done.returncode == 0
    assert said.rstrip().endswith(f"\033[31mwarning: 2 of 3 photos cannot be read: {CUT}\033[0m")
