"""The command, on real photos: what it makes, what it shows beforehand, and what it refuses."""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from permissions import obeyed
from photo_ranker.cli import main
from photo_ranker.core import files
from photo_ranker.exporters.albums import Wanted
from photo_ranker.models.engines import usual_engine
from photo_ranker.models.store import sample_photo
from photo_ranker.records import DUO
from photo_ranker.workspace import ExportRequest
from photo_ranker.workspace.exports import zip_files

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos of one person, a group, and a text, measured once."""
    folder = tmp_path_factory.mktemp("album")
    shutil.copy(sample_photo("Tom_Hanks_54745.png"), folder / "tom.png")
    shutil.copy(sample_photo("t1.jpg"), folder / "group.jpg")
    shutil.copy(sample_photo("astronaut.png"), folder / "eileen.png")
    (folder / "eileen.png.xmp").write_text("<no xmp/>")
    assert main(["index", str(folder), "--workers", "1", "--quiet"]) == 0
    return folder


@pytest.fixture
def album(measured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "photos"
    shutil.copytree(measured, folder)
    return folder


def words(album: Path, *more: str) -> list[str]:
    return ["export", "--photos", str(album), *more]


def about_eileen(album: Path) -> list[str]:
    return ["--ref", str(album / "eileen.png")]


def test_a_dry_run_shows_exactly_what_then_happens(album: Path, tmp_path: Path, capsys: Capture) -> None:
    to = tmp_path / "out"
    ask = words(album, *about_eileen(album), "--to", str(to), "--ordered")
    assert main([*ask, "--dry-run", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert not to.exists()
    assert main(ask) == 0
    made = {path for path in to.iterdir() if path.name != "photo_ranker_manifest.jsonl"}
    assert {Path(item["target"]["path"]) for item in shown["files"]} == made
    assert {path.name for path in made} == {"001_eileen.png", "001_eileen.png.xmp"}
    assert main([*ask, "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 of 2 files to copy, 0.0 MB to write"


def test_photos_that_lie_there_without_a_number_are_told_of(album: Path, tmp_path: Path, capsys: Capture) -> None:
    ask = words(album, *about_eileen(album), "--to", str(tmp_path / "out"))
    assert main(ask) == 0
    assert "earlier export" not in capsys.readouterr().err
    assert main([*ask, "--ordered"]) == 0
    assert "note: named as in an earlier export: 1 photo" in capsys.readouterr().err


def test_rank_takes_the_same_options(album: Path, tmp_path: Path, capsys: Capture) -> None:
    to = tmp_path / "out"
    assert main(["rank", "--photos", str(album), *about_eileen(album), "--to", str(to), "--way", "symlink"]) == 0
    assert capsys.readouterr().out == f"{album / 'eileen.png'}\n"
    assert (to / "eileen.png").is_symlink()


def test_photos_without_faces_come_along(album: Path, tmp_path: Path) -> None:
    for number, name in enumerate(("a_place.jpg", "x_near.jpg", "y_far.jpg")):
        Image.new("RGB", (320, 240), (40 * number, 90, 120)).save(album / name)
    person = {"eileen.png", "eileen.png.xmp"}
    near = {"a_place.jpg", "x_near.jpg"}  # the fourth file after hers is far
    wanted = [((), person), (("--with-context",), person | near), (("--with-context", "near"), person | near)]
    for options, names in [*wanted, (("--with-context", "all"), person | near | {"y_far.jpg"})]:
        file = tmp_path / f"{len(list(tmp_path.iterdir()))}.zip"
        assert main(words(album, *about_eileen(album), "--zip", str(file), *options)) == 0
        with zipfile.ZipFile(file) as archive:
            assert set(archive.namelist()) == names, options


def test_all_photos_as_an_archive(album: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.zip"
    assert main(words(album, "--zip", str(file), "--per-event")) == 0
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            f"undated/{name}" for name in ("eileen.png", "eileen.png.xmp", "group.jpg", "tom.png")
        ]
    before = file.read_bytes()
    assert main(words(album, "--zip", str(file))) == 2
    assert file.read_bytes() == before


def test_filters_hold_for_all_photos_and_for_people_by_name(album: Path, tmp_path: Path, capsys: Capture) -> None:
    def listed(*more: str) -> list[str]:
        assert main(words(album, "--to", str(tmp_path / "out"), "--dry-run", "--json", *more)) == 0
        return sorted(Path(item["path"]).name for item in json.loads(capsys.readouterr().out)["files"])

    assert len(listed()) == 4, "three photos and a sidecar"
    assert listed("--since", "2030-01-01") == []
    assert main(["people", "list", str(album), "--quiet"]) == 0
    capsys.readouterr()
    group = ["--person", "0"] if "group.jpg" in listed("--person", "0") else ["--person", "1"]
    assert listed(*group, "--since", "2030-01-01") == []
    assert listed(*group, "--solo") == [name for name in listed(*group) if name != "group.jpg"]


def test_a_file_that_a_zip_lacks_is_told(
    album: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_one_gone(wanted: list[Wanted], request: ExportRequest) -> list[tuple[str, Path]]:
        return [*zip_files(wanted, request), ("gone.jpg", tmp_path / "gone.jpg")]

    monkeypatch.setattr("photo_ranker.workspace.exports.zip_files", with_one_gone)
    assert main(words(album, "--zip", str(tmp_path / "all.zip"), "--json")) == 2
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert len(document["files"]) == 4
    assert [item["name"] for item in document["left_out"]] == ["gone.jpg"]
    assert "packed 4 files" in said.err
    assert f"left out: {tmp_path / 'gone.jpg'}: No such file or directory" in said.err
    assert "1 file could not be packed" in said.err


def test_a_folder_that_may_not_be_written_does_not_stop_the_others(
    album: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = files.write_new

    def refused(path: Path, *more: Any, **options: Any) -> None:
        if path.name.startswith("group"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        written(path, *more, **options)

    monkeypatch.setattr(files, "write_new", refused)
    ask = ["export", "xmp", "--photos", str(album), "--label", "Select"]
    assert main(ask) == 2
    said = capsys.readouterr().err
    assert f"failed: {album / 'group.jpg.xmp'}: cannot be written: Permission denied" in said
    assert "error: 1 file could not be written" in said
    assert (album / "tom.png.xmp").exists()


@pytest.mark.parametrize("more", [(), ("--embed",), ("--json",)])
def test_a_folder_that_takes_nothing_is_a_failure(album: Path, more: tuple[str, ...], capsys: Capture) -> None:
    if "--embed" in more and shutil.which("exiftool") is None:
        pytest.skip("needs exiftool")
    ask = ["export", "xmp", "--photos", str(album), "--label", "Select", *more]
    before = {path.name for path in album.iterdir()}
    album.chmod(0o555)
    try:
        with obeyed():
            assert main(ask) == 2
    finally:
        album.chmod(0o755)
    said = capsys.readouterr()
    assert "could not be written" in said.err
    if "--json" in more:
        assert {file["state"] for file in json.loads(said.out)["files"]} >= {"failed"}
    assert {path.name for path in album.iterdir()} <= before | {".photo_ranker_metadata.json"}


def test_an_album_of_all_photos_says_what_it_lacks(album: Path, tmp_path: Path, capsys: Capture) -> None:
    (album / "half.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(50))
    photos = len([path for path in album.iterdir() if path.suffix in {".jpg", ".png"}])
    assert main(words(album, "--to", str(tmp_path / "all"))) == 0
    assert f"note: 1 of {photos} photos could not be read (index --json lists them)" in capsys.readouterr().err
    assert not (tmp_path / "all" / "half.jpg").exists()


def test_people_get_a_folder_each_and_names_reach_the_sidecars(album: Path, tmp_path: Path, capsys: Capture) -> None:
    for photo, name in (("eileen.png", "Eileen"), ("tom.png", "Tom")):
        capsys.readouterr()
        assert main(["people", "list", "--photos", str(album), "--json"]) == 0
        people = json.loads(capsys.readouterr().out)["people"]
        (number,) = {who["number"] for who in people if who["faces"][0]["path"] == str(album / photo)}
        assert main(["people", "name", str(number), name, "--photos", str(album)]) == 0
    capsys.readouterr()
    assert main(words(album, "--person", "all", "--to", str(tmp_path / "out"))) == 0
    assert (tmp_path / "out" / "Eileen" / "eileen.png").exists()
    assert (tmp_path / "out" / "Tom" / "tom.png").exists()
    assert main(["export", "xmp", "--photos", str(album), "--naming", "stem"]) == 0
    assert "left: " in capsys.readouterr().err, "what is no XMP is left alone"
    assert (album / "eileen.png.xmp").read_text() == "<no xmp/>"
    assert "Tom" in (album / "tom.xmp").read_text("utf-8")
    assert "Rating" not in (album / "tom.xmp").read_text("utf-8"), "nobody asked for a ranking"


def test_a_move_that_is_run_again_finds_nothing_left(album: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["people", "list", "--photos", str(album), "--json"]) == 0
    number = json.loads(capsys.readouterr().out)["people"][0]["number"]
    assert main(["people", "name", str(number), "Eileen", "--photos", str(album)]) == 0
    for _ in range(2):
        assert main(words(album, "--person", "all", "--to", str(tmp_path / "out"), "--way", "move")) == 0
    assert "has a name" not in capsys.readouterr().err


def test_everyone_with_a_name_where_nobody_has_one(album: Path, tmp_path: Path, capsys: Capture) -> None:
    for numbered in (False, True):
        if numbered:
            assert main(["people", "list", "--photos", str(album)]) == 0
        capsys.readouterr()
        assert main(words(album, "--person", "all", "--gallery", str(tmp_path / "pages"))) == 2
        said = capsys.readouterr().err
        assert "nobody in this album has a name" in said
        assert "people name" in said
        assert not (tmp_path / "pages").exists()


def test_ratings_come_and_go_and_cost_no_analysis(album: Path, capsys: Capture) -> None:
    (album / "eileen.png.xmp").unlink()
    before = {path: hashlib.sha256(path.read_bytes()).digest() for path in album.iterdir() if path.suffix != ".json"}
    ask = ["export", "xmp", "--photos", str(album)]
    assert main([*ask, *about_eileen(album), "--label", "Select", "--dry-run"]) == 0
    assert capsys.readouterr().out == f"written: {album / 'eileen.png.xmp'}\n"
    assert not (album / "eileen.png.xmp").exists()
    assert main([*ask, *about_eileen(album), "--label", "Select", "--keyword", "NASA"]) == 0
    text = (album / "eileen.png.xmp").read_text("utf-8")
    assert all(said in text for said in ("xmp:Rating=", 'xmp:Label="Select"', "<rdf:li>NASA</rdf:li>"))
    capsys.readouterr()
    assert main(["index", str(album), "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["analysed"] == 0
    assert main([*ask, "--remove"]) == 0
    after = {path: hashlib.sha256(path.read_bytes()).digest() for path in album.iterdir() if path.suffix != ".json"}
    assert after == before


REJECTED = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="-1"/></rdf:RDF></x:xmpmeta>"""


