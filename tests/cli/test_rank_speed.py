"""A warm question over 10,000 photos, as a user feels it: the whole process."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from builders import a_face, a_record, an_embedding, some_expressions
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.core.codec import decode_array, encode_array
from photo_ranker.core.files import cache_folder
from photo_ranker.metadata import Ledger
from photo_ranker.models.store import sample_photo
from photo_ranker.records import FaceFigures, MeshFigures, PictureFigures
from second_network import FILE, needs_second_network
from yardstick import as_installed, multiple_of, of_a_process, start_of_python

ROOT = Path(__file__).parents[2]


NETWORKS = ("embedding", "second_embedding")
MESH = MeshFigures(0.99, 1.25, -2.5, 3.5, some_expressions(smile=0.7), 0.031, -0.21, 0.55, 0.61, 0.012)
FIGURES = FaceFigures(2.1234, 1.23, 0.456, 0.789, 0.01, 0.02, 0.123, 0.01, -0.123)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_album(tmp_path_factory.mktemp("album"), AnalyserSpec())


def make_album(folder: Path, spec: AnalyserSpec) -> Path:
    """10,000 photos with three faces each; the astronaut, as seen in other light, is in every twentieth."""
    generator = np.random.default_rng(0)
    astronaut = spec.open().analyse(sample_photo("astronaut.png")).faces[0]
    person = {name: decode_array(row) for name in NETWORKS if (row := getattr(astronaut, name))}
    keys = spec.keys()
    with Ledger(folder, print) as ledger:
        for number in range(10_000):
            path = folder / f"IMG_{number:05}.jpg"
            path.write_bytes(b"photo")
            found = path.stat()
            faces = [
                a_face(f"f{number:08x}{place:08x}", (100.0 + 300 * place, 50.0, 180.0, 220.0), clarity=12.3, mesh=MESH,
                       figures=FIGURES, **{name: an_embedding(3 * number + place, len(row))
                                           for name, row in person.items()})
                for place in range(3)
            ]  # fmt: skip
            if number % 20 == 0:
                seen = {name: row + generator.normal(size=len(row), scale=0.05) for name, row in person.items()}
                rows = {name: encode_array(row.astype(np.float32)) for name, row in seen.items()}
                faces[1] = msgspec.structs.replace(faces[1], **rows)
            picture = PictureFigures(2.2, 0.5, 0.8, 0.01, 0.02, f"{generator.integers(2**63):016x}")
            record = a_record(
                *faces,
                hash=f"{number:032x}",
                size=found.st_size,
                mtime_ns=found.st_mtime_ns,
                parts=keys,
                picture=picture,
            )
            ledger.put(path.name, record)
    return folder


def question(reference: Path, album: Path, engine: str = "sface") -> list[str]:
    words = ["--engine", engine, "--ref", str(reference), "--photos", str(album), "--top", "20"]
    return [sys.executable, str(ROOT / "run_rank.py"), *words]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return as_installed(tmp_path_factory.mktemp("compiled"))


@pytest.mark.perf
def test_a_reference_seen_before(ready: Path, installed: dict[str, str]) -> None:
    command = question(sample_photo("astronaut.png"), ready)
    done = subprocess.run(command, env=installed, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == 20
    times = multiple_of(start_of_python(installed), of_a_process(command, installed))
    print(f"10,000 photos, reference seen before, times the start of Python with NumPy: {times:.2f}")
    assert times <= 3.2


@pytest.mark.perf
@needs_second_network
def test_the_second_network_adds_a_tenth_to_a_question(
    ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: dict[str, str]
) -> None:
    assert FILE is not None
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(FILE.parent))
    albums = {"sface": ready, "duo": make_album(tmp_path, AnalyserSpec(engine="duo"))}
    environment = {**installed, "PHOTO_RANKER_MODELS": str(FILE.parent)}
    alone, both = (
        of_a_process(question(sample_photo("astronaut.png"), album, engine), environment)
        for engine, album in albums.items()
    )
    alone(), both()  # makes the columns
    ratio = multiple_of(alone, both, 9)
    print(f"a question to both networks, times one to SFace alone: {ratio:.3f}")
    assert ratio <= 1.15


@pytest.mark.perf
def test_a_new_reference(ready: Path, tmp_path: Path, installed: dict[str, str]) -> None:
    command = question(sample_photo("astronaut.png"), ready)
    subprocess.run(command, env=installed, capture_output=True, check=True)  # makes the columns
    # A reference is known by its content, so it is new to a cache of its own.
    for kept in ("models", "prepared", "columns"):
        if (cache_folder() / kept).is_dir():
            (tmp_path / kept).symlink_to(cache_folder() / kept)
    environment = {**installed, "PHOTO_RANKER_CACHE": str(tmp_path)}

    def ask() -> float:
        shutil.rmtree(tmp_path / "references", ignore_errors=True)
        return of_a_process(command, environment)()

    times = multiple_of(start_of_python(installed), ask)
    assert any((tmp_path / "references").iterdir())
    print(f"10,000 photos, new reference, times the start of Python with NumPy: {times:.2f}")
    assert times <= 10


@pytest.mark.perf
def test_help_is_instant(installed: dict[str, str]) -> None:
    command = [sys.executable, str(ROOT / "run_rank.py"), "--help"]
    times = multiple_of(start_of_python(installed), of_a_process(command, installed))
    print(f"--help, times the start of Python with NumPy: {times:.2f}")
    assert times <= 1.0
