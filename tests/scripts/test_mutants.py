from __future__ import annotations

import ast
import runpy
from pathlib import Path
from typing import Any

import pytest

HOME = Path(__file__).parents[2]
MUTANTS: dict[str, Any] = runpy.run_path(str(HOME / "scripts/mutants.py"))


def mistakes(source: str) -> list[str]:
    """What each mutant of a source reads."""
    count = len(list(MUTANTS["spots"](ast.parse(source))))
    return [MUTANTS["mutated"](source, number)[0] for number in range(count)]


@pytest.mark.parametrize(
    ("source", "mutants"),
    [
        ("a < b", ["a <= b"]),
        ("a >= b > c", ["a > b > c"]),
        ("a is not b", ["a is b"]),
        ("a not in b", ["a in b"]),
        ("a == b", ["a != b"]),
        ("a + b", ["a - b"]),
        ("a * b", []),
        ("a and b", ["a or b"]),
        ("a or b", ["a and b"]),
        ("-a", ["+a"]),
        ("not a", ["not not a"]),
        ("a = True", ["a = False"]),
        ("a = 0", ["a = 1"]),
        ("a = 2.0", ["a = 3.0"]),
        ("a = 0.0", ["a = 1.0"]),
        ("a = 'text'", []),
        ("zip(a, b, start=True)", ["zip(a, b, start=False)"]),
        ("check(a, strict=True)", ["check(a, strict=False)"]),
        ("a < b + 1", ["a <= b + 1", "a < b - 1", "a < b + 2"]),
    ],
)
def test_each_spot_gives_one_mistake(source: str, mutants: list[str]) -> None:
    assert mistakes(source) == mutants


@pytest.mark.parametrize(
    "source",
    [
        "a: Annotated[int, 3]",
        "def f(a: Limit[3]) -> Limit[3]:\n    pass",
        "@cache(3)\ndef f():\n    pass",
        "class A(Struct, frozen=True):\n    pass",
        "zip(a, b, strict=True)",
    ],
)
def test_words_for_tools_are_left_alone(source: str) -> None:
    assert mistakes(source) == []


def test_a_mistake_tells_its_line() -> None:
    _, spot = MUTANTS["mutated"]("a = b\nc = a < b\n", 0)
    assert (spot.line, spot.mistake) == (2, "Lt -> LtE")


def test_every_room_has_mutants_and_tests() -> None:
    found = MUTANTS["mutants"](HOME)
    assert {mutant.room for mutant in found} == set(MUTANTS["ROOMS"])
    assert all((HOME / mutant.path).is_file() for mutant in found)
    assert all((HOME / "tests" / tests).exists() for tests in MUTANTS["ROOMS"])


@pytest.mark.slow
def test_mutants_are_counted_and_those_that_survive_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photo_ranker/questions").mkdir(parents=True)
    # With this file the copy's package goes before the installed one, as in a copy of the checkout.
    (tmp_path / "photo_ranker/__init__.py").touch()
    (tmp_path / "photo_ranker/questions/__init__.py").touch()
    module = tmp_path / "photo_ranker/questions/selection.py"
    module.write_text("def is_less(a, b):\n    return a < b\n\nUNUSED = 3\n", "utf-8")
    (tmp_path / "tests/questions").mkdir(parents=True)
    test = "from photo_ranker.questions.selection import is_less\n\ndef test_it():\n    assert not is_less(1, 1)\n"
    (tmp_path / "tests/questions/test_selection.py").write_text(test, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow\n    perf\n    e2e\n", "utf-8")
    monkeypatch.chdir(tmp_path)

    chosen = MUTANTS["mutants"](tmp_path, ["questions"])

    assert MUTANTS["count_caught"](chosen, tmp_path) == 1
    assert capsys.readouterr().out == "survived: photo_ranker/questions/selection.py:4: 3 -> 4\n"
    assert "a < b" in module.read_text("utf-8"), "the copy is as it was"
