from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from photo_ranker.models import DetectedFace, Engine
from photo_ranker.models.align import align
from pictures import picture, scaled

ASTRONAUT = ((202.0, 103.0), (246.0, 104.0), (222.0, 126.0), (202.0, 144.0), (241.0, 145.0))
"""Her five points, fixed here so that the vector below hangs on the identity model alone."""

# The published file run as it is in ONNX Runtime, with zeros for the inputs that it asks for and does not use.
REFERENCE = [0.006, -0.150, 0.107, 0.157, 0.027, 0.026, 0.109, 0.037, 0.032, 0.089, -0.066, 0.080, -0.055, 0.030]

STRANGERS = 0.363
"""OpenCV's threshold for SFace: people below it are different."""


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    result: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return result


def from_left(engine: Engine, pixels: NDArray[np.uint8]) -> list[DetectedFace]:
    return sorted(engine.detector.detect(pixels), key=lambda face: face.box[0])


def identities(engine: Engine, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Of all faces, from left to right."""
    faces = from_left(engine, pixels)
    return unit(engine.embedder.embed(np.stack([align(pixels, face.points) for face in faces])))


def through_jpeg(photo: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    photo.save(buffer, "jpeg", quality=20)
    return Image.open(buffer)


def test_the_vector_is_the_known_one(engine: Engine) -> None:
    vector = unit(engine.embedder.embed(align(picture("astronaut.png"), ASTRONAUT)[None]))[0]
    assert vector.shape == (engine.embedder.dimensions,) == (128,)
    assert np.abs(vector[: len(REFERENCE)] - REFERENCE).max() < 0.002


def test_all_people_at_the_table_and_all_others_are_different(engine: Engine) -> None:
    names = ("t1.jpg", "astronaut.png", "Tom_Hanks_54745.png")
    everyone = np.concatenate([identities(engine, picture(name)) for name in names])
    assert len(everyone) == 8
    similar = everyone @ everyone.T - np.eye(8)
    assert similar.max() < STRANGERS


@pytest.mark.parametrize(
    ("what", "least"),
    [
        ("mirrored", 0.9),
        ("darker", 0.95),
        ("grey", 0.8),
        ("blurred", 0.85),
        ("poor jpeg", 0.9),
        ("half as large", 0.9),
        ("tilted left", 0.9),
        ("tilted right", 0.9),
    ],
)
def test_a_person_stays_the_same(engine: Engine, what: str, least: float) -> None:
    photo = Image.fromarray(picture("astronaut.png"))
    change: dict[str, Callable[[], Image.Image]] = {
        "mirrored": lambda: photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        "darker": lambda: ImageEnhance.Brightness(photo).enhance(0.4),
        "grey": lambda: photo.convert("L").convert("RGB"),
        "blurred": lambda: photo.filter(ImageFilter.GaussianBlur(1.5)),
        "poor jpeg": lambda: through_jpeg(photo),
        "half as large": lambda: photo.resize((256, 256), Image.Resampling.LANCZOS),
        "tilted left": lambda: photo.rotate(25, Image.Resampling.BICUBIC),
        "tilted right": lambda: photo.rotate(-25, Image.Resampling.BICUBIC),
    }
    before = identities(engine, picture("astronaut.png"))
    after = identities(engine, np.array(change[what]()))
    assert len(after) == 1
    assert float(before[0] @ after[0]) > least


def test_everyone_at_the_table_is_known_again_in_another_size(engine: Engine) -> None:
    usual, small = identities(engine, picture("t1.jpg")), identities(engine, scaled(picture("t1.jpg"), 0.5))
    similar = small @ usual.T
    assert similar.argmax(axis=1).tolist() == [0, 1, 2, 3, 4, 5]
    assert similar.diagonal().min() > 0.85


def test_a_clear_view_has_a_longer_vector(engine: Engine) -> None:
    def length(photo: Image.Image) -> float:
        pixels = np.array(photo)
        return float(np.linalg.norm(engine.embedder.embed(align(pixels, ASTRONAUT)[None])))

    photo = Image.fromarray(picture("astronaut.png"))
    assert length(photo.filter(ImageFilter.GaussianBlur(6))) < 0.8 * length(photo)


def test_faces_come_out_in_their_order_however_many(engine: Engine) -> None:
    pixels = picture("t1.jpg")
    crops = np.stack([align(pixels, face.points) for face in from_left(engine, pixels)] * 3)
    together = engine.embedder.embed(crops)
    assert together.shape == (18, 128)
    for number in (0, 7, 17):
        assert np.allclose(together[number], engine.embedder.embed(crops[number : number + 1])[0], atol=1e-4)


def test_no_faces_are_no_rows(engine: Engine) -> None:
    assert engine.embedder.embed(np.empty((0, 112, 112, 3), np.uint8)).shape == (0, 128)
