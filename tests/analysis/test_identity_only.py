"""What is measured of a reference: where its faces are, and whose."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fakes import FakeMeasurer, FakeSpec, write_photo
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.models.store import sample_photo
from photo_ranker.workspace.references import ReferenceReader


def test_an_identity_is_the_same_alone_as_with_all_other_figures() -> None:
    path = sample_photo("astronaut.png")
    alone, whole = (AnalyserSpec(identity_only=only).open().analyse(path) for only in (True, False))
    assert [(face.id, face.box, face.points, face.embedding, face.clarity) for face in alone.faces] == [
        (face.id, face.box, face.points, face.embedding, face.clarity) for face in whole.faces
    ]
    assert {"detect", "embed"} == set(alone.parts) < set(whole.parts)
    assert [(face.mesh, face.figures, face.look) for face in alone.faces] == [(None, None, None)]
    assert alone.picture is None


def test_a_new_reference_loads_no_model_but_those_of_identity() -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom photo_ranker.analysis import AnalyserSpec\n"
        "from photo_ranker.workspace.references import ReferenceReader\n"
        "reader = ReferenceReader(AnalyserSpec(), print, remember=False)\n"
        f"assert reader.read([Path({str(sample_photo('astronaut.png'))!r})])\n"
        "print(sorted({'ai_edge_litert', 'onnx', 'PIL.AvifImagePlugin', 'PIL.WebPImagePlugin'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


class _LoggedSpec(FakeSpec, frozen=True):
    opened: str = ""
    """A file that gets a line for every time that models are loaded."""

    def open(self) -> FakeMeasurer:
        with Path(self.opened).open("a") as log:
            log.write(f"{self.identity_only}\n")
        return super().open()


@pytest.mark.parametrize(("name", "is_alone"), [("anna.jpg", "True\n"), ("anna.MP4", "False\n")])
def test_of_films_all_is_measured_since_that_tells_the_best_frame(tmp_path: Path, name: str, is_alone: str) -> None:
    log = tmp_path / "opened"
    reader = ReferenceReader(_LoggedSpec(opened=str(log)), print, remember=False)  # type: ignore[arg-type]
    path = write_photo(tmp_path / name)
    assert reader.read([path]) == reader.read([path])
    assert log.read_text() == is_alone
