from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import a_face, a_record, an_embedding
from cards import a_card, mounted, record_of, write_protected
from library.archive import make_archive, write_folder
from photo_ranker.errors import FileRefused, NotSaved, UserError
from photo_ranker.library import LIBRARY_NAME, Changes, library_place, open_library, update_library
from photo_ranker.metadata import METADATA_NAME, Ledger
from photo_ranker.metadata.document import encode_record, join_document
from photo_ranker.metadata.places import FOLDER_NAME, cache_place
from photo_ranker.settings import Settings

SETTINGS = Settings()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "archive")


def update(root: Path) -> Changes:
    return update_library(root, "sface", SETTINGS)


def held(root: Path) -> dict[str, list[str]]:
    """Path of each photo -> the ids of its faces, as a library tells them."""
    library = open_library(root, "sface", SETTINGS)
    every = library.photos(library.photo_numbers)
    return {
        photo.path: library.ids(library.faces_of(library.photo_numbers[place : place + 1]))
        for place, photo in enumerate(every)
    }


def fresh(root: Path) -> dict[str, list[str]]:
    """The same by a library made anew."""
    update_library(root, "sface", SETTINGS, rebuild=True)
    return held(root)


def test_every_photo_is_found_with_its_faces(archive: Path) -> None:
    changes = update(archive)
    assert (len(changes.read), changes.unchanged, changes.photos) == (5, 0, 5 * 32)
    library = open_library(archive, "sface", SETTINGS)
    assert library.face_count == changes.faces == len(library.numbers)
    for place, photo in enumerate(library.photos(library.photo_numbers)):
        faces = library.faces_of(library.photo_numbers[place : place + 1])
        assert library.ids(faces) == [face.id for face in photo.record.faces]
        assert set(library.owners(faces).tolist()) <= {int(library.photo_numbers[place])}
        assert library.value("size_px")[faces].tolist() == [face.size_px for face in photo.record.faces]
    assert len(library.unreadable()) == 5


def test_only_what_has_changed_is_read(archive: Path) -> None:
    update(archive)
    assert (update(archive).read, update(archive).unchanged) == ([], 5)
    write_folder(archive / "2 ü", seed=9)
    write_folder(archive / "new", seed=10)
    shutil.rmtree(archive / "3 ü")
    changes = update(archive)
    assert (sorted(changes.read), changes.dropped, changes.unchanged) == (["2 ü", "new"], ["3 ü"], 3)
    assert held(archive) == fresh(archive)


def test_what_was_replaced_does_not_pile_up(archive: Path) -> None:
    update(archive)
    rewritten = []
    for seed in range(20, 30):
        write_folder(archive / "1 ü", seed=seed)
        rewritten.append(update(archive).was_rewritten)
        assert open_library(archive, "sface", SETTINGS).photo_count == 5 * 32
    assert 1 <= sum(rewritten) <= 5
    place = library_place(archive)
    assert place is not None
    assert len([path for path in (place / "sface").iterdir() if path.is_dir()]) == 1
    assert held(archive) == fresh(archive)


def test_a_killed_update_leaves_the_old_library_whole(archive: Path) -> None:
    update(archive)
    before = held(archive)
    for path in (archive / LIBRARY_NAME).rglob("face.*"):
        path.write_bytes(path.read_bytes() + b"half a row")
    assert held(archive) == before
    write_folder(archive / "1 ü", seed=40)
    update(archive)
    assert held(archive) == fresh(archive)


def test_a_damaged_library_is_made_anew(archive: Path) -> None:
    update(archive)
    before = held(archive)
    rows = next((archive / LIBRARY_NAME).rglob("face.rows"))
    rows.write_bytes(rows.read_bytes()[:-1])
    assert len(update(archive).read) == 5
    assert held(archive) == before
    (archive / LIBRARY_NAME / "sface" / "manifest.json").write_bytes(b"{")
    assert len(update(archive).read) == 5
    assert held(archive) == before


def test_a_changed_folder_is_read_when_a_question_comes(archive: Path) -> None:
    update(archive)
    write_folder(archive / "1 ü", seed=40, photos=3)
    said: list[str] = []
    assert open_library(archive, "sface", SETTINGS, said.append).photo_count == 4 * 32 + 5
    assert "1 folder" in said[0]


