from __future__ import annotations

import stat
import sys
from pathlib import Path

import msgspec
import pytest

from photo_ranker.errors import MetadataError, NewerSchema
from photo_ranker.people import corrections
from photo_ranker.people.store import PEOPLE_NAME, edit_book, find_root, load_book


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def named(tmp_path: Path, notes: list[str]) -> Path:
    """A folder whose book knows Anna."""
    with edit_book(tmp_path, notes.append) as book:
        corrections.give_name(book, book.add_person(["f1", "f2"]), "Anna")
    return tmp_path / PEOPLE_NAME


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


@pytest.mark.parametrize("damage", [b"", b"{", b'{"schema":1,"people":7}', b"\xff\xfe"])
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


def test_without_one_it_is_the_folder_asked_for(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert find_root([str(tmp_path / "new")]) == (tmp_path / "new").resolve()


def test_where_the_folder_cannot_be_written_names_go_to_the_cache(
    tmp_path: Path, notes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    album = tmp_path / "gone"  # a folder that no lock can be made in
    for _ in range(2):
        with edit_book(album, notes.append) as book:
            if not book.people:
                corrections.give_name(book, book.add_person(["f1"]), "Anna")
    assert "names and decisions are kept in" in notes[0]
    assert load_book(album).find("anna").faces == ["f1"]
    album.mkdir()
    with edit_book(album, notes.append) as book:
        assert book.find("Anna")
    assert (album / PEOPLE_NAME).exists(), "it comes home when it can"
