"""The real deepface on a toy model of emotions: smiles by its emotion happy, and what can go wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from card.conftest import REAL_HOME, skip_without
from card.pictures_of_toys import draw_people
from card.toy_models import write_emotion, write_pack
from photo_ranker.cli import main
from photo_ranker.errors import ModelUnavailable
from photo_ranker.metadata import load
from photo_ranker.models import DetectedFace, EngineOptions
from photo_ranker.models.engines import Happiness, emotion_file, open_engine
from photo_ranker.models.sources import _reachable
from pictures import picture

skip_without("deepface")

pytestmark = pytest.mark.card

REAL_EMOTION = REAL_HOME / ".deepface" / "weights" / emotion_file().name


def a_spot(x: float, y: float, width: float, height: float) -> DetectedFace:
    return DetectedFace((x, y, width, height), ((0, 0),) * 5, 0.9)


def test_it_sees_the_crop_of_the_face_and_nothing_else(home: Path) -> None:
    write_emotion(home)
    photo = np.zeros((200, 300, 3), np.uint8)
    photo[50:110, 60:120], photo[50:110, 200:260] = 255, 51
    faces = [a_spot(60, 50, 60, 60), a_spot(200, 50, 60, 60), a_spot(0, 0, 40, 40), a_spot(-20, -30, 20, 30)]
    assert Happiness("cpu").measure(photo, faces) == [1.0, pytest.approx(0.2, abs=0.001), 0.0, None]


@pytest.fixture
def bright_and_dark(tmp_path: Path, home: Path, packs: Path) -> Path:
    """One person, shown bright and dark: the toy takes bright for happy."""
    write_pack(packs / "toy")
    write_emotion(home)
    draw_people(tmp_path / "album" / "bright.png", 1, bright=70)
    draw_people(tmp_path / "album" / "dark.png", 1, bright=-70)
    return tmp_path / "album"


def smiles(album: Path, capfd: pytest.CaptureFixture[str], *words: str) -> dict[str, float | None]:
    reference = str(album / "bright.png")
    command = ["rank", "--engine", "toy", "--ref", reference, "--photos", str(album), "--threshold", "-1", "--json"]
    assert main([*command, *words]) == 0
    said = json.loads(capfd.readouterr().out)
    return {Path(result["path"]).name: result["signals"]["smile"] for result in said["results"]}


def test_the_ranker_takes_it_only_when_asked(bright_and_dark: Path, capfd: pytest.CaptureFixture[str]) -> None:
    own = smiles(bright_and_dark, capfd)
    assert all("happy" not in record.parts for record in load(bright_and_dark).values())
    theirs = smiles(bright_and_dark, capfd, "--smile", "deepface")
    assert list(theirs) == ["bright.png", "dark.png"]
    bright, dark = theirs["bright.png"], theirs["dark.png"]
    assert bright is not None
    assert dark is not None
    assert bright > dark + 0.2
    assert smiles(bright_and_dark, capfd) == smiles(bright_and_dark, capfd, "--smile", "own") == own


def test_it_is_kept_beside_our_own_and_measured_once(bright_and_dark: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first = smiles(bright_and_dark, capfd, "--smile", "deepface")
    (face,) = load(bright_and_dark)["bright.png"].faces
    assert face.happy == first["bright.png"]
    before = (bright_and_dark / ".photo_ranker_metadata.json").read_bytes()
    emotion_file().unlink()  # whatever needs it from now on is measured again
    for words in (["--smile", "deepface"], [], ["--smile", "deepface"]):
        smiles(bright_and_dark, capfd, *words)
    assert (bright_and_dark / ".photo_ranker_metadata.json").read_bytes() == before


def test_faces_that_are_found_anew_have_none(
    bright_and_dark: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.py"
    config.write_text("DETECT_THRESHOLD = 0.5\n")
    first = smiles(bright_and_dark, capfd, "--smile", "deepface")
    smiles(bright_and_dark, capfd, "--config", str(config))
    assert all(face.happy is None for record in load(bright_and_dark).values() for face in record.faces)
    assert smiles(bright_and_dark, capfd, "--smile", "deepface") == first


def test_deepface_says_nothing_on_stdout(home: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_emotion(home)
    photo = draw_people(tmp_path / "a.png", 1)
    assert main(["inspect", str(photo), "--smile", "deepface", "--json", "--engine", "sface"]) == 0
    said = capfd.readouterr()
    assert json.loads(said.out)["path"] == str(photo)
    assert said.err == ""


def test_without_a_network_the_folder_to_fill_is_named(
    home: Path, bright_and_dark: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from deepface.models.demography.onnx import Emotion

    emotion_file().unlink()
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(Emotion, "WEIGHTS_URL", ["http://127.0.0.1:9/emotion.onnx"])
    _reachable.cache_clear()
    assert main(["inspect", str(bright_and_dark / "dark.png"), "--smile", "deepface", "--engine", "sface"]) == 2
    assert capfd.readouterr().err.splitlines() == [
        "error: deepface's model of emotions cannot be used: http://127.0.0.1:9/emotion.onnx cannot be reached",
        f"  connect to the internet, or put {emotion_file().name} into {home / '.deepface' / 'weights'} by hand",
    ]


def test_a_damaged_model_is_to_be_removed(home: Path) -> None:
    write_emotion(home).write_bytes(b"half of it")
    with pytest.raises(ModelUnavailable, match="cannot be used") as raised:
        Happiness("cpu")
    assert raised.value.advice == f"remove {emotion_file()} and try again"


@pytest.mark.skipif(not REAL_EMOTION.is_file(), reason="deepface's real model is not on this machine")
def test_the_real_model_sees_a_smile(home: Path) -> None:
    emotion_file().parent.mkdir(parents=True)
    emotion_file().symlink_to(REAL_EMOTION)
    (face,) = open_engine("sface", EngineOptions(1024, 0.6)).detector.detect(picture("astronaut.png"))
    (happy,) = Happiness("cpu").measure(picture("astronaut.png"), [face])
    assert happy is not None
    assert happy > 0.5