def test_a_folder_on_a_disk_that_is_away_is_noticed_when_it_is_back(archive: Path) -> None:
    update(archive)
    before, away = held(archive), archive.with_name("away")
    (archive / "1 ü").rename(away)
    said: list[str] = []
    assert open_library(archive, "sface", SETTINGS, said.append).photo_count == 4 * 32
    assert open_library(archive, "sface", SETTINGS, said.append).photo_count == 4 * 32
    assert said == ["note: not here, so left out until they are back: 1 ü"]
    away.rename(archive / "1 ü")
    assert held(archive) == before
    assert open_library(archive, "sface", SETTINGS, said.append).manifest.away == ()


def test_a_folder_that_was_forgotten_is_not_waited_for(archive: Path) -> None:
    update(archive)
    (archive / "1 ü" / METADATA_NAME).unlink()
    assert open_library(archive, "sface", SETTINGS).manifest.away == ()


def test_a_damaged_folder_is_left_out_and_named(archive: Path) -> None:
    (archive / "4 ü" / METADATA_NAME).write_bytes(b"{")
    changes = update(archive)
    assert (changes.damaged, len(changes.read)) == (["4 ü"], 4)


def test_text_of_other_hands_is_read_too(tmp_path: Path) -> None:
    record = bytes(encode_record(a_record(a_face("f1", embedding=an_embedding(1)))))
    folder = tmp_path / "photos"
    folder.mkdir()
    text = b'{ "note": {"photos": {}},\n "photos" : {\n  "a {b}.jpg" : %b ,\n "caf\\u00e9.jpg":%b},"schema":1}' % (
        record,
        record,
    )
    (folder / METADATA_NAME).write_bytes(text)
    update(folder)
    assert list(held(folder)) == [str(folder / "a {b}.jpg"), str(folder / "café.jpg")]


def test_a_folder_without_faces_comes_first(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / METADATA_NAME).write_bytes(join_document({}, {"x.jpg": encode_record(a_record())}))
    write_folder(tmp_path / "b", 1)
    update(tmp_path)
    assert len(held(tmp_path)) == 33


def test_facts_in_the_users_cache_belong_to_it(tmp_path: Path) -> None:
    folder = tmp_path / "photos" / "closed"
    folder.mkdir(parents=True)
    place = cache_place(folder)
    place.mkdir(parents=True)
    (place / FOLDER_NAME).write_text(str(folder))
    (place / METADATA_NAME).write_bytes(
        join_document({}, {"x.jpg": encode_record(a_record(a_face(embedding=an_embedding(1))))})
    )
    update(tmp_path / "photos")
    assert held(tmp_path / "photos") == {str(folder / "x.jpg"): ["f1"]}


