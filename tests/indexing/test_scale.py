"""A second run over 10,000 photos, as a user sees it: the whole process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from builders import a_face, a_record, an_embedding
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.metadata import Ledger
from photo_ranker.records import MeshFigures
from yardstick import as_installed, multiple_of, of_a_process, start_of_python


@pytest.mark.perf
def test_a_second_run_over_10_000_photos(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    mesh = MeshFigures(0.99, 1.25, -2.5, 3.5, an_embedding(0, 52))
    faces = [a_face(f"f{number:016x}", embedding=an_embedding(number), mesh=mesh) for number in range(100)]
    keys = AnalyserSpec().keys()
    with Ledger(tmp_path, print) as ledger:
        for number in range(10_000):
            path = tmp_path / f"IMG_{number:05}.jpg"
            path.write_bytes(b"photo")
            found = path.stat()
            three = [faces[(number + other) % 100] for other in range(3)]
            record = a_record(*three, size=found.st_size, mtime_ns=found.st_mtime_ns, parts=keys)
            ledger.put(path.name, record)
    command = [sys.executable, "-m", "photo_ranker", "index", "--engine", "sface", str(tmp_path)]
    installed = as_installed(tmp_path_factory.mktemp("compiled"))
    done = subprocess.run(command, env=installed, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("10,000 photos in 1 folder: 10000 fresh, 0 analysed")
    times = multiple_of(start_of_python(installed), of_a_process(command, installed))
    print(f"second run over 10,000 photos, times the start of Python with NumPy: {times:.2f}")
    assert times <= 3.3


def test_a_second_run_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("x")
    code = (
        "import sys\nfrom photo_ranker.cli import main\n"
        f"main(['index', {str(tmp_path)!r}])\n"
        "heavy = {*'cv2 numpy onnxruntime onnx PIL ai_edge_litert pi_heif rawpy tqdm pooch'.split()}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"
