from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from builders import a_face, a_record
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core import names
from photo_ranker.errors import FileRefused, UserError
from photo_ranker.exporters.albums import Plan, Wanted, Way, by_event, carry, into_folders, plan_album, with_context
from photo_ranker.exporters.albums import carrying as carrying_module
from photo_ranker.exporters.albums.carrying import place
from photo_ranker.exporters.albums.manifest import MANIFEST_NAME, Entry, read_manifest
from photo_ranker.exporters.albums.planning import Step, numbered, renamed
from photo_ranker.records import PhotoRecord, Stamp
from photo_ranker.settings import Settings

WAYS: list[Way] = ["copy", "hardlink", "symlink", "move"]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("IMG_1.jpg", "IMG_1.CR2", "IMG_1.jpg.xmp", "IMG_1.xmp", "IMG_1.MOV", "IMG_2.jpg"):
        (folder / name).write_bytes(name.encode() * 9)
        os.utime(folder / name, ns=(10**18, 10**18 + 7))
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST_NAME
    }


def first(photos: Path, **facts: object) -> Wanted:
    companions = ("IMG_1.CR2", "IMG_1.MOV", "IMG_1.jpg.xmp", "IMG_1.xmp")
    return Wanted(str(photos / "IMG_1.jpg"), companions, **facts)  # type: ignore[arg-type]


def targets(plan: Plan) -> list[str]:
    return [step.entry.target for step in plan.steps]


@pytest.mark.parametrize("way", WAYS)
def test_all_files_of_a_photo_travel_under_names_that_belong_together(photos: Path, tmp_path: Path, way: Way) -> None:
    before = contents(photos)
    album = tmp_path / "album"
    wanted = [first(photos, number=12), Wanted(str(photos / "IMG_2.jpg"), number=13)]
    plan = plan_album(wanted, album, way, ordered=True)
    names = ["IMG_1.jpg", "IMG_1.CR2", "IMG_1.MOV", "IMG_1.jpg.xmp", "IMG_1.xmp"]
    assert targets(plan) == [f"012_{name}" for name in names] + ["013_IMG_2.jpg"]
    assert not album.exists(), "a plan changes nothing"
    done = carry(plan)
    assert (done.done, done.already_there, done.missing, done.failed) == (6, 0, [], [])
    assert contents(album) == {f"01{2 + (name == 'IMG_2.jpg')}_{name}": digest for name, digest in before.items()}
    assert contents(photos) == ({} if way == "move" else before)
    found = (album / "012_IMG_1.jpg").stat()
    assert found.st_mtime_ns == 10**18 + 7
    assert (album / "012_IMG_1.jpg").is_symlink() == (way == "symlink")
    assert (found.st_nlink == 2) == (way == "hardlink")


@pytest.mark.parametrize("way", ["copy", "hardlink", "symlink"])
def test_a_second_run_finds_everything_there(photos: Path, tmp_path: Path, way: Way) -> None:
    album = tmp_path / "album"
    carry(plan_album([first(photos)], album, way))
    before = contents(album)
    again = plan_album([first(photos)], album, way)
    assert {step.state for step in again.steps} == {"there"}
    assert carry(again).already_there == 5
    (album / MANIFEST_NAME).unlink()
    assert {step.state for step in plan_album([first(photos)], album, way).steps} == {"there"}, "by content"
    assert contents(album) == before


def test_further_edits_keep_their_numbers(photos: Path, tmp_path: Path) -> None:
    (photos / "IMG_1_01.jpg.xmp").write_bytes(b"another edit")
    wanted = Wanted(str(photos / "IMG_1.jpg"), ("IMG_1.jpg.xmp", "IMG_1_01.jpg.xmp"), number=7)
    plan = plan_album([wanted], tmp_path / "album", ordered=True)
    assert targets(plan) == ["007_IMG_1.jpg", "007_IMG_1.jpg.xmp", "007_IMG_1_01.jpg.xmp"]


