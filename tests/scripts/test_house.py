from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]

MODULES = {
    "__init__.py": "",
    "loose.py": '''
"""A module."""
LIMIT = 3
"""Of what
it limits."""
import os  # noqa: F401
import re  # noqa: F401 - for its users


def shared() -> None:
    """One line."""
''',
    "room/__init__.py": "",
    "room/one.py": '''
from typing import TYPE_CHECKING, overload

from photo_ranker.loose import shared as other

if TYPE_CHECKING:
    from photo_ranker.room import two


class Holder:
    def __init__(self) -> None:
        self.held = 1
        """What it holds."""


def shared() -> None:
    """A name that loose has too."""


def run(args: "argparse.Namespace") -> None:
    # The first word of three.
    def inner() -> argparse.Namespace: ...


@overload
def curve(x: int) -> int: ...
@overload
def curve(x: str) -> str: ...
''',
    "room/two.py": """
def run() -> None:
    from photo_ranker.room import one


def _private() -> None: ...
""",
    "cli/__init__.py": '''
def start(args: argparse.Namespace) -> None:
    """A command's options may be a Namespace."""


def _private() -> None: ...
''',
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in MODULES.items():
        path = tmp_path / "photo_ranker" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.removeprefix("\n"))
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_loose.py").write_text("\n" * 24)
    return tmp_path


def house(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HOME / "scripts/house.py"), str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def figures(folder: Path) -> dict[str, str]:
    lines = house(folder).stdout.splitlines()[1:]
    return {line[:38].strip(): line[38:].split()[0] for line in lines}


def test_measures_the_structure(checkout: Path) -> None:
    lines = sum(text.removeprefix("\n").count("\n") for text in MODULES.values())
    assert figures(checkout) == {
        "package lines": str(lines),
        "modules": "6",
        "rooms": "3",  # room, cli, and loose, which lies in the top package
        "lines per module": f"{lines / 6:.2f}",
        "public names defined twice": "1",  # shared; run, _private and the overloads of curve do not count
        "signatures with Namespace": "3",
        "signatures with Namespace outside cli": "2",
        "import circles": "1",  # one and two, though one imports for the type checker and two in a function
        "function lines, p95": "3",
        "function lines, longest": "3",
        "test lines / source lines": f"{24 / lines:.2f}",
        "comments, % of lines": f"{100 * 5 / lines:.2f}",  # two and one below attributes, a line, a reason
    }


def test_details_name_the_places(checkout: Path) -> None:
    said = house(checkout, "--details").stdout.splitlines()
    assert "import circle: room.one room.two" in said
    assert "defined twice: shared in loose, room.one" in said
    assert "signatures with Namespace: 2 in room.one" in said


def test_only_kept_figures_fail_the_check(checkout: Path) -> None:
    assert house(checkout).returncode == 0
    done = house(checkout, "--check")
    assert done.returncode == 1
    # A small package is below all targets but these; lines, modules and rooms are never judged.
    assert done.stderr.splitlines() == [
        "error: lines per module is 7.83, which is worse than its limit",
        "error: signatures with Namespace outside cli is 2, which is worse than its limit",
        "error: import circles is 1, which is worse than its limit",
        "error: test lines / source lines is 0.51, which is worse than its limit",
    ]
