from __future__ import annotations

import os
from pathlib import Path

import pytest

from cards import a_card, mounted, record_of, write_protected
from photo_ranker.core import files
from photo_ranker.metadata import METADATA_NAME, Ledger, cache_place, cache_places, facts_place, load, load_texts
from photo_ranker.metadata.document import encode_record, join_document
from photo_ranker.metadata.places import (
    FOLDER_NAME,
    PHOTOS_NAME,
    copies_of,
    is_shown_empty,
    journal_of,
    make_cache_place,
    remove_if_unused,
    stamp_of,
)
from photo_ranker.metadata.storage import is_unfinished


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(folder))
    return folder


def never(line: str) -> None:
    raise AssertionError(line)


def measure(folder: Path, face: str) -> Path:
    """A run that measures every photo, and finds one face in each; where it kept the facts."""
    with Ledger(folder, never) as ledger:
        for path in sorted(folder.glob("[!.]*")):
            ledger.put(path.name, record_of(path, f"{face} {ascii(path.name)[1:-1]}"))
        return ledger.place


def faces_in(folder: Path) -> set[str]:
    return {face.id for record in load(folder).values() for face in record.faces}


def test_two_cards_at_one_path_keep_their_facts_apart(tmp_path: Path) -> None:
    ann, bob, path = a_card(tmp_path / "A", "ann"), a_card(tmp_path / "B", "bob"), tmp_path / "card"
    for card, face in ((ann, "ann"), (bob, "bob")):
        with mounted(card, path), write_protected(path):
            assert faces_in(path) == set(), "nothing of the other card"
            measure(path, face)
    for card, face in ((ann, "ann"), (bob, "bob"), (ann, "ann")):
        with mounted(card, path), write_protected(path):
            assert faces_in(path) == {f"{face} DSC_{number}.nef" for number in (1, 2, 3)}
    assert len(set(cache_places())) == 2
    assert set(cache_places().values()) == {path}
    for card, face in ((bob, "bob"), (ann, "ann")):  # now they can be written
        with mounted(card, path):
            assert is_unfinished(path)
            Ledger(path, never).close()
            assert faces_in(path) == {f"{face} DSC_{number}.nef" for number in (1, 2, 3)}
            assert not is_unfinished(path)
        assert (card / METADATA_NAME).exists()
    assert cache_places() == {}
    assert not list((cache_place(path)).parent.glob("*")), "nothing is left in the cache"


def test_an_empty_mount_point_loses_nothing(tmp_path: Path) -> None:
    card, path = a_card(tmp_path / "A", "ann"), tmp_path / "card"
    with mounted(card, path), write_protected(path):
        measure(path, "ann")
    path.mkdir()
    with Ledger(path, never) as ledger:
        assert ledger.records == {}
    assert list(path.iterdir()) == []
    path.rmdir()
    with mounted(card, path):
        assert len(faces_in(path)) == 3