def test_facts_that_lie_in_two_places_are_read_merged(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    cards = [a_card(tmp_path / name, name) for name in ("A", "B")]
    for card in cards:
        with mounted(card, root / "card"):
            first, second, _ = sorted((root / "card").iterdir())
            with Ledger(root / "card", print) as ledger:
                ledger.put(first.name, record_of(first, f"{card.name} home", embedding=an_embedding(1)))
            with write_protected(root / "card"):
                with Ledger(root / "card", print) as ledger:
                    ledger.put(second.name, record_of(second, f"{card.name} away", embedding=an_embedding(2)))
                update(root)
                assert sorted(map(str, held(root).values())) == [f"['{card.name} away']", f"['{card.name} home']"]


def test_other_curves_read_everything_anew(archive: Path) -> None:
    update(archive)
    other = update_library(archive, "sface", Settings(smile=(0.1, 0.9)))
    assert len(other.read) == 5


@pytest.mark.parametrize(
    "values",
    [{"single_smile": 9.0}, {"penalty_cut": 0.1}, {"min_face": 60}, {"burst_seconds": 1.0}, {"event_main": 9.0}],
    ids=lambda values: next(iter(values)),
)
def test_settings_that_no_column_depends_on_keep_the_library(archive: Path, values: dict[str, Any]) -> None:
    update(archive)
    write_folder(archive / "new", 77)
    changes = update_library(archive, "sface", Settings(**values))
    assert (changes.read, changes.unchanged) == (["new"], 5)


@pytest.mark.parametrize("values", [{"good_eyes": 0.9}, {"group_face_height": 0.1}, {"solid_face": 60}])
def test_settings_that_columns_depend_on_read_everything_anew(archive: Path, values: dict[str, Any]) -> None:
    update(archive)
    assert len(update_library(archive, "sface", Settings(**values)).read) == 5


def test_a_dry_run_writes_nothing(archive: Path) -> None:
    changes = update_library(archive, "sface", SETTINGS, dry_run=True)
    assert len(changes.read) == 5
    assert library_place(archive) is None


def test_nothing_measured_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing is measured"):
        update(tmp_path)
    with pytest.raises(UserError, match="no library"):
        open_library(tmp_path, "sface", SETTINGS)


def test_a_journal_is_told(archive: Path) -> None:
    said: list[str] = []
    with Ledger(archive / "1 ü", print) as ledger:
        ledger.put("late.jpg", a_record(a_face("late", embedding=an_embedding(5))))
        update_library(archive, "sface", SETTINGS, said.append)
    assert any("being indexed" in line for line in said)
    assert str(archive / "1 ü" / "late.jpg") in held(archive)


def test_it_is_for_its_owner_alone(archive: Path) -> None:
    update(archive)
    home = archive / LIBRARY_NAME
    assert home.stat().st_mode & 0o777 == 0o700
    files = [path for path in home.rglob("*") if path.is_file()]
    assert files
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)


posix = pytest.mark.skipif(os.name == "nt", reason="links as on POSIX")


@posix
def test_where_a_planted_link_leads_nothing_of_others_is_removed(archive: Path, tmp_path: Path) -> None:
    photos, home = tmp_path / "photos", archive / LIBRARY_NAME
    (photos / "2023").mkdir(parents=True)
    (photos / "2023" / "photo.jpg").write_bytes(b"a photo")
    home.mkdir()
    (home / "sface").symlink_to(photos)
    update(archive)
    update_library(archive, "sface", SETTINGS, rebuild=True)
    assert (photos / "2023" / "photo.jpg").read_bytes() == b"a photo"
    assert [path.name for path in photos.iterdir() if path.is_dir()] == ["2023", "2"]


@posix
def test_columns_that_were_planted_are_not_written(archive: Path, tmp_path: Path) -> None:
    photo, columns = tmp_path / "a.jpg", archive / LIBRARY_NAME / "sface" / "1"
    photo.write_bytes(b"a photo")
    columns.mkdir(parents=True)
    for plant in ("hardlink_to", "symlink_to"):
        getattr(columns / "face.rows", plant)(photo)
        with pytest.raises(FileRefused):
            update(archive)
        (columns / "face.rows").unlink()
    assert photo.read_bytes() == b"a photo"
    update(archive)
    (columns / "face.rows").unlink()
    (columns / "face.rows").symlink_to("/dev/zero")
    with pytest.raises(FileRefused):
        open_library(archive, "sface", SETTINGS).rows(np.arange(1))


def test_what_a_killed_update_has_left_goes(archive: Path) -> None:
    update(archive)
    left = archive / LIBRARY_NAME / "sface" / ".photo-ranker-abcd_123"
    left.touch()
    os.utime(left, (0, 0))
    update(archive)
    assert not left.exists()


def test_a_full_disk_makes_no_library_elsewhere(archive: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder = Path.mkdir

    def without_room(self: Path, *args: Any, **options: Any) -> None:
        if self.name == LIBRARY_NAME:
            raise OSError(errno.ENOSPC, "No space left on device")
        make_folder(self, *args, **options)

    monkeypatch.setattr(Path, "mkdir", without_room)
    with pytest.raises(NotSaved, match="no room"):
        update(archive)
    assert not list(cache.glob("libraries/*"))


def test_a_library_in_the_cache_goes_once_the_folder_can_be_written(archive: Path) -> None:
    with write_protected(archive):
        update(archive)
        place = library_place(archive)
        assert place is not None
        assert place.name != LIBRARY_NAME
    update(archive)
    assert not place.exists()
    assert library_place(archive) == archive / LIBRARY_NAME