def test_a_rating_that_came_after_the_last_run_is_kept(album: Path, capsys: Capture) -> None:
    (album / "eileen.png.xmp").unlink()
    (album / "eileen.xmp").write_text(REJECTED)
    capsys.readouterr()
    assert main(["export", "xmp", "--photos", str(album), *about_eileen(album)]) == 0
    assert [path.name for path in album.glob("*.xmp")] == ["eileen.xmp"]
    assert (album / "eileen.xmp").read_text() == REJECTED
    assert "0 files written, 1 photo looked at\n" in capsys.readouterr().err


def test_stars_in_exif_alone_are_the_users(album: Path) -> None:
    (album / "eileen.png.xmp").unlink()
    with Image.open(album / "eileen.png") as photo:
        exif = photo.getexif()
        exif[0x4746] = 2
        photo.save(album / "eileen.png", exif=exif)
    ask = ["export", "xmp", "--photos", str(album), *about_eileen(album), "--label", "Select", "--quiet"]
    assert main(ask) == 0
    text = (album / "eileen.png.xmp").read_text("utf-8")
    assert 'xmp:Label="Select"' in text
    assert "xmp:Rating" not in text


def test_sidecars_by_the_stem_are_not_doubled_by_the_next_run(album: Path) -> None:
    (album / "eileen.png.xmp").unlink()
    for label in ("Select", "Second"):
        ask = ["export", "xmp", "--photos", str(album), *about_eileen(album), "--naming", "stem", "--label", label]
        assert main([*ask, "--quiet"]) == 0
        assert [path.name for path in album.glob("*.xmp")] == ["eileen.xmp"]


