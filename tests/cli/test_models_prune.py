from __future__ import annotations

import json
from pathlib import Path

import pytest

from builders import a_face, a_record
from photo_ranker.cli import main
from photo_ranker.metadata import METADATA_NAME, Ledger, load
from photo_ranker.models.insightface_engine import packs_folder

PARTS = {"detect": "1", "embed": "1", "picture": "1", "detect:toy": "1", "embed:toy": "1", "happy:toy": "1"}


def a_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    ours, theirs = a_face("f1"), a_face("f1", engine="toy")
    with Ledger(folder, print) as ledger:
        ledger.put("both.jpg", a_record(ours, theirs, parts=PARTS))
        ledger.put("ours.jpg", a_record(ours, parts={"detect": "1"}))
        ledger.put("nobody.jpg", a_record(parts={"detect:toy": "1"}))
    return folder


def test_what_one_engine_has_measured_goes_and_the_rest_stays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = a_folder(tmp_path / "album")
    before = load(folder)
    assert main(["models", "prune", "toy", str(folder)]) == 0
    assert capsys.readouterr().out == "removed: what toy has measured in 2 photos, 1 face\n"
    after = load(folder)
    assert after["ours.jpg"] == before["ours.jpg"]
    assert after["both.jpg"].faces == before["both.jpg"].faces_by("sface")
    assert after["both.jpg"].parts == {"detect": "1", "embed": "1", "picture": "1"}
    assert after["nobody.jpg"].parts == {}


def test_the_default_engine_can_go_too(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "album")
    assert main(["models", "prune", "sface", str(folder)]) == 0
    (face,) = load(folder)["both.jpg"].faces
    assert face.engine == "toy"
    assert load(folder)["both.jpg"].parts == {part: "1" for part in PARTS if part == "picture" or "toy" in part}


def test_a_dry_run_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = a_folder(tmp_path / "album")
    before = (folder / METADATA_NAME).read_bytes()
    assert main(["models", "prune", "toy", str(folder), "--dry-run", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {"schema": 1, "dry_run": True, "engine": "toy", "faces": 1, "photos": 2}
    assert (folder / METADATA_NAME).read_bytes() == before


def test_subfolders_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_folder(tmp_path / "year" / "album")
    for words, photos in (([], 0), (["--recursive"], 2)):
        assert main(["models", "prune", "sface", str(tmp_path / "year"), *words]) == 0
        assert f"in {photos} photos," in capsys.readouterr().out


@pytest.mark.parametrize("words", [["prune"], ["prune", "toy"], ["prune", "toy", "/no/such/folder"], ["list", "toy"]])
def test_what_is_missing_is_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", *words]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_mistyped_engine_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = a_folder(tmp_path / "album")
    for words in ([], ["--dry-run"], ["--json"]):
        assert main(["models", "prune", "foo", str(folder), *words]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "error: there is no engine 'foo'" in said.err
        assert "known are antelopev2, buffalo_l" in said.err


def test_only_a_folder_with_models_is_an_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    packs = packs_folder()
    (packs / "mine").mkdir(parents=True)
    (packs / "mine" / "model.onnx").touch()
    (packs / ".buffalo_l.lock").touch()
    (packs / "broken-download").mkdir()
    assert main(["models", "prune", "foo", str(a_folder(tmp_path / "album"))]) == 2
    known = "antelopev2, buffalo_l, buffalo_m, buffalo_s, buffalo_sc, duo, mine, sface"
    assert f"known are {known};" in capsys.readouterr().err
