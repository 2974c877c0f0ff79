from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from photo_ranker.core.folders import cache_folder, is_made, make_folder
from photo_ranker.errors import FileRefused


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PHOTO_RANKER_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("platform", "inside"),
    [("linux", ".cache"), ("darwin", "Library/Caches"), ("win32", "AppData/Local")],
)
def test_each_system_has_its_place(platform: str, inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == Path.home() / inside / "photo-ranker"


@pytest.mark.parametrize(("platform", "name"), [("linux", "XDG_CACHE_HOME"), ("win32", "LOCALAPPDATA")])
def test_the_systems_own_word_for_it_counts(
    platform: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv(name, str(tmp_path))
    assert cache_folder() == tmp_path / "photo-ranker"


def test_the_user_has_the_last_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"


def test_a_folder_of_made_pictures_is_known_again(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "crops", 0o700)
        assert is_made(str(tmp_path / "crops"))
    assert not is_made(str(tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")
def test_nothing_is_made_through_what_was_planted_there(tmp_path: Path) -> None:
    mark = tmp_path / ".photo_ranker_made"
    mark.symlink_to("nowhere")
    with pytest.raises(FileRefused):
        make_folder(tmp_path)
    assert not (tmp_path / "nowhere").exists()
    assert not is_made(str(tmp_path))
    mark.unlink()
    os.mkfifo(mark)
    with pytest.raises(FileRefused):
        make_folder(tmp_path)
