"""make compare puts the default and a pack side by side."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from card.conftest import skip_without
from card.pictures_of_toys import draw_people
from card.toy_models import write_pack

skip_without("insightface")

pytestmark = pytest.mark.card

ROOT = Path(__file__).parents[2]


def test_every_installed_engine_has_a_column(packs: Path, tmp_path: Path) -> None:
    write_pack(packs / "toy")
    for person in range(4):
        for number in range(3):
            draw_people(tmp_path / "data" / f"p{person}" / f"{number}.png", person, bright=5 * number)
    command = [sys.executable, "-m", "bench.compare", str(tmp_path / "data"), "--engine", "sface", "--engine", "toy"]
    for words in (command, command[:4]):
        done = subprocess.run(words, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        title, _, head, *rows = done.stdout.splitlines()
        assert title == f"12 photos of 4 people in {tmp_path / 'data'}"
        assert head.split() == ["sface", "toy"]
        toy = {row[:32].strip(): row.split()[-1] for row in rows}
        assert (toy["photos with a face"], toy["numbers a face"]) == ("1.0000", "512")
        assert float(toy["ms a photo"]) > 0
        assert float(toy["model files, MB"]) == pytest.approx(4.1, abs=0.2)  # the mesh, and 0.3 of the toy
        assert "macro F1" in toy
