"""An album of invented people, and the commands about them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from fakes import InlinePool
from people.folk import WHO, Asked, FolkSpec, a_photo_of, use
from photo_ranker import indexing


@pytest.fixture(autouse=True)
def folk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure without models."""
    use(monkeypatch, FolkSpec())
    monkeypatch.setattr(indexing, "refresh", partial(indexing.refresh, make_pool=InlinePool))


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Four people in four photos each, and two in which all are together."""
    folder = tmp_path / "album"
    for name in WHO:
        for number in range(4):
            a_photo_of(folder / f"{name}{number}.jpg", name, number=number)
    for number in range(2):
        a_photo_of(folder / f"all{number}.jpg", *WHO, number=number)
    return folder


@pytest.fixture
def ask(capfd: pytest.CaptureFixture[str], album: Path) -> Asked:
    return Asked(capfd, album)
