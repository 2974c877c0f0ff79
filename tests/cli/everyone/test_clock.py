"""``--clock`` corrects a camera in every command that uses times, and nothing that is stored."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from fakes import write_photo
from people.folk import Asked
from photo_ranker.cli import main
from photo_ranker.metadata import load

CLOCK = ["--clock", '"eos r5"=-1h', "--clock", "Pixel=+1d"]
"""Brings the photos of the first camera, whose clock is an hour ahead, to those of the second on the next day."""

TIMES = {"canon": "2024-06-02T11:00:00.5", "pixel": "2024-06-01T10:00:01"}
TRUE = {"canon": "2024-06-02T10:00:00.5", "pixel": "2024-06-02T10:00:01"}


@pytest.fixture
def album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One moment, seen by two cameras whose clocks are wrong."""
    folder = tmp_path / "album"
    folder.mkdir()
    for name, camera in (("canon", "Canon_EOS_R5"), ("pixel", "Google_Pixel_7")):
        for number in range(2):
            orders = f"who=anna camera={camera} number={number}"
            write_photo(folder / f"{name}{number}.jpg", orders, TIMES[name])
    jpeg = cv2.imencode(".jpg", np.full((224, 224, 3), 90, np.uint8))[1].tobytes()
    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.face", lambda *_: jpeg)
    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.whole", lambda *_: jpeg)
    return folder


def times(results: list[dict[str, Any]], field: str = "taken_at") -> dict[str, str]:
    return {Path(item["path"]).stem[:-1]: item[field] for item in results}


def test_rank(ask: Asked) -> None:
    rank = ["rank", "--person", "0", "--photos", str(ask.album)]
    assert times(ask.json(*rank)["results"]) == TIMES
    assert len(ask.json(*rank, "--distinct")["results"]) == 2
    assert times(ask.json(*rank, *CLOCK)["results"]) == TRUE
    assert len(ask.json(*rank, *CLOCK, "--distinct")["results"]) == 1, "one moment"
    assert set(times(ask.json(*rank, *CLOCK, "--until", "2024-06-02T10:00:00.9")["results"])) == {"canon"}
    assert {record.taken_at for record in load(ask.album).values()} == set(TIMES.values()), "never stored"


def test_a_list_of_bursts_is_told_of(ask: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    rank = ["rank", "--person", "0", "--photos", str(ask.album)]
    note = "note: these 4 photos show 2 moments (--distinct lists the best of each)\n"
    assert main(rank) == 0
    assert note in capfd.readouterr().err
    for more in (["--distinct"], ["--top", "3"]):
        assert main([*rank, *more]) == 0
        assert "moment" not in capfd.readouterr().err


def test_best(ask: Asked) -> None:
    best = ["best", str(ask.album), "--distinct"]
    assert len(ask.json(*best)["people"][0]["results"]) == 2
    (found,) = ask.json(*best, *CLOCK)["people"][0]["results"]
    assert found["taken_at"] in TRUE.values()


def test_event(ask: Asked, tmp_path: Path) -> None:
    event = ["event", str(ask.album), "--output", str(tmp_path / "out")]
    assert ask.json(*event)["totals"]["moments"] == 2
    document = ask.json(*event, *CLOCK)
    assert document["totals"]["moments"] == 1
    assert times(document["photos"], "timestamp") == TRUE


def test_export(ask: Asked, tmp_path: Path) -> None:
    to = ["export", "--photos", str(ask.album), "--per-event", "--to"]
    ask(*to, str(tmp_path / "before"))
    ask(*to, str(tmp_path / "after"), *CLOCK)
    folders = [sum(path.is_dir() for path in (tmp_path / name).iterdir()) for name in ("before", "after")]
    assert folders == [2, 1]
    ask("export", "--photos", str(ask.album), "--faces", str(tmp_path / "faces.csv"), *CLOCK)
    with (tmp_path / "faces.csv").open(encoding="utf-8") as file:
        assert times(list(csv.DictReader(file))) == TRUE


def test_people_copy(ask: Asked, tmp_path: Path) -> None:
    to = tmp_path / "anna"
    ask.say("copy", "--person", "0", "--per-event", "--to", str(to), *CLOCK)
    assert sum(path.is_dir() for path in to.iterdir()) == 1


def test_a_camera_that_is_not_there_is_said(ask: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["best", str(ask.album), "--clock", "Nikon=+1h"]) == 2
    said = capfd.readouterr().err
    assert "error: no photo here was taken with a camera called Nikon" in said
    assert "  the cameras are: Canon EOS R5, Google Pixel 7" in said
