"""CONTRIBUTING's recipe "add an engine" is followed to the letter in a copy of the package, and the engine works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
TOY = Path(__file__).parent / "recipe" / "toy.py"

OPENS = """
def _toy(options: EngineOptions) -> Engine:
    from photo_ranker.models.toy import ToyDetector, ToyEmbedder, ToyMesher

    return Engine("toy", ToyDetector(), ToyEmbedder(), ToyMesher())


def _toy_keys(options: EngineOptions) -> EngineKeys:
    return EngineKeys(detect="toy.1", embed="toy.1", mesh="none.1")


"""


def recipe() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    return text.partition("## Recipe: add an engine\n")[2].partition("\n## ")[0]


def add_after(path: Path, line: str, new: str) -> None:
    """Add what the recipe asks for below a line that must be there once."""
    before, found, after = path.read_text("utf-8").partition(line)
    assert found, f"{path.name} has no line '{line}'"
    path.write_text(before + found + new + after, "utf-8")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the toy engine in it."""
    root = tmp_path_factory.mktemp("checkout")
    package = root / "photo_ranker"
    shutil.copytree(ROOT / "photo_ranker", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TOY, package / "models")
    engines = package / "models" / "engines.py"
    add_after(engines, "ENGINES: dict[str, EngineEntry] = {\n", '    "toy": EngineEntry(_toy, _toy_keys),\n')
    text = engines.read_text("utf-8")
    engines.write_text(text.replace("\nENGINES: dict", f"{OPENS}ENGINES: dict", 1), "utf-8")
    add_after(
        package / "person_finder" / "populations.py",
        "POPULATIONS: dict[str, Population] = {\n",
        '    "toy": Population(stranger_mean=0.0, stranger_spread=0.15, same_mean=0.9, same_spread=0.1),\n',
    )
    return root


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people in three photos each, and a grey wall."""
    folder = tmp_path_factory.mktemp("album")
    for person in (1, 2):
        colours = np.random.default_rng(person).integers(0, 255, (4, 4, 3)).repeat(40, 0).repeat(40, 1)
        for number in range(3):
            photo = np.full((300, 400, 3), 128, np.uint8)
            photo[70:230, 60 + 50 * number : 220 + 50 * number] = colours
            Image.fromarray(photo).save(folder / f"{person}-{number}.png")
    Image.fromarray(np.full((300, 400, 3), 128, np.uint8)).save(folder / "wall.png")
    return folder


def run(checkout: Path, *words: str) -> str:
    command = [sys.executable, "-m", "photo_ranker", *words]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    done = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_place_that_the_recipe_names_is_there() -> None:
    named = re.findall(r"`([a-z_]+/[a-z_./]+|make [a-z]+)[` ]", recipe())
    assert {"models/__init__.py", "models/engines.py", "person_finder/populations.py", "make compare"} <= set(named)
    for place in named:
        if place.startswith("make "):
            assert f"\n{place[5:]}:" in (ROOT / "Makefile").read_text("utf-8")
        else:
            assert (ROOT / "photo_ranker" / place).exists() or (ROOT / place).exists(), place


def test_an_engine_that_was_added_by_it_measures_and_ranks(checkout: Path, album: Path) -> None:
    said = json.loads(run(checkout, "index", str(album), "--engine", "toy", "--workers", "2", "--json"))
    assert (said["counts"]["analysed"], said["counts"]["faces"]) == (7, 6)
    words = ["--ref", str(album / "1-0.png"), "--photos", str(album), "--engine", "toy", "--json"]
    document = json.loads(run(checkout, "rank", *words))
    assert document["engine"] == "toy"
    assert {Path(result["path"]).name for result in document["results"]} == {"1-0.png", "1-1.png", "1-2.png"}
    assert document["results"][0]["signals"]["smile"] is None


def test_it_is_found_again_and_grouped_like_every_engine(checkout: Path, album: Path) -> None:
    run(checkout, "index", str(album), "--engine", "toy")
    said = json.loads(run(checkout, "index", str(album), "--engine", "toy", "--json"))
    assert (said["counts"]["analysed"], said["counts"]["fresh"]) == (0, 7)
    people = json.loads(run(checkout, "people", "list", str(album), "--engine", "toy", "--json"))["people"]
    assert len(people) == 2
