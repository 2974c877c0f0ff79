"""Reading the user's config.py."""

from __future__ import annotations

import runpy
from pathlib import Path

from photo_ranker.errors import SettingError
from photo_ranker.settings import Settings, from_values

__all__ = ["load_settings"]


def load_settings(path: Path | None) -> Settings:
    """The settings of a file like config.py; the defaults when there is none."""
    if path is None:
        return Settings()
    if not path.is_file():
        raise SettingError(f"there is no config file {path}", "leave --config out to use the defaults")
    try:
        names = runpy.run_path(str(path))
    except SyntaxError as error:
        raise SettingError(f"{path}, line {error.lineno}: {error.msg}", "each line reads NAME = value") from error
    except Exception as error:
        raise SettingError(f"{path}: {type(error).__name__}: {error}", "each line reads NAME = value") from error
    # Capitals are settings; anything else in the file is the user's own business.
    return from_values({name.lower(): value for name, value in names.items() if name.isupper()})
