"""Something else lies under the name of one of our files: it is refused at once, and nothing of it changes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from builders import a_face, a_record
from photo_ranker.cli import main
from photo_ranker.errors import FileRefused
from photo_ranker.metadata import METADATA_NAME, Ledger, load
from photo_ranker.metadata.lock import is_held, lock_of
from photo_ranker.metadata.places import journal_of
from photo_ranker.people.store import PEOPLE_NAME, edit_book, load_book

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")

PHOTO = os.urandom(5_000)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def album(tmp_path: Path) -> Path:
    (tmp_path / "album").mkdir()
    (tmp_path / "photo.jpg").write_bytes(PHOTO)
    return tmp_path / "album"


def a_link(path: Path) -> None:
    path.symlink_to("../photo.jpg")


def a_link_to_nowhere(path: Path) -> None:
    path.symlink_to("../nowhere.jpg")


def another_name(path: Path) -> None:
    os.link(path.parent.parent / "photo.jpg", path)


PLANTS: dict[str, Callable[[Path], None]] = {
    "a link": a_link,
    "a link to nowhere": a_link_to_nowhere,
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "another name of a photo": another_name,
}


def everything(root: Path) -> dict[str, str]:
    """All that lies below a folder, with the hashes of files."""
    return {
        str(path): sha256(path.read_bytes()).hexdigest() if path.is_file() else str(path.lstat().st_mode)
        for path in root.rglob("*")
    }


def write_facts(album: Path) -> None:
    with Ledger(album, print) as ledger:
        ledger.put("a.jpg", a_record(a_face("x")))


def write_names(album: Path) -> None:
    with edit_book(album, print) as book:
        book.add_person(["x"])


CASES: dict[str, tuple[Callable[[Path], Path], tuple[Callable[[Path], object], ...]]] = {
    "lock": (lock_of, (write_facts, write_names)),
    "journal": (journal_of, (write_facts,)),
    "metadata": (lambda album: album / METADATA_NAME, (load, write_facts)),
    "people": (lambda album: album / PEOPLE_NAME, (load_book, write_names)),
}


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("case", CASES)
def test_what_is_planted_is_refused_at_once_and_stays(case: str, plant: str, album: Path) -> None:
    place, uses = CASES[case]
    if plant == "another name of a photo" and case in {"metadata", "people"}:
        pytest.skip("these are read, and replaced")
    PLANTS[plant](place(album))
    before, started = everything(album.parent), time.monotonic()
    for use in uses:
        with pytest.raises(FileRefused):
            use(album)
    assert time.monotonic() - started < 1
    assert everything(album.parent) == before


@pytest.mark.parametrize("use", [write_facts, write_names])
def test_another_name_of_a_photo_is_no_metadata_and_the_photo_stays(use: Callable[[Path], None], album: Path) -> None:
    os.link(album.parent / "photo.jpg", album / METADATA_NAME)
    os.link(album.parent / "photo.jpg", album / PEOPLE_NAME)
    use(album)
    assert (album.parent / "photo.jpg").read_bytes() == PHOTO


@pytest.mark.parametrize("plant", PLANTS)
def test_a_look_at_a_planted_lock_changes_nothing(plant: str, album: Path) -> None:
    PLANTS[plant](lock_of(album))
    before = everything(album.parent)
    assert not is_held(album)
    assert everything(album.parent) == before


@pytest.mark.parametrize("plant", PLANTS)
def test_the_command_says_so_in_one_line(plant: str, album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (album / METADATA_NAME).write_text("{}")
    PLANTS[plant](lock_of(album))
    assert main(["forget", str(album)]) == 2
    error, advice = capsys.readouterr().err.splitlines()
    assert error.startswith(f"error: {lock_of(album)} ")
    assert "move it away" in advice
    assert (album.parent / "photo.jpg").read_bytes() == PHOTO