def test_photos_that_cannot_be_listed_keep_their_facts(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann")
    with write_protected(folder):
        measure(folder, "ann")
        folder.chmod(0o111)
        assert len(faces_in(folder)) == 3
        folder.chmod(0o333)
        Ledger(folder, never).close()
        folder.chmod(0o755)
    assert len(faces_in(folder)) == 3


def test_a_card_stays_the_same_while_most_of_its_photos_are_there(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann", tuple(f"{number}.jpg" for number in range(9)))
    with write_protected(folder):
        place = measure(folder, "ann")
    for number in range(4):
        (folder / f"{number}.jpg").unlink()
    for number in range(20, 40):
        (folder / f"{number}.jpg").write_bytes(b"new")
    assert copies_of(folder) == [place]
    (folder / "4.jpg").unlink()
    assert copies_of(folder) == []
    assert cache_place(folder) == place / "2"


def test_another_time_zone_or_a_rating_makes_no_other_card(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann")
    with write_protected(folder):
        place = measure(folder, "ann")
    for path in folder.iterdir():
        path.write_bytes(b"a rating" + path.read_bytes())
        os.utime(path, (1, 1))
    assert copies_of(folder) == [place]


def test_names_that_are_no_text_are_noted_too(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann", (os.fsdecode(b"\xff.jpg"), "sub"))
    (folder / "sub").unlink()
    with write_protected(folder):
        place = measure(folder, "ann")
        assert copies_of(folder) == [place]
    (folder / os.fsdecode(b"\xff.jpg")).unlink()
    assert copies_of(folder) == []


@pytest.mark.parametrize("card", ["ann", "bob"])
def test_a_copy_of_a_former_version_is_taken_over_if_it_fits(tmp_path: Path, card: str) -> None:
    folder = a_card(tmp_path / "A", "ann")
    texts = {path.name: encode_record(record_of(path, "ann")) for path in folder.iterdir()}
    place = cache_place(folder)
    place.mkdir(parents=True)
    (place / FOLDER_NAME).write_bytes(os.fsencode(folder))
    (place / METADATA_NAME).write_bytes(join_document({}, texts))
    if card == "bob":
        for path in folder.iterdir():
            os.utime(path, (7, 7))
    with write_protected(folder):
        assert len(load(folder)) == (3 if card == "ann" else 0)
        with Ledger(folder, never) as ledger:
            assert ledger.place == (place if card == "ann" else place / "2")
    assert (place / METADATA_NAME).exists()


def test_facts_that_were_changed_in_both_places_are_merged(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann")
    one, two, three = sorted(folder.iterdir())
    with Ledger(folder, never) as ledger:
        ledger.put(one.name, record_of(one, "home"))
    with write_protected(folder):
        with Ledger(folder, never) as ledger:
            assert sorted(ledger.records) == [one.name]
            ledger.put(two.name, record_of(two, "away"))
        assert faces_in(folder) == {"home", "away"}
        assert facts_place(folder) == cache_place(folder)
    # Another machine writes into the folder, which has a cache of its own.
    text = encode_record(record_of(three, "other"))
    files.replace(
        folder / METADATA_NAME, [join_document({}, {one.name: encode_record(record_of(one, "home")), three.name: text})]
    )
    assert faces_in(folder) == {"home", "away", "other"}
    with Ledger(folder, never) as ledger:
        assert len(ledger.records) == 3
    assert cache_places() == {}
    assert faces_in(folder) == {"home", "away", "other"}


def test_the_clock_of_a_file_decides_nothing(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann")
    first = min(folder.iterdir())
    with Ledger(folder, never) as ledger:
        ledger.put(first.name, record_of(first, "old"))
    os.utime(folder / METADATA_NAME, (4e9, 4e9))
    with write_protected(folder):
        with Ledger(folder, never) as ledger:
            ledger.put(first.name, record_of(first, "new"))
        assert faces_in(folder) == {"new"}
    Ledger(folder, never).close()
    assert faces_in(folder) == {"new"}


def test_a_record_that_fits_its_photo_counts_whatever_the_counter(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann")
    first = min(folder.iterdir())
    with Ledger(folder, never) as ledger:
        ledger.put(first.name, record_of(first, "fits"))
    with write_protected(folder), Ledger(folder, never) as ledger:
        stale = record_of(first, "stale")
        os.utime(first, (5, 5))
        ledger.put(first.name, stale)
    with Ledger(folder, never) as ledger:
        assert ledger.records[first.name].faces[0].id == "stale"
        ledger.put(first.name, record_of(first, "fits"))
    assert faces_in(folder) == {"fits"}


def test_a_damaged_copy_is_set_aside_and_the_folder_keeps_its_own(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann")
    measure(folder, "ann")
    with write_protected(folder):
        place = measure(folder, "new")
    (place / METADATA_NAME).write_bytes(b"{")
    assert len(faces_in(folder)) == 3
    said: list[str] = []
    Ledger(folder, said.append).close()
    assert "was damaged; it is kept as" in said[0]
    assert len(faces_in(folder)) == 3
    assert [path.name[:33] for path in place.glob(f"{METADATA_NAME}*")] == [f"{METADATA_NAME}.damag"]


def test_the_note_of_photos_is_for_the_user_alone(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann")
    with write_protected(folder):
        place = measure(folder, "ann")
    assert {(place / name).stat().st_mode & 0o777 for name in (PHOTOS_NAME, FOLDER_NAME, METADATA_NAME)} == {0o600}


def test_files_that_are_alike_on_every_card_make_no_card(tmp_path: Path) -> None:
    ann, bob, path = a_card(tmp_path / "A", "ann"), a_card(tmp_path / "B", "bob"), tmp_path / "card"
    for card in (ann, bob):
        for number in range(9):
            (card / f"SYSTEM{number}.DAT").write_bytes(b"by the camera")
    with mounted(ann, path), write_protected(path):
        with Ledger(path, never) as ledger:
            ledger.put("DSC_1.nef", record_of(path / "DSC_1.nef", "ann"))
        assert faces_in(path) == {"ann"}
    with mounted(bob, path):
        assert faces_in(path) == set()
    (ann / "DSC_1.nef").unlink()
    with mounted(ann, path):
        assert faces_in(path) == {"ann"}, "the other photos of the card tell it too"


def test_photos_that_are_gone_are_forgotten_once(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann")
    measure(folder, "ann")
    (folder / "DSC_1.nef").unlink()
    with write_protected(folder):
        with Ledger(folder, never) as ledger:
            ledger.drop("DSC_1.nef")
        assert sorted(load(folder)) == sorted(load_texts(folder)) == ["DSC_2.nef", "DSC_3.nef"]
        with Ledger(folder, never) as ledger:
            assert sorted(ledger.records) == ["DSC_2.nef", "DSC_3.nef"]
        assert not is_unfinished(folder)


def test_a_journal_that_cannot_be_removed_is_put_into_the_copy_once(tmp_path: Path) -> None:
    folder = a_card(tmp_path / "A", "ann")
    measure(folder, "ann")
    with Ledger(folder, never) as ledger:
        ledger.put("DSC_1.nef", record_of(folder / "DSC_1.nef", "left"))
        left = files.read(journal_of(folder))
    files.replace(journal_of(folder), [left])
    with write_protected(folder):
        assert is_unfinished(folder)
        Ledger(folder, never).close()
        assert not is_unfinished(folder)
        assert len(faces_in(folder)) == 3
        assert "left" in faces_in(folder)


def test_a_place_in_the_cache_says_whose_it_is(tmp_path: Path) -> None:
    card = a_card(tmp_path / "A", "ann")
    place = make_cache_place(card)
    assert cache_places() == {place: card}
    assert (place / PHOTOS_NAME).exists()
    noted = (place / PHOTOS_NAME).read_bytes(), (place / FOLDER_NAME).stat().st_mtime_ns
    (card / "DSC_9.nef").write_bytes(b"new")
    assert make_cache_place(card) == place
    assert ((place / PHOTOS_NAME).read_bytes(), (place / FOLDER_NAME).stat().st_mtime_ns) == noted, "noted once"


def test_a_place_that_holds_nothing_but_notes_is_removed(tmp_path: Path) -> None:
    card = a_card(tmp_path / "A", "ann")
    place = make_cache_place(card)
    (place / METADATA_NAME).write_bytes(b"{}")
    remove_if_unused(place)
    assert place.exists()
    (place / METADATA_NAME).unlink()
    remove_if_unused(place)
    assert not place.exists()


@pytest.mark.parametrize(("left", "fits"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_place_belongs_to_a_folder_that_holds_most_of_its_photos(tmp_path: Path, left: int, fits: bool) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.jpg").write_bytes(bytes([number]) * 50)
    place = make_cache_place(folder)
    for number in range(left, 4):
        (folder / f"{number}.jpg").unlink()
    assert copies_of(folder) == ([place] if fits else [])
    assert (cache_place(folder) == place) is fits


def test_what_a_folder_shows(tmp_path: Path) -> None:
    assert is_shown_empty(tmp_path)
    (tmp_path / ".hidden").touch()
    assert is_shown_empty(tmp_path)
    (tmp_path / "a.jpg").touch()
    assert not is_shown_empty(tmp_path)
    assert is_shown_empty(tmp_path / "away")


def test_the_stamp_of_a_regular_file_alone(tmp_path: Path) -> None:
    file, link = tmp_path / "a", tmp_path / "b"
    file.write_bytes(b"12345")
    link.symlink_to(file)
    assert stamp_of(file) == (5, file.stat().st_mtime_ns)
    assert (stamp_of(link), stamp_of(tmp_path), stamp_of(tmp_path / "away"), stamp_of(Path("\0"))) == (None,) * 4
