"""The command end to end, with real models on real faces."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from photo_ranker.cli import main
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.models.store import sample_photo

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An album: six people together, one of them alone (sharp and blurred), two strangers, a broken file."""
    folder = tmp_path_factory.mktemp("ready")
    together = cv2.imread(str(sample_photo("t1.jpg")))
    assert together is not None
    album = folder / "album"
    album.mkdir()
    alone = cv2.resize(together[60:420, 990:1240], None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(album / "together.jpg"), together)
    cv2.imwrite(str(album / "alone.jpg"), alone)
    cv2.imwrite(str(album / "blurred.jpg"), cv2.GaussianBlur(alone, (0, 0), 6))
    cv2.imwrite(str(folder / "ref.jpg"), alone)
    shutil.copy(sample_photo("Tom_Hanks_54745.png"), album)
    shutil.copy(sample_photo("astronaut.png"), album)
    (album / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0nothing more")
    assert main(["index", str(album), "--quiet", "--workers", "1"]) == 0
    return folder


@pytest.fixture
def place(ready: Path, tmp_path: Path) -> Path:
    shutil.copytree(ready, tmp_path, dirs_exist_ok=True)
    return tmp_path


def rank(place: Path, *words: str, ref: str = "ref.jpg") -> int:
    return main(["rank", "--ref", str(place / ref), "--photos", str(place / "album"), *words])


def names(capfdbinary: pytest.CaptureFixture[bytes]) -> list[str]:
    return [Path(os.fsdecode(line)).name for line in capfdbinary.readouterr().out.splitlines()]


def test_paths_best_first_and_nobody_elses(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert rank(place) == 0
    found = names(capfdbinary)
    assert set(found) == {"together.jpg", "alone.jpg", "blurred.jpg"}
    assert found[-1] == "blurred.jpg"


def test_the_best_of_a_person_tells_what_is_against_a_photo(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["best", str(place / "album"), "--quiet"]) == 0
    blurred = [line for line in capfd.readouterr().out.splitlines() if "blurred.jpg" in line]
    assert blurred
    assert all("but blurred" in line for line in blurred), blurred


def test_the_json_document(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert rank(place, "--json") == 0
    document = json.loads(capfdbinary.readouterr().out)
    assert document["schema"] == 1
    assert document["counts"] == {"photos": 6, "matched": 3, "doubtful": 0, "no_face": 0, "unreadable": 1, "copies": 0}
    assert [Path(item["path"]).name for item in document["unreadable"]] == ["broken.jpg"]
    kinds = {Path(item["path"]).name: item["kind"] for item in document["results"]}
    assert kinds == {"together.jpg": "group", "alone.jpg": "single", "blurred.jpg": "single"}
    blurred = next(item for item in document["results"] if item["path"].endswith("blurred.jpg"))
    assert "blurred" in blurred["against"]
    assert all(item["similarity"] >= document["threshold"] for item in document["results"])


@pytest.mark.parametrize("words", [(), ("--distinct",), ("--top", "0", "--doubtful")])
def test_no_cache_gives_the_same_bytes_and_writes_nothing(
    place: Path, words: tuple[str, ...], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert rank(place, "--json", *words) == 0
    cached = capfdbinary.readouterr().out
    (place / "album" / METADATA_NAME).unlink()
    before = sorted(path.name for path in (place / "album").iterdir())
    assert rank(place, "--json", "--no-cache", "--workers", "1", *words) == 0
    assert capfdbinary.readouterr().out == cached
    assert sorted(path.name for path in (place / "album").iterdir()) == before


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--top", "1"], 1),
        (["--solo"], 2),
        (["--group"], 1),
        (["--only"], 2),
        (["--min-score", "1"], 0),
        (["--min-face", "2000"], 0),
        (["--since", "2000-01-01"], 0),
        (["--threshold", "0.99"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_filters(place: Path, words: list[str], wanted: int, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert rank(place, *words) == 0
    assert len(names(capfdbinary)) == wanted


def test_together_with_somebody(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert rank(place, "--with", str(place / "album" / "astronaut.png")) == 0
    assert names(capfdbinary) == []
    assert rank(place, "--with", str(place / "ref.jpg"), "--solo") == 0
    assert len(names(capfdbinary)) == 2


def test_weights_apply_without_measuring_again(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    config = place / "mine.py"
    config.write_text("SINGLE_SHARPNESS = 100.0\nSINGLE_CLEAR = 0.0\n")
    stored = (place / "album" / METADATA_NAME).read_bytes()
    assert rank(place, "--solo", "--json", "--config", str(config)) == 0
    document = json.loads(capfdbinary.readouterr().out)
    assert document["results"][-1]["score"] < 0.5
    assert (place / "album" / METADATA_NAME).read_bytes() == stored


def test_explain_shows_the_arithmetic(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert rank(place, "--explain", "alone.jpg", "--top", "1") == 0
    said = capfdbinary.readouterr().out.decode()
    assert "sharpness" in said
    assert "score" in said.splitlines()[-1]


def test_explain_as_json(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert rank(place, "--explain", "alone.jpg", "--json") == 0
    said = json.loads(capfdbinary.readouterr().out)
    assert (said["schema"], said["listed"], said["kind"]) == (1, True, "single")
    assert said["similarity"] >= said["threshold"]
    known = [term for term in said["terms"] if term["value"] is not None]
    score = sum(term["value"] * term["weight"] for term in known) / sum(term["weight"] for term in known)
    for penalty in said["penalties"]:
        score *= penalty["factor"]
    assert said["score"] == pytest.approx(score, abs=1e-3)


@pytest.mark.parametrize(
    ("photo", "words", "why"),
    [
        ("astronaut.png", (), "no face in it is similar enough"),
        ("broken.jpg", (), "could not be read"),
        ("together.jpg", ("--solo",), "a filter or --distinct leaves it out"),
        ("blurred.jpg", ("--min-face", "2000"), "smaller than 2000 px"),
        ("together.jpg", ("--threshold", "0.99"), "no face in it is similar enough"),
    ],
)
def test_explain_says_why_a_photo_is_not_listed(
    place: Path, photo: str, words: tuple[str, ...], why: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert rank(place, "--explain", photo, "--json", *words) == 0
    said = json.loads(capfdbinary.readouterr().out)
    assert not said["listed"]
    assert why in said["why"]
    assert rank(place, "--explain", photo, *words) == 0
    shown = capfdbinary.readouterr().out.decode()
    assert why in shown
    assert ("best similarity of a face" in shown) == ("similarity" in said)


def test_explain_asks_which_of_two_photos_of_one_name(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    other, album = place / "other", place / "album"
    other.mkdir()
    shutil.copy(album / "astronaut.png", other / "alone.jpg")
    words = ["rank", "--ref", str(place / "ref.jpg"), "--photos", str(album), str(other), "--explain"]
    assert main([*words, "alone.jpg"]) == 2
    assert f"alone.jpg may be {album / 'alone.jpg'}, {other / 'alone.jpg'}" in capfd.readouterr().err
    assert main([*words, str(other / "alone.jpg")]) == 0
    shutil.copy(album / "alone.jpg", other)
    assert main([*words, "alone.jpg"]) == 0, "a copy is the same photo"


def test_two_people_are_not_one_question(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--person", "Anna", "--person", "Ben", "--photos", str(place / "album")]) == 2
    assert "rank is about one person, and --person was given more than once" in capfd.readouterr().err


def test_a_reference_of_several_faces_in_an_album_of_none(place: Path) -> None:
    (place / "empty").mkdir()
    assert main(["rank", "--ref", str(place / "album" / "together.jpg"), "--photos", str(place / "empty")]) == 0


def test_explain_says_whose_companion_a_file_is(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    raw = place / "album" / "alone.CR2"
    raw.write_bytes(b"a camera RAW")
    for named in ("alone.CR2", str(raw)):
        assert rank(place, "--explain", named) == 0
        assert "it belongs to alone.jpg, which stands for it" in capfd.readouterr().out


def test_explain_says_that_a_decision_leaves_a_photo_out(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    album = str(place / "album")
    assert main(["people", "list", album]) == 0
    assert main(["people", "name", "1", "Anna", "--photos", album]) == 0
    assert main(["people", "not", "Anna", "together.jpg", "--photos", album]) == 0
    capfd.readouterr()
    assert rank(place) == 0
    assert "together" not in capfd.readouterr().out
    assert rank(place, "--explain", "together.jpg") == 0
    assert "by a decision about people" in capfd.readouterr().out


def test_a_doubtful_match_is_explained_and_counted(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert rank(place, "--json") == 0
    results = json.loads(capfd.readouterr().out)["results"]
    weakest = min(results, key=lambda item: item["similarity"])
    words = ["--threshold", str(weakest["similarity"] + 0.01)]
    assert rank(place, *words, "--explain", weakest["path"]) == 0
    said = capfd.readouterr()
    assert "the match is doubtful (--doubtful lists it)" in said.out
    assert "may show the person (--doubtful lists them)" in said.err
    assert rank(place, *words, "--doubtful") == 0
    said = capfd.readouterr()
    assert weakest["path"] in said.out
    assert "note: 1 match is doubtful and comes last" in said.err
    assert "--doubtful lists" not in said.err


def test_output_to_stdout(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for words in ((), ("--json",), ("--format", "csv"), ("--print0",)):
        assert rank(place, *words) == 0
        printed = capfdbinary.readouterr().out
        assert rank(place, "--output", "-", *words) == 0
        assert capfdbinary.readouterr().out == printed


def test_an_archive_on_stdout_beside_a_list_in_a_file(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert rank(place, "--zip", "-", "--output", str(place / "list.json")) == 0
    assert capfdbinary.readouterr().out.startswith(b"PK")
    assert len(json.loads((place / "list.json").read_bytes())["results"]) == 3


def test_advice_names_the_option_that_is_meant(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rank", "--ref", str(place / "ref.jpg"), "--library", str(place / "nosuch")]) == 2
    assert "check the path given with --library" in capfd.readouterr().err
    for command in (["rank"], ["export", "--to", str(place / "out")]):
        words = ["--ref", str(place / "ref.jpg"), "--photos", str(place / "album"), "--with", "Ben"]
        assert main([*command, *words]) == 2
        assert f"photo-ranker best --photos {place / 'album'} --with Ben" in capfd.readouterr().err


@pytest.mark.parametrize("suffix", ["txt", "csv", "json", "jsonl", "html"])
def test_every_format_goes_to_a_file(place: Path, suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    output = place / f"ranked.{suffix}"
    assert rank(place, "--output", str(output)) == 0
    assert capfd.readouterr().out == ""
    assert "alone.jpg" in output.read_text("utf-8")


def test_print0(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert rank(place, "--print0") == 0
    parts = capfdbinary.readouterr().out.split(b"\0")
    assert len(parts) == 4
    assert parts[-1] == b""


def test_a_person_who_is_not_there_is_no_error(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (place / "album" / "astronaut.png").unlink()
    shutil.copy(sample_photo("astronaut.png"), place / "ref.png")
    assert rank(place, ref="ref.png") == 0
    said = capfd.readouterr()
    assert said.out == ""
    assert "in none of the 5 photos" in said.err


def test_references_of_two_people_are_told_of(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ref, other = str(place / "ref.jpg"), str(place / "album" / "astronaut.png")
    assert rank(place, "--ref", other) == 0
    assert f"note: {ref} and {other} seem to show two people; photos of either are found" in capfd.readouterr().err
    assert rank(place, "--ref", str(place / "album" / "alone.jpg"), "--ref", str(place / "album" / "blurred.jpg")) == 0
    assert "two people" not in capfd.readouterr().err


def test_a_folder_of_references_is_told_of_in_few_lines(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for number in range(8):
        shutil.copy(place / "album" / "together.jpg", place / f"{number}.jpg")
    assert rank(place, ref=".") == 0
    notes = capfd.readouterr().err.splitlines()
    assert sum("using the largest" in note for note in notes) == 5
    assert f"note: 3 more notes like these on photos in {place}" in notes


def test_a_reference_that_says_too_little_is_said(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    picture = cv2.imread(str(place / "album" / "astronaut.png"))
    cv2.imwrite(str(place / "small.png"), cv2.resize(picture, None, fx=0.22, fy=0.22, interpolation=cv2.INTER_AREA))
    assert rank(place, ref="small.png") == 0
    said = "small.png is small or unclear; a clear photo of the person, the right way up, finds more"
    assert said in capfd.readouterr().err
    assert rank(place) == 0
    assert "unclear" not in capfd.readouterr().err


def test_several_faces_in_a_reference_are_said(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert rank(place, ref="album/together.jpg") == 0
    assert "shows 6 faces; using the largest" in capfd.readouterr().err
    assert rank(place, "--ref-face", "6", ref="album/together.jpg") == 0
    assert rank(place, "--ref-face", "7", ref="album/together.jpg") == 2
    assert "there is no number 7" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--top", "-1"], "whole number"),
        (["--top", "many"], "whole number"),
        (["--threshold", "2"], "number from -1 to 1"),
        (["--min-score", "nan"], "number from 0 to 1"),
        (["--since", "yesterday"], "not a date"),
        (["--since", "2024-02-01", "--until", "2024-01-01"], "is after"),
        (["--solo", "--group"], "not allowed with"),
        (["--output", "."], "is a folder"),
        (["--output", "nowhere/ranked.txt"], "there is no folder"),
        (["--output", "ranked.doc"], "no format is called"),
        (["--format", "doc"], "invalid choice"),
        (["--photos", "nowhere"], "there is no folder or photo"),
        (["--config", "nowhere.py"], "no config file"),
        (["--min-face", "1"], "MIN_FACE is 1"),
        (["--ref", "nowhere.jpg"], "there is no file"),
        (["--with", "nowhere.jpg"], "there is no file"),
        (["--explain", "nobody.jpg"], "is not among the photos"),
        (["--explain", "alone.jpg", "--output", "a.txt"], "--explain tells of one photo, --output is for all"),
        (["--explain", "alone.jpg", "--to", "album2"], "--explain tells of one photo, --to is for all"),
        (["--json", "--format", "csv"], "--json and --format csv are two formats"),
        (["--print0", "--format", "csv"], "--print0 prints plain paths"),
        (["--print0", "--json"], "--print0 prints plain paths"),
        (["--print0", "--output", "a.html"], "--print0 writes plain paths, not .html"),
        (["--zip", "-", "--json"], "--zip - and --json would both fill stdout"),
        (["--zip", "-", "--output", "-"], "--zip - and --output - would both fill stdout"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_clear_line_and_changes_nothing(
    place: Path, words: list[str], message: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}
    assert rank(place, *words) == 2
    said = capfd.readouterr()
    assert said.out == ""
    errors = [line for line in said.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert message in errors[0]
    assert "Traceback" not in said.err
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jpg", b"", "empty file"),
        ("words.jpg", b"just some words", "cannot read"),
        ("blank.png", None, "no face"),
    ],
)
def test_a_useless_reference(
    place: Path, name: str, content: bytes | None, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if content is None:
        import numpy as np

        cv2.imwrite(str(place / name), np.full((300, 300, 3), 200, np.uint8))
    else:
        (place / name).write_bytes(content)
    assert rank(place, ref=name) == 2
    assert message in capfd.readouterr().err


def test_a_photo_is_never_overwritten(place: Path, capfd: pytest.CaptureFixture[str]) -> None:
    photo = place / "album" / "alone.jpg"
    content = photo.read_bytes()
    for output in (photo, place / "ref.jpg"):
        assert rank(place, "--output", str(output), "--format", "txt") == 2
    assert photo.read_bytes() == content
    assert "left as it is" in capfd.readouterr().err


def test_run_rank_reads_its_neighbour(place: Path) -> None:
    for name in ("run_rank.py", "config.py"):
        shutil.copy(ROOT / name, place)
    config = place / "config.py"
    config.write_text(config.read_text("utf-8") + "\nMIN_FACE = 2000\n")
    command = [sys.executable, "run_rank.py", "--ref", "ref.jpg", "--photos", "album"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "in none of the 6 photos" in done.stderr


def test_a_warm_question_loads_only_what_it_needs(place: Path) -> None:
    words = ["rank", "--ref", str(place / "ref.jpg"), "--photos", str(place / "album")]
    code = (
        f"import sys\nfrom photo_ranker.cli import main\nmain({words!r})\n"
        "print(sorted({'base64', 'csv', 'json', 'logging', 'numpy.ma', 'subprocess'} & set(sys.modules)))"
    )
    assert rank(place) == 0
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_config_in_the_current_folder_is_never_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "config.py").write_text("raise SystemExit('run by surprise')")
    monkeypatch.chdir(place)
    assert rank(place) == 0


def test_a_named_person_is_ranked_by_the_faces_that_are_theirs(
    place: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    album = str(place / "album")
    assert main(["people", "list", album, "--json"]) == 0
    people = json.loads(capfdbinary.readouterr().out)["people"]
    hers = next(item for item in people if any(face["path"].endswith("alone.jpg") for face in item["faces"]))
    assert main(["people", "name", str(hers["number"]), "Anna", "--photos", album, "--quiet"]) == 0
    capfdbinary.readouterr()
    assert main(["rank", "--person", "Anna", "--photos", album]) == 0
    assert set(names(capfdbinary)) == {Path(face["path"]).name for face in hers["faces"]}
    assert main(["rank", "--person", "Nobody", "--photos", album]) == 2
    assert main(["rank", "--person", "Anna", "--ref", "ref.jpg", "--photos", album]) == 2


def test_copies_are_one_result(place: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    album = place / "album"
    shutil.copy(album / "alone.jpg", album / "alone (1).jpg")
    shutil.copy2(album / "alone.jpg", album / "backup alone.jpg")
    assert rank(place, "--json") == 0
    document = json.loads(capfdbinary.readouterr().out)
    assert (document["counts"]["matched"], document["counts"]["copies"], len(document["results"])) == (3, 2, 3)
    (alone,) = (item for item in document["results"] if "alone" in item["path"])
    assert [Path(path).name for path in alone["copies"]] == ["alone (1).jpg", "backup alone.jpg"]
    assert rank(place, "--explain", "backup alone.jpg") == 0
    said = capfdbinary.readouterr().out.decode()
    assert said.startswith(f"{album / 'alone.jpg'}: rank ")
    assert f"the same bytes: {album / 'backup alone.jpg'}" in said
    assert rank(place, "--format", "table") == 0
    assert "alone.jpg +2 copies" in capfdbinary.readouterr().out.decode()
    assert rank(place, "--copies", "all") == 0
    assert len(names(capfdbinary)) == 5
