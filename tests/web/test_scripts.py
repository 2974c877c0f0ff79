"""The scripts of the pages: typed, in small functions. `make types-js` checks the types."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import photo_ranker.web

SCRIPTS = Path(photo_ranker.web.__file__).parent / "static/js"

UNTYPED = {"sha256", "upload"}
"""Scripts whose types nobody checks yet, and whose functions may be long. Take one out when you have typed it."""

LONGEST = 60
"""Lines of a function."""

FUNCTION = re.compile(
    r"^( *)(?:export |async |static |get |set )*(?:function\b.*|#?\w+\(.*\)|(?:const|let) \w+ = .*=>) \{$"
)


def functions(text: str) -> list[tuple[str, int]]:
    """The first line of each function, and how many lines it has; a function ends where its indentation comes back."""
    lines = text.split("\n")
    found = []
    for number, line in enumerate(lines):
        begin = FUNCTION.match(line)
        if begin is None or re.match(r" *(if|for|while|switch|catch)\b", line):
            continue
        end = next(place for place in range(number + 1, len(lines)) if re.match(begin[1] + r"\}", lines[place]))
        found.append((line.strip(), end - number + 1))
    return found


def test_the_list_of_untyped_scripts_is_true_and_shrinks() -> None:
    untyped = {path.stem for path in SCRIPTS.glob("*.js") if path.read_text("utf-8").startswith("// @ts-nocheck")}
    assert untyped == UNTYPED
    assert len(UNTYPED) <= 2, "it has been shorter"
    assert not [path for path in SCRIPTS.glob("*.js") if "@ts-ignore" in path.read_text("utf-8")]


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.js")), ids=lambda path: path.stem)
def test_typed_scripts_have_short_functions(path: Path) -> None:
    if path.stem not in UNTYPED:
        assert [name for name, lines in functions(path.read_text("utf-8")) if lines > LONGEST] == []


def test_functions_are_found() -> None:
    text = "export async function go(one) {\n  if (one) {\n    stop();\n  }\n}\nclass A {\n  #b(c) {\n  }\n}\n"
    assert functions(text) == [("export async function go(one) {", 5), ("#b(c) {", 2)]


def test_every_drawing_that_is_named_is_on_the_page() -> None:
    drawn = set(
        re.findall(r'<symbol id="icon-([a-z-]+)"', (SCRIPTS.parents[1] / "templates/icons.svg").read_text("utf-8"))
    )
    named = {
        name
        for path in SCRIPTS.glob("*.js")
        for name in re.findall(r'\bicon(?:Button)?\("([a-z-]+)"', path.read_text("utf-8"))
    }
    assert len(named) > 20
    assert named <= drawn