EMBEDS = pytest.param(
    ["--embed"],
    marks=pytest.mark.skipif(
        shutil.which("exiftool") is None, reason="needs exiftool: apt install libimage-exiftool-perl"
    ),
)


@pytest.mark.parametrize("place", [[], EMBEDS])
def test_what_an_earlier_export_wrote_does_not_go_silently(album: Path, place: list[str], capsys: Capture) -> None:
    (album / "eileen.png.xmp").unlink()
    ask = ["export", "xmp", "--photos", str(album), *place]
    for told in (["--label", "Select", "--keyword", "client"], ["--label", "Second", "--keyword", "client"]):
        assert main([*ask, *about_eileen(album), *told]) == 0
        assert "earlier export" not in capsys.readouterr().err, "a new label in place of another is meant"
    lost = "1 file {} a rating, label or keywords that an earlier export wrote\n"
    for dry, verb in ((["--dry-run"], "would lose"), ([], "has lost")):
        assert main([*ask, *dry]) == 0
        assert capsys.readouterr().err.endswith(lost.format(verb))
    assert main([*ask, *about_eileen(album)]) == 0
    assert main([*ask, "--remove"]) == 0
    assert "earlier export" not in capsys.readouterr().err


@pytest.mark.parametrize("way", ["copy", "move"])
def test_companions_that_came_and_went_after_the_last_run(
    album: Path, tmp_path: Path, capsys: Capture, way: str
) -> None:
    (album / "eileen.png.xmp").unlink()
    for name in ("eileen.dng", "eileen.xmp"):
        (album / name).write_bytes(b"raw")
    to = tmp_path / "out"
    assert main(words(album, *about_eileen(album), "--to", str(to), "--way", way)) == 0
    assert {path.name for path in to.glob("eileen*")} == {"eileen.png", "eileen.dng", "eileen.xmp"}
    assert "left out" not in capsys.readouterr().err
    assert len(list(album.glob("eileen*"))) == (3 if way == "copy" else 0)


