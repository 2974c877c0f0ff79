"""Reads the user's config.py.

A file of plain values, as generated, is parsed without running it. Any other file is Python code and runs in its own
process, so that any failure becomes a one-line message.
"""

from __future__ import annotations

import ast
import marshal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from photo_ranker.core import files
from photo_ranker.errors import SettingError
from photo_ranker.settings import Settings, from_values
from photo_ranker.workspace.config_process import FOREIGN

__all__ = ["load_settings"]


CONFIG_SECONDS = 10.0
"""Time limit; a config that computes its values takes milliseconds."""

MOST_BYTES = 1_000_000
"""Size limit; ours has about 20,000."""

_ADVICE = "each line reads NAME = value"

_RUNNER = Path(__file__).with_name("config_process.py")
"""Run by path, so that the process does not import this package first."""


class _Foreign:
    """A value of a type that no setting has; its text is shown in the message."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def load_settings(path: Path | None) -> Settings:
    """The settings of a config file; the defaults if no file is given."""
    if path is None:
        return Settings()
    if not path.is_file():
        raise SettingError(f"there is no config file {path}", "leave --config out to use the defaults")
    values = _plain_values(path)
    return from_values({name.lower(): value for name, value in (_run(path) if values is None else values).items()})


def _plain_values(path: Path) -> dict[str, Any] | None:
    """Name -> value of a file with plain values only; ``None`` if it has code."""
    values = {}
    for statement in _parsed(path):
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # the docstring
        if isinstance(statement, ast.Assign) and all(isinstance(target, ast.Name) for target in statement.targets):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
            names = [statement.target.id]
        else:
            return None
        try:
            value = ast.literal_eval(statement.value)  # type: ignore[arg-type]
        except (ValueError, TypeError, RecursionError, MemoryError):
            return None
        values.update(dict.fromkeys([name for name in names if name.isupper()], value))
    return values


def _parsed(path: Path) -> list[ast.stmt]:
    content = files.read_head(path, MOST_BYTES + 1, follow=True)
    if len(content) > MOST_BYTES:
        raise SettingError(f"{path} is too large for a config file", _ADVICE)
    try:
        return ast.parse(content).body
    except SyntaxError as error:
        raise SettingError(f"{path}, line {error.lineno}: {error.msg}", _ADVICE) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise SettingError(f"{path} is no Python: {str(error) or 'nested too deeply'}", _ADVICE) from error


def _run(path: Path) -> Mapping[str, Any]:
    """Name -> value of a file that computes its values."""
    import subprocess
    import tempfile

    place = Path(tempfile.gettempdir())
    files.remove_leftovers(place)
    with files.temporary_folder(place) as folder:
        result = folder / "result"
        command = [sys.executable, "-P", str(_RUNNER), str(path), str(result)]
        try:
            done = subprocess.run(command, input="\0".join(sys.path), text=True, check=False, timeout=CONFIG_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise SettingError(f"{path} does not end within {CONFIG_SECONDS:g} s", _ADVICE) from error
        if not result.is_file():
            raise SettingError(f"{path} ends the process that reads it (exit code {done.returncode})", _ADVICE)
        kind, value = marshal.loads(files.read(result))  # noqa: S302 - our own, and plain values alone
    if kind == "failed":
        raise SettingError(f"{path}: {value}", _ADVICE)
    return {name: _restored(one) for name, one in value.items()}


def _restored(value: Any) -> Any:
    return _Foreign(value[FOREIGN]) if isinstance(value, dict) else value
