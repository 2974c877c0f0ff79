"""The examples of docs/PYTHON.md run one after the other, as they stand there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import photo_ranker
from photo_ranker.models.store import sample_photo

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "PYTHON.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "wedding").mkdir()
    for name, kept_as in (("astronaut.png", "anna.jpg"), ("Tom_Hanks_54745.png", "ben.jpg"), ("t1.jpg", "all.jpg")):
        shutil.copy(sample_photo(name), tmp_path / "wedding")
        shutil.copy(sample_photo(name), tmp_path / kept_as)
    (tmp_path / "notes.txt").write_text("no photo")
    monkeypatch.chdir(tmp_path)
    made: dict[str, Any] = {"__name__": "example"}
    for example in EXAMPLES:
        exec(compile(example, "docs/PYTHON.md", "exec"), made)
    assert [Path(photo.path).name for photo in made["ranking"].results] == ["astronaut.png"]
    assert made["document"]["schema"] == 1
    assert made["both"].results == ()
    assert made["jpeg"].startswith(b"\xff\xd8")
    assert made["alike"].max() > 0.99
    assert made["best"][0].path == "wedding/Tom_Hanks_54745.png"
    assert "Anna" in made["names"].values()
    assert len(made["named"].results) == 1
    printed = capfd.readouterr().out
    assert "there is no file nobody.jpg - check the path" in printed
    assert "not a photo (it is a text)" in printed


def test_the_public_names_are_on_the_page() -> None:
    unsaid = {"Album", "Question", "Ranking"}  # types of values that the examples get
    assert {name for name in photo_ranker.__all__ if name not in PAGE} <= unsaid


def test_readme_leads_to_the_page() -> None:
    assert "(docs/PYTHON.md)" in (ROOT / "README.md").read_text("utf-8")
