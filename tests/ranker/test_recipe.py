"""CONTRIBUTING's recipe "add a signal" is followed to the letter in a copy of the package: four files, no more."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from recipe_steps import ROOT, add_below, recipe

STEPS: dict[str, list[tuple[str, str]]] = {
    "records.py": [
        (
            '    """Log odds that dark glasses',
            '    contrast: float = 0.0\n    """From the median to the brightest 5%, 0 to 1."""',
        ),
        ("FACE_VERSION = ", "FACE_VERSION = 3"),
    ],
    "quality/__init__.py": [
        ("        side_light=round(", "        contrast=round(light.bright_end - light.middle, 3),"),
    ],
    "settings/sections.py": [
        (
            "    noise: Curve = ",
            '    contrast: Curve = setting((0.0, 0.05), 0.0, 1.0, "of white", "contrast of a face")',
        ),
        (
            "    single_clear: float = ",
            '    single_contrast: float = _weight(9.0, "single", "contrast of the face", "Contrast")',
        ),
        (
            "    group_person_clear: float = ",
            '    group_contrast: float = _weight(1.0, "group", "contrast of the face", "Contrast")',
        ),
    ],
    "ranker/signals.py": [
        (
            '           label="Expression"',
            """
    Signal("contrast", "contrast of the face", ("figures.contrast",), ("contrast",),
           single="single_contrast", group="group_contrast", words=Words("rich light", "flat light", "no contrast"),
           label="Contrast", shown="viewer", column="added"),""",
        ),
        ("    expression: float | None = None", "    contrast: float | None = None"),
        (
            '        "expression": ',
            '        "contrast": curve(figures["contrast"], curves.contrast),',
        ),
    ],
}
"""File -> which lines the recipe adds below the line that begins so; a version replaces its line."""

ASK = """
import json, sys
from photo_ranker import measure
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.exporters import document
from photo_ranker.exporters.document import result_object
from photo_ranker.ranker import score_photo
from photo_ranker.records import Match
from photo_ranker.settings import Settings, render
from photo_ranker.web.answers import page_words
from photo_ranker.web.questions import weights

record = measure(sys.argv[1])
item = score_photo(Album([AlbumPhoto("photo.png", record)]), Match(0, 0, 0.7, 0.7, None), Settings())
print(json.dumps({
    "signals": result_object(item, 1)["signals"],
    "terms": [term.name for term in item.terms],
    "reasons": [*item.reasons, *item.against],
    "csv": document.CSV_COLUMNS,
    "faces": document.FACES_COLUMNS,
    "config": render(),
    "sliders": [one.name for one in weights(Settings())],
    "viewer": page_words(),
    "key": record.parts["face"],
}))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the changed package says of a real face."""
    from photo_ranker.models.store import sample_photo

    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "photo_ranker", root / "photo_ranker", ignore=shutil.ignore_patterns("__pycache__"))
    for name, changes in STEPS.items():
        for line, new in changes:
            add_below(root / "photo_ranker" / name, line, new)
    photo = shutil.copy(sample_photo("astronaut.png"), root / "photo.png")
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", ASK, str(photo)]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_it_names_the_four_files_and_no_other() -> None:
    named = re.findall(r"`((?:[a-z_]+/)*[a-zA-Z_]+\.py)`", recipe("a signal").partition("`make config`")[0])
    assert {name for name in named if not name.startswith("tests/")} == STEPS.keys()
    assert len(STEPS) <= 4


def test_the_signal_is_measured_and_told(told: dict[str, object]) -> None:
    signals = told["signals"]
    assert isinstance(signals, dict)
    assert signals["contrast"] == 1.0
    assert str(told["key"]).startswith("3<")


def test_it_counts_and_is_a_reason(told: dict[str, object]) -> None:
    assert isinstance(told["terms"], list)
    assert "contrast" in told["terms"]
    assert isinstance(told["reasons"], list)
    assert "rich light" in told["reasons"]


def test_it_is_a_column_behind_all_others(told: dict[str, object]) -> None:
    for table in ("csv", "faces"):
        names = told[table]
        assert isinstance(names, list)
        assert names[-4 if table == "csv" else -1] == "contrast", "only what is no signal stands behind it"


def test_users_tune_and_see_it(told: dict[str, object]) -> None:
    assert "\nCONTRAST = (0.0, 0.05)\n" in str(told["config"])
    assert isinstance(told["sliders"], list)
    assert {"single_contrast", "group_contrast"} <= set(told["sliders"])
    assert '"signal.contrast": "Contrast"' in str(told["viewer"])
