"""docs/SAFETY.md names a test for each promise, and each of them exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from chaos.preload import KINDS
from chaos.scenarios import MISSING, SCENARIOS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "SAFETY.md").read_text("utf-8")
PROMISES = [
    line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| promise", "| scenario"))
]


def named_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_promise_has_a_test() -> None:
    assert len(PROMISES) > 30
    assert [line for line in PROMISES if "::test_" not in line and "`make chaos`" not in line] == []


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 50
    assert PAGE.count("::") == len(named), "each is written like `tests/x/test_y.py::test_z`"
    known = {path: named_in(ROOT / path) for path, _ in named}
    assert [f"{path}::{name}" for path, name in named if name not in known[path]] == []


def test_every_kind_and_scenario_that_is_named_exists() -> None:
    for kinds in re.findall(r"kinds ([`\w, ]+?and `\w+`)", PAGE):
        assert set(re.findall(r"`(\w+)`", kinds)) <= set(KINDS)
    for text in re.findall(r"scenarios ([`\w, ]+?and `[\w ]+`)", PAGE):
        for begin in re.findall(r"`([\w ]+)`", text):
            assert any(name.startswith(begin) for name in (*SCENARIOS, *MISSING)), begin
