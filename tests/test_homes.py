"""The tests themselves: nothing in the user's home or caches decides whether they pass."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from homes import users_home
from photo_ranker.core.files import app_home, cache_folder
from photo_ranker.models.insightface_engine import packs_folder
from photo_ranker.models.store import is_fetched


@pytest.mark.parametrize("place", [cache_folder, app_home, packs_folder], ids=lambda place: place.__name__)
def test_what_we_keep_lies_in_a_home_of_the_tests(place: object) -> None:
    assert callable(place)
    found = Path(place()).absolute()
    assert found.is_relative_to(Path.home())
    assert Path.home() != users_home()
    assert not found.is_relative_to(users_home())


def test_no_setting_of_the_user_is_left() -> None:
    ours = {name for name in os.environ if name.startswith("PHOTO_RANKER_")}
    assert ours <= {"PHOTO_RANKER_TESTS_USERS_HOME", "PHOTO_RANKER_MODELS"}


def test_the_models_are_found_all_the_same() -> None:
    assert is_fetched()
