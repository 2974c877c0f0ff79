from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings, strategies
from numpy.typing import NDArray

from looks import engine, looks
from photo_ranker import quality
from photo_ranker.models import DetectedFace, FaceMesh
from pictures import picture, scaled


def a_face(x: float, y: float, width: float, height: float) -> DetectedFace:
    return DetectedFace((x, y, width, height), ((x, y),) * 5, 0.9)


def test_a_face_wholly_inside_is_not_cut_off() -> None:
    (look,) = looks(picture("astronaut.png"))
    assert look.face.figures is not None
    assert look.face.figures.outside == 0
    assert look.signals.not_cut == 1.0


def test_the_more_is_cut_off_the_lower_the_signal() -> None:
    pixels = picture("astronaut.png")
    (whole,) = looks(pixels)
    x, _, width, _ = whole.found.box
    found = [whole]
    for part in (0.1, 0.25, 0.4):
        found += looks(np.ascontiguousarray(pixels[:, round(x + part * width) :]))
    signals = [look.signals.not_cut or 0.0 for look in found]
    assert len(signals) == 4
    assert signals == sorted(signals, reverse=True)
    assert len(set(signals)) == 4
    assert signals[-1] < 0.3


def test_without_a_mesh_the_box_tells_what_is_cut_off() -> None:
    grey = np.full((100, 100, 3), 128, np.uint8)
    half_out, inside = (quality.measure_face(grey, a_face(x, 20, 40, 40), None) for x in (-20, 30))
    assert half_out is not None
    assert inside is not None
    assert half_out.outside == pytest.approx(0.5, abs=0.06)
    assert inside.outside == 0
    assert inside.dark_glasses is None


def test_a_face_beyond_the_picture_has_no_figures() -> None:
    assert quality.measure_face(np.zeros((50, 50, 3), np.uint8), a_face(60, 0, 20, 20), None) is None


@given(
    *(strategies.floats(-200, 200) for _ in range(2)),
    *(strategies.floats(0.1, 400) for _ in range(2)),
    strategies.integers(1, 90),
    strategies.integers(1, 90),
)
@example(0.0, 0.0, 1.0, 2.0, 1, 1)
@settings(deadline=None, max_examples=60)
def test_any_box_in_any_picture_gives_finite_figures(
    x: float, y: float, width: float, height: float, columns: int, rows: int
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (rows, columns, 3), np.uint8)
    mesh = FaceMesh(np.full((478, 3), x, np.float32), 0.5, np.zeros(52, np.float32))
    figures = quality.measure_face(pixels, a_face(x, y, width, height), mesh)
    if figures is not None:
        values = [getattr(figures, name) for name in figures.__struct_fields__]
        assert all(value is None or np.isfinite(value) for value in values)
        assert 0 <= figures.outside <= 1
    assert np.isfinite(quality.measure_mesh(mesh, a_face(x, y, width, height)).doubt)


def test_the_mesh_agrees_with_the_detector_on_real_faces() -> None:
    for look in [*looks(picture("t1.jpg")), *looks(picture("astronaut.png"))]:
        assert look.face.mesh is not None
        assert look.face.mesh.doubt < 0.06
        assert look.face.mesh.presence > 0.99
        assert look.face.mesh.certainty > 7


def test_a_mesh_on_a_wall_is_not_sure_of_itself() -> None:
    wall = np.ascontiguousarray(picture("t1.jpg")[20:180, 640:800])
    found = a_face(20, 20, 120, 120)
    mesh = engine().mesher.measure(wall, [found])[0]
    assert mesh is not None
    assert quality.measure_mesh(mesh, found).certainty < 5


Pixels = NDArray[np.uint8]
NAMES = ("t1.jpg", "astronaut.png", "Tom_Hanks_54745.png", "mask_blue.jpg", "mask_white.jpg")


def distance(one: Pixels, other: Pixels) -> int:
    return (int(quality.measure_picture(one).phash, 16) ^ int(quality.measure_picture(other).phash, 16)).bit_count()


def as_jpeg(pixels: Pixels, quality_percent: int) -> Pixels:
    data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality_percent])[1]
    return cast("Pixels", cv2.imdecode(data, cv2.IMREAD_COLOR))


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_that_is_smaller_lighter_or_compressed_has_nearly_the_same_hash(name: str) -> None:
    pixels = picture(name)
    assert distance(pixels, scaled(pixels, 0.5)) <= 4
    assert distance(pixels, as_jpeg(pixels, 40)) <= 4
    assert distance(pixels, (pixels * 0.8 + 20).astype(np.uint8)) <= 4


def test_other_pictures_have_other_hashes() -> None:
    assert min(distance(picture(one), picture(other)) for one in NAMES for other in NAMES if one != other) >= 20


def test_a_hash_is_16_hex_digits_also_of_nothing() -> None:
    for pixels in (np.zeros((1, 1, 3), np.uint8), np.full((9, 700, 3), 255, np.uint8)):
        assert len(quality.measure_picture(pixels).phash) == 16
        int(quality.measure_picture(pixels).phash, 16)


def test_sharpness_and_light_of_a_picture() -> None:
    sharp = quality.measure_picture(picture("t1.jpg"))
    soft = quality.measure_picture(cast("Pixels", cv2.GaussianBlur(picture("t1.jpg"), (0, 0), 6)))
    assert sharp.sharpness is not None
    assert soft.sharpness is not None
    assert sharp.sharpness > 1.8
    assert soft.sharpness < 1.0
    assert sharp.brightness == pytest.approx(0.5, abs=0.05)
    assert sharp.white < 0.02


def test_a_picture_with_one_part_in_focus_is_sharp() -> None:
    pixels = picture("t1.jpg")
    mixed = cv2.GaussianBlur(pixels, (0, 0), 8)
    mixed[:, :640] = pixels[:, :640]
    half, whole = quality.measure_picture(cast("Pixels", mixed)), quality.measure_picture(pixels)
    assert half.sharpness == pytest.approx(whole.sharpness, abs=0.25)


def test_a_flat_picture_has_no_sharpness() -> None:
    assert quality.measure_picture(np.full((300, 400, 3), 90, np.uint8)).sharpness is None


@given(strategies.integers(1, 700), strategies.integers(1, 700))
@settings(deadline=None, max_examples=30)
def test_any_size_is_measured(rows: int, columns: int) -> None:
    figures = quality.measure_picture(np.random.default_rng(0).integers(0, 256, (rows, columns, 3), np.uint8))
    assert figures.sharpness is None or np.isfinite(figures.sharpness)
    assert 0 <= figures.brightness <= 1
