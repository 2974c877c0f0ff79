"""The commands about people, and the long story of an album: no name and no decision is ever lost."""

from __future__ import annotations

import errno
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes import write_photo
from people.folk import WHO, Asked, FolkSpec, a_photo_of, use
from photo_ranker.cli import main
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.people.store import PEOPLE_NAME


def test_everyone_is_listed(ask: Asked) -> None:
    document = ask.json("people", "list", str(ask.album))
    assert document["schema"] == 1
    assert [len(person["faces"]) for person in document["people"]] == [6, 6, 6, 6]
    assert document["unassigned"] == []
    assert {"path", "box"} <= document["people"][0]["faces"][0].keys()
    assert [person["number"] for person in document["people"]] == [0, 1, 2, 3]
    assert ask("people", "list", str(ask.album)).count("6 photos") == 4
    for photo in sorted(ask.album.glob("*.jpg"))[1:]:
        photo.unlink()
    assert "  1 photo\n" in ask("people", "list", str(ask.album))


def test_who_is_not_there_can_be_looked_for(ask: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--person", "Zoe", "--photos", str(ask.album)]) == 2
    said = capfd.readouterr().err
    assert said.endswith("error: there is no person 'Zoe'\n  photo-ranker people list DIR lists all\n"), said


def test_one_photo_is_counted_as_one(ask: Asked) -> None:
    a_photo_of(ask.album / "zoe0.jpg", "zoe")
    assert ask("people", "list", str(ask.album)).endswith("    1 photo\n")


@pytest.mark.parametrize(
    "words",
    [
        ["people", "list", "ALBUM"],
        ["best", "ALBUM"],
        ["event", "ALBUM", "--dry-run"],
        ["rank", "--person", "0", "--photos", "ALBUM"],
        ["export", "--photos", "ALBUM", "--zip", "all.zip", "--dry-run"],
        ["index", "ALBUM"],
    ],
    ids=lambda words: words[0],
)
def test_what_is_left_out_is_counted(ask: Asked, words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        (ask.album / f"page{number}.jpg?ssl=1").write_text("<!doctype html>")
    (ask.album / "clip.mov").touch()
    (ask.album / ".hidden.jpg").touch()
    (ask.album / "ben9.jpg?ssl=1").write_bytes((ask.album / "ben0.jpg").read_bytes())
    assert main([str(ask.album) if word == "ALBUM" else word for word in words]) == 0
    said = capfd.readouterr()
    assert "3 not a photo, 1 " in said.out + said.err
    assert len(ask.json("people", "list", str(ask.album))["people"][1]["faces"]) == 7, "a JPEG is a JPEG"
    assert main([*(str(ask.album) if word == "ALBUM" else word for word in words), "--quiet"]) == 0
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("page.jpg?ssl=1", "not a photo (it is a web page)"),
        ("photo.txt", "a photo by its content, but no photo's name ends in .txt"),
        ("clip.mov", "it is skipped: empty file"),
        ("a.jpg_original", "it is skipped: backup of a photo by another program"),
        ("sub", "it is skipped: subfolder (--recursive takes them)"),
    ],
)
def test_explain_says_why_a_file_was_left_out(ask: Asked, name: str, why: str) -> None:
    (ask.album / "page.jpg?ssl=1").write_text("<!doctype html>")
    (ask.album / "clip.mov").touch()
    (ask.album / "sub").mkdir()
    for copy in ("photo.txt", "a.jpg_original"):
        (ask.album / copy).write_bytes((ask.album / "ben0.jpg").read_bytes())
    rank = ["rank", "--person", "0", "--photos", str(ask.album), "--explain"]
    assert ask(*rank, name) == f"{ask.album / name}: not among the results: {why}\n"
    found = ask.json(*rank, str(ask.album / name))
    assert (found["listed"], found["why"]) == (False, why)


