from __future__ import annotations

import json
import os
import shutil
import threading
import time
from functools import partial
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from builders import an_embedding
from failing_disk import failing_for
from fakes import FakeSpec, InlinePool, write_photo
from permissions import obeyed
from photo_ranker import indexing
from photo_ranker.core.codec import decode_unit_rows, encode_array
from photo_ranker.errors import InstallationBroken, ModelUnavailable, NotSaved, OutOfMemory
from photo_ranker.images import content_hash
from photo_ranker.indexing import IndexOptions, Report
from photo_ranker.indexing import folder_run as folder_run_module
from photo_ranker.indexing.discovery import Skipped
from photo_ranker.indexing.interfaces import Outcome
from photo_ranker.indexing.pool import NO_MEMORY
from photo_ranker.metadata import METADATA_NAME, Ledger, cache_place, load
from photo_ranker.metadata.lock import FolderLock
from photo_ranker.records import PhotoRecord

FAST = IndexOptions(workers=1)

index = partial(indexing.index, make_pool=InlinePool)
refresh = partial(indexing.refresh, make_pool=InlinePool)
"""Quick; the tests that are about workers take real ones."""


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    for number in range(6):
        write_photo(folder / f"{number}.jpg", f"faces={number % 3} picture {number}")
    return folder


@pytest.fixture
def spec(tmp_path: Path) -> FakeSpec:
    return FakeSpec(log=str(tmp_path / "measured"))


def measured(spec: FakeSpec) -> list[str]:
    """The parts that were measured since the last call."""
    log = Path(spec.log)
    if not log.exists():
        return []
    lines = sorted(log.read_text().split())
    log.unlink()
    return lines


def counts(report: Report) -> dict[str, int]:
    named = {"fresh": report.fresh, "analysed": report.analysed, "moved": report.moved}
    named |= {"unreadable": len(report.unreadable), "dropped": report.dropped}
    assert report.found == report.fresh + report.analysed + report.moved + len(report.unreadable)
    return {name: count for name, count in named.items() if count}


def run(folder: Path, spec: FakeSpec, options: IndexOptions = FAST) -> dict[str, int]:
    return counts(index([str(folder)], spec, options))


def ids(folder: Path) -> dict[str, list[str]]:
    return {name: [face.id for face in record.faces] for name, record in load(folder).items()}


def test_the_speed_of_a_run() -> None:
    assert Report(analysed=6, seconds=1.5).photos_per_second == 4
    assert Report().photos_per_second == 0, "nothing was measured, in no time"


def test_the_second_run_measures_nothing(album: Path, spec: FakeSpec) -> None:
    report = index([str(album)], spec, FAST)
    assert counts(report) == {"analysed": 6}
    assert report.faces == 6
    assert measured(spec) == ["detect"] * 6 + ["picture"] * 6
    assert sorted(load(album)) == [f"{number}.jpg" for number in range(6)]
    written = (album / METADATA_NAME).stat()
    report = index([str(album)], spec, FAST)
    assert counts(report) == {"fresh": 6}
    assert report.faces == 6
    assert measured(spec) == []
    assert (album / METADATA_NAME).stat().st_ino == written.st_ino, "nothing has changed, so nothing is written"


