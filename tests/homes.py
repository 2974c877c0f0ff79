"""A home of its own for the whole run of the tests, so that nothing in the user's home decides whether they pass.

The model files and sample photos are linked from the user's cache: they are checked by hash, and fetched only once.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from photo_ranker.core.files import cache_folder

__all__ = ["leave_own_home", "use_own_home", "users_home"]

_USERS = "PHOTO_RANKER_TESTS_USERS_HOME"
"""Set while the tests run, for the processes that they start: the home of the user who started them."""

_SHARED = ("models", "samples")


def users_home() -> Path:
    """The home of whoever runs the tests, for tests of models that only a user can have fetched."""
    return Path(os.environ[_USERS])


def use_own_home() -> Path | None:
    """Move to a new home; None in a process of a run that has moved already."""
    if _USERS in os.environ:
        return None
    users, cache = Path.home(), cache_folder()
    pip_settings = users / ".config" / "pip" / "pip.conf"
    home = Path(tempfile.mkdtemp(prefix="photo-ranker-tests-"))
    for name in [name for name in os.environ if name.startswith("PHOTO_RANKER_") and name != "PHOTO_RANKER_MODELS"]:
        del os.environ[name]
    os.environ |= {
        _USERS: str(users),
        "HOME": str(home),
        "USERPROFILE": str(home),
        "LOCALAPPDATA": str(home / "AppData"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
    }
    if pip_settings.is_file():
        os.environ.setdefault("PIP_CONFIG_FILE", str(pip_settings))
    # Only the tests of the second network try to download it, or are told that it cannot be had.
    if "PHOTO_RANKER_MODELS" not in os.environ:
        os.environ["PHOTO_RANKER_MODELS"] = str(home / "no-models-by-hand")
        (home / "no-models-by-hand").mkdir()
    note = cache_folder() / "told" / "no-second-network"
    note.parent.mkdir(parents=True)
    note.touch()
    for name in _SHARED:
        (cache / name).mkdir(parents=True, exist_ok=True)
        (cache_folder() / name).parent.mkdir(parents=True, exist_ok=True)
        (cache_folder() / name).symlink_to(cache / name, target_is_directory=True)
    return home


def leave_own_home(home: Path) -> None:
    """Remove it; what the links lead to stays."""
    shutil.rmtree(home, ignore_errors=True)
