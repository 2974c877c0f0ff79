"""What the models cost, as ratios, so that they hold on every machine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from photo_ranker.models import Engine, EngineOptions, store
from photo_ranker.models.align import align
from photo_ranker.models.engines import open_engine
from photo_ranker.models.yunet import YuNetNetwork
from pictures import on_grey, picture
from second_network import FILE, needs_second_network
from yardstick import multiple_of, processor_seconds

pytestmark = pytest.mark.perf


def ratio_of(work: Callable[[], object], yardstick: Callable[[], object]) -> float:
    return multiple_of(processor_seconds(yardstick), processor_seconds(work), 15)


def test_the_second_look_at_one_face_costs_little(engine: Engine) -> None:
    pixels = on_grey(picture("astronaut.png"), 1024, 768)
    network = YuNetNetwork(threads=1, device="cpu")
    ratio = ratio_of(lambda: engine.detector.detect(pixels), lambda: network.rows([pixels], 0.6))
    print(f"detection of one face with its second look, times one look: {ratio:.2f}")
    assert ratio < 2


def test_many_faces_cost_no_more_each_than_one(engine: Engine) -> None:
    face = engine.detector.detect(picture("astronaut.png"))[0]
    crop = align(picture("astronaut.png"), face.points)
    ratio = ratio_of(lambda: engine.embedder.embed(np.stack([crop] * 12)), lambda: engine.embedder.embed(crop[None]))
    print(f"twelve faces at once, times one: {ratio:.1f}")
    assert ratio < 1.5 * 12


@needs_second_network
def test_the_second_network_costs_less_than_the_first(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FILE is not None
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(FILE.parent))
    store._remembered.cache_clear()
    second = open_engine("duo", EngineOptions(detect_side=1024, detect_threshold=0.6)).second
    assert second is not None
    crops = align(picture("astronaut.png"), engine.detector.detect(picture("astronaut.png"))[0].points)[None]
    ratio = ratio_of(lambda: second.embed(crops), lambda: engine.embedder.embed(crops))
    print(f"a face for the second network, times one for SFace: {ratio:.2f}")
    assert ratio < 0.8
