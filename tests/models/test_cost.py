"""What the models cost, as ratios, so that they hold on every machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from photo_ranker.indexing.worker import ENVIRONMENT
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


GROWTH = """
import numpy as np
from photo_ranker.models import EngineOptions
from photo_ranker.models.align import align
from photo_ranker.models.engines import open_engine
from pictures import on_grey, picture

def megabytes():
    return int(open("/proc/self/status").read().split("VmRSS:")[1].split()[0]) / 1024

engine = open_engine("sface", EngineOptions(detect_side=1024, detect_threshold=0.6))
face = picture("astronaut.png")
crop = align(face, engine.detector.detect(face)[0].points)

def measure(width, height):
    engine.detector.detect(on_grey(face, width, height))
    engine.embedder.embed(np.stack([crop] * 4))

measure(1024, 1024)
largest = megabytes()
for side in range(560, 1024, 32):
    measure(1024, side), measure(side, 1024), measure(side, side)
print(megabytes() - largest)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pictures_of_many_sizes_take_the_memory_of_the_largest() -> None:
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", GROWTH], env=environment, capture_output=True, text=True, check=True)
    print(f"42 smaller pictures after the largest, MB: {float(done.stdout):.0f}")
    assert float(done.stdout) < 15
