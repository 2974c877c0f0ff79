from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from library.archive import make_archive
from photo_ranker.cli import main
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.models.store import sample_photo


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "archive")


def test_it_says_what_it_holds(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["library", str(archive), "--dry-run"]) == 0
    assert "5 to read" in capsys.readouterr().out
    assert main(["library", str(archive)]) == 0
    assert "in 160 photos (folders: 5 read, 0 unchanged)" in capsys.readouterr().out
    assert main(["library", str(archive), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["counts"] == {
        "photos": 160, "faces": said["counts"]["faces"], "read": 0, "unchanged": 5, "dropped": 0, "damaged": 0
    }  # fmt: skip
    assert main(["library", str(archive), "--people", "2"]) == 0
    assert "12 people are seen more than once" in capsys.readouterr().out
    assert main(["library", str(archive), "--people", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people"]["count"] == 12
    assert main(["library", str(archive), "--rebuild", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["read"] == 5


def test_words_that_do_not_fit(archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in {
        ("--photos", str(archive), "--library", str(archive)): "not allowed with",
        (): "required",
        ("--library", str(archive)): "no library",
        ("--library", str(tmp_path / "nowhere")): "no folder",
        ("--library", str(archive), "--with-context", "--to", str(tmp_path / "to")): "library knows neither",
        ("--library", str(archive), "--born", "2009"): "searched without years",
    }.items():
        assert main(["rank", "--ref", str(sample_photo("astronaut.png")), *words]) == 2
        assert said in capsys.readouterr().err


def test_a_library_is_asked_like_its_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    album = tmp_path / "album"
    for number, name in enumerate(("astronaut.png", "Tom_Hanks_54745.png", "astronaut.png")):
        (album / str(number)).mkdir(parents=True)
        shutil.copy(sample_photo(name), album / str(number))
    assert main(["index", str(album), "--recursive", "--quiet", "--workers", "1"]) == 0
    assert main(["library", str(album), "--quiet"]) == 0
    capsys.readouterr()
    answers = []
    for words in (
        ["--photos", str(album), "--recursive"],
        ["--library", str(album)],
        ["--library", str(album), "--exact"],
    ):
        assert main(["rank", "--ref", str(sample_photo("astronaut.png")), "--json", *words]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    (one,) = answers[0]["results"]
    assert [Path(path).parent.name for path in one["copies"]] == ["2"]
    assert answers[0] == answers[1] == answers[2]
    ask = ["rank", "--ref", str(sample_photo("astronaut.png")), "--library", str(album)]
    assert main([*ask, "--clock", "Nikon=+1h"]) == 0
    assert "note: no photo of the answer was taken with a camera called Nikon" in capsys.readouterr().err


ODD_IDENTITY = (b'"embedding":"', b'"embedding":"AAAA')
ODD_EXPRESSIONS = (b'"expressions":"', b'"expressions":"AAAA')
NO_JSON = (b'{"schema"', b'{{"schema"')


@pytest.mark.parametrize("damage", [NO_JSON, ODD_IDENTITY, ODD_EXPRESSIONS])
def test_a_damaged_metadata_file_is_said_and_left_out(
    archive: Path, damage: tuple[bytes, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    for path in archive.rglob(METADATA_NAME):
        before = path.read_bytes()
        path.write_bytes(before.replace(*damage, 1))
        assert path.read_bytes() != before
    assert main(["library", str(archive), "--people", "2"]) == 0
    said = capsys.readouterr()
    assert said.err.count("is damaged and left out") == 5
    assert "0 faces in 0 photos" in said.out
