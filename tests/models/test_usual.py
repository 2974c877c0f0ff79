"""Which engine measures unasked, with and without the file of the second network. No test here needs the file."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from photo_ranker.models import engines, store
from photo_ranker.models.engines import AGAIN_SECONDS, fetch_second_network, usual_engine
from photo_ranker.models.sources import SourceFailed, Url
from photo_ranker.models.store import OPTIONAL, SECOND_NETWORK, models_folder


@pytest.fixture(autouse=True)
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A fresh machine without a network, and each attempt to use one."""
    attempts: list[Path] = []

    def no_network(_: Url, target: Path) -> None:
        attempts.append(target)
        raise SourceFailed("no route")

    monkeypatch.setattr(Url, "fetch", no_network)
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("PHOTO_RANKER_MODELS", raising=False)
    store._remembered.cache_clear()
    return attempts


def test_unasked_it_is_the_engine_that_is_usual(asked: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "USUAL", "sface")
    assert usual_engine() == "sface"
    assert asked == []


def later(seconds: float) -> None:
    """Let the note grow old."""
    then = time.time() - seconds
    os.utime(engines._note(), (then, then))


def test_without_a_network_sface_works_alone_and_says_so_once_on_a_machine(asked: list[Path]) -> None:
    said: list[str] = []
    assert [usual_engine(said.append) for _ in range(3)] == ["sface"] * 3
    why = f"{SECOND_NETWORK} could not be fetched (no route)"
    assert said == [f"note: {why}; the engine sface works alone (photo-ranker models fetch tries again)"]
    later(AGAIN_SECONDS + 60)
    assert usual_engine(said.append) == "sface"
    assert len(said) == 1


def test_the_network_is_asked_once_a_day(asked: list[Path]) -> None:
    for seconds in (0.0, 60.0, AGAIN_SECONDS - 60, AGAIN_SECONDS + 60):
        usual_engine()
        later(seconds)
    assert len(asked) == 1
    usual_engine()
    assert len(asked) == 2


def test_a_day_is_not_over_sooner_on_a_clock_that_went_wrong(asked: list[Path]) -> None:
    usual_engine()
    later(-60.0)
    usual_engine()
    assert len(asked) == 1


def test_where_nothing_can_be_remembered_the_network_is_never_asked(asked: list[Path], tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert usual_engine() == "sface"
    assert asked == []


def test_what_was_planted_in_place_of_the_note_is_left_alone(asked: list[Path], tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a photo")
    engines._note().parent.mkdir(parents=True)
    engines._note().symlink_to(photo)
    usual_engine()
    assert photo.read_bytes() == b"a photo"


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What passes for the content of the right file."""
    right = OPTIONAL[SECOND_NETWORK].sha256
    monkeypatch.setattr(engines, "digest_of", lambda path: right if path.read_bytes() == b"the weights" else "other")
    return b"the weights"


def test_unless_chosen_otherwise_the_two_work_together() -> None:
    assert engines.USUAL == "duo"


@pytest.mark.parametrize("place", ["by hand", "cache/models"])
def test_with_the_file_the_two_work_together(
    asked: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, whole: bytes
) -> None:
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(tmp_path / "by hand"))
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / SECOND_NETWORK).write_bytes(whole)
    assert usual_engine() == "duo"
    assert asked == []


def test_a_half_copied_file_by_hand_is_said_and_does_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(tmp_path))
    (tmp_path / SECOND_NETWORK).write_bytes(b"half")
    said: list[str] = []
    assert usual_engine(said.append) == "sface"
    assert "damaged or another version" in said[0]


def test_a_damaged_file_in_the_cache_does_without(whole: bytes) -> None:
    models_folder().mkdir(parents=True)
    (models_folder() / SECOND_NETWORK).write_bytes(bytes(OPTIONAL[SECOND_NETWORK].size_bytes))
    assert usual_engine() == "sface"
    (models_folder() / SECOND_NETWORK).write_bytes(whole)
    assert usual_engine() == "duo"


def test_once_it_can_be_fetched_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert usual_engine() == "sface"
    monkeypatch.setattr(Url, "fetch", lambda _, target: target.write_bytes(b"the weights"))
    monkeypatch.setattr(store, "sha256_of", lambda _: OPTIONAL[SECOND_NETWORK].sha256)
    assert fetch_second_network(lambda _: None)
    assert (models_folder() / SECOND_NETWORK).read_bytes() == b"the weights"
    assert not engines._note().exists()


def test_a_machine_whose_files_are_put_by_hand_is_told_once_and_asks_nobody(
    asked: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(tmp_path))
    said: list[str] = []
    assert [usual_engine(said.append) for _ in range(3)] == ["sface"] * 3
    assert said == [f"note: {SECOND_NETWORK} is not in {tmp_path}; the engine sface works alone"]
    assert asked == []