def test_a_library_knows_the_companions_of_this_moment(album: Path, tmp_path: Path) -> None:
    assert main(["library", str(album), "--quiet"]) == 0
    (album / "eileen.xmp").write_bytes(b"new")
    ask = ["rank", "--library", str(album), *about_eileen(album), "--zip", str(tmp_path / "some.zip"), "--quiet"]
    assert main(ask) == 0
    with zipfile.ZipFile(tmp_path / "some.zip") as packed:
        assert {"eileen.png", "eileen.png.xmp", "eileen.xmp"} <= set(packed.namelist())


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="needs exiftool: apt install libimage-exiftool-perl")
def test_what_stays_inside_photos_is_said(album: Path, capsys: Capture) -> None:
    assert main(["export", "xmp", "--photos", str(album), *about_eileen(album), "--embed"]) == 0
    capsys.readouterr()
    assert main(["export", "xmp", "--photos", str(album), "--remove"]) == 0
    assert "what --embed wrote; --remove --embed removes it" in capsys.readouterr().err
    assert main(["export", "xmp", "--photos", str(album), "--remove", "--embed"]) == 0
    capsys.readouterr()
    assert main(["export", "xmp", "--photos", str(album), "--remove"]) == 0
    assert "--embed" not in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="needs exiftool: apt install libimage-exiftool-perl")