def test_no_two_faces_of_a_photo_are_one_person(ask: Asked) -> None:
    for person in ask.people().values():
        paths = [face["path"] for face in person["faces"]]
        assert len(paths) == len(set(paths))


@pytest.mark.parametrize("algorithm", ["hdbscan", "dbscan", "agglomerative"])
def test_other_algorithms_are_for_comparison_and_store_nothing(ask: Asked, algorithm: str) -> None:
    ask.people()
    before = (ask.album / PEOPLE_NAME).read_bytes()
    assert ask.json("people", "list", str(ask.album), "--algorithm", algorithm)["people"]
    assert (ask.album / PEOPLE_NAME).read_bytes() == before


def test_a_dry_run_and_no_cache_store_nothing(ask: Asked) -> None:
    assert "would have" in ask.say("name", "0", "Anna", "--dry-run")
    ask("people", "list", str(ask.album), "--no-cache")
    assert not (ask.album / PEOPLE_NAME).exists()


def test_unknown_people_and_faces_are_said(ask: Asked) -> None:
    ask.say("name", "99", "Anna", code=2)
    ask.say("move", "0", "nowhere.jpg", code=2)
    ask.say("move", "0", "all0.jpg", code=2)
    ask.say("not", "0", "all0.jpg#9", code=2)
    ask.say("undo", code=2)
    ask.say("name", "0", code=2)
    ask("people", "show", code=2)


@pytest.mark.parametrize("action", ["split", "not", "move"])
def test_a_face_that_is_given_twice_counts_once(ask: Asked, action: str) -> None:
    number = str(ask.people()["anna"]["number"])
    assert " 1 face " in ask.say(action, number, "anna0.jpg", "anna0.jpg#1")
    faces = [face["id"] for person in ask.people("--all").values() for face in person["faces"]]
    assert len(faces) == len(set(faces))


def test_one_face_is_no_pair(ask: Asked) -> None:
    people = ask.people()
    ask("people", "suggest", str(ask.album), "--different", "anna0.jpg", "anna0.jpg#1", code=2)
    assert ask.people() == people


@pytest.mark.parametrize("action", ["split", "not"])
def test_only_faces_of_a_person_are_taken_from_them(ask: Asked, action: str) -> None:
    people = ask.people()
    face = people["ben"]["faces"][0]["id"]
    ask.say(action, str(people["anna"]["number"]), face, code=2)
    assert ask.people() == people