def test_a_companion_with_accents_composed_another_way_stays_with_its_photo(tmp_path: Path) -> None:
    assert renamed("\u00e9.jpg.xmp", "e\u0301.jpg", "007_e\u0301.jpg") == "007_e\u0301.jpg.xmp"
    assert renamed("e\u0301.CR2", "\u00e9.jpg", "\u00e9.jpg", 2) == "\u00e9_2.CR2"


@pytest.mark.parametrize("way", WAYS)
def test_companions_whose_names_differ_only_in_case_all_travel(photos: Path, tmp_path: Path, way: Way) -> None:
    photo, companions = photos / "IMG_1.jpg", ("IMG_1.jpg.xmp", "img_1.JPG.xmp")
    (photos / companions[1]).write_bytes(b"another")
    plan = plan_album([Wanted(str(photo), companions)], tmp_path / "album", way)
    assert targets(plan) == ["IMG_1.jpg", "IMG_1.jpg.xmp", "IMG_1.jpg_2.xmp"]
    assert carry(plan).done == 3
    assert (tmp_path / "album" / "IMG_1.jpg_2.xmp").read_bytes() == b"another"


def test_an_ordered_album_keeps_its_names_when_the_order_changes(photos: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    carry(plan_album([Wanted(str(photos / "IMG_2.jpg"), number=1)], album, ordered=True))
    plan = plan_album([first(photos, number=1), Wanted(str(photos / "IMG_2.jpg"), number=2)], album, ordered=True)
    assert targets(plan)[0] == "001_IMG_1.jpg"
    assert (targets(plan)[-1], plan.steps[-1].state) == ("001_IMG_2.jpg", "there")


def test_other_files_of_the_same_name_stay_as_they_are(photos: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    album.mkdir()
    (album / "img_1.cr2").write_text("another picture")
    (album / "IMG_2.JPG").symlink_to(tmp_path / "nowhere.jpg")
    plan = plan_album([first(photos), Wanted(str(photos / "IMG_2.jpg"))], album)
    carry(plan)
    if (album / "IMG_1.CR2").exists():  # a system that tells capitals apart
        assert (album / "IMG_1.CR2").read_bytes() == b"IMG_1.CR2" * 9
    assert (album / "img_1.cr2").read_text() == "another picture"
    assert not (tmp_path / "nowhere.jpg").exists()


def test_taken_names_get_one_number_for_all_files_of_a_photo(photos: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    album.mkdir()
    (album / "IMG_1.MOV").write_text("another film")
    (album / "IMG_2.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (album / "IMG_2_2.jpg").mkdir()
    plan = plan_album([first(photos), Wanted(str(photos / "IMG_2.jpg"))], album)
    carry(plan)
    assert targets(plan) == [
        *("IMG_1_2.jpg", "IMG_1_2.CR2", "IMG_1_2.MOV", "IMG_1_2.jpg.xmp", "IMG_1_2.xmp"),
        "IMG_2_3.jpg",
    ]
    assert (album / "IMG_1.MOV").read_text() == "another film"
    assert not (tmp_path / "nowhere.jpg").exists()
    assert {step.state for step in plan_album([first(photos)], album).steps} == {"there"}


def test_photos_of_one_name_from_two_folders(photos: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(photos, other)
    (other / "IMG_2.jpg").write_bytes(b"not the same")
    wanted = [Wanted(str(folder / "IMG_2.jpg")) for folder in (photos, other)]
    plan = plan_album(wanted, tmp_path / "album")
    assert targets(plan) == ["IMG_2.jpg", "IMG_2_2.jpg"]
    carry(plan)
    assert (tmp_path / "album" / "IMG_2_2.jpg").read_bytes() == b"not the same"


def test_folders_of_people_never_lead_out_through_a_link(photos: Path, tmp_path: Path) -> None:
    album, outside = tmp_path / "album", tmp_path / "outside"
    album.mkdir()
    outside.mkdir()
    (album / "Anna").symlink_to(outside, target_is_directory=True)
    plan = plan_album([Wanted(str(photos / "IMG_2.jpg"), folder="Anna", person="Anna")], album)
    carry(plan)
    assert targets(plan) == ["Anna_2/IMG_2.jpg"]
    assert not list(outside.iterdir())


def test_a_copy_that_its_owner_has_edited_is_left_alone(photos: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    wanted = [Wanted(str(photos / "IMG_2.jpg"))]
    carry(plan_album(wanted, album))
    (album / "IMG_2.jpg").write_text("edited")
    again = plan_album(wanted, album)
    assert [step.state for step in again.steps] == ["there"]
    carry(again)
    assert (album / "IMG_2.jpg").read_text() == "edited"


@pytest.mark.parametrize("way", ["copy", "hardlink", "move"])
def test_another_photo_at_the_path_of_one_that_is_there_is_placed_too(photos: Path, tmp_path: Path, way: Way) -> None:
    album, photo = tmp_path / "album", photos / "IMG_1.jpg"
    carry(plan_album([first(photos, picture="one")], album, way))
    before = contents(album)
    for name in ("IMG_1.jpg", "IMG_1.xmp"):
        (photos / name).unlink(missing_ok=True)
        (photos / name).write_text(f"{name} of the next day")
    wanted = [Wanted(str(photo), ("IMG_1.xmp",), picture="two")]
    for _ in range(2):
        carry(plan_album(wanted, album, way))
    after = contents(album)
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == {"IMG_1_2.jpg", "IMG_1_2.xmp"}
    assert (album / "IMG_1_2.jpg").read_text() == "IMG_1.jpg of the next day"
    assert photo.exists() == (way != "move")


@pytest.mark.parametrize("way", ["copy", "hardlink"])
def test_a_sidecar_that_was_rewritten_since_does_not_stop_a_move(photos: Path, tmp_path: Path, way: Way) -> None:
    album, wanted = tmp_path / "album", [Wanted(str(photos / "IMG_1.jpg"), ("IMG_1.xmp",))]
    carry(plan_album(wanted, album, way))
    (photos / "IMG_1.xmp").unlink()
    (photos / "IMG_1.xmp").write_text("with a rating")
    assert carry(plan_album(wanted, album, "move")).done == 2
    assert not (photos / "IMG_1.jpg").exists()
    assert (album / "IMG_1.xmp").read_bytes() == b"IMG_1.xmp" * 9
    assert (album / "IMG_1_2.xmp").read_text() == "with a rating"
    assert (album / "IMG_1_2.jpg").exists()


def test_a_photo_that_got_a_rating_is_still_the_same(photos: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    carry(plan_album([first(photos, picture="one")], album))
    (photos / "IMG_1.jpg").write_text("the same picture with a rating")
    assert {step.state for step in plan_album([first(photos, picture="one")], album).steps} == {"there"}


def test_a_move_that_was_stopped_half_way_is_finished(photos: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    wanted = [Wanted(str(photos / "IMG_2.jpg"))]
    carry(plan_album(wanted, album, "hardlink"))  # the first half of a move
    carry(plan_album(wanted, album, "move"))
    assert not (photos / "IMG_2.jpg").exists()
    assert (album / "IMG_2.jpg").read_bytes() == b"IMG_2.jpg" * 9
    assert [path.name for path in album.iterdir() if path.suffix == ".jpg"] == ["IMG_2.jpg"]


def test_a_copy_of_a_photo_that_was_moved_stays_where_it_is(photos: Path, tmp_path: Path) -> None:
    album, copy = tmp_path / "album", tmp_path / "IMG_2.jpg"
    shutil.copy2(photos / "IMG_2.jpg", copy)
    carry(plan_album([Wanted(str(photos / "IMG_2.jpg"))], album, "move"))
    done = carry(plan_album([Wanted(str(copy))], album, "move"))
    assert (done.done, done.already_there) == (0, 1)
    assert copy.exists()


@pytest.mark.parametrize("way", ["copy", "move", "hardlink"])
def test_the_photos_take_the_place_of_an_albums_links(photos: Path, tmp_path: Path, way: Way) -> None:
    before, album = contents(photos), tmp_path / "album"
    carry(plan_album([first(photos), Wanted(str(photos / "IMG_2.jpg"))], album, "symlink"))
    done = carry(plan_album([first(photos), Wanted(str(photos / "IMG_2.jpg"))], album, way))
    assert (done.done, done.already_there, done.failed) == (6, 0, [])
    assert contents(album) == before
    assert not any(path.is_symlink() for path in album.iterdir())
    assert contents(photos) == ({} if way == "move" else before)


@pytest.mark.parametrize("target", ["../photos/IMG_2.jpg", "/IMG_2.jpg"])
def test_no_link_is_left_without_its_photo(photos: Path, tmp_path: Path, target: str) -> None:
    (tmp_path / "chosen").mkdir()
    link = tmp_path / "chosen" / "IMG_2.jpg"
    link.symlink_to(f"{photos}{target}" if target[0] == "/" else target)
    with pytest.raises(UserError, match="is a link, and a move would leave it without its photo"):
        plan_album([Wanted(str(link))], tmp_path / "album", "move")
    carry(plan_album([Wanted(str(link))], tmp_path / "album", "copy"))
    assert (tmp_path / "album" / "IMG_2.jpg").read_bytes() == link.read_bytes()


@pytest.mark.parametrize("way", ["copy", "move", "hardlink"])
def test_a_link_of_the_users_own_stays(photos: Path, tmp_path: Path, way: Way) -> None:
    before, album = (photos / "IMG_2.jpg").read_bytes(), tmp_path / "album"
    album.mkdir()
    (album / "IMG_2.jpg").symlink_to(photos / "IMG_2.jpg")
    carry(plan_album([Wanted(str(photos / "IMG_2.jpg"))], album, way))
    assert (album / "IMG_2.jpg").is_symlink()
    assert (album / "IMG_2_2.jpg").read_bytes() == before


def test_links_to_photos_that_are_gone_are_not_there(photos: Path, tmp_path: Path) -> None:
    wanted, album = [Wanted(str(photos / "IMG_2.jpg"))], tmp_path / "album"
    carry(plan_album(wanted, album, "symlink"))
    (photos / "IMG_2.jpg").unlink()
    assert [step.state for step in plan_album(wanted, album, "copy").steps] == ["missing"]


def test_nothing_is_moved_within_one_folder_under_two_names(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_name = tmp_path / "other"
    other_name.symlink_to(photos)
    source, target = photos / "IMG_2.jpg", other_name / "IMG_2.jpg"
    entry = Entry(target.name, str(source), source.stat().st_size, source.stat().st_mtime_ns, "move")
    with pytest.raises(UserError, match="one folder"):
        place(Step(entry, "todo", target), "move")
    # Two mounts of one share have two device numbers: files of theirs are never "the same".
    monkeypatch.setattr(Path, "samefile", lambda self, other: False)
    with pytest.raises(UserError, match="one folder"):
        place(Step(entry, "todo", target), "move")
    assert source.read_bytes() == b"IMG_2.jpg" * 9


def test_the_manifest_tells_of_every_file(photos: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    carry(plan_album([first(photos, number=1, score=0.91234567, person="Anna", folder="Anna")], album))
    head, *entries = map(json.loads, (album / MANIFEST_NAME).read_text("utf-8").splitlines())
    assert head == {"photo_ranker_album": 1}
    assert entries[0] == {
        "target": "Anna/IMG_1.jpg",
        "source": os.path.realpath(photos / "IMG_1.jpg"),
        "size": 81,
        "mtime_ns": 10**18 + 7,
        "way": "copy",
        "person": "Anna",
        "rank": 1,
        "score": 0.9123,
    }
    assert {entry["belongs_to"] for entry in entries[1:]} == {"Anna/IMG_1.jpg"}


def test_names_that_are_no_text_come_through(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff\xfe.jpg")
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / name).write_bytes(b"x")
    wanted = [Wanted(str(photos / name), number=1)]
    carry(plan_album(wanted, tmp_path / "album", ordered=True))
    assert (tmp_path / "album" / f"001_{name}").exists()
    assert plan_album(wanted, tmp_path / "album", ordered=True).steps[0].state == "there"


def test_a_torn_last_line_of_the_manifest_does_no_harm(photos: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    carry(plan_album([Wanted(str(photos / "IMG_2.jpg"))], album))
    with (album / MANIFEST_NAME).open("ab") as file:
        file.write(b'{"target":"IMG_1.jpg","sour')
    carry(plan_album([first(photos)], album))
    assert len(read_manifest(album)) == 6


def test_a_stranger_with_the_manifests_name_stops_us(photos: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    album.mkdir()
    (album / MANIFEST_NAME).write_text("my own notes\n")
    with pytest.raises(UserError, match="no manifest of ours"):
        plan_album([first(photos)], album)
    (album / MANIFEST_NAME).unlink()
    (album / MANIFEST_NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="no manifest of ours"):
        plan_album([first(photos)], album)


@pytest.mark.parametrize("left", [b"", b"{", b'{"photo_ranker_alb', b'{"photo_ranker_album":1}', bytes(24)])
def test_a_torn_first_line_of_the_manifest_does_not_end_the_album(left: bytes, photos: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    album.mkdir()
    (album / MANIFEST_NAME).write_bytes(left)
    assert carry(plan_album([first(photos)], album)).done == 5
    assert len(read_manifest(album)) == 5


@pytest.mark.parametrize("text", [b'{"photo_ranker', b'{"photo_ranker_albums":1}\n', b"\n", b"[]"])
def test_a_file_of_others_is_never_taken_for_a_torn_manifest(text: bytes, photos: Path, tmp_path: Path) -> None:
    album, foreign = tmp_path / "album", text + b" x"
    album.mkdir()
    (album / MANIFEST_NAME).write_bytes(foreign)
    with pytest.raises(UserError, match="no manifest of ours"):
        plan_album([first(photos)], album)
    assert (album / MANIFEST_NAME).read_bytes() == foreign


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")
def test_what_was_planted_as_manifest_is_never_written(photos: Path, tmp_path: Path) -> None:
    album, kept = tmp_path / "album", (photos / "IMG_2.jpg").read_bytes()
    album.mkdir()
    (album / MANIFEST_NAME).hardlink_to(photos / "IMG_2.jpg")
    with pytest.raises(UserError, match="no manifest of ours"):
        plan_album([first(photos)], album)
    (album / MANIFEST_NAME).unlink()
    os.mkfifo(album / MANIFEST_NAME)
    with pytest.raises(UserError, match="is a pipe"):
        plan_album([first(photos)], album)
    (album / MANIFEST_NAME).unlink()
    carry(plan_album([first(photos)], album))
    (tmp_path / "second name").hardlink_to(album / MANIFEST_NAME)
    with pytest.raises(FileRefused, match="several names"):
        carry(plan_album([Wanted(str(photos / "IMG_2.jpg"))], album))
    assert (photos / "IMG_2.jpg").read_bytes() == kept


@pytest.mark.skipif(os.name == "nt", reason="pipes as on POSIX")
@pytest.mark.timeout(20)
def test_a_photo_that_has_become_a_pipe_is_told_and_left_out(photos: Path, tmp_path: Path) -> None:
    plan = plan_album([first(photos)], tmp_path / "album")
    (photos / "IMG_1.MOV").unlink()
    os.mkfifo(photos / "IMG_1.MOV")
    done = carry(plan)
    assert (done.done, [reason for _, reason in done.failed]) == (4, ["is a pipe or a device"])


@pytest.mark.skipif(sys.platform != "linux", reason="open files are told by their names only there")
@pytest.mark.parametrize("way", ["copy", "move"])
def test_all_is_on_the_disk_before_anything_is_said_or_a_source_goes(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    album, told = tmp_path / "album", []
    fsync, link, unlink = os.fsync, os.link, Path.unlink

    def note_sync(handle: int) -> None:
        told.append(("sync", str(Path(f"/proc/self/fd/{handle}").readlink())))
        fsync(handle)

    def note_link(source: Path, target: Path) -> None:
        if way == "move" and source.parent == photos:
            raise OSError(errno.EXDEV, "another disk")
        told.append(("name", str(source)))
        link(source, target)

    def note_unlink(path: Path, missing_ok: bool = False) -> None:
        if path.parent == photos:
            told.append(("gone", str(path)))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "link", note_link)
    monkeypatch.setattr(Path, "unlink", note_unlink)
    carry(plan_album([first(photos)], album, way))
    named = [at for at, (what, _) in enumerate(told) if what == "name"]
    assert len(named) == 5
    assert all(told[at - 1] == ("sync", told[at][1]) for at in named)
    lasting = [("sync", str(place)) for place in (album / MANIFEST_NAME, album, tmp_path)]
    assert max(map(told.index, lasting)) > named[-1]
    gone = [at for at, (what, _) in enumerate(told) if what == "gone"]
    assert len(gone) == (5 if way == "move" else 0)
    assert all(at > max(map(told.index, lasting)) for at in gone)


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="another disk is wanted")
def test_a_move_that_was_stopped_needs_no_room_a_second_time(photos: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other_disk:
        album = Path(other_disk, "album")
        assert plan_album([first(photos)], album, "move").bytes_to_write > 0
        carry(plan_album([first(photos)], album, "copy"))  # the first half of a move
        assert plan_album([first(photos)], album, "move").bytes_to_write == 0
        assert carry(plan_album([first(photos)], album, "move")).done == 5
    assert [path.name for path in photos.iterdir()] == ["IMG_2.jpg"]


def test_too_little_room_is_said_before_anything_is_written(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_module, "SPARE_BYTES", 10**18)
    with pytest.raises(UserError, match=r"needs 0\.0 MB, and .* has room for"):
        carry(plan_album([first(photos)], tmp_path / "album"))
    assert not (tmp_path / "album").exists()
    carry(plan_album([first(photos)], tmp_path / "album", "hardlink"))


def test_places_that_cannot_be_albums(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="is a file"):
        plan_album([first(photos)], tmp_path / "file")
    with pytest.raises(UserError, match="lies in the folder of the album"):
        plan_album([first(photos)], photos)


def test_photos_of_an_earlier_album_are_not_taken_into_it_again(photos: Path, tmp_path: Path) -> None:
    album = photos / "best"
    carry(plan_album([first(photos, folder="Anna")], album))
    plan = plan_album([first(photos, folder="Anna"), Wanted(str(album / "Anna" / "IMG_1.jpg"), folder="Anna")], album)
    assert len(plan.steps) == 5
    carry(plan_album([Wanted(str(photos / "IMG_2.jpg"))], album))
    again = plan_album([Wanted(str(photos / "IMG_2.jpg")), Wanted(str(album / "IMG_2.jpg"))], album)
    assert [step.state for step in again.steps] == ["there"]
    (album / "mine.jpg").write_bytes(b"put there by hand")
    with pytest.raises(UserError, match="lies in the folder of the album"):
        plan_album([Wanted(str(album / "mine.jpg"))], album)


def test_what_goes_away_meanwhile_is_told_and_the_rest_arrives(photos: Path, tmp_path: Path) -> None:
    plan = plan_album(
        [Wanted(str(photos / "gone.jpg")), first(photos), Wanted(str(photos / "IMG_2.jpg"))], tmp_path / "a"
    )
    (photos / "IMG_1.MOV").unlink()
    (photos / "IMG_1.xmp").write_text("longer or shorter than it was")
    done = carry(plan)
    assert done.missing == [str(photos / "gone.jpg")]
    assert {Path(source).name for source, _ in done.failed} == {"IMG_1.MOV", "IMG_1.xmp"}
    assert done.done == 4
    assert not [path for path in (tmp_path / "a").iterdir() if path.name.startswith(".")], "nothing half is left"


@pytest.mark.parametrize("changed", ["IMG_1.jpg", "IMG_1.MOV"])
def test_the_files_of_a_photo_are_moved_together_or_not_at_all(
    changed: str, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    wanted = [first(photos), Wanted(str(photos / "IMG_2.jpg"))]
    plan = plan_album(wanted, tmp_path / "a", "move")
    (photos / changed).write_text("longer or shorter than it was")
    before = contents(photos)
    with monkeypatch.context() as patched:
        patched.setattr(os, "link", refuse)  # so that each file is read
        done = carry(plan)
    assert done.done == 1
    assert {Path(source).name for source, _ in done.failed} == {*before} - {"IMG_2.jpg"}
    assert before == contents(photos) | {"IMG_2.jpg": contents(tmp_path / "a")["IMG_2.jpg"]}
    again = carry(plan_album(wanted, tmp_path / "a", "move"))
    assert not again.failed
    assert not contents(photos)
    assert sorted(before.values()) == sorted(contents(tmp_path / "a").values())


@pytest.mark.parametrize("way", ["copy", "move"])
def test_a_name_that_a_memory_card_does_not_take_costs_that_file(
    way: Way, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (photos / "at 12:30.jpg").write_bytes(b"a photo")
    (photos / "long.mp4").write_bytes(b"a film")
    publish = names.publish

    def fat(part: Path, target: Path) -> None:
        if ":" in target.name:
            raise OSError(errno.EINVAL, "Invalid argument", str(target))
        if target.suffix == ".mp4":
            raise OSError(errno.EFBIG, "File too large")
        publish(part, target)

    monkeypatch.setattr(names, "publish", fat)
    wanted = [Wanted(str(photos / name)) for name in ("at 12:30.jpg", "long.mp4", "IMG_2.jpg")]
    done = carry(plan_album(wanted, tmp_path / "a", way))
    assert done.done == 1
    assert dict(done.failed) == {
        str(photos / "at 12:30.jpg"): "the disk of the album takes no such name",
        str(photos / "long.mp4"): "it is too large for the disk of the album",
    }
    assert [*contents(tmp_path / "a")] == ["IMG_2.jpg"]
    assert {"at 12:30.jpg", "long.mp4"} <= {*contents(photos)}


def test_where_there_are_no_hard_links(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    album = tmp_path / "album"
    plan = plan_album([first(photos)], album)
    with monkeypatch.context() as patched:
        patched.setattr(os, "link", refuse)
        assert carry(plan).done == 5
        before = contents(album)
        (album / "IMG_1.MOV").write_bytes(b"")  # killed between taking the name and filling it
        carry(plan_album([first(photos)], album))
        with pytest.raises(UserError, match="cannot be linked"):
            carry(plan_album([first(photos)], tmp_path / "linked", "hardlink"))
    assert contents(album) == before


def test_progress_is_told(photos: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    carry(plan_album([first(photos)], tmp_path / "album"), lambda done, of: told.append((done, of)))
    assert told == [(number, 5) for number in range(1, 6)]


def test_the_place_and_the_cake_go_along() -> None:
    def photo(name: str, taken_at: str | None, *, face: bool = False) -> AlbumPhoto:
        return AlbumPhoto(name, a_record(*([a_face()] if face else []), taken_at=taken_at))

    chosen = photo("anna.jpg", "2024-06-01T15:00:00", face=True)
    album = Album(
        [
            chosen,
            photo("late.jpg", "2024-06-01T15:02:01"),
            photo("cake.jpg", "2024-06-01T15:01:30"),
            photo("place.jpg", "2024-06-01T14:58:30"),
            photo("bob.jpg", "2024-06-01T15:00:10", face=True),
            photo("untimed.jpg", None),
        ]
    )
    assert [each.path for each in with_context([chosen], album, Settings())] == ["place.jpg", "cake.jpg"]


def test_where_there_is_no_time_the_order_of_files_tells_what_is_near() -> None:
    def photo(name: str, taken_at: str | None = None, *, face: bool = False) -> AlbumPhoto:
        return AlbumPhoto(name, a_record(*([a_face()] if face else []), taken_at=taken_at))

    chosen = photo("a/img_05.jpg", face=True)
    others = ["a/img_00.jpg", "a/img_01.jpg", "a/img_02.jpg", "a/img_08.jpg", "a/img_09.jpg", "b/img_00.jpg"]
    timed = photo("a/img_06.jpg", "2024-06-01T15:00:00")
    pending = AlbumPhoto("a/img_04.jpg", PhotoRecord(Stamp(1, 1, "")))
    people = photo("a/img_07.jpg", face=True)
    album = Album(sorted([chosen, timed, pending, people, *map(photo, others)], key=lambda one: one.path))
    near = [each.path for each in with_context([chosen], album, Settings(), "near")]
    assert near == ["a/img_06.jpg", "a/img_01.jpg", "a/img_02.jpg", "a/img_08.jpg"]
    everything = [each.path for each in with_context([chosen], album, Settings(), "all")]
    assert everything == ["a/img_06.jpg", *others]


def test_a_long_pause_begins_a_new_event() -> None:
    times = {"a": "2024-06-01T15:00:00", "b": "2024-06-01T15:20:00", "c": "2024-06-01T18:00:00.5", "d": None}
    photos = [AlbumPhoto(name, a_record(taken_at=time)) for name, time in times.items()]
    assert by_event(photos, Settings()) == {"a": "2024-06-01 15.00", "b": "2024-06-01 15.00", "c": "2024-06-01 18.00"}


def test_a_person_who_is_away_for_a_while_makes_no_new_event() -> None:
    times = {"a": "2024-06-01T15:00:00", "b": "2024-06-01T15:20:00", "c": "2024-06-01T15:40:00"}
    photos = [AlbumPhoto(name, a_record(taken_at=time)) for name, time in times.items()]
    chosen = [photos[0], photos[2]]
    wanted = [Wanted(photo.path) for photo in chosen]
    found = into_folders(wanted, chosen, Album(photos), Settings(), per_event=True)
    assert [item.folder for item in found] == ["2024-06-01 15.00"] * 2


def test_a_photo_of_two_people_is_moved_nowhere(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"photo")
    wanted = [Wanted(str(photo), folder=name) for name in ("Anna", "Ben")]
    with pytest.raises(UserError, match="moved only once"):
        plan_album(wanted, tmp_path / "out", "move")
    assert len(plan_album(wanted, tmp_path / "out").todo) == 2


@pytest.mark.parametrize("names", [("a.jpg", "links/a.jpg", "b.jpg"), ("links/a.jpg", "a.jpg", "b.jpg")])
def test_a_photo_that_is_named_through_a_link_too_is_moved_once(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "a.jpg").symlink_to(tmp_path / "a.jpg")
    plan = plan_album([Wanted(str(tmp_path / name)) for name in names], tmp_path / "album", "move")
    assert targets(plan) == ["a.jpg", "b.jpg"]
    assert carry(plan).done == 2
    assert not (tmp_path / "b.jpg").exists()


def test_what_a_run_left_goes_also_where_all_is_done(photos: Path, tmp_path: Path) -> None:
    plan = plan_album([Wanted(str(photos / "IMG_1.jpg"), person="Anna")], tmp_path / "album", "copy")
    carry(plan)
    left = plan.steps[0].target.with_name(".photo-ranker-part-12-3")
    left.write_bytes(b"a second name of the last file")
    os.utime(left, (0, 0))
    again = plan_album([Wanted(str(photos / "IMG_1.jpg"), person="Anna")], tmp_path / "album", "copy")
    assert carry(again).done == 0
    assert not left.exists()


@pytest.mark.parametrize("letter", ["a", "ü", "日"])
def test_a_second_file_of_a_very_long_name_has_a_name_that_fits(letter: str) -> None:
    stem = letter * (250 // len(letter.encode()))
    again = renamed(f"{stem}.jpg", f"{stem}.jpg", f"{stem}.jpg", 12)
    assert again.endswith(f"{letter}_12.jpg")
    for name in (again, numbered(f"{stem}.jpg", 7, 3), renamed(f"{stem}.jpg.xmp", f"{stem}.jpg", f"{stem}.jpg", 12)):
        assert len(name.encode()) <= 255
    assert renamed("IMG_1.CR2", "IMG_1.jpg", "IMG_1.jpg", 2) == "IMG_1_2.CR2"
