"""The mesh network's inner map, and what our network makes of it."""

from __future__ import annotations

import hashlib
import zipfile
from importlib.resources import files

import numpy as np
import pytest

from photo_ranker.errors import ModelUnavailable
from photo_ranker.models.base import Engine, EngineOptions
from photo_ranker.models.engines import engine_keys
from photo_ranker.models.look import CHANNELS, SIDE, WEIGHTS, windows, with_inner_map
from photo_ranker.models.mesh import FILE, POINTS_MODEL
from photo_ranker.models.sessions import LiteModel
from photo_ranker.models.store import model_path
from pictures import picture

SHA256 = (
    "5476afe7b39db76ed9a7a9de45d709ecdab873ed489df51b5fb92f5a3c8daf38",
    "d323af32a15a5615e3524266023df18bf7cdfda2b288d8bfedbf93e6bca65c04",
)
"""Of the weights. New weights measure otherwise: they get a new name, which is in the key of the part."""


def published() -> bytes:
    with zipfile.ZipFile(model_path(FILE)) as pack:
        return pack.read(POINTS_MODEL)


def test_the_inner_map_comes_beside_the_same_points() -> None:
    seen = np.divide(picture("astronaut.png")[None, :256, 96:352], 255, dtype=np.float32)
    before, after = (LiteModel(model, 1).run(seen) for model in (published(), with_inner_map(published())))
    assert len(after) == len(before) + 1
    for one, other in zip(before, after[:-1], strict=True):
        np.testing.assert_array_equal(one, other)
    assert after[-1].shape == (1, SIDE, SIDE, CHANNELS)
    assert after[-1].std() > 0


def test_another_model_is_refused() -> None:
    changed = bytearray(published())
    changed[-1] ^= 1
    with pytest.raises(ModelUnavailable):
        with_inner_map(bytes(changed))


def test_a_window_is_every_second_place_and_what_follows_it() -> None:
    maps = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)
    assert windows(maps)[0].tolist() == [
        [0, 1, 2, 4, 5, 6, 8, 9, 10],
        [2, 3, 0, 6, 7, 0, 10, 11, 0],
        [8, 9, 10, 12, 13, 14, 0, 0, 0],
        [10, 11, 0, 14, 15, 0, 0, 0, 0],
    ]


def test_a_smile_at_the_camera_is_preferred_to_a_closed_mouth_in_a_blurred_face(engine: Engine) -> None:
    import cv2

    pixels = picture("astronaut.png")
    (face,) = engine.detector.detect(pixels)
    blurred = np.ascontiguousarray(cv2.GaussianBlur(pixels, (0, 0), 6))
    sharp, soft = (engine.mesher.measure(picture_, [face])[0] for picture_ in (pixels, blurred))
    assert sharp is not None
    assert soft is not None
    assert sharp.look is not None
    assert soft.look is not None
    assert sharp.look.shape == (len(WEIGHTS),)
    assert sharp.look[0] > soft.look[0]


def test_a_hand_before_the_mouth_is_seen(engine: Engine) -> None:
    import cv2

    pixels = picture("astronaut.png").copy()
    (face,) = engine.detector.detect(pixels)
    open_face = engine.mesher.measure(pixels, [face])[0]
    x, y, width, height = (round(value) for value in face.box)
    skin = tuple(int(value) for value in pixels[y + height // 3, x + width // 3])
    cv2.ellipse(pixels, (x + width // 2, y + height * 3 // 4), (width // 2, height // 4), 0, 0, 360, skin, -1)
    covered = engine.mesher.measure(pixels, [face])[0]
    assert open_face is not None
    assert covered is not None
    assert open_face.look is not None
    assert covered.look is not None
    assert open_face.look[1] < 0 < covered.look[1]


@pytest.mark.parametrize(("name", "sha256"), list(zip(WEIGHTS, SHA256, strict=True)))
def test_new_weights_have_a_new_name(name: str, sha256: str) -> None:
    stored = files("photo_ranker.models").joinpath(name).read_bytes()
    assert hashlib.sha256(stored).hexdigest() == sha256
    assert name.removesuffix(".npz") in engine_keys("sface", EngineOptions(1024, 0.5)).look
