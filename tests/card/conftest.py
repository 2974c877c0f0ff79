"""A home folder of its own, in which insightface and deepface look for their models and find toys."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from card.pictures_of_toys import draw_album
from homes import users_home
from photo_ranker.core.files import cache_folder
from photo_ranker.models.insightface_engine import ACCEPTED, PACKS, files_in

REAL_HOME = users_home()
REAL_PACKS = [name for name in PACKS if files_in(REAL_HOME / ".insightface" / "models" / name)]
"""Those that are on this machine: the same tests are run on them."""


def use_real(pack: str, packs: Path) -> None:
    """Put a real pack where insightface looks."""
    packs.mkdir(parents=True, exist_ok=True)
    (packs / pack).symlink_to(REAL_HOME / ".insightface" / "models" / pack, target_is_directory=True)


def skip_without(library: str) -> None:
    """Pass over a file of tests with a word."""
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed here; make test-card installs it apart", allow_module_level=True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's home; the default models are where they were."""
    (tmp_path / "cache").mkdir()
    for name in ("models", "samples"):
        (tmp_path / "cache" / name).symlink_to(cache_folder() / name, target_is_directory=True)
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("DEEPFACE_HOME", raising=False)
    monkeypatch.setenv(ACCEPTED, "")
    yield tmp_path / "home"
    _forget_deepface()


def _forget_deepface() -> None:
    """deepface keeps an opened model for the life of the process."""
    if modeling := sys.modules.get("deepface.modules.modeling"):
        vars(modeling).pop("cached_models", None)


@pytest.fixture
def packs(home: Path) -> Path:
    """Where insightface looks for packs."""
    return home / ".insightface" / "models"


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Photos that the toys understand."""
    return draw_album(tmp_path / "album")
