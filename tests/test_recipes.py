"""CONTRIBUTING's recipes are followed in a copy of the package: the files that they name are enough.

Those for a signal and for an engine have tests of their own, in ``ranker`` and ``models``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from recipe_steps import ROOT, add_below, recipe

Steps = dict[str, list[tuple[str, str]]]
"""File -> beginnings and new lines: each goes below the only line that begins so, or replaces it if it begins alike."""

EXPORTER: Steps = {
    "exporters/md.py": [],
    "exporters/__init__.py": [
        (
            "    yield render_table(ranking, terminal_width()",
            """

def _md(ranking: Ranking, _pictures: PictureMaker) -> Iterator[bytes]:
    from photo_ranker.exporters.md import render

    return render(ranking)""",
        ),
        ('    "html": Exporter(', '    "md": Exporter(".md", "text/markdown; charset=utf-8", "Markdown", _md),'),
    ],
}
MD = "def render(ranking):\n    return (f'- {item.path}\\n'.encode() for item in ranking.results)\n"

OPTION: Steps = {
    "questions/__init__.py": [
        ("    min_score: float = 0.0", "    camera: str | None = None"),
        (
            "        and item.score >= filters.min_score",
            "        and (filters.camera is None or item.photo.record.camera == filters.camera)",
        ),
    ],
    "cli/requests.py": [
        (
            '    which.add_argument("--until"',
            '    which.add_argument("--camera", metavar="NAME", help="of this camera")',
        ),
        ("        min_score=args.min_score,", "        camera=args.camera,"),
    ],
    "web/questions.py": [
        ("    min_score: Annotated[float, Field(ge=0, le=1)] = 0", "    camera: str | None = None"),
    ],
}

FIELD: Steps = {
    "records.py": [
        ("    companions: tuple[str, ...] = ()", "    serial: str | None = None"),
        ("PICTURE_VERSION = ", "PICTURE_VERSION = 3"),
    ],
    "images/exif.py": [
        ("    camera: str | None = None", "    serial: str | None = None"),
        ("        lens=", "        serial=str(tags.get(0xA431, '')) or None,"),
    ],
    "images/__init__.py": [("        camera=exif.camera,", "        serial=exif.serial,")],
}

SETTING: Steps = {
    "settings/sections.py": [
        ("    solid_turn: float = ", '    solid_light: float = setting(0.1, 0.0, 1.0, "of white", "darker faces")'),
    ],
}

ASK = """
import argparse, json, sys
from types import SimpleNamespace

from photo_ranker import measure
from photo_ranker.album import AlbumPhoto
from photo_ranker.cli.options import Parser, add_album_options, add_common
from photo_ranker.cli.requests import add_question_options, photos_request
from photo_ranker.exporters import EXPORTERS, output_format
from photo_ranker.questions import Filters, keep
from photo_ranker.metadata import pass_through
from photo_ranker.settings import Settings, render
from photo_ranker.web.questions import photos_request_of
from photo_ranker.web.questions import RankAsk
from pathlib import Path

record = pass_through(measure(sys.argv[1]))
item = SimpleNamespace(path="a.jpg", kind="single", score=0.5, photo=AlbumPhoto("a.jpg", record))
parser = Parser(prog="rank")
add_question_options(parser)
print(json.dumps({
    "serial": record.serial,
    "picture": record.parts["picture"],
    "format": output_format(Path("best.md"), None),
    "md": b"".join(EXPORTERS["md"].render(SimpleNamespace(results=[item]), None)).decode(),
    "kept": [len(keep([item], Filters(camera=name), Settings())) for name in (record.camera, "another")],
    "command": photos_request(parser.parse_args(["--camera", "Leica"]), 20).filters.camera,
    "app": photos_request_of(RankAsk(camera="Leica")).filters.camera,
    "config": render(),
    "setting": Settings(solid_light=0.2).people.solid_light,
}))
"""

TITLES = ("an exporter", "an option that says which photos", "a metadata field", "a setting")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the changed package answers."""
    root = tmp_path_factory.mktemp("checkout")
    package = root / "photo_ranker"
    shutil.copytree(ROOT / "photo_ranker", package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "exporters/md.py").write_text(MD, "utf-8")
    for steps in (EXPORTER, OPTION, FIELD, SETTING):
        for name, changes in steps.items():
            for line, new in changes:
                add_below(package / name, line, new)
    photo = root / "photo.jpg"
    exif = Image.Exif()
    exif[0x0110] = "Model 1"
    exif.get_ifd(0x8769)[0xA431] = "1234"
    Image.new("RGB", (64, 48), (90, 120, 60)).save(photo, exif=exif)
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", ASK, str(photo)]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("title", "steps", "most"),
    list(zip(TITLES, (EXPORTER, OPTION, FIELD, SETTING), (2, 3, 3, 1), strict=True)),
    ids=TITLES,
)
def test_it_names_its_files_and_no_other(title: str, steps: Steps, most: int) -> None:
    named = re.findall(r"`((?:[a-z_]+/)*[a-zA-Z_]+\.py)`", recipe(title))
    files = {name for name in named if not name.startswith("tests/") and name != "config.py"}
    assert {name.replace("NAME", "md") for name in files} == steps.keys()
    assert len(steps) <= most


def test_the_exporter_writes(told: dict[str, object]) -> None:
    assert (told["format"], told["md"]) == ("md", "- a.jpg\n")


def test_the_option_reaches_the_command_and_the_app(told: dict[str, object]) -> None:
    assert (told["command"], told["app"]) == ("Leica", "Leica")
    assert told["kept"] == [1, 0]


def test_the_field_is_measured_and_stored(told: dict[str, object]) -> None:
    assert (told["serial"], told["picture"]) == ("1234", "3")


def test_the_setting_is_read_and_printed(told: dict[str, object]) -> None:
    assert told["setting"] == 0.2
    assert "\nSOLID_LIGHT = 0.1\n" in str(told["config"])


def test_every_file_that_a_recipe_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Recipe: ")[2]
    named = set(re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.(?:py|md))`", text))
    assert len(named) > 30
    assert not [name for name in named if not any((ROOT / folder / name).exists() for folder in (".", "photo_ranker"))]


def test_what_a_newcomer_looks_for_is_where_the_table_says() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = text.partition("## Where to change what\n")[2].partition("\n## ")[0].splitlines()
    for row in (row for row in rows if row.startswith("| ") and "`" in row):
        for names, place in re.findall(r"((?:`\w+`(?:,| and)? ?)+) in `([\w/.]+)`", row.split("|")[2]):
            code = (ROOT / "photo_ranker" / place).read_text("utf-8")
            assert all(name in code for name in re.findall(r"\w+", names.replace(" and", ""))), row
        for place in re.findall(r"`((?:[a-z_]+/)+[\w.]*)`", row):
            assert (ROOT / "photo_ranker" / place).exists(), row
