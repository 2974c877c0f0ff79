from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import msgspec
import pytest

from cards import a_card, mounted, write_protected
from photo_ranker.core import files
from photo_ranker.errors import MetadataError, NewerSchema
from photo_ranker.metadata import cache_place, cache_places
from photo_ranker.people import corrections
from photo_ranker.people.store import PEOPLE_NAME, book_version, edit_book, find_root, find_roots, load_book, mentions


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def named(tmp_path: Path, notes: list[str]) -> Path:
    """A folder whose book knows Anna."""
    with edit_book(tmp_path, notes.append) as book:
        corrections.give_name(book, book.add_person(["f1", "f2"]), "Anna")
    return tmp_path / PEOPLE_NAME


@pytest.mark.timeout(20)
def test_a_change_within_a_change_is_refused_instead_of_waiting_for_itself(named: Path, notes: list[str]) -> None:
    with edit_book(named.parent, notes.append) as book:
        corrections.give_name(book, book.find("Anna"), "Anna Berg")
        with (
            pytest.raises(MetadataError, match="the same thread is at work on"),
            edit_book(named.parent, notes.append),
        ):
            pass
    with edit_book(named.parent, notes.append) as book:
        assert book.find("Anna Berg").name == "Anna Berg"


def test_what_is_written_is_read(named: Path) -> None:
    book = load_book(named.parent)
    assert book.find("Anna").faces == ["f1", "f2"]
    assert [decision.text for decision in book.decisions] == ["named Person 0 Anna"]


def test_without_a_book_nobody_is_known(tmp_path: Path) -> None:
    assert load_book(tmp_path).people == []
    assert not (tmp_path / PEOPLE_NAME).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes there")
def test_names_are_for_the_user_alone(named: Path) -> None:
    assert stat.S_IMODE(named.stat().st_mode) == 0o600


def test_nothing_is_written_when_nothing_changes(named: Path, notes: list[str]) -> None:
    before = named.stat()
    with edit_book(named.parent, notes.append):
        pass
    assert named.stat().st_mtime_ns == before.st_mtime_ns
    assert named.stat().st_ino == before.st_ino


def test_an_error_in_between_changes_nothing(named: Path, notes: list[str]) -> None:
    before = named.read_bytes()
    with pytest.raises(ZeroDivisionError), edit_book(named.parent, notes.append) as book:
        book.people[0].number //= 0
    assert named.read_bytes() == before


def test_keys_of_others_survive(named: Path, notes: list[str]) -> None:
    written = msgspec.json.decode(named.read_bytes())
    written["theirs"] = 1
    written["people"][0]["birthday"] = "1990-01-01"
    written["decisions"][0]["by"] = "Ben"
    named.write_bytes(msgspec.json.encode(written))
    with edit_book(named.parent, notes.append) as book:
        corrections.set_fact(book, book.find("Anna"), "category", "main")
    after = msgspec.json.decode(named.read_bytes())
    assert (after["theirs"], after["people"][0]["birthday"], after["decisions"][0]["by"]) == (1, "1990-01-01", "Ben")
    assert after["people"][0]["category"] == "main"


def test_a_newer_schema_is_left_as_it_is(named: Path, notes: list[str]) -> None:
    named.write_bytes(b'{"schema":99}')
    with pytest.raises(NewerSchema), edit_book(named.parent, notes.append):
        pytest.fail("must not open")
    with pytest.raises(NewerSchema):
        load_book(named.parent)
    assert named.read_bytes() == b'{"schema":99}'


DEEP = b'{"schema":1,"other":' + b"[" * 100_000
"""No decoder can follow it."""


@pytest.mark.parametrize("damage", [b"", b"{", b'{"schema":1,"people":7}', b"\xff\xfe", DEEP], ids=len)
def test_a_damaged_book_is_set_aside_and_said(named: Path, notes: list[str], damage: bytes) -> None:
    named.write_bytes(damage)
    with pytest.raises(MetadataError, match="damaged"):
        load_book(named.parent)
    with edit_book(named.parent, notes.append) as book:
        book.add_person(["f9"])
    assert "damaged" in notes[0]
    (aside,) = named.parent.glob(f"{PEOPLE_NAME}.damaged-*")
    assert aside.read_bytes() == damage
    assert load_book(named.parent).people[0].faces == ["f9"]


