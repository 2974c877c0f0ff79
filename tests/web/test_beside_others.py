"""The table of docs/WEB.md that compares us with others: each of our rows names a test that there is."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent.parent
TABLE = (TESTS.parent / "docs/WEB.md").read_text("utf-8").partition("## Beside others")[2].partition("## ")[0]
ROWS = [line.split("|")[1:-1] for line in TABLE.splitlines() if line.startswith("| ") and "`test_" in line]


def test_each_row_of_ours_has_its_test() -> None:
    written = {name for path in TESTS.rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())}
    named = [re.findall(r"`(test_\w+)`", row[1]) for row in ROWS]
    assert len(named) == 10
    assert all(named)
    assert {name for names in named for name in names} - written == set()


def test_what_others_do_has_a_source() -> None:
    sources = set(re.findall(r"^\[(\d+)\]|(?<=· )\[(\d+)\]|^\[(\d+)\] ", TABLE.partition("\n\n[1]")[2], re.MULTILINE))
    numbers = {"1", *(number for group in sources for number in group if number)}
    for row in ROWS:
        for cell in row[2:]:
            assert cell.strip() == "–" or set(re.findall(r"\[(\d+)\]", cell)) & numbers, row
