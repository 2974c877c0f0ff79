"""Runs a config file in its own process, where it may exit, loop for ever or use up all memory without harm.

Run as a script by :mod:`photo_ranker.workspace.tuning`: ``python -P config_process.py CONFIG RESULT``, with the import
path on stdin.
"""

from __future__ import annotations

import marshal
import runpy
import sys
from pathlib import Path
from typing import Any

__all__ = ["FOREIGN", "plain"]


FOREIGN = "__foreign__"
"""Key that marks a value of a type that no setting has; only its text is passed on, for a message."""


def plain(value: Any) -> Any:
    """A value as built-in types, which another process can read without running code."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    try:
        return {FOREIGN: repr(value)[:200]}
    except Exception:  # noqa: BLE001 - whatever its class does
        return {FOREIGN: f"a {type(value).__name__}"}


def _outcome(config: str) -> tuple[str, Any]:
    """("values", name -> value), or ("failed", what happened)."""
    try:
        names = runpy.run_path(config)
        # Names in capitals are settings; all others are the user's own.
        return "values", {name: plain(value) for name, value in names.items() if name.isupper()}
    except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt of the config too
        message = " ".join(str(error).split())
        return "failed", f"{type(error).__name__}: {message}" if message else type(error).__name__


if __name__ == "__main__":
    sys.path[:] = sys.stdin.read().split("\0")
    sys.stdout = sys.stderr  # a config that prints must not write into our command's output
    Path(sys.argv[2]).write_bytes(marshal.dumps(_outcome(sys.argv[1])))
