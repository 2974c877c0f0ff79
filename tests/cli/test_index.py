from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from fakes import FakeSpec, write_photo
from photo_ranker.cli import index as command
from photo_ranker.cli import main
from photo_ranker.cli.console import TerminalListener, spoken_duration
from photo_ranker.cli.options import Parser
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.workspace import Workspace

if TYPE_CHECKING:
    from photo_ranker.analysis import AnalyserSpec


@pytest.fixture
def album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "album"
    folder.mkdir()
    for number in range(3):
        write_photo(folder / f"{number}.jpg", f"faces=2 {number}")
    (folder / "a.txt").write_text("x")
    (folder / "0.xmp").write_text("<x/>")
    return folder


def run(*words: str, spec: FakeSpec | None = None) -> int:
    parser = Parser()
    command.add_arguments(parser)
    args = parser.parse_args([*words, "--workers", "1"])
    workspace = Workspace(listener=TerminalListener(quiet=args.quiet), spec=cast("AnalyserSpec", spec or FakeSpec()))
    return command.run_in(workspace, command.request_of(args), as_json=args.json)


def test_the_report_in_words(album: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_photo(album / "bad.jpg", "unreadable")
    assert run(str(album)) == 0
    said = capfd.readouterr().out.splitlines()
    assert said[0] == "4 photos in 1 folder: 0 fresh, 3 analysed, 0 moved, 1 unreadable"
    assert said[1] == "  6 faces, 1 companion file (RAW, live photo videos, sidecars)"
    assert said[2].endswith("photos/s")
    assert said[3:] == [
        f"  unreadable: {album / 'bad.jpg'}: not a photo",
        "  skipped 1: 1 not a photo (--json lists them)",
    ]
    (album / "1.jpg").unlink()
    assert run(str(album)) == 0
    said = capfd.readouterr().out.splitlines()
    assert said[:2] == [
        "3 photos in 1 folder: 2 fresh, 0 analysed, 0 moved, 1 unreadable",
        "  4 faces, 1 companion file (RAW, live photo videos, sidecars), 1 photo no longer there",
    ]


def test_the_report_as_json(album: Path, capfd: pytest.CaptureFixture[str]) -> None:
    odd = write_photo(album / os.fsdecode(b"\xff.jpg"), "unreadable")
    assert run(str(album), "--json", "--quiet") == 0
    captured = capfd.readouterr()
    assert captured.err == ""
    document = json.loads(captured.out)
    counts = document["counts"]
    assert counts["found"] == counts["fresh"] + counts["analysed"] + counts["moved"] + counts["unreadable"] == 4
    assert (counts["analysed"], counts["companions"], counts["skipped"], counts["faces"]) == (3, 1, 1, 6)
    (unreadable,) = document["unreadable"]
    assert base64.b64decode(unreadable["path_bytes"]) == os.fsencode(odd)
    assert document["skipped"] == [{"path": str(album / "a.txt"), "reason": "not a photo"}]
    assert document["kept_elsewhere"] == []


def test_a_dry_run_leaves_no_trace(album: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(str(album), "--dry-run") == 0
    assert "3 to analyse" in capfd.readouterr().out
    assert not (album / METADATA_NAME).exists()


def test_it_runs_with_the_words_of_the_command_line(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        (album / f"{number}.jpg").unlink()
    assert main(["index", str(album)]) == 0
    assert main(["index", str(album / "a.txt")]) == 2
    assert "is not a folder" in capsys.readouterr().err
    assert main(["index", str(album / "missing")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_broken_disk_does_not_flood_the_terminal(album: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for number in range(25):
        (album / f"bad{number}.jpg").write_bytes(b"no photo")
    assert run(str(album)) == 0
    said = capfd.readouterr().out
    assert said.count("  unreadable: ") == 21
    assert "  unreadable: 5 more (--json lists them)" in said


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (9.06, "9.1 s"),
        (59.9, "59.9 s"),
        (60, "1 min 0 s"),
        (101.3, "1 min 41 s"),
        (3599.6, "1 h 0 min"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_duration_has_its_units(seconds: float, words: str) -> None:
    assert spoken_duration(seconds) == words
