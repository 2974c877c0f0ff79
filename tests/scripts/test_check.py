from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path
from typing import Any

import pytest

HOME = Path(__file__).parents[2]
CHECK: dict[str, Any] = runpy.run_path(str(HOME / "scripts/check.py"))

MAKEFILE = """
good:
	@echo said by good
# Each waits for the other: they pass only side by side.
left:
	@touch left; for i in $$(seq 100); do [ -e right ] && exit 0; sleep 0.1; done; exit 1
right:
	@touch right; for i in $$(seq 100); do [ -e left ] && exit 0; sleep 0.1; done; exit 1
bad:
	@exit 3
never:
	@touch never
"""

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    return tmp_path


def rows(text: str) -> dict[str, str]:
    """Target -> what the table says behind its time."""
    return dict(re.findall(r"^(\S+) +\d+:\d\d  (.*)$", text, re.MULTILINE))


def test_lanes_run_side_by_side(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert CHECK["main"]([[("left",), ("right", "good")], [("good",)]], root) == 0
    said = capfd.readouterr().out
    assert said.count("said by good") == 2
    assert rows(said)["right"] == "ok, beside left"
    assert rows(said)["left"] == "ok, beside right and good"


def test_a_failure_ends_its_lane_and_the_phases_after_it(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert CHECK["main"]([[("bad", "never"), ("good",)], [("never",)]], root) == 1
    said = rows(capfd.readouterr().out)
    assert said["bad"].startswith("FAILED")
    assert said["good"].startswith("ok")
    assert said["never"] == "not run"
    assert not (root / "never").exists()


def test_the_table_adds_up() -> None:
    part = CHECK["Part"]
    text = CHECK["table"]([part("a", (), 61.2, "ok"), part("long", ("a",), 5, "FAILED")], 62)
    assert text.splitlines()[1:] == [
        "a        1:01  ok",
        "long     0:05  FAILED, beside a",
        "all      1:02  1:06 one after the other",
    ]


def test_every_part_is_a_target_of_the_makefile() -> None:
    targets = re.findall(r"^([\w-]+):", (HOME / "Makefile").read_text("utf-8"), re.MULTILINE)
    parts = {target for phase in CHECK["PHASES"] for lane in phase for target in lane}
    assert parts <= set(targets)
    assert {"lint", "types", "test", "test-slow", "e2e", "test-card", "house-check"} <= parts
