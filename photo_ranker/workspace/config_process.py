"""Runs a config file in a process of its own: it may end itself, go round for ever or take all memory without harm.

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
"""Marks the text of a value that is no setting's: an object of some class."""


def plain(value: Any) -> Any:
    """A value as built-in types, which another process can read without running anything."""
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
        # Capitals are settings; anything else in the file is the user's own business.
        return "values", {name: plain(value) for name, value in names.items() if name.isupper()}
    except BaseException as error:  # noqa: BLE001 - SystemExit and KeyboardInterrupt of the config too
        told = " ".join(str(error).split())
        return "failed", f"{type(error).__name__}: {told}" if told else type(error).__name__


if __name__ == "__main__":
    sys.path[:] = sys.stdin.read().split("\0")
    sys.stdout = sys.stderr  # results are on stdout, and what a config prints is none
    Path(sys.argv[2]).write_bytes(marshal.dumps(_outcome(sys.argv[1])))
