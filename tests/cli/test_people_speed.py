"""Everyone counted again after ten photos have come to 10,000, as a user feels it: the whole process."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from builders import a_face, a_record, some_expressions
from people.crowds import Rows, unit
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.core.codec import encode_array
from photo_ranker.metadata import Ledger
from photo_ranker.people.store import PEOPLE_NAME
from photo_ranker.records import FaceFigures, MeshFigures
from second_network import FILE, needs_second_network
from yardstick import as_installed, multiple_of, of_a_process, start_of_python

ROOT = Path(__file__).parents[2]

PHOTOS, PEOPLE, NEW = 10_000, 600, 10
MOST, FEWEST = 2000, 6
"""In how many photos the first person is, and the last."""
NOISE = 0.73
"""Added to a unit row: two photos of one person then have a cosine of 0.65."""
WIDTHS = {"embedding": 128, "second_embedding": 256}
MESH = MeshFigures(0.99, 1.25, -2.5, 3.5, some_expressions(smile=0.7), 0.031, -0.21, 0.55, 0.61, 0.012)
FIGURES = FaceFigures(2.1234, 1.23, 0.456, 0.789, 0.01, 0.02, 0.123, 0.01, -0.123)


def shares() -> list[int]:
    """How many photos show each person: three faces a photo in all."""
    low, high = 0.01, 1e6
    for _ in range(100):
        bend = (low * high) ** 0.5
        power = np.log(MOST / FEWEST) / np.log((PEOPLE - 1 + bend) / bend)
        found = MOST * ((np.arange(PEOPLE) + bend) / bend) ** -power
        low, high = (bend, high) if found.sum() < 3 * PHOTOS else (low, bend)
    counts: list[int] = np.maximum(np.round(found).astype(int), FEWEST).tolist()
    counts[0] += 3 * PHOTOS - sum(counts)
    return counts


def crowd(rng: np.random.Generator) -> list[set[int]]:
    """Who is in each photo: three people, nobody twice."""
    free, shown = np.repeat(np.arange(PHOTOS), 3), [set[int]() for _ in range(PHOTOS)]
    for person in np.repeat(np.arange(PEOPLE), shares()).tolist():
        place = int(rng.integers(len(free)))
        while person in shown[free[place]]:
            place = int(rng.integers(len(free)))
        shown[free[place]].add(person)
        free[place], free = free[-1], free[:-1]
    return [shown[number] for number in rng.permutation(PHOTOS).tolist()]


def put(folder: Path, numbers: Sequence[int], shown: Sequence[set[int]], middles: Mapping[str, Rows]) -> None:
    """Store photos as if they had been measured."""
    keys = AnalyserSpec(engine="duo").keys()
    with Ledger(folder, print) as ledger:
        for number in numbers:
            rng, path = np.random.default_rng(number), folder / f"IMG_{number:05}.jpg"
            path.write_bytes(b"photo")
            found, faces = path.stat(), []
            for place, person in enumerate(sorted(shown[number])):
                rows = {
                    name: encode_array(unit(row[person] + NOISE * unit(rng.normal(size=(row.shape[1],)))))
                    for name, row in middles.items()
                }
                box = (100.0 + 300 * place, 50.0, 180.0, 220.0)
                faces.append(a_face(f"f{number:08x}{place:08x}", box, clarity=12.3, mesh=MESH, figures=FIGURES, **rows))
            record = a_record(*faces, hash=f"{number:032x}", size=found.st_size, mtime_ns=found.st_mtime_ns, parts=keys)
            ledger.put(path.name, record)


@pytest.mark.perf
@pytest.mark.timeout(600)
@needs_second_network
def test_ten_photos_are_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FILE is not None
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(FILE.parent))
    rng = np.random.default_rng(0)
    shown = crowd(rng)
    middles = {name: unit(rng.normal(size=(PEOPLE, width))) for name, width in WIDTHS.items()}
    album, cache, before = (tmp_path / name for name in ("album", "cache", "before"))
    album.mkdir()
    environment = {**as_installed(tmp_path / "compiled"), "PHOTO_RANKER_CACHE": str(cache)}
    command = [sys.executable, "-m", "photo_ranker", "people", "list", "--engine", "duo", str(album)]
    put(album, range(PHOTOS - NEW), shown, middles)
    subprocess.run(command, env=environment, capture_output=True, check=True)
    shutil.copytree(cache, before)
    shutil.copy2(album / PEOPLE_NAME, before)
    put(album, range(PHOTOS - NEW, PHOTOS), shown, middles)

    def count_again() -> float:
        shutil.rmtree(cache)
        shutil.copytree(before, cache)
        shutil.copy2(before / PEOPLE_NAME, album)
        return of_a_process(command, environment)()

    times = multiple_of(start_of_python(environment), count_again)
    print(f"ten of 10,000 photos are new, times the start of Python with NumPy: {times:.2f}")
    assert times <= 19