def test_a_rating_inside_the_photo_costs_no_analysis(album: Path, capsys: Capture) -> None:
    before = (album / "eileen.png").read_bytes()
    assert main(["export", "xmp", "--photos", str(album), *about_eileen(album), "--embed", "--quiet"]) == 0
    assert (album / "eileen.png").read_bytes() != before
    capsys.readouterr()
    assert main(["index", str(album), "--workers", "1", "--json", "--quiet"]) == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert (counts["analysed"], counts["fresh"]) == (0, 3)


def test_all_faces_as_a_table(album: Path, tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow: pip install pyarrow")
    assert main(words(album, "--faces", str(tmp_path / "faces.parquet"))) == 0
    assert main(words(album, "--faces", str(tmp_path / "faces.csv"))) == 0
    table = pq.read_table(tmp_path / "faces.parquet")
    rows = list(csv.DictReader((tmp_path / "faces.csv").read_text("utf-8").splitlines()))
    assert table.num_rows == len(rows) >= 8
    assert table.column_names == [*rows[0], "embedding"]
    assert table.schema.metadata[b"photo_ranker_faces"] == b"1"
    assert [str(face) for face in table["face_id"].to_pylist()] == [row["face_id"] for row in rows]
    # The engine is the one of this machine: two networks where the second one's file is at hand.
    numbers = {"sface": 128, DUO: 128 + 144}[usual_engine()]
    assert {len(row) for row in table["embedding"].to_pylist()} == {numbers}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "nothing to make"),
        (["--ordered", "--faces", "a.csv"], "--ordered says how an album is made"),
        (["--to", "a", "--ordered"], "--ordered puts the rank before each name"),
        (["--to", "a", "--zip", "b.zip"], "two albums"),
        (["--zip", "/no/such/folder/b.zip"], "there is no folder"),
        (["--faces", "a.xlsx"], "no table of faces"),
        (["--json", "--faces", "a.csv", "--gallery", "b"], "--json tells of one thing, not of --gallery and --faces"),
        (["--to", "a", "--label", "x"], "belongs to export xmp"),
        (["--to", "a", "--ref", "b.jpg", "--person", "Anna"], "both say whom"),
        (["--to", "a", "--top", "2"], "--top chooses among the photos of a person"),
        (["--to", "a", "--solo", "--way", "move"], "--solo chooses among the photos of a person"),
        (["--gallery", "a", "--ref-year", "2010"], "--ref-year chooses among"),
        (["--faces", "a.csv", "--since", "2020-01-01"], "--since chooses among"),
        (["--to", "a", "--person", "0", "--threshold", "0.5"], "--threshold belongs to --ref"),
        (["--to", "a", "--person", "0", "--min-face", "50"], "--min-face belongs to --ref"),
        (["--to", "a", "--naming", "stem"], "--naming belongs to export xmp"),
        (["--to", "a", "--frames", "b"], "--frames saves moments of a person"),
        (["--zip", "a.zip", "--way", "move"], "--way move says how photos come into a folder"),
        (["--gallery", "a", "--way", "symlink"], "--way symlink says how photos come into a folder"),
        (["--faces", "a.csv", "--person", "0"], "--faces is a table of everyone's faces"),
        (["--frames", "a", "--person", "0", "--json"], "--json tells of one thing, not of --frames"),
    ],
)
def test_what_cannot_be_meant(album: Path, more: list[str], said: str, capsys: Capture) -> None:
    assert main(words(album, *more)) == 2
    assert said in capsys.readouterr().err


def test_what_cannot_be_meant_of_xmp(album: Path, capsys: Capture) -> None:
    of_album = (["--to", "a"], "makes no album"), (["--frames", "a", "--person", "0"], "makes no album")
    for more, said in (*of_album, (["--remove", "--label", "x"], "takes out all")):
        assert main(["export", "xmp", "--photos", str(album), *more]) == 2
        assert said in capsys.readouterr().err


def test_a_gallery_of_everything(album: Path, tmp_path: Path) -> None:
    assert main(words(album, "--gallery", str(tmp_path / "pages"), "--per-event")) == 0
    assert len(list((tmp_path / "pages" / "pictures").glob("*-small.jpg"))) == 3
    assert main(words(album, "--gallery", str(tmp_path / "pages"))) == 2, "it is there already"


