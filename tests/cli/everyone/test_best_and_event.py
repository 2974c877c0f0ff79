"""The commands best and event."""

from __future__ import annotations

import csv
import json
import os
import stat
from pathlib import Path

import cv2
import numpy as np
import pytest

from people.folk import Asked, a_photo_of
from photo_ranker.cli import main


@pytest.fixture(autouse=True)
def pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The invented photos hold no picture to show."""
    jpeg = cv2.imencode(".jpg", np.full((224, 224, 3), 90, np.uint8))[1].tobytes()
    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.face", lambda *_: jpeg)
    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.whole", lambda *_: jpeg)


def test_the_best_of_each(ask: Asked) -> None:
    found = ask.json("best", str(ask.album), "--per-person", "2")
    assert [len(person["results"]) for person in found["people"]] == [2, 2, 2, 2]
    assert found["people"][0]["results"][0]["rank"] == 1
    assert ask("best", str(ask.album), "--per-person", "1").count(".jpg") == 4


def test_only_some_people(ask: Asked) -> None:
    ask.people()
    ask.say("name", "1", "Ben")
    assert [one["name"] for one in ask.json("best", str(ask.album), "--named")["people"]] == ["Ben"]
    assert [one["number"] for one in ask.json("best", str(ask.album), "--person", "2")["people"]] == [2]


def test_several_together(ask: Asked) -> None:
    found = ask.json("best", str(ask.album), "--with", "0", "--with", "1", "--top", "2")
    assert [Path(item["path"]).stem for item in found["results"]] == ["all0", "all1"]
    assert len(found["results"][0]["looks"]) == 2


def test_several_who_are_not_all_together_are_told_of(ask: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    for top, is_told in (("2", False), ("3", True)):
        assert main(["best", str(ask.album), "--with", "0", "--with", "1", "--top", top]) == 0
        assert ("note: not showing all of them: 1 photo of 3\n" in capfd.readouterr().err) == is_told
    for photo in ask.album.glob("all*"):
        photo.unlink()
    assert main(["best", str(ask.album), "--with", "0", "--with", "1"]) == 0
    assert capfd.readouterr().err.endswith("note: no photo shows all of them\n")


@pytest.mark.parametrize(
    ("option", "named"), [(["--person", "Anna B"], "--with 'Anna B' --with 1"), (["--named"], "--with 1")]
)
def test_one_alone_and_several_together_are_two_questions(
    ask: Asked, option: list[str], named: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["best", str(ask.album), *option, "--with", "1"]) == 2
    said = capfd.readouterr()
    assert not said.out
    assert "--person and --named list each person alone, --with people together" in said.err
    assert f"photo-ranker best --photos {ask.album} {named}\n" in said.err


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("--top", "3"), "write --per-person 3"),
        (("--cover", "2", "--top", "3"), "write --cover 3"),
        (("--with", "1", "--per-person", "3"), "leave it out, or --with and --cover"),
        (("--cover", "2", "--distinct"), "leave it out, or --with and --cover"),
    ],
)
def test_what_would_change_nothing_is_refused(
    ask: Asked, capfd: pytest.CaptureFixture[str], words: tuple[str, ...], advice: str
) -> None:
    assert main(["best", str(ask.album), *words]) == 2
    assert capfd.readouterr().err.endswith(f"  {advice}\n")


def test_everyone_in_few_photos(ask: Asked) -> None:
    found = ask.json("best", str(ask.album), "--cover", "0")
    assert len(found["results"]) == 1
    assert found["missing"] == []
    assert "all" in ask("best", str(ask.album), "--cover", "1")


def test_a_photo_for_everyone_tells_how_many_it_shows(ask: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    assert ask("best", str(ask.album), "--cover", "1").startswith(f"4 people  {ask.album / 'all'}")
    for number in range(12):
        a_photo_of(ask.album / f"guest{number}.jpg", f"guest{number}")
    assert main(["best", str(ask.album), "--cover", "1"]) == 0
    said = capfd.readouterr()
    assert said.out.startswith("4 people  ")
    assert said.err.endswith("Person 12, Person 13 and 2 more\n")


def test_the_files_of_an_event(ask: Asked, tmp_path: Path) -> None:
    out = tmp_path / "scored"
    document = ask.json("event", str(ask.album), "--output", str(out), "--moment", "1=Dinner")
    assert document["totals"]["photos"] == 18
    assert len(document["identities"]) == 4
    assert json.loads((out / "event.json").read_bytes()) == document
    assert len(rows_of(out / "photo_scores.csv")) == 18
    assert len(rows_of(out / "face_data.csv")) == 24
    assert {path.name for path in (out / "output_clusters").glob("*.jpg")} == {f"cluster_{n}.jpg" for n in range(4)}
    sheet = cv2.imread(str(out / "output_clusters" / "cluster_0.jpg"))
    assert sheet is not None
    assert sheet.shape == (2 * 224, 4 * 224, 3)
    assert (out / document["photos"][0]["thumbnail"]).is_file()
    for identity in document["identities"]:
        assert identity["cluster_id"] == identity["cluster"]
        assert identity["thumbnail"] == f"thumbnails/cluster_{identity['cluster']}.jpg"
        assert (out / identity["thumbnail"]).is_file()
    assert {row["context"] for row in rows_of(out / "photo_scores.csv")} == {""}, "nobody is labelled yet"


@pytest.mark.parametrize("name", ["event.json", "photo_scores.csv", "face_data.csv"])
def test_files_of_something_else_stay_in_the_folder_of_an_event(ask: Asked, tmp_path: Path, name: str) -> None:
    out = tmp_path / "scored"
    out.mkdir()
    (out / name).write_text('{"mine": 1}')
    ask("event", str(ask.album), "--output", str(out), code=2)
    assert [path.name for path in out.iterdir()] == [name]
    assert (out / name).read_text() == '{"mine": 1}'
    (out / name).unlink()
    for _ in range(2):
        ask("event", str(ask.album), "--output", str(out))
    assert len(rows_of(out / "face_data.csv")) == 24


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_slip_in_the_labels_names_nobody(ask: Asked, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    labels = tmp_path / "cluster_labels.json"
    labels.write_text('{"0": "mian"}')
    assert main(["event", str(ask.album), "--labels", str(labels), "--output", str(tmp_path / "scored")]) == 2
    assert 'the label of 0 is "mian": a name, or the category main with a slip?' in capfd.readouterr().err
    assert [person["name"] for person in ask.people().values()] == [None] * 4


def test_labels_beside_the_files_are_taken(ask: Asked, tmp_path: Path) -> None:
    out = tmp_path / "scored"
    out.mkdir()
    (out / "cluster_labels.json").write_text('{"0": {"name": "Anna", "category": "main"}}')
    document = ask.json("event", str(ask.album), "--output", str(out))
    assert (document["identities"][0]["name"], document["identities"][0]["role"]) == ("Anna", "main")
    (out / "cluster_labels.json").unlink()
    assert ask.json("event", str(ask.album), "--output", str(out))["identities"][0]["name"] == "Anna"


def test_labels_that_lie_there_undo_nothing_said_by_hand(ask: Asked, tmp_path: Path) -> None:
    out = str(tmp_path / "scored")
    (ask.album / "cluster_labels.json").write_text('{"0": "Anna", "1": "Ben", "2": "Carl"}')
    ask("event", str(ask.album), "--output", out)
    ask.say("name", "0", "Anna Berg")
    ask.say("merge", "1", "2")
    (ask.album / "cluster_labels.json").write_text('{"0": "Anna", "1": "Benjamin", "2": "Carl"}')
    people = ask.json("event", str(ask.album), "--output", out)["identities"]
    assert [one["name"] for one in people] == ["Benjamin", "Anna Berg", None], "who is seen more often comes first"


def test_what_an_event_has_written_is_no_photo_of_the_album(ask: Asked) -> None:
    for _ in range(2):
        document = ask.json("event", str(ask.album), "--recursive", "--output", str(ask.album / "scored"))
        assert document["totals"]["photos"] == 18
    crops, out = str(ask.album / "crops"), str(ask.album / "scored")
    ask("people", "export-faces", "--photos", str(ask.album), "--to", crops)
    assert ask.json("event", str(ask.album), "--recursive", "--output", out)["totals"]["photos"] == 18


def test_labels_are_found_in_the_album_though_names_lie_above_it(ask: Asked, tmp_path: Path) -> None:
    ask("people", "list", str(ask.album.parent), "--recursive")
    ask("people", "name", "3", "Dora", "--photos", str(ask.album.parent), "--recursive")
    (ask.album / "cluster_labels.json").write_text('{"0": "Anna"}')
    people = ask.json("event", str(ask.album), "--output", str(tmp_path / "scored"))["identities"]
    assert {"Anna", "Dora"} <= {one["name"] for one in people}


def test_a_dry_run_writes_nothing(ask: Asked, tmp_path: Path) -> None:
    assert ask("event", str(ask.album), "--output", str(tmp_path / "scored"), "--dry-run").count(".jpg") == 18
    assert not (tmp_path / "scored").exists()


def test_bad_words_are_said(ask: Asked, tmp_path: Path) -> None:
    ask("event", str(ask.album), "--moment", "Dinner", code=2)
    ask("event", str(ask.album), "--output", str(ask.album / "all0.jpg"), code=2)
    ask("event", str(ask.album), "--labels", str(tmp_path / "none.json"), "--dry-run", code=2)
    ask("best", str(ask.album), "--person", "nobody", code=2)


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
@pytest.mark.parametrize(
    "words",
    [
        *(["rank", "--person", "0", "--output", f"ranked.{form}"] for form in ("csv", "json", "jsonl", "html", "txt")),
        *(["export", "--faces", f"faces.{form}"] for form in ("csv", "parquet")),
    ],
    ids=lambda words: words[-1],
)
def test_what_tells_of_faces_is_for_the_user_alone(
    ask: Asked, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if words[-1].endswith(".parquet"):
        pytest.importorskip("pyarrow", reason="needs pyarrow: pip install pyarrow")
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)
    try:
        ask(*words, "--photos", str(ask.album))
    finally:
        os.umask(before)
    mode = stat.S_IMODE(Path(words[-1]).stat().st_mode)
    assert mode == (0o644 if words[-1].endswith(".txt") else 0o600), "plain paths tell nothing of faces"


def test_people_come_by_role_in_lists_best_and_events(ask: Asked, tmp_path: Path) -> None:
    people = ask.people()
    for name, role in (("carl", "photographer"), ("dora", "Mother of the bride"), ("ben", "bride")):
        ask.say("name", str(people[name]["number"]), name.title(), "--role", role)
    wanted = ["Ben", "Dora", "Carl", None]
    album = str(ask.album)
    assert [one["name"] for one in ask.json("people", "list", album)["people"]] == wanted
    assert [one["name"] for one in ask.json("best", album)["people"]] == wanted
    event = ask.json("event", album, "--output", str(tmp_path / "scored"))
    assert [one["name"] for one in event["identities"]] == wanted