def test_a_decision_that_could_not_be_saved_is_not_printed(
    ask: Asked, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ask.people()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("photo_ranker.people.store.files.replace", full)
    assert main(["people", "name", "0", "Anna", "--photos", str(ask.album)]) == 2
    assert capfd.readouterr().out == ""


def test_the_long_story(ask: Asked, album: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {name: person["number"] for name, person in ask.people().items()}
    ids = {name: person["id"] for name, person in ask.people().items()}
    # Name, merge, split, correct.
    ask.say("name", str(numbers["anna"]), "Anna Berg", "--category", "main", "--role", "bride")
    ask.say("name", str(numbers["ben"]), "Ben")
    ask.say("merge", "Ben", str(numbers["carl"]))
    ask.say("split", "Anna Berg", "anna3.jpg")
    ask.say("move", "Ben", "dora0.jpg")
    ask.say("not", str(numbers["dora"]), "dora1.jpg")
    # Add photos.
    for name in WHO:
        a_photo_of(album / "later" / f"{name}9.jpg", name, number=9)
    assert len(ask.people()["ben"]["faces"]) == 12 + 1 + 2, "two people, a face that was moved, two new photos"
    # Move half of the files, delete some.
    for path in sorted(album.glob("*0.jpg")) + sorted(album.glob("*2.jpg")):
        (album / "moved").mkdir(exist_ok=True)
        shutil.move(path, album / "moved" / f"new {path.name}")
    (album / "anna1.jpg").unlink()
    found = ask.json("people", "list", str(album), "--recursive")["people"]
    anna = next(person for person in found if person["name"] == "Anna Berg")
    assert (anna["id"], anna["category"], anna["role"]) == (ids["anna"], "main", "bride")
    # Whether the new photo goes with her or with the face that was split off, nobody has said.
    assert {Path(face["path"]).name for face in anna["faces"]} - {"anna9.jpg"} == {
        "new anna0.jpg", "new anna2.jpg", "new all0.jpg", "all1.jpg",
    }  # fmt: skip
    shown = ask.json("people", "show", "anna berg", str(album), "--recursive")
    assert len(shown["missing"]) == 1, "the deleted photo's face is kept and listed"
    # Recount with other parameters; then a detector that finds every face a little elsewhere.
    ask.people("--threshold", "0.7")
    use(monkeypatch, FolkSpec(parts={"detect": "folk.2", "picture": "folk.1"}, shift=3.0))
    # The book of a program that knew less, and wrote things that we do not know.
    book = json.loads((album / PEOPLE_NAME).read_bytes())
    del book["threshold"], book["counted"]
    book["people"][0]["theirs"] = "kept"
    (album / PEOPLE_NAME).write_text(json.dumps(book))
    found = ask.json("people", "list", str(album), "--recursive")["people"]
    ben = next(person for person in found if person["name"] == "Ben")
    assert ben["id"] == ids["ben"]
    names = {Path(face["path"]).stem.removeprefix("new ") for face in ben["faces"]}
    assert {"ben0", "carl0", "dora0", "ben9"} <= names
    assert not names & {"anna3", "dora1", "dora2"}
    assert json.loads((album / PEOPLE_NAME).read_bytes())["people"][0]["theirs"] == "kept"
    # Undo one by one: last the merge, then the name.
    decisions = ask.json("people", "show", "--decisions", str(album), "--recursive")["decisions"]
    assert [item["text"].split()[0] for item in decisions] == [
        "named",
        "set",
        "set",
        "named",
        "merged",
        "split",
        "moved",
        "said",
    ]
    for _ in range(4):
        ask.say("undo")
    found = ask.json("people", "list", str(album), "--recursive")["people"]
    back = {person["id"]: person for person in found}
    assert back[ids["carl"]]["number"] == numbers["carl"]
    assert {_who_of(back[ids[name]]) for name in ("ben", "carl", "dora")} == {"ben", "carl", "dora"}
    assert back[ids["anna"]]["name"] == "Anna Berg"
    assert len([face for face in back[ids["anna"]]["faces"] if "anna3" in face["path"]]) == 1
    for _ in range(4):
        ask.say("undo")
    ask.say("undo", code=2)
    assert all(person["name"] is None for person in ask.json("people", "list", str(album), "--recursive")["people"])
    after = ask.json("people", "show", "--decisions", str(album), "--recursive")["decisions"]
    assert [item["id"] for item in after] == [item["id"] for item in decisions], "what was undone is still written down"


def _who_of(person: dict[str, Any]) -> str:
    names = {Path(face["path"]).stem.removeprefix("new ")[:-1] for face in person["faces"]} - {"all"}
    assert len(names) == 1, names
    return names.pop()


def test_what_is_undone_is_said(ask: Asked) -> None:
    name, undo = ["people", "name", "0", "Anna"], ["people", "undo"]
    album = ["--photos", str(ask.album)]
    assert ask(*name, *album) == "named Person 0 Anna (decision 1)\n"
    assert ask(*undo, *album, "--dry-run") == "would have undone: named Person 0 Anna\n"
    assert ask(*undo, *album) == "undone: named Person 0 Anna (decision 1)\n"


def test_hidden_people_are_gone_from_lists_until_shown(ask: Asked) -> None:
    number = str(ask.people()["dora"]["number"])
    ask.say("hide", number)
    assert "dora" not in ask.people()
    assert "dora" in ask.people("--all")
    ask.say("hide", number, "--show")
    assert "dora" in ask.people()


def test_answers_hold_until_they_are_taken_back(ask: Asked) -> None:
    assert ask.json("people", "suggest", str(ask.album)) == {"schema": 1, "total": 0, "questions": []}
    one, other = "anna0.jpg", "anna1.jpg"

    def owners() -> set[str]:
        found = ask.json("people", "list", str(ask.album))["people"]
        return {person["id"] for person in found for face in person["faces"] if Path(face["path"]).name in {one, other}}

    assert len(owners()) == 1
    ask("people", "suggest", str(ask.album), "--different", one, other)
    assert len(owners()) == 2
    ask("people", "suggest", str(ask.album), "--same", one, other)
    assert len(owners()) == 1
    ask.say("undo")
    assert len(owners()) == 2
    ask.say("undo")
    assert len(owners()) == 1


def test_what_is_overruled_is_said_once(ask: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    def errors(*words: str) -> str:
        assert main(["people", *words, "--photos", str(ask.album)]) == 0
        return capfd.readouterr().err

    ask("people", "list", str(ask.album))
    errors("name", "0", "Anna")
    errors("name", "1", "Ben")
    face = ask.json("people", "show", "Anna", str(ask.album))["faces"][0]["id"]
    assert "decision 1 (" in errors("move", "Ben", face)
    assert "overruled" not in errors("name", "2", "Carl")
    assert "overruled" in ask("people", "show", "--decisions", str(ask.album))


def test_names_come_from_labels_and_a_guest_list(ask: Asked, tmp_path: Path) -> None:
    people = ask.people()
    labels = {
        str(people["anna"]["number"]): "main",
        str(people["ben"]["number"]): {"name": "Ben", "category": "important"},
        "77": "main",
    }
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    (tmp_path / "guests.csv").write_text("name,role\nBen,best man\nZoe,parents\n")
    ask(
        "people",
        "import",
        str(ask.album),
        "--labels",
        str(tmp_path / "labels.json"),
        "--guests",
        str(tmp_path / "guests.csv"),
    )
    people = ask.people()
    assert people["anna"]["category"] == "main"
    assert (people["ben"]["name"], people["ben"]["role"], people["ben"]["category"]) == ("Ben", "best man", "important")
    (tmp_path / "labels.json").write_text("[]")
    ask("people", "import", str(ask.album), "--labels", str(tmp_path / "labels.json"), code=2)
    ask("people", "import", str(ask.album), code=2)


def test_faces_can_be_sorted_by_hand(ask: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.face", lambda *_: b"a crop")
    people = ask.people()
    sorted_by_hand = tmp_path / "faces"
    ask.say("export-faces", "--to", str(sorted_by_hand))
    ask.say("export-faces", "--to", str(sorted_by_hand), code=2)
    ask.say("import-faces", "--from", str(sorted_by_hand))
    folder = {name: sorted_by_hand / f"{person['number']:04d}" for name, person in people.items()}
    assert len(list(folder["anna"].glob("*.jpg"))) == 6
    stray = min(folder["ben"].glob("*.jpg"))
    shutil.move(stray, folder["anna"] / stray.name)
    folder["anna"].rename(sorted_by_hand / "Anna Berg")
    shutil.rmtree(folder["dora"])
    for crop in folder["carl"].glob("*.jpg"):
        shutil.move(crop, folder["ben"])
    assert "would have" in ask.say("import-faces", "--from", str(sorted_by_hand), "--dry-run")
    ask.say("import-faces", "--from", str(sorted_by_hand))
    after = ask.json("people", "list", str(ask.album), "--all")["people"]
    anna = next(person for person in after if person["name"] == "Anna Berg")
    assert anna["id"] == people["anna"]["id"]
    assert stray.stem in {face["id"] for face in anna["faces"]}
    assert next(person for person in after if person["id"] == people["dora"]["id"])["hidden"]
    assert len(next(person for person in after if person["id"] == people["ben"]["id"])["faces"]) == 11
    ask.say("import-faces", "--from", str(tmp_path), code=2)


def test_a_crop_that_could_not_be_written_was_not_deleted(
    ask: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crop(_: object, path: str, *__: object) -> bytes:
        if Path(path).name in {"anna0.jpg", "anna1.jpg"}:
            raise PhotoUnreadable("no permission")
        return b"a crop"

    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.face", crop)
    people = ask.people()
    assert "22 faces in 4 folders" in ask.say("export-faces", "--to", str(tmp_path / "faces"))
    assert ask.say("import-faces", "--from", str(tmp_path / "faces")) == ""
    assert ask.people() == people


def test_an_export_that_failed_is_made_at_the_next_run(
    ask: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crops = iter([b"a crop"] * 3)

    def crop(*_: object) -> bytes:
        if (made := next(crops, None)) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return made

    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.face", crop)
    ask.say("export-faces", "--to", str(tmp_path / "faces"), code=2)
    assert not (tmp_path / "faces").exists()
    crops = iter([b"a crop"] * 30)
    assert "24 faces in 4 folders" in ask.say("export-faces", "--to", str(tmp_path / "faces"))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_photos_of_a_person_are_copied(ask: Asked, tmp_path: Path) -> None:
    number = str(ask.people()["anna"]["number"])
    ask.say("copy", "--person", number, "--to", str(tmp_path / "out"), "--dry-run")
    assert not (tmp_path / "out").exists()
    ask.say("copy", "--person", number, "--to", str(tmp_path / "out"))
    assert len(list((tmp_path / "out").glob("*.jpg"))) == 6


def test_the_copies_take_the_options_of_every_album(ask: Asked, tmp_path: Path) -> None:
    anna, ben = (str(ask.people()[name]["number"]) for name in ("anna", "ben"))
    of_anna = ("people", "copy", "--photos", str(ask.album), "--person", anna)
    assert ask.json(*of_anna, "--zip", str(tmp_path / "a.zip"), "--ordered", "--dry-run")["dry_run"]
    assert not (tmp_path / "a.zip").exists()
    ask.say("copy", "--person", anna, "--zip", str(tmp_path / "a.zip"), "--ordered", "--per-event")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = archive.namelist()
    assert [Path(name).name[:4] for name in names] == [f"00{place}_" for place in range(1, 7)]
    assert all("/" in name for name in names), "a folder for each event"
    ask.say("copy", "--person", anna, "--person", ben, "--to", str(tmp_path / "both"))
    assert len([path for path in (tmp_path / "both").iterdir() if path.is_dir()]) == 2
    before = len(list(ask.album.glob("*.jpg")))
    moved = ask.json(*of_anna, "--to", str(tmp_path / "moved"), "--way", "move")
    assert (moved["way"], moved["done"]) == ("move", 6)
    assert len(list(ask.album.glob("*.jpg"))) == before - 6
    ask.say("copy", "--person", ben, code=2)


def test_the_book_is_plain_json(ask: Asked) -> None:
    ask.say("name", "0", "Anna")
    book = msgspec.json.decode((ask.album / PEOPLE_NAME).read_bytes())
    assert book["schema"] == 1
    assert book["decisions"][0]["same"][0]["person"] == book["people"][0]["id"]


def test_a_person_is_in_no_photo_from_before_the_birth(ask: Asked, album: Path) -> None:
    write_photo(album / "anna0.jpg", "who=anna number=50", "2005-07-02T12:00:00")
    write_photo(album / "anna1.jpg", "who=anna number=51", "2012-07-02T12:00:00")
    number = str(ask.people()["anna"]["number"])
    ask.say("name", number, "Anna", "--born", "2009")
    (anna,) = [one for one in ask.json("people", "list", str(album), "--recursive")["people"] if one["name"] == "Anna"]
    assert anna["born"] == 2009
    assert "anna0.jpg" not in {Path(face["path"]).name for face in anna["faces"]}
    rank = ["rank", "--ref", str(album / "anna1.jpg"), "--photos", str(album)]
    found = {Path(result["path"]).name for result in ask.json(*rank, "--top", "0")["results"]}
    assert "anna1.jpg" in found
    assert "anna0.jpg" not in found
    assert "born" in ask(*rank, "--born", "2009", "--explain", "anna0.jpg", "--quiet")


def test_not_a_face_is_a_correction_like_any_other(ask: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    assert "is not a face (decision 1)" in ask.say("not-a-face", "ben0.jpg")
    document = ask.json("people", "list", str(ask.album))
    assert [Path(face["path"]).name for face in document["false_faces"]] == ["ben0.jpg"]
    assert document["counts"]["false_faces"] == 1
    assert sorted(len(person["faces"]) for person in document["people"]) == [5, 6, 6, 6]
    assert main(["people", "list", str(ask.album)]) == 0
    assert "1 thing left out as not a face" in capfd.readouterr().err
    ask.say("not-a-face", "ben0.jpg", "--is-face")
    assert [len(person["faces"]) for person in ask.people().values()] == [6, 6, 6, 6]
    ask.say("undo")
    ask.say("undo")
    assert [len(person["faces"]) for person in ask.people().values()] == [6, 6, 6, 6]
    assert main(["people", "not-a-face", "--photos", str(ask.album)]) == 2
    assert "which faces?" in capfd.readouterr().err


def test_all_faces_of_a_person_may_be_none(ask: Asked) -> None:
    number = str(ask.people()["ben"]["number"])
    ask.say("not-a-face", "--person", number)
    assert "ben" not in ask.people()
    assert ask.json("rank", "--ref", str(ask.album / "ben0.jpg"), "--photos", str(ask.album))["results"] == []


def test_not_a_face_follows_the_face_when_it_is_measured_again(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    ask.say("not-a-face", "ben0.jpg")
    use(monkeypatch, FolkSpec(parts={"detect": "folk.2", "picture": "folk.1"}, shift=3.0))
    document = ask.json("people", "list", str(ask.album))
    assert [Path(face["path"]).name for face in document["false_faces"]] == ["ben0.jpg"]


def test_nobody_counts_beside_a_person_for_being_wallpaper(ask: Asked) -> None:
    def beside() -> int:
        answer = ask.json("rank", "--ref", str(ask.album / "anna0.jpg"), "--photos", str(ask.album))
        return next(int(one["people_in_photo"]) for one in answer["results"] if one["path"].endswith("all0.jpg"))

    assert beside() == 4
    ask.say("not-a-face", "all0.jpg#2", "all0.jpg#3")
    assert beside() == 2


def test_people_are_compared_with_labels_of_ones_own(ask: Asked, tmp_path: Path) -> None:
    names = [f"{name}{number}" for name in WHO for number in range(4)]
    labels = tmp_path / "labels.csv"
    labels.write_text("\n".join(["photo,person", *(f"{name}.jpg,{name[:-1]}" for name in names), "gone.jpg,ben"]))
    document = ask.json("people", "evaluate", str(labels), "--photos", str(ask.album))
    assert document["counts"] == {"faces": 16, "people": 4, "groups": 4, "left_out": 1}
    assert document["agreement"]["ami"] == document["agreement"]["bcubed"]["f"] == 1.0
    people = ask.people()
    ask.say("merge", str(people["anna"]["number"]), str(people["ben"]["number"]))
    printed = ask("people", "evaluate", str(labels), "--photos", str(ask.album))
    assert "16 faces of 4 people, in 3 groups" in printed
    assert "completeness (no person is in two groups)   1.0000" in printed
    assert "precision 0.7500, recall 1.0000" in printed, "BCubed"
    assert main(["people", "evaluate", str(tmp_path / "none.csv"), "--photos", str(ask.album)]) == 2
