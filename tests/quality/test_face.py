from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies

from looks import engine, looks
from photo_ranker import quality
from photo_ranker.models.base import DetectedFace, FaceMesh
from pictures import picture


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
