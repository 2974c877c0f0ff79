"""Files with identical bytes in the commands, with invented people and files that are really copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fakes import write_photo
from people.folk import Asked
from photo_ranker.metadata import load


@pytest.fixture
def copied(ask: Asked) -> Path:
    """The album with one photo of Anna and Ben, three copies of it, and the same picture with another comment."""
    album = ask.album
    orders = "who=anna,ben number=70"
    first = write_photo(album / "one.jpg", orders, "2024-06-01T10:00:00")
    shutil.copy(first, album / "one (1).jpg")
    shutil.copy2(first, album / "one (2).jpg")
    write_photo(album / "rated.jpg", orders, "2024-06-01T10:00:01")
    assert ask.json("people", "list", str(album))["counts"]["photos"]
    shutil.copy2(first, album / "one (3).jpg")  # comes later, with the time of the first
    return album


def test_copies_are_known_however_they_came(ask: Asked, copied: Path) -> None:
    ask("people", "list", str(copied))
    stamps = {name: (it.stamp.size, it.stamp.hash, it.stamp.rest) for name, it in load(copied).items() if "one" in name}
    assert len(stamps) == 4
    assert len(set(stamps.values())) == 1
    assert stamps["one.jpg"][2]


def test_best_lists_one_of_them(ask: Asked, copied: Path) -> None:
    found = ask.json("best", str(copied), "--per-person", "0")
    for person in found["people"][:2]:
        (one,) = (item for item in person["results"] if "one" in Path(item["path"]).name)
        assert Path(one["path"]).name == "one.jpg"
        assert [Path(path).name for path in one["copies"]] == [f"one ({number}).jpg" for number in (1, 2, 3)]
    assert "one.jpg +3 copies" in ask("best", str(copied), "--per-person", "0")
    every = ask.json("best", str(copied), "--per-person", "0", "--copies", "all")["people"][0]["results"]
    assert sum("one" in Path(item["path"]).name for item in every) == 4


def test_people_count_them_once(ask: Asked, copied: Path) -> None:
    def photos() -> list[str]:
        return [line.split(" photos")[0].split()[-1] for line in ask("people", "list", str(copied)).splitlines()]

    before = photos()
    shutil.copy(copied / "one.jpg", copied / "one (4).jpg")
    assert photos() == before


def test_an_event_scores_them_once(ask: Asked, copied: Path, tmp_path: Path) -> None:
    event = ask.json("event", str(copied), "--output", str(tmp_path / "out"), "--dry-run")
    (one,) = (photo for photo in event["photos"] if "one" in Path(photo["path"]).name)
    assert len(one["copies"]) == 3
    assert event["totals"]["copies"] == 3
    assert event["totals"]["photos"] == event["totals"]["scored"] + 3
    everyone = ask.json("event", str(copied), "--output", str(tmp_path / "out"), "--dry-run", "--copies", "all")
    assert everyone["totals"]["scored"] == event["totals"]["photos"]


def test_exports_take_one_and_sidecars_lie_beside_all(ask: Asked, copied: Path, tmp_path: Path) -> None:
    ask.people()
    ask.say("name", "1", "Ben")
    ask("export", "--photos", str(copied), "--person", "Ben", "--to", str(tmp_path / "out"))
    assert [path.name for path in (tmp_path / "out").glob("one*")] == ["one.jpg"]
    ask("export", "--photos", str(copied), "--to", str(tmp_path / "all"))
    assert [path.name for path in (tmp_path / "all").glob("one*")] == ["one.jpg"]
    ask("export", "xmp", "--photos", str(copied), "--person", "Ben")
    sidecars = {path.name: path.read_text("utf-8") for path in copied.glob("one*.xmp")}
    assert len(sidecars) == 4
    assert all("Ben" in text and "Rating" in text for text in sidecars.values())
    assert len(set(sidecars.values())) == 1
