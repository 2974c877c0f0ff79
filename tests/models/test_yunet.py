from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from photo_ranker.models import DetectedFace, Engine, EngineOptions
from photo_ranker.models.yunet import YuNetDetector
from pictures import middle, on_grey, picture, scaled, shared_part

SIX = [
    (54, 259, 119, 141),
    (264, 148, 104, 124),
    (462, 267, 110, 146),
    (746, 347, 99, 127),
    (909, 59, 101, 140),
    (1130, 272, 95, 125),
]
"""The boxes in t1.jpg from left to right, checked by looking."""

EYES = [
    ((87, 327), (129, 309)),
    ((289, 212), (321, 197)),
    ((489, 321), (538, 332)),
    ((761, 399), (802, 402)),
    ((917, 120), (944, 116)),
    ((1150, 325), (1194, 324)),
]
"""The pupils in t1.jpg from left to right, marked by hand."""


def from_left(faces: list[DetectedFace]) -> list[DetectedFace]:
    return sorted(faces, key=lambda face: face.box[0])


def turned(pixels: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Clockwise."""
    return np.array(Image.fromarray(pixels).rotate(-degrees, Image.Resampling.BICUBIC))


def eye_slope(face: DetectedFace) -> float:
    (left_x, left_y), (right_x, right_y) = face.points[:2]
    return float(np.degrees(np.arctan2(right_y - left_y, right_x - left_x)))


def test_all_six_faces_are_found_and_nothing_else(engine: Engine) -> None:
    faces = from_left(engine.detector.detect(picture("t1.jpg")))
    assert len(faces) == 6
    for face, box in zip(faces, SIX, strict=True):
        assert np.abs(np.subtract(face.box, box)).max() < 4
        assert 0.85 < face.score < 1


def test_the_best_comes_first(engine: Engine) -> None:
    scores = [face.score for face in engine.detector.detect(picture("t1.jpg"))]
    assert scores == sorted(scores, reverse=True)


def test_eyes_are_where_they_are_also_in_tilted_heads(engine: Engine) -> None:
    faces = from_left(engine.detector.detect(picture("t1.jpg")))
    for face, eyes in zip(faces, EYES, strict=True):
        assert np.abs(np.subtract(face.points[:2], eyes)).max() < 8
    assert eye_slope(faces[0]) == pytest.approx(-25, abs=7)
    assert eye_slope(faces[2]) == pytest.approx(12, abs=5)


@pytest.mark.parametrize("degrees", [-40, -25, -15, 15, 25, 40])
def test_a_tilt_is_seen_in_full(engine: Engine, degrees: float) -> None:
    upright = engine.detector.detect(picture("astronaut.png"))[0]
    tilted = engine.detector.detect(turned(picture("astronaut.png"), degrees))[0]
    assert eye_slope(tilted) - eye_slope(upright) == pytest.approx(degrees, abs=7)


@pytest.mark.parametrize("name", ["mask_black.jpg", "mask_blue.jpg", "mask_green.jpg", "mask_white.jpg"])
def test_there_is_no_face_in_a_piece_of_cloth(engine: Engine, name: str) -> None:
    assert engine.detector.detect(picture(name)) == []


@pytest.mark.parametrize("scale", [1.5, 2, 4, 7])
def test_a_face_that_fills_the_picture_is_found_in_one_piece(engine: Engine, scale: float) -> None:
    face = scaled(picture("astronaut.png")[40:200, 150:310], scale)
    found = engine.detector.detect(face)
    assert len(found) == 1
    left, top, width, height = found[0].moved(1 / scale, 150, 40).box
    assert (left, top, left + width, top + height) == pytest.approx((179, 63, 269, 176), abs=7)


@pytest.mark.parametrize("size", [18, 24, 40])
def test_a_small_face_in_a_large_picture_is_found(engine: Engine, size: float) -> None:
    """Of 18 px in the picture, it has 9 in the first look."""
    small = on_grey(scaled(picture("astronaut.png"), size / 90), 2048, 1400)
    found = engine.detector.detect(small)
    assert len(found) == 1
    assert found[0].score > 0.6
    assert middle(found[0]) == pytest.approx((1024 + (224 - 256) * size / 90, 700 + (119 - 256) * size / 90), abs=2)


def test_a_larger_picture_is_asked_for_only_where_it_pays(engine: Engine) -> None:
    asked: list[float] = []

    def closer(gain: float) -> NDArray[np.uint8]:
        asked.append(gain)
        return picture("t1.jpg")

    engine.detector.detect(picture("t1.jpg"), closer)
    assert asked == []
    small = scaled(picture("t1.jpg"), 0.25)
    found = engine.detector.detect(small, closer)
    assert len(asked) == 1
    assert asked[0] > 2
    expected = engine.detector.detect(picture("t1.jpg"))
    assert len(found) == 6
    for face in found:
        assert max(shared_part(face.moved(4), other) for other in expected) > 0.8


def test_the_points_of_small_faces_gain_from_the_larger_picture(engine: Engine) -> None:
    small, expected = scaled(picture("t1.jpg"), 0.2), from_left(engine.detector.detect(picture("t1.jpg")))

    def miss(faces: list[DetectedFace]) -> float:
        pairs = zip(from_left(faces), expected, strict=True)
        return float(np.mean([np.abs(np.subtract(face.moved(5).points, other.points)) for face, other in pairs]))

    alone = engine.detector.detect(small)
    closer = engine.detector.detect(small, lambda _: picture("t1.jpg"))
    assert miss(closer) < 2 < miss(alone)


def test_the_answer_does_not_hang_on_the_size_of_the_picture(engine: Engine) -> None:
    expected = from_left(engine.detector.detect(picture("t1.jpg")))
    for scale in (0.6, 1.3, 2.5):
        found = from_left(engine.detector.detect(scaled(picture("t1.jpg"), scale)))
        for face, other in zip(found, expected, strict=True):
            assert shared_part(face.moved(1 / scale), other) > 0.85


def with_face_before(behind: int, before: int, right: int, down: int) -> NDArray[np.uint8]:
    """t1.jpg, where a copy of one face covers a part of another."""
    pixels, (x, y, width, height) = picture("t1.jpg"), SIX[before]
    rim = width // 8
    face = pixels[y - 2 * rim : y + height + rim, x - rim : x + width + rim]
    left, top = SIX[behind][0] + right, SIX[behind][1] + down
    covered = pixels.copy()
    covered[top : top + len(face), left : left + face.shape[1]] = face
    return covered


@pytest.mark.parametrize(("behind", "before", "right", "down"), [(2, 4, 55, 30), (3, 4, 40, 30), (3, 5, -40, 0)])
def test_a_half_hidden_face_does_not_get_the_points_of_the_one_before_it(
    engine: Engine, behind: int, before: int, right: int, down: int
) -> None:
    points = [face.points for face in engine.detector.detect(with_face_before(behind, before, right, down))]
    assert len(points) == 7
    apart = [np.linalg.norm(np.subtract(one, other), axis=1).mean() for one, other in itertools.combinations(points, 2)]
    assert min(apart) > 40


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize(("name", "faces"), [("t1.jpg", 6), ("astronaut.png", 1)])
def test_a_picture_may_lie_on_its_side_or_be_upside_down(engine: Engine, name: str, faces: int, quarters: int) -> None:
    pixels = picture(name)
    wide, high = pixels.shape[1] - 1, pixels.shape[0] - 1
    upright = from_left(engine.detector.detect(pixels))
    lying = engine.detector.detect(np.ascontiguousarray(np.rot90(pixels, quarters)))
    assert len(lying) == len(upright) == faces

    def back(x: float, y: float) -> tuple[float, float]:
        return {1: (wide - y, x), 2: (wide - x, high - y), 3: (y, high - x)}[quarters]

    for face, found in zip(upright, sorted(lying, key=lambda face: back(*face.points[2])[0]), strict=True):
        assert np.abs(np.subtract([back(*point) for point in found.points], face.points)).max() < 0.06 * face.box[3]
        x, y, width, height = found.box
        (left, top), (right, bottom) = sorted([back(x, y), back(x + width, y + height)])
        box = (left, min(top, bottom), right - left, abs(bottom - top))
        assert np.abs(np.subtract(box, face.box)).max() < 0.06 * face.box[3]


@pytest.mark.parametrize(
    ("name", "faces", "degrees"),
    [("t1.jpg", 6, 135), ("t1.jpg", 6, -135), ("astronaut.png", 1, 50), ("astronaut.png", 1, -45)],
)
def test_a_picture_may_be_tilted(engine: Engine, name: str, faces: int, degrees: int) -> None:
    whole = Image.fromarray(picture(name))
    upright = from_left(engine.detector.detect(picture(name)))
    tilted = whole.rotate(-degrees, Image.Resampling.BICUBIC, expand=True)
    found = engine.detector.detect(np.array(tilted))
    assert len(found) == len(upright) == faces
    assert found[0].score > 0.9

    turn = np.exp(-1j * np.radians(degrees))
    middle, tilted_middle = (complex(*size) / 2 for size in (whole.size, tilted.size))
    places = [(np.array(face.points) @ [1, 1j] - tilted_middle) * turn + middle for face in found]
    for face, place in zip(upright, sorted(places, key=lambda place: place[2].real), strict=True):
        assert np.abs(place - np.array(face.points) @ [1, 1j]).max() < 0.1 * face.box[3]
    size = np.mean([face.box[3] for face in upright])
    assert np.mean([face.box[3] for face in found]) == pytest.approx(size, rel=0.15)


def test_who_lies_beside_somebody_upright_does_not_hide_them(engine: Engine) -> None:
    somebody = picture("astronaut.png")[:260, 130:330]
    blurred = np.asarray(Image.fromarray(scaled(somebody, 0.75)).filter(ImageFilter.GaussianBlur(4)))
    canvas = np.full((700, 900, 3), 128, np.uint8)
    canvas[100:360, 50:250] = somebody[::-1, ::-1]
    canvas[400:595, 600:750] = blurred
    lying, upright = from_left(engine.detector.detect(canvas))
    assert lying.score > 0.9 > upright.score > 0.8
    assert lying.points[0][1] > lying.points[3][1]
    assert upright.points[0][1] < upright.points[3][1]


def test_the_threshold_decides_what_is_reported() -> None:
    strict = YuNetDetector(EngineOptions(detect_side=1024, detect_threshold=0.915))
    assert len(strict.detect(picture("t1.jpg"))) == 2


@pytest.mark.parametrize("shape", [(1, 1), (3, 3000), (3000, 3), (31, 33), (20_000, 20)])
def test_strips_and_specks_hold_no_face(engine: Engine, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (*shape, 3), np.uint8)
    assert engine.detector.detect(noise) == []


def test_a_face_at_the_edge_keeps_its_place(engine: Engine) -> None:
    cut = picture("t1.jpg")[:, 100:]
    face = from_left(engine.detector.detect(cut))[0]
    assert face.box[0] < 0
    assert face.box[0] + face.box[2] == pytest.approx(54 + 119 - 100, abs=10)


def test_every_run_says_the_same(engine: Engine) -> None:
    assert engine.detector.detect(picture("t1.jpg")) == engine.detector.detect(picture("t1.jpg"))
