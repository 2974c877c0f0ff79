"""Two networks on one set of faces: what the second adds, and what it never costs. The models are fakes."""

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
from photo_ranker.models import DetectedFace, Engine, EngineKeys, FaceMesh, Picture
from photo_ranker.models.store import sample_photo
from photo_ranker.records import SECOND_PART, PhotoRecord, without_engine
from photo_ranker.settings import Settings

KEYS = EngineKeys(detect="d.1", embed="e.1", mesh="m.1")
BOTH = EngineKeys(detect="d.1", embed="e.1", mesh="m.1", second="s.1")
POINTS = ((202.0, 103.0), (246.0, 104.0), (222.0, 126.0), (202.0, 144.0), (241.0, 145.0))


@dataclass
class Fakes:
    """Models that note what they are asked for."""

    asked: list[str] = field(default_factory=list)
    faces: int = 1

    def detect(self, picture: Picture, closer: object = None) -> list[DetectedFace]:
        self.asked.append("detect")
        return [DetectedFace((170.0 + number, 60.0, 110.0, 120.0), POINTS, 0.9) for number in range(self.faces)]

    def measure(self, picture: Picture, faces: Sequence[DetectedFace]) -> list[FaceMesh | None]:
        self.asked.append("mesh")
        return [None] * len(faces)


@dataclass
class FakeEmbedder:
    """A direction of its own for every name, as long as its dimensions say."""

    name: str
    dimensions: int
    asked: list[str]

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked.append(self.name)
        return np.full((len(crops), self.dimensions), 3.0, np.float32)


def analyser(keys: EngineKeys, models: Fakes) -> Analyser:
    second = FakeEmbedder("second", 144, models.asked) if keys.second else None
    first = FakeEmbedder("embed", 128, models.asked)
    engine = Engine("sface", models, first, models, second=second)
    return Analyser(engine, part_keys("duo" if keys.second else "sface", keys), Settings().measure)


def measured(keys: EngineKeys, known: PhotoRecord | None = None, faces: int = 1) -> tuple[PhotoRecord, list[str]]:
    """The record, and which models were asked for it."""
    models = Fakes(faces=faces)
    return analyser(keys, models).analyse(Path(sample_photo("astronaut.png")), known), models.asked


def test_the_second_network_adds_to_the_same_faces() -> None:
    record, asked = measured(BOTH)
    assert asked == ["detect", "embed", "second", "mesh"]
    (face,) = record.faces
    assert face.engine == "sface"
    assert len(decode_array(face.identity("duo") or b"")) == 272
    assert face.identity("sface") == face.embedding
    assert SECOND_PART in record.parts


def test_an_album_measured_before_costs_the_missing_embedding_alone() -> None:
    before, _ = measured(KEYS)
    after, asked = measured(BOTH, before)
    assert asked == ["second"]
    assert after == measured(BOTH)[0]
    assert [face.id for face in after.faces] == [face.id for face in before.faces]


def test_sface_finds_nothing_to_do_in_an_album_measured_by_both() -> None:
    both, _ = measured(BOTH)
    again, asked = measured(KEYS, both)
    assert asked == []
    assert again == both


def test_nothing_is_asked_of_a_network_where_nobody_is_seen() -> None:
    before, _ = measured(KEYS, faces=0)
    after, asked = measured(BOTH, before, faces=0)
    assert asked == []
    assert SECOND_PART in after.parts


def test_faces_found_anew_by_sface_alone_wait_for_the_second_network() -> None:
    """With the old key beside the new faces they would never get a second embedding."""
    both, _ = measured(BOTH)
    newer = EngineKeys(detect="d.2", embed="e.1", mesh="m.1")
    anew, _ = measured(newer, both)
    assert SECOND_PART not in anew.parts
    assert anew.faces[0].second_embedding is None
    assert measured(EngineKeys("d.2", "e.1", "m.1", second="s.1"), anew)[1] == ["second"]


def test_another_first_network_keeps_what_the_second_has_said() -> None:
    both, _ = measured(BOTH)
    after, asked = measured(EngineKeys("d.1", "e.2", "m.1"), both)
    assert asked == ["embed"]
    assert after.faces[0].second_embedding == both.faces[0].second_embedding


def test_taking_duo_out_leaves_the_faces_of_sface_and_the_other_way_round_none() -> None:
    both, alone = measured(BOTH)[0], measured(KEYS)[0]
    assert without_engine(both, "duo") == alone
    assert without_engine(both, "sface").faces == ()
    assert without_engine(both, "sface").parts == {"picture": both.parts["picture"]}


@pytest.mark.parametrize("keys", [KEYS, BOTH])
def test_a_photo_measured_twice_is_the_same(keys: EngineKeys) -> None:
    assert measured(keys) == measured(keys)