def test_the_gallery_of_one_person_has_her_name(album: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["people", "list", "--photos", str(album), "--json"]) == 0
    number = json.loads(capsys.readouterr().out)["people"][0]["number"]
    assert main(["people", "name", str(number), "Eileen", "--photos", str(album)]) == 0
    assert main(words(album, "--person", "Eileen", "--gallery", str(tmp_path / "pages"))) == 0
    assert "<h1>Eileen</h1>" in (tmp_path / "pages" / "room-001.html").read_text()
    assert "Eileen" in (tmp_path / "pages" / "index.html").read_text()
    assert main(words(album, "--person", "Eileen", "--to", str(tmp_path / "out"))) == 0
    assert not (tmp_path / "out" / "Eileen").exists(), "one person needs no folder"


def test_a_table_and_pages_are_told_as_json(album: Path, tmp_path: Path, capsys: Capture) -> None:
    (album / "broken.jpg").touch()
    for more in (["--dry-run"], []):
        assert main(words(album, "--faces", str(tmp_path / "faces.csv"), "--json", *more)) == 0
        said = json.loads(capsys.readouterr().out)
        rows = 8 if more else len((tmp_path / "faces.csv").read_text("utf-8").splitlines()) - 1
        assert said == {
            "schema": 1,
            "dry_run": bool(more),
            "table": {"path": str(tmp_path / "faces.csv")},
            "faces": rows,
        }
        assert main(words(album, "--gallery", str(tmp_path / "pages"), "--json", *more)) == 0
        assert json.loads(capsys.readouterr().out) == {
            "schema": 1,
            "dry_run": bool(more),
            "gallery": {"path": str(tmp_path / "pages" / "index.html")},
            "photos": 3,
            "left_out": [],
        }


def test_the_best_moment_of_a_film_is_listed_and_saved(tmp_path: Path, capsys: Capture) -> None:
    from PIL import Image

    from pictures import picture, scaled
    from video_files import panned, write_video

    folder, frames = tmp_path / "films", tmp_path / "frames"
    folder.mkdir()
    write_video(folder / "flight.avi", panned(scaled(picture("astronaut.png"), 1.3), (600, 480), 12))
    (folder / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(99))
    ask = ["rank", "--photos", str(folder), "--ref", str(sample_photo("astronaut.png")), "--frames", str(frames)]
    assert main([*ask, "--workers", "1", "--format", "table"]) == 0
    assert "flight.avi at 0:0" in capsys.readouterr().out
    (saved,) = frames.iterdir()
    assert saved.name.startswith("flight_0m0")
    with Image.open(saved) as photo:
        assert photo.size == (600, 480)
    before = saved.read_bytes()
    assert main([*ask, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["results"][0]["at_seconds"] is not None
    assert main(["export", *ask[1:-1], str(tmp_path / "alone")]) == 0, "no album is needed beside"
    assert (tmp_path / "alone" / saved.name).read_bytes() == before
    assert [item["reason"] for item in document["unreadable"]] == ["damaged: the film has no index"]
    assert saved.read_bytes() == before


def test_the_best_of_each_in_folders(album: Path, tmp_path: Path, capsys: Capture) -> None:
    to = tmp_path / "out"
    assert main(["best", str(album), "--person", "0", "--to", str(to), "--dry-run"]) == 0
    assert "copy: " in capsys.readouterr().out
    assert not to.exists()
    assert main(["best", str(album), "--person", "0", "--to", str(to)]) == 0
    assert [path.name for path in to.iterdir() if path.is_dir()] == ["Person 0"]
    assert main(["best", str(album), "--cover", "2", "--to", str(to)]) == 2


def test_a_dry_run_of_nothing_is_said(album: Path, capsys: Capture) -> None:
    assert main(["rank", "--photos", str(album), *about_eileen(album), "--dry-run"]) == 2
    assert "--dry-run shows what would be exported" in capsys.readouterr().err