def test_new_changed_and_deleted_photos(album: Path, spec: FakeSpec) -> None:
    run(album, spec)
    write_photo(album / "new.jpg", "faces=2")
    write_photo(album / "0.jpg", "faces=3 another picture")
    (album / "1.jpg").unlink()
    assert run(album, spec) == {"fresh": 4, "analysed": 2, "dropped": 1}
    assert sorted(load(album)) == ["0.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "new.jpg"]
    assert len(load(album)["0.jpg"].faces) == 3


def test_a_touched_photo_and_one_with_a_rating_keep_their_record(album: Path, spec: FakeSpec) -> None:
    run(album, spec)
    before = ids(album)
    os.utime(album / "1.jpg", (1, 1))
    write_photo(album / "2.jpg", "faces=2 picture 2", comment="rated 5")
    measured(spec)
    assert run(album, spec) == {"fresh": 6}
    assert measured(spec) == []
    assert ids(album) == before
    assert load(album)["2.jpg"].taken_at == "rated 5", "what stands beside the picture is read anew"
    assert load(album)["1.jpg"].stamp.mtime_ns == 10**9


def test_photos_that_cannot_be_looked_at_are_not_forgotten(
    album: Path, spec: FakeSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album, spec)
    stored = load(album)
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", failing_for("1.jpg"))
        report = index([str(album)], spec, FAST)
        assert counts(report) == {"fresh": 5}
        assert report.skipped_counts() == {"cannot be looked at": 1}
        write_photo(album / "new.jpg", "faces=1")
        assert run(album, spec) == {"fresh": 5, "analysed": 1}
    assert load(album)["1.jpg"] == stored["1.jpg"]
    assert run(album, spec) == {"fresh": 7}


def test_renamed_photos_are_not_measured_again(album: Path, spec: FakeSpec) -> None:
    run(album, spec)
    before = ids(album)
    measured(spec)
    (album / "1.jpg").rename(album / "one.jpg")
    (album / "2.jpg").rename(album / "swap")
    (album / "3.jpg").rename(album / "2.jpg")
    (album / "swap").rename(album / "3.jpg")
    assert run(album, spec) == {"fresh": 3, "moved": 3}
    assert measured(spec) == []
    after = ids(album)
    assert after["one.jpg"] == before["1.jpg"]
    assert (after["2.jpg"], after["3.jpg"]) == (before["3.jpg"], before["2.jpg"])
    assert "1.jpg" not in after


def test_a_copy_shares_the_ids(album: Path, spec: FakeSpec) -> None:
    run(album, spec)
    measured(spec)
    shutil.copy2(album / "2.jpg", album / "copy.jpg")
    shutil.copyfile(album / "2.jpg", album / "newer copy.jpg")
    assert run(album, spec) == {"fresh": 6, "moved": 2}
    assert measured(spec) == []
    assert ids(album)["copy.jpg"] == ids(album)["newer copy.jpg"] == ids(album)["2.jpg"]


@pytest.mark.parametrize(("origin", "target"), [("a", "b"), ("b", "a"), ("a", "a/deep"), ("a/deep", "b")])
def test_photos_moved_between_folders_of_one_run(tmp_path: Path, spec: FakeSpec, origin: str, target: str) -> None:
    tree = tmp_path / "tree"
    for name in ("a", "b", "a/deep"):
        (tree / name).mkdir(parents=True, exist_ok=True)
        write_photo(tree / name / "x.jpg", f"faces=1 {name}")
        write_photo(tree / name / "stays.jpg", f"faces=1 stays {name}")
    options = replace(FAST, recursive=True)
    assert run(tree, spec, options) == {"analysed": 6}
    with Ledger(tree / origin, print) as ledger:
        ledger.put("x.jpg", msgspec.structs.replace(ledger.records["x.jpg"], camera="mine"))
    measured(spec)
    (tree / origin / "x.jpg").rename(tree / target / "y.jpg")
    assert run(tree, spec, options) == {"fresh": 5, "moved": 1}
    assert measured(spec) == []
    assert load(tree / target)["y.jpg"].camera == "mine"
    assert sorted(load(tree / origin)) == ["stays.jpg"]
    assert run(tree, spec, options) == {"fresh": 6}


def test_a_new_version_of_one_part_measures_that_part(album: Path, spec: FakeSpec) -> None:
    run(album, spec)
    measured(spec)
    newer = replace(spec, parts={"detect": "fake.1", "picture": "fake.2"})
    assert run(album, newer) == {"analysed": 6}
    assert measured(spec) == ["picture"] * 6
    assert run(album, newer) == {"fresh": 6}


def test_faces_keep_their_ids_through_a_new_detector(album: Path, spec: FakeSpec) -> None:
    run(album, spec)
    with Ledger(album, print) as ledger:
        record = ledger.records["2.jpg"]
        named = tuple(msgspec.structs.replace(face, id=f"kept-{face.box[0]:g}") for face in record.faces)
        ledger.put("2.jpg", msgspec.structs.replace(record, faces=named))
    assert run(album, replace(spec, parts={"detect": "fake.2", "picture": "fake.1"})) == {"analysed": 6}
    assert ids(album)["2.jpg"] == ["kept-10", "kept-210"]
    # The same, when the file is written anew under its name and under another.
    (album / "2.jpg").unlink()
    write_photo(album / "other.jpg", "faces=2 picture 2", comment="a rating")
    run(album, spec)
    assert ids(album)["other.jpg"] == ["kept-10", "kept-210"]


@pytest.mark.parametrize("place", ["moved.jpg", "0 moved.jpg", "below/1.jpg", "../before/1.jpg"])
def test_a_new_photo_under_the_name_of_a_moved_one_shares_no_face_with_it(
    album: Path, spec: FakeSpec, place: str
) -> None:
    options = replace(FAST, recursive=True)
    index([str(album.parent)], spec, options)
    (album / place).parent.mkdir(exist_ok=True)
    (album / "1.jpg").rename(album / place)
    write_photo(album / "1.jpg", "faces=1 of the next day")
    with Ledger(album, print) as ledger:
        record = ledger.records["1.jpg"]
        # Both show the same person.
        looks = an_embedding(int(content_hash((album / "1.jpg").read_bytes())[:8], 16)), record.faces[0].embedding
        both = encode_array(sum(decode_unit_rows([look or b""])[0] for look in looks))
        ledger.put("1.jpg", replace(record, faces=(replace(record.faces[0], embedding=both),)))
    index([str(album.parent)], spec, options)
    (new,), (moved,) = ids(album)["1.jpg"], ids((album / place).parent)[Path(place).name]
    assert moved == record.faces[0].id
    assert new != moved


@pytest.mark.parametrize("back", ["faces=2 picture 2", "faces=1 picture 2"])
def test_a_photo_that_was_seen_half_written_keeps_its_ids(album: Path, spec: FakeSpec, back: str) -> None:
    run(album, spec)
    with Ledger(album, print) as ledger:
        record = ledger.records["2.jpg"]
        # Alike enough to be the faces of whatever this file will hold.
        alike = an_embedding(int(content_hash(write_photo(album / "2.jpg", back).read_bytes())[:8], 16))
        known = tuple(
            msgspec.structs.replace(face, id=f"kept-{face.box[0]:g}", embedding=alike) for face in record.faces
        )
        ledger.put("2.jpg", msgspec.structs.replace(record, faces=known))
    for half in ("unreadable", "unreadable still"):
        write_photo(album / "2.jpg", half)
        found, report = refresh([str(album)], spec, FAST)
        assert counts(report) == {"fresh": 5, "unreadable": 1}
        assert (report.faces, len(found.faces)) == (4, 4)
        assert load(album)["2.jpg"].faces == ()
    write_photo(album / "2.jpg", back)
    assert run(album, spec) == {"fresh": 5, "analysed": 1}
    assert ids(album)["2.jpg"] == ["kept-10", "kept-210"][: len(ids(album)["2.jpg"])]
    assert load(album)["2.jpg"].former is None


def test_bad_photos_are_recorded_and_not_tried_again(album: Path, spec: FakeSpec) -> None:
    write_photo(album / "bad.jpg", "unreadable")
    write_photo(album / "worse.jpg", "crash")
    report = indexing.index([str(album)], spec, FAST)
    assert counts(report) == {"analysed": 6, "unreadable": 2}
    assert sorted(report.unreadable) == [
        (str(album / "bad.jpg"), "not a photo"),
        (str(album / "worse.jpg"), "crashes the process that reads it (SIGSEGV)"),
    ]
    again = indexing.index([str(album)], FakeSpec(fails="model"), FAST)
    assert again.unreadable == report.unreadable
    assert counts(again) == {"fresh": 6, "unreadable": 2}
    retried = indexing.index([str(album)], spec, replace(FAST, retry_failed=True))
    assert counts(retried) == {"fresh": 6, "unreadable": 2}
    write_photo(album / "bad.jpg", "faces=1 mended")
    assert run(album, spec) == {"fresh": 6, "analysed": 1, "unreadable": 1}


def test_a_failure_that_is_not_the_files_own_is_told_and_tried_again(album: Path, spec: FakeSpec) -> None:
    run(album, spec)
    before = load(album)
    write_photo(album / "2.jpg", "faces=2 changed")
    write_photo(album / "new.jpg", "faces=1 new")
    for name in ("2.jpg", "new.jpg"):
        (album / name).chmod(0)
    with obeyed():
        for _ in range(2):
            found, report = refresh([str(album)], spec, FAST)
            assert counts(report) == {"fresh": 5, "unreadable": 2}
            assert [photo.name for photo in found.photos if photo.record.unreadable == "out of reach"] == [
                "2.jpg",
                "new.jpg",
            ]
            assert load(album) == before
    for name in ("2.jpg", "new.jpg"):
        (album / name).chmod(0o644)
    assert run(album, spec) == {"fresh": 5, "analysed": 2}


def test_a_folder_that_closes_during_the_run_loses_nothing(album: Path, spec: FakeSpec) -> None:
    run(album, spec)
    before = load(album)
    newer = replace(spec, parts={"detect": "fake.2", "picture": "fake.1"})

    class Closing(InlinePool):
        def wait(self, seconds: float) -> list[Outcome]:
            album.chmod(0o000)
            outcomes = super().wait(seconds)
            for outcome in outcomes:
                outcome.job.subject.run.take(outcome)
            album.chmod(0o700)
            return []

    with obeyed():
        report = indexing.index([str(album)], newer, FAST, make_pool=Closing)
    assert counts(report) == {"unreadable": 6}
    assert load(album) == before


def test_a_missing_model_is_not_blamed_on_photos(album: Path) -> None:
    with pytest.raises(ModelUnavailable):
        indexing.index([str(album)], FakeSpec(fails="model"), FAST)
    assert load(album) == {}
    assert [path.name for path in album.iterdir() if path.name.startswith(".")] == []


def test_a_run_that_fails_leaves_no_thread_behind(album: Path) -> None:
    with pytest.raises(ModelUnavailable) as caught:
        indexing.index([str(album)], FakeSpec(fails="model"), FAST)
    assert caught.tb is not None  # the frames of the run are still there, and all that they hold
    assert [thread.name for thread in threading.enumerate() if "ThreadPoolExecutor" in thread.name] == []


def test_a_missing_library_ends_the_run_and_what_was_measured_is_kept(album: Path, spec: FakeSpec) -> None:
    write_photo(album / "z.jpg", "library")
    with pytest.raises(InstallationBroken, match="simplejpeg is not installed"):
        indexing.index([str(album)], spec, FAST)
    stored = load(album)
    assert sorted(stored) == [f"{number}.jpg" for number in range(6)]
    assert all(record.unreadable is None for record in stored.values())


def test_a_photo_that_needs_too_much_memory_is_told_and_not_stored(album: Path, spec: FakeSpec) -> None:
    write_photo(album / "huge.jpg", "memory")
    for analysed in ({"analysed": 6}, {"fresh": 6}):
        report = indexing.index([str(album)], spec, FAST)
        assert counts(report) == {**analysed, "unreadable": 1}
        assert report.unreadable == [(str(album / "huge.jpg"), NO_MEMORY)]
        assert "huge.jpg" not in load(album)


def test_a_machine_without_memory_ends_the_run(tmp_path: Path, spec: FakeSpec) -> None:
    for number in range(3):
        write_photo(tmp_path / f"{number}.jpg", f"memory {number}")
    with pytest.raises(OutOfMemory):
        indexing.index([str(tmp_path)], spec, FAST)
    assert load(tmp_path) == {}


@pytest.mark.parametrize(
    "reason",
    [
        "damaged (no module named 'simplejpeg')",
        "damaged: the decoder broke down on it",
        NO_MEMORY,
    ],
)
def test_a_verdict_of_an_older_version_is_tried_again_once(album: Path, spec: FakeSpec, reason: str) -> None:
    write_photo(album / "bad.jpg", "unreadable")
    run(album, spec)
    with Ledger(album, print) as ledger:
        for name in ("1.jpg", "bad.jpg"):
            record = ledger.records[name]
            # Versions before kept no key with their verdicts.
            ledger.put(name, PhotoRecord(record.stamp, unreadable=reason))
    measured(spec)
    assert run(album, spec) == {"fresh": 5, "analysed": 1, "unreadable": 1}
    assert load(album)["bad.jpg"].unreadable == "not a photo"
    assert measured(spec) == ["detect", "picture"]
    again = indexing.index([str(album)], FakeSpec(fails="model"), FAST)
    assert counts(again) == {"fresh": 6, "unreadable": 1}, "the new verdict is not tried again"


def test_a_photo_without_a_time_has_that_of_its_sidecar(album: Path, spec: FakeSpec) -> None:
    def time(name: str) -> tuple[str | None, str | None]:
        record = load(album)[name]
        return record.taken_at, record.utc_offset

    said = '<x:xmpmeta><rdf:Description exif:DateTimeOriginal="{}"/></x:xmpmeta>'
    (album / "1.jpg.xmp").write_text(said.format("2019-05-04T12:34:56+02:00"))
    run(album, spec)
    assert time("1.jpg") == ("2019-05-04T12:34:56", "+02:00")
    assert time("2.jpg") == (None, None)
    measured(spec)
    (album / "2.xmp").write_text(said.format("2020-01-02T03:04:05"))
    (album / "3.jpg.xmp").write_text("<x/>")
    assert run(album, spec) == {"fresh": 6}
    assert measured(spec) == [], "a sidecar that came later is read, and nothing else"
    assert time("2.jpg") == ("2020-01-02T03:04:05", None)
    assert time("3.jpg") == (None, None)


def test_companions_follow_without_measuring(album: Path, spec: FakeSpec) -> None:
    write_photo(album / "1.cr2", "raw")
    (album / "2.xmp").write_text("<x/>")
    report = index([str(album)], spec, FAST)
    assert (counts(report), report.companions) == ({"analysed": 6}, 2)
    assert load(album)["1.jpg"].companions == ("1.cr2",)
    measured(spec)
    (album / "1.cr2").rename(album / "3.cr2")
    assert run(album, spec) == {"fresh": 6}
    assert measured(spec) == []
    assert load(album)["1.jpg"].companions == ()
    assert load(album)["3.jpg"].companions == ("3.cr2",)


def test_what_was_left_out_is_told_but_for_what_nobody_expects(album: Path, spec: FakeSpec) -> None:
    (album / ".hidden.jpg").write_bytes(b"x")
    (album / "link.jpg").symlink_to("missing.jpg")
    report = index([str(album)], spec, FAST)
    assert report.skipped_counts() == {Skipped.HIDDEN: 1, Skipped.BROKEN_LINK: 1}
    assert report.left_out_counts() == {Skipped.BROKEN_LINK: 1}


def test_the_album_has_the_companions_of_this_moment(album: Path, spec: FakeSpec) -> None:
    (album / "2.xmp").write_text("<x/>")
    index([str(album)], spec, FAST)
    (album / "2.xmp").rename(album / "4.xmp")
    for _ in range(2):
        found, _ = refresh([str(album)], spec, FAST)
        told = {photo.name: photo.record.companions for photo in found.photos if photo.record.companions}
        assert told == {"4.jpg": ("4.xmp",)}


def test_a_dry_run_writes_nothing_and_says_what_would_be_done(album: Path, spec: FakeSpec) -> None:
    dry = replace(FAST, dry_run=True)
    assert run(album, spec, dry) == {"analysed": 6}
    assert not (album / METADATA_NAME).exists()
    run(album, spec)
    (album / "1.jpg").rename(album / "one.jpg")
    (album / "2.jpg").unlink()
    write_photo(album / "new.jpg", "new")
    before = (album / METADATA_NAME).read_bytes()
    measured(spec)
    assert run(album, spec, dry) == {"fresh": 4, "moved": 1, "analysed": 1, "dropped": 1}
    assert measured(spec) == []
    assert (album / METADATA_NAME).read_bytes() == before


def test_without_the_cache_the_answer_is_the_same(album: Path, spec: FakeSpec) -> None:
    write_photo(album / "bad.jpg", "unreadable")
    (album / "1.xmp").write_text("<x/>")
    fresh, report = refresh([str(album)], spec, replace(FAST, no_cache=True))
    assert counts(report) == {"analysed": 6, "unreadable": 1}
    assert not (album / METADATA_NAME).exists()
    cold, _ = refresh([str(album)], spec, FAST)
    measured(spec)
    warm, report = refresh([str(album)], spec, FAST)
    assert counts(report) == {"fresh": 6, "unreadable": 1}
    assert measured(spec) == []
    with_bad = [(photo.path, photo.record) for photo in warm.photos]
    assert [path for path, _ in with_bad] == [str(album / f"{name}.jpg") for name in (0, 1, 2, 3, 4, 5, "bad")]
    for other in (fresh, cold):
        assert [photo.path for photo in other.photos] == [path for path, _ in with_bad]
        assert other.faces == warm.faces
        assert (other.embeddings == warm.embeddings).all()


def test_single_photos_of_a_folder_leave_the_others_alone(album: Path, spec: FakeSpec) -> None:
    run(album, spec)
    write_photo(album / "new.jpg", "faces=2")
    write_photo(album / "other.jpg", "faces=2 other")
    found, report = refresh([str(album / "new.jpg"), str(album / "1.jpg")], spec, FAST)
    assert [photo.path for photo in found.photos] == [str(album / "1.jpg"), str(album / "new.jpg")]
    assert counts(report) == {"analysed": 1, "fresh": 1}
    assert len(load(album)) == 7


def test_two_runs_give_equal_files_but_for_the_stamps(tmp_path: Path, spec: FakeSpec) -> None:
    texts = []
    for number, workers in enumerate([1, 3]):
        folder = tmp_path / f"run{number}"
        folder.mkdir()
        for photo in sorted(range(12), reverse=bool(number)):
            write_photo(folder / f"{photo}.jpg", f"faces={photo % 4} picture {photo}")
        write_photo(folder / "bad.jpg", "crash")
        indexing.index([str(folder)], spec, replace(FAST, workers=workers))
        document = json.loads((folder / METADATA_NAME).read_bytes())
        for record in document["photos"].values():
            record["stamp"]["mtime_ns"] = 0
        texts.append(json.dumps(document))
    assert texts[0] == texts[1]


def test_names_of_all_kinds_go_through(tmp_path: Path, spec: FakeSpec) -> None:
    odd = [b"\xff\xfe.jpg", "\u00e9.jpg".encode(), "e\u0301.jpg".encode(), b"a\nb.jpg", b"x" * 251 + b".jpg"]
    for number, name in enumerate(odd):
        write_photo(os.fsdecode(os.fsencode(tmp_path) + b"/" + name), f"faces=1 {number}")
    (tmp_path / os.fsdecode(b"\xff\xfe.xmp")).write_text("<x/>")
    for expected in ({"analysed": 5}, {"fresh": 5}):
        found, report = indexing.refresh([str(tmp_path)], FakeSpec(), FAST)
        assert counts(report) == expected
        assert sorted(os.fsencode(photo.name) for photo in found.photos) == sorted(odd)
    assert load(tmp_path)[os.fsdecode(odd[0])].companions == (os.fsdecode(b"\xff\xfe.xmp"),)
    unreadable = write_photo(tmp_path / os.fsdecode(b"\xfe.jpg"), "unreadable")
    report = indexing.index([str(tmp_path)], FakeSpec(), FAST)
    assert report.unreadable == [(str(unreadable), "not a photo")]


def test_photos_that_vanish_during_the_run_are_no_photos(
    album: Path, spec: FakeSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album, spec)
    write_photo(album / "1.jpg", "faces=2 changed")
    write_photo(album / "new.jpg", "faces=2 new")
    jobs = folder_run_module.FolderRun.jobs

    def jobs_and_removal(self: folder_run_module.FolderRun) -> object:
        for job in jobs(self):
            Path(job.path).unlink()
            yield job

    monkeypatch.setattr(folder_run_module.FolderRun, "jobs", jobs_and_removal)
    assert run(album, spec) == {"fresh": 5}
    assert "1.jpg" not in load(album)


class OneAtATime(InlinePool):
    """A pool that has measured a photo before it takes the next."""

    @property
    def has_room(self) -> bool:  # type: ignore[override]
        return self.is_idle


def test_stale_photos_that_vanish_before_the_new_ones_are_looked_at(
    album: Path, spec: FakeSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(album, spec)
    write_photo(album / "new.jpg", "faces=2 new")
    jobs = folder_run_module.FolderRun.jobs

    def jobs_and_removal(self: folder_run_module.FolderRun) -> object:
        for job in jobs(self):
            if job.path.endswith("1.jpg"):
                Path(job.path).unlink()
            yield job

    monkeypatch.setattr(folder_run_module.FolderRun, "jobs", jobs_and_removal)
    newer = replace(spec, parts={"detect": "fake.2", "picture": "fake.1"})
    assert counts(indexing.index([str(album)], newer, FAST, make_pool=OneAtATime)) == {"analysed": 6}
    assert sorted(load(album)) == ["0.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "new.jpg"]


def test_the_run_goes_on_where_a_killed_one_stopped(album: Path, spec: FakeSpec) -> None:
    ledger = Ledger(album, print)
    complete, _ = refresh([str(album)], spec, replace(FAST, no_cache=True))
    for photo in complete.photos[:4]:
        ledger.put(photo.name, photo.record)
    assert ledger._journal._file is not None
    ledger._journal._file.close()  # as a kill would leave it
    ledger._open.close()
    assert not (album / METADATA_NAME).exists()
    assert run(album, spec) == {"fresh": 4, "analysed": 2}


def test_a_full_disk_ends_the_run_with_a_clear_word(
    album: Path, spec: FakeSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("photo_ranker.metadata.storage.Journal.add", full)
    with pytest.raises(NotSaved, match="no room to write"):
        index([str(album)], spec, FAST)


class Interrupting:
    """A watcher whose user presses Ctrl-C after some photos."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.lines: list[str] = []
        self.ended = False

    def say(self, line: str) -> None:
        self.lines.append(line)

    def begin(self, todo: int) -> None:
        self.todo = todo

    def step(self, faces: int) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt

    def end(self) -> None:
        self.ended = True


def test_ctrl_c_keeps_everything(album: Path, spec: FakeSpec) -> None:
    watcher = Interrupting(after=3)
    with pytest.raises(KeyboardInterrupt):
        indexing.index([str(album)], spec, FAST, watcher)
    assert watcher.todo == 6
    assert watcher.ended
    assert len(load(album)) == 3
    assert [path.name for path in album.iterdir() if path.name.startswith(".")] == [METADATA_NAME]
    assert run(album, spec) == {"fresh": 3, "analysed": 3}


class Counting(Interrupting):
    """A watcher whose user waits."""

    def __init__(self) -> None:
        super().__init__(after=0)


class SlowlyLoading(InlinePool):
    """Workers that load the models for a tenth of a second, as four looks at them see."""

    looks = 4

    @property
    def is_loading(self) -> bool:  # type: ignore[override]
        return self.looks > 0

    def wait(self, seconds: float) -> list[Outcome]:
        if not self.is_loading:
            return super().wait(seconds)
        time.sleep(0.025)
        self.looks -= 1
        return []


@pytest.mark.parametrize(("patience", "times"), [(0.01, 1), (10.0, 0)])
def test_who_waits_for_the_models_is_told_once(
    album: Path, spec: FakeSpec, monkeypatch: pytest.MonkeyPatch, patience: float, times: int
) -> None:
    monkeypatch.setattr("photo_ranker.indexing.LOADING_SECONDS", patience)
    monkeypatch.setattr("photo_ranker.models.store.is_fetched", lambda: True)
    watcher = Counting()
    indexing.index([str(album)], spec, FAST, watcher, make_pool=SlowlyLoading)
    assert watcher.lines.count("loading the models") == times
    monkeypatch.setattr("photo_ranker.models.store.is_fetched", lambda: False)
    indexing.index([str(album)], spec, replace(FAST, no_cache=True), watcher, make_pool=SlowlyLoading)
    assert watcher.lines.count("fetching the models, this once: about 15 MB") == times


def test_a_stopped_run_forgets_no_photo_that_has_moved(tmp_path: Path, spec: FakeSpec) -> None:
    tree = tmp_path / "tree"
    options = replace(FAST, recursive=True)
    for name in ("a", "b", "c"):
        (tree / name).mkdir(parents=True)
        for number in range(4):
            write_photo(tree / name / f"{number}.jpg", f"faces=1 {name} {number}")
    run(tree, spec, options)
    measured(spec)
    for number in range(4):
        (tree / "a" / f"{number}.jpg").rename(tree / "c" / f"from a {number}.jpg")
        (tree / "b" / f"{number}.jpg").rename(tree / "b" / f"new name {number}.jpg")
    with pytest.raises(KeyboardInterrupt):
        index([str(tree)], spec, options, Interrupting(after=3))
    assert run(tree, spec, options) == {"fresh": 7, "moved": 5, "dropped": 3}
    assert measured(spec) == []
    assert [len(load(tree / name)) for name in ("a", "b", "c")] == [0, 4, 8]


def test_the_progress_ends_at_its_end(album: Path, spec: FakeSpec) -> None:
    run(album, spec)
    (album / "1.jpg").rename(album / "one.jpg")
    write_photo(album / "new.jpg", "faces=3")
    write_photo(album / "bad.jpg", "unreadable")
    os.utime(album / "2.jpg", (1, 1))
    watcher = Counting()
    index([str(album)], spec, FAST, watcher)
    assert watcher.todo == 4
    assert watcher.left == -4


def test_a_folder_without_photos_stays_as_it_is(tmp_path: Path, spec: FakeSpec) -> None:
    (tmp_path / "note.txt").write_text("x")
    report = index([str(tmp_path)], spec, FAST)
    assert (report.found, report.skipped_counts()) == (0, {"not a photo": 1})
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_the_report_says_where_the_facts_of_a_closed_folder_are(
    album: Path, spec: FakeSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter = FolderLock.__enter__

    def closed(self: FolderLock) -> FolderLock:
        if self._place == album:
            raise PermissionError(13, "Permission denied")
        return enter(self)

    monkeypatch.setattr(FolderLock, "__enter__", closed)
    for expected in ({"analysed": 6}, {"fresh": 6}):
        report = index([str(album)], spec, FAST)
        assert counts(report) == expected
        assert report.kept_elsewhere == [(str(album), str(cache_place(album)))]
    assert not (album / METADATA_NAME).exists()
