"""The part "look" stands beside the mesh: what was measured before it costs this part alone. The models are fakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from photo_ranker.analysis import part_keys
from photo_ranker.analysis.analyser import Analyser
from photo_ranker.core.codec import decode_array
from photo_ranker.metadata import Ledger
from photo_ranker.models import DetectedFace, Engine, EngineKeys, FaceMesh, Picture
from photo_ranker.models.store import sample_photo
from photo_ranker.records import PhotoRecord, without_engine
from photo_ranker.settings import Settings

WITHOUT = EngineKeys(detect="d.1", embed="e.1", mesh="m.1")
WITH = EngineKeys(detect="d.1", embed="e.1", mesh="m.1", look="l.1")
POINTS = ((202.0, 103.0), (246.0, 104.0), (222.0, 126.0), (202.0, 144.0), (241.0, 145.0))


@dataclass
class Fakes:
    """Models that note what they are asked for; the mesh says the same each time, the look does not."""

    look: float = 1.0
    asked: list[str] = field(default_factory=list)
    dimensions: int = 128

    def detect(self, picture: Picture, closer: object = None) -> list[DetectedFace]:
        self.asked.append("detect")
        return [DetectedFace((170.0, 60.0, 110.0, 120.0), POINTS, 0.9)]

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked.append("embed")
        return np.full((len(crops), 128), 3.0, np.float32)

    def measure(self, picture: Picture, faces: Sequence[DetectedFace]) -> list[FaceMesh | None]:
        self.asked.append("mesh")
        spots = np.random.default_rng(0).uniform(150, 250, (478, 3)).astype(np.float32)
        return [FaceMesh(spots, self.look, np.zeros(52, np.float32), np.array([self.look], np.float32)) for _ in faces]


def measured(keys: EngineKeys, known: PhotoRecord | None = None, look: float = 0.5) -> tuple[PhotoRecord, list[str]]:
    """The record, and which models were asked for it."""
    models = Fakes(look)
    analyser = Analyser(Engine("sface", models, models, models), part_keys("sface", keys), Settings().measure)
    return analyser.analyse(Path(sample_photo("astronaut.png")), known), models.asked


def look_of(record: PhotoRecord) -> list[float]:
    numbers: list[float] = decode_array(record.faces[0].look or b"").tolist()
    return numbers


def test_the_look_of_a_face_is_stored() -> None:
    record, _ = measured(WITH)
    assert look_of(record) == [0.5]
    assert "look" in record.parts


def test_an_album_measured_before_costs_the_look_alone() -> None:
    before, _ = measured(WITHOUT)
    after, asked = measured(WITH, before, look=0.75)
    assert asked == ["mesh"]
    assert look_of(after) == [0.75]
    (face,), (former,) = after.faces, before.faces
    assert face.mesh == former.mesh  # its presence would be 0.75 by now
    assert face.figures == former.figures
    assert face.embedding == former.embedding


def test_new_weights_measure_the_look_anew() -> None:
    before, _ = measured(WITH)
    after, asked = measured(EngineKeys("d.1", "e.1", "m.1", look="l.2"), before, look=0.25)
    assert (asked, look_of(after)) == (["mesh"], [0.25])
    assert measured(WITH, before)[1] == []


def test_faces_found_anew_have_no_look_of_former_ones() -> None:
    before, _ = measured(WITH)
    after, _ = measured(EngineKeys("d.2", "e.1", "m.1"), before)
    assert "look" not in after.parts


def test_taking_the_engine_out_takes_its_look() -> None:
    assert "look" not in without_engine(measured(WITH)[0], "sface").parts


def test_a_face_grows_by_less_than_100_bytes(tmp_path: Path) -> None:
    sizes = []
    for name, keys in (("without", WITHOUT), ("with", WITH)):
        folder = tmp_path / name
        folder.mkdir()
        with Ledger(folder, pytest.fail) as ledger:
            ledger.put("a.jpg", measured(keys)[0])
        sizes.append((folder / ".photo_ranker_metadata.json").stat().st_size)
    assert 0 < sizes[1] - sizes[0] < 100