def test_the_book_is_found_upwards(named: Path) -> None:
    inner = named.parent / "trip" / "day 1"
    inner.mkdir(parents=True)
    assert find_root([str(inner)]) == named.parent.resolve()
    (inner / "a.jpg").touch()
    assert find_root([str(inner / "a.jpg")]) == named.parent.resolve()


def test_the_order_of_folders_does_not_matter(named: Path, tmp_path: Path) -> None:
    other = tmp_path / "another card"
    other.mkdir()
    for sources in ([other, named.parent], [named.parent, other]):
        assert find_root(list(map(str, sources))) == named.parent.resolve()


def test_without_one_it_is_the_folder_asked_for(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert find_root([str(tmp_path / "new")]) == (tmp_path / "new").resolve()


def test_where_the_folder_cannot_be_written_names_go_to_the_cache(tmp_path: Path, notes: list[str]) -> None:
    album = tmp_path / "gone"  # a folder that no lock can be made in
    for _ in range(2):
        with edit_book(album, notes.append) as book:
            if not book.people:
                corrections.give_name(book, book.add_person(["f1"]), "Anna")
    assert "names and decisions are kept in" in notes[0]
    assert load_book(album).find("anna").faces == ["f1"]
    album.mkdir()
    (album / "a.jpg").write_bytes(b"photo")
    with edit_book(album, notes.append) as book:
        assert book.find("Anna")
    assert (album / PEOPLE_NAME).exists(), "it comes home when it can"


def name(root: Path, who: str, face: str, notes: list[str]) -> None:
    """A user names the person of a face, who may be new."""
    with edit_book(root, notes.append) as book:
        corrections.give_name(book, book.owners().get(face) or book.add_person([face]), who)


def known(root: Path) -> list[str]:
    return sorted(person.name for person in load_book(root).present() if person.name)


def test_a_touched_book_of_a_folder_that_becomes_closed_loses_no_name(tmp_path: Path, notes: list[str]) -> None:
    album = a_card(tmp_path / "A", "ann")
    name(album, "Anna", "f1", notes)
    os.utime(album / PEOPLE_NAME, (4e9, 4e9))
    with write_protected(album):
        for who, face in (("Ben", "f2"), ("Cleo", "f3")):
            name(album, who, face, notes)
        assert known(album) == ["Anna", "Ben", "Cleo"]
    assert known(album) == ["Anna", "Ben", "Cleo"]
    notes.clear()
    with edit_book(album, notes.append):
        pass
    assert notes == [], "the copy only grew: nothing is to be said"
    assert cache_places() == {}
    assert known(album) == ["Anna", "Ben", "Cleo"]


def test_two_cards_at_one_path_keep_their_names_apart(tmp_path: Path, notes: list[str]) -> None:
    cards = {"Anna": a_card(tmp_path / "A", "ann"), "Ben": a_card(tmp_path / "B", "bob")}
    path = tmp_path / "card"
    for who, card in cards.items():
        with mounted(card, path), write_protected(path):
            assert known(path) == []
            name(path, who, f"face of {who}", notes)
    for who, card in cards.items():
        with mounted(card, path):
            assert known(path) == [who]
            with edit_book(path, notes.append):
                pass
            assert known(path) == [who]
        assert (card / PEOPLE_NAME).exists()
    assert cache_places() == {}


def test_books_that_both_hold_words_are_merged_and_it_is_said(tmp_path: Path, notes: list[str]) -> None:
    album = a_card(tmp_path / "A", "ann")
    name(album, "Anna", "f1", notes)
    with write_protected(album):
        name(album, "Ben", "f2", notes)
    copy = (cache_place(album) / PEOPLE_NAME).rename(tmp_path / "copy")
    name(album, "Cleo", "f3", notes)  # on another machine, which has a cache of its own
    copy.rename(cache_place(album) / PEOPLE_NAME)
    assert known(album) == ["Anna", "Ben", "Cleo"]
    notes.clear()
    with edit_book(album, notes.append):
        pass
    assert "were merged; each had its own decisions" in notes[0]
    assert known(album) == ["Anna", "Ben", "Cleo"]
    assert load_book(album).revision == 3
    assert sorted(path.name for path in album.glob(".*")) == [PEOPLE_NAME]


def test_what_was_said_otherwise_is_kept_whole(tmp_path: Path, notes: list[str]) -> None:
    album = a_card(tmp_path / "A", "ann")
    with edit_book(album, notes.append) as book:
        book.add_person(["f1"])
    with write_protected(album):
        name(album, "Anne", "f1", notes)
    kept = files.read(cache_place(album) / PEOPLE_NAME)
    (cache_place(album) / PEOPLE_NAME).unlink()
    for who in ("Ann", "Anna"):
        name(album, who, "f1", notes)
    files.replace(cache_place(album) / PEOPLE_NAME, [kept])
    notes.clear()
    with edit_book(album, notes.append):
        pass
    assert known(album) == ["Anna"]
    assert "note: name of person 0: Anna holds, not Anne" in notes
    (beside,) = album.glob(f"{PEOPLE_NAME}.merged-*")
    assert files.read(beside) == kept
    assert str(beside) in notes[-1]


def test_keys_of_others_survive_a_merger(tmp_path: Path, notes: list[str]) -> None:
    album = a_card(tmp_path / "A", "ann")
    name(album, "Anna", "f1", notes)
    with write_protected(album):
        name(album, "Ben", "f2", notes)
    for place, who in ((album, "Anna"), (cache_place(album), "Ben")):
        text = msgspec.json.decode(files.read(place / PEOPLE_NAME))
        text[f"of {who}"] = 1
        text["decisions"][-1]["by"] = who
        text["decisions"][-1]["text"] += f" ({who})"  # so that both hold a word of their own
        files.replace(place / PEOPLE_NAME, [msgspec.json.encode(text)])
    with edit_book(album, notes.append):
        pass
    text = msgspec.json.decode(files.read(album / PEOPLE_NAME))
    assert (text["of Anna"], text["of Ben"]) == (1, 1)
    assert [decision.get("by") for decision in text["decisions"]] == ["Anna", None, "Ben"]


def test_an_empty_mount_point_loses_no_name(tmp_path: Path, notes: list[str]) -> None:
    card, path = a_card(tmp_path / "A", "ann"), tmp_path / "card"
    with mounted(card, path), write_protected(path):
        name(path, "Anna", "f1", notes)
    path.mkdir()
    name(path, "Nobody", "f9", notes)
    (path / PEOPLE_NAME).unlink()
    path.rmdir()
    with mounted(card, path):
        assert known(path) == ["Anna"]


def test_the_version_of_a_book_changes_wherever_it_lies(tmp_path: Path, notes: list[str]) -> None:
    album = a_card(tmp_path / "A", "ann")
    versions = [book_version(album)]
    name(album, "Anna", "f1", notes)
    versions.append(book_version(album))
    with write_protected(album):
        for who in ("Ann", "Anne"):
            name(album, who, "f1", notes)
            versions.append(book_version(album))
    assert len(set(versions)) == 4
    assert book_version(album) == versions[-1]


def test_all_books_that_speak_for_some_folders_and_photos(tmp_path: Path, notes: list[str]) -> None:
    for name in ("one", "two/inner", "three"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.jpg").touch()
    for name in ("one", "two"):
        with edit_book(tmp_path / name, notes.append) as book:
            book.add_person(["f1"])
    asked = ["three/a.jpg", "two/inner", "https://elsewhere/a.jpg", "one/a.jpg", "one", "two/inner/a.jpg"]
    found = find_roots(source if "://" in source else str(tmp_path / source) for source in asked)
    assert found == [tmp_path.resolve() / name for name in ("three", "two", "one")]
    assert find_roots(["https://elsewhere/a.jpg"]) == []


def test_whether_a_book_has_a_word_can_be_asked_without_reading_it(named: Path, tmp_path: Path) -> None:
    assert mentions(named.parent, '"Anna"')
    assert not mentions(named.parent, '"Ben"')
    (tmp_path / "empty").mkdir()
    assert not mentions(tmp_path / "empty", '"Anna"')
