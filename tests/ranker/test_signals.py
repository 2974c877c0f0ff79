from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies
from msgspec.structs import replace

from builders import a_face, a_record
from photo_ranker.core.codec import encode_array
from photo_ranker.ranker import FaceSignals, face_signals
from photo_ranker.ranker.signals import curve, ratio_curve, soft_curve
from photo_ranker.records import Face, FaceFigures, MeshFigures
from photo_ranker.settings import Settings

MESH = MeshFigures(presence=1.0, yaw=0.0, pitch=0.0, roll=0.0, expressions=encode_array(np.zeros(52, np.float32)))
FIGURES = FaceFigures(sharpness=2.3, noise=0.5, brightness=0.6, bright_end=0.8, dark_glasses=-4.0)


def signals(mesh: dict[str, Any] | None = None, figures: dict[str, Any] | None = None, **face: Any) -> FaceSignals:
    """Of a good face, but for what is named."""
    facts = {"mesh": replace(MESH, **(mesh or {})), "figures": replace(FIGURES, **(figures or {}))}
    return weighed(a_face(**({"box": (1500.0, 800.0, 700.0, 900.0)} | facts | face)))


def looks(*numbers: float) -> bytes:
    """What the networks on the mesh's inner map say, as it is stored."""
    return encode_array(np.array(numbers, np.float32))


def weighed(face: Face, **settings: Any) -> FaceSignals:
    return face_signals(face, a_record(face), Settings(**settings))


def test_a_good_face() -> None:
    good = signals()
    assert (good.facing, good.exposure, good.looking, good.noise, good.not_cut) == (1, 1, 1, 1, 1)
    assert (good.sharpness or 0) > 0.75
    assert (good.eyes_open or 0) > 0.9
    assert (good.smile or 1) < 0.1
    assert (good.yaw_degrees, good.pitch_degrees, good.roll_degrees) == (0, 0, 0)


def test_all_signals_but_the_angles_are_in_their_range() -> None:
    extreme = signals(
        {"yaw": 85.0, "pitch": -70.0, "certainty": -20.0, "mouth_cheek": -3.0},
        {"sharpness": -9.0, "noise": 90.0, "brightness": 1.0, "white": 1.0, "outside": 1.0},
    )
    for name in extreme.__struct_fields__:
        value = getattr(extreme, name)
        assert value is None or name.endswith("_degrees") or 0 <= value <= 1


def test_what_was_not_measured_is_unknown() -> None:
    nothing = weighed(a_face(mesh=None, figures=None))
    known = {name for name in nothing.__struct_fields__ if getattr(nothing, name) is not None}
    assert known == {"size", "clear"}


@pytest.mark.parametrize(
    ("mesh", "figures", "face"),
    [
        ({"yaw": 50.0}, {}, {}),
        ({"yaw": -50.0}, {}, {}),
        ({}, {"dark_glasses": 3.0}, {}),
        ({}, {"sharpness": 0.1}, {}),
        ({}, {}, {"box": (0.0, 0.0, 20.0, 24.0)}),
        ({"presence": 0.01}, {}, {}),
        ({"doubt": 0.3}, {}, {}),
    ],
    ids=[
        "right profile",
        "left profile",
        "dark glasses",
        "blurred",
        "tiny",
        "no mesh to trust",
        "mesh beside the face",
    ],
)
def test_eyes_that_cannot_be_seen_are_unknown(mesh: Any, figures: Any, face: Any) -> None:
    facts: dict[str, Any] = {"mesh": replace(MESH, **mesh), "figures": replace(FIGURES, **figures)}
    found = weighed(a_face(**({"box": (1500.0, 800.0, 700.0, 900.0)} | facts | face)))
    assert found.eyes_open is None
    assert found.looking is None


def test_without_figures_eyes_are_judged_by_the_mesh_alone() -> None:
    assert (signals(figures={"dark_glasses": None, "sharpness": None}).eyes_open or 0) > 0.9
    assert (weighed(a_face(mesh=MESH)).eyes_open or 0) > 0.9


def test_closed_eyes_look_nowhere() -> None:
    values = np.zeros(52, np.float32)
    values[[9, 10]] = 0.9
    closed = signals({"expressions": encode_array(values), "iris_drop": 0.02})
    assert (closed.eyes_open or 1) < 0.2
    assert closed.looking is None


def lids(lowered: float, *, smile: float = 0.0, pitch: float = 0.0) -> FaceSignals:
    """Lids that follow eyes which look down: as lowered as in photos of people who read."""
    values = np.zeros(52, np.float32)
    values[[9, 10]], values[[11, 12]], values[[44, 45]] = 0.7 * lowered, lowered, smile
    shape = {"mouth_lift": 0.08, "mouth_cheek": 0.3, "mouth_chin": 0.55} if smile else {}
    return signals({"expressions": encode_array(values), "iris_drop": -0.002, "pitch": pitch, **shape})


def test_lowered_lids_are_open_eyes_that_look_down() -> None:
    down = lids(0.65)
    assert (down.eyes_open or 0) > 0.5
    assert (down.looking or 0) < 0.1
    raised = lids(0.65, pitch=14.0)  # the pitch of the head and of the eyes would add up to none
    assert (raised.looking or 0) < 0.1


def test_a_laugh_lowers_the_lids_of_eyes_that_look_at_us() -> None:
    assert (lids(0.65, smile=0.9).looking or 0) > 0.9


@pytest.mark.parametrize(("yaw", "pitch", "facing"), [(0, 14, 1), (-10, 0, 1), (55, 0, 0), (0, 70, 0)])
def test_facing_is_how_far_the_head_is_turned(yaw: float, pitch: float, facing: float) -> None:
    assert signals({"yaw": float(yaw), "pitch": float(pitch)}).facing == pytest.approx(facing, abs=1e-9)


@pytest.mark.parametrize("tilt", [0.0, 30.0, -100.0])
@pytest.mark.parametrize(
    ("nose", "apart", "facing"), [(0.0, 100.0, None), (20.0, 80.0, None), (33.0, 70.0, 0.19), (40.0, 40.0, 0.0)]
)
def test_without_a_mesh_the_points_tell_who_is_in_profile(
    nose: float, apart: float, facing: float | None, tilt: float
) -> None:
    """From the eyes to the mouth it is 100 px; the nose stands so many pixels beside the middle."""
    upright = [(-apart / 2, 0.0), (apart / 2, 0.0), (nose, 50.0), (-apart / 3, 100.0), (apart / 3, 100.0)]
    turn = complex(np.exp(1j * np.radians(tilt)))
    for side in (1, -1):
        turned = [complex(side * x, y) * turn for x, y in upright]
        one, two, three, four, five = ((1800 + point.real, 1200 + point.imag) for point in turned)
        found = weighed(
            Face.of(id="f1", box=(1700.0, 1100.0, 200.0, 250.0), points=(one, two, three, four, five), detection=0.9)
        )
        assert (found.facing, found.yaw_degrees) == (facing and pytest.approx(facing, abs=0.01), None)


def test_a_mesh_tells_more_of_a_turn_than_the_points() -> None:
    points = ((10.0, 0.0), (50.0, 0.0), (80.0, 50.0), (10.0, 100.0), (50.0, 100.0))
    face = Face.of(id="f1", box=(0.0, 0.0, 60.0, 110.0), points=points, detection=0.9)
    assert weighed(face).facing == 0
    assert weighed(face.with_details(MESH, None)).facing == 1


def test_left_and_right_are_alike() -> None:
    assert signals({"yaw": 30.0}).facing == signals({"yaw": -30.0}).facing


def test_the_curves_of_the_settings_apply_at_once() -> None:
    face = a_face(mesh=replace(MESH, yaw=30.0), figures=FIGURES)
    assert weighed(face, facing=(31.0, 30.0)).facing == 1
    assert weighed(face, facing=(30.0, 29.0)).facing == 0
    assert weighed(face, eyes_yaw=20.0).eyes_open is None


@pytest.mark.parametrize(("cover", "visible"), [(-3.0, 1.0), (0.0, 0.5), (3.0, 0.0)])
def test_what_stands_before_a_face_makes_it_less_visible(cover: float, visible: float) -> None:
    assert signals(look=looks(0.5, cover)).visible == pytest.approx(visible)


def test_equal_ratios_of_size_are_equal_steps() -> None:
    sizes = [weighed(a_face(box=(10.0, 10.0, side, side))).size or 0 for side in (100.0, 200.0, 400.0)]
    assert sizes[1] - sizes[0] == pytest.approx(sizes[2] - sizes[1])


@pytest.mark.parametrize(("yaw", "known"), [(0.0, True), (-34.0, True), (36.0, False), (-60.0, False)])
def test_a_profile_is_not_called_hidden(yaw: float, known: bool) -> None:
    assert (signals({"yaw": yaw}, look=looks(0.5, 3.0)).visible is not None) is known


def test_how_visible_is_unknown_where_it_was_not_measured() -> None:
    assert signals().visible is None
    assert signals(look=looks(0.5)).visible is None


def test_size_counts_in_the_picture_and_in_pixels() -> None:
    from photo_ranker.records import PhotoRecord, Stamp

    large, small = (a_face(box=(10.0, 10.0, side, side)) for side in (900.0, 90.0))
    assert (weighed(large).size or 0) > 0.9
    assert (weighed(small).size or 1) < 0.25
    thumbnail = PhotoRecord(Stamp(1, 1, ""), width=100, height=100)
    assert 0.6 < (face_signals(small, thumbnail, Settings()).size or 1) < 0.8


@pytest.mark.parametrize(
    ("at_the_limit", "beyond"),
    [
        ({"mesh": {"presence": 0.02}}, {"mesh": {"presence": 0.019}}),
        ({"mesh": {"doubt": 0.15}}, {"mesh": {"doubt": 0.151}}),
        ({"mesh": {"yaw": 40.0}}, {"mesh": {"yaw": 40.1}}),
        ({"mesh": {"yaw": -40.0}}, {"mesh": {"yaw": -40.1}}),
        ({"figures": {"sharpness": 1.0}}, {"figures": {"sharpness": 0.99}}),
        ({"figures": {"dark_glasses": -0.5}}, {"figures": {"dark_glasses": -0.49}}),
        ({"box": (0.0, 0.0, 28.0, 40.0)}, {"box": (0.0, 0.0, 27.9, 40.0)}),
    ],
)
def test_eyes_are_known_up_to_each_limit(at_the_limit: dict[str, Any], beyond: dict[str, Any]) -> None:
    assert signals(**at_the_limit).eyes_open is not None
    assert signals(**beyond).eyes_open is None


@pytest.mark.parametrize(("yaw", "known"), [(35.0, True), (-35.0, True), (35.1, False), (-35.1, False)])
def test_how_visible_is_known_up_to_its_limit(yaw: float, known: bool) -> None:
    assert (signals({"yaw": yaw}, look=looks(0.5, 0.0)).visible is not None) is known


def test_a_mesh_that_is_not_trusted_still_tells_of_a_hidden_face() -> None:
    untrusted = signals({"presence": 0.01}, look=looks(0.5, 1.0))
    assert untrusted.facing is None
    assert 0 < (untrusted.visible or 0) < 0.5


def test_lids_must_be_half_open_to_look_anywhere() -> None:
    def lids_at(blink: float) -> FaceSignals:
        values = np.zeros(52, np.float32)
        values[[9, 10]] = blink
        return signals({"expressions": encode_array(values)})

    for blink in np.arange(0.3, 0.95, 0.02):
        found = lids_at(float(blink))
        assert (found.looking is not None) is ((found.eyes_open or 0) >= 0.5)
    assert lids_at(0.3).looking is not None
    assert lids_at(0.94).looking is None


@pytest.mark.parametrize(
    ("yaw", "pitch", "looking"),
    [
        (10.0, 0.0, 1),
        (0.0, 25.0, 1),
        (0.0, -25.0, 1),
        (22.5, 0.0, 0.5),
        (0.0, 37.5, 0.5),
        (0.0, -37.5, 0.5),
        (35, 0, 0),
    ],
)
def test_looking_is_how_far_the_eyes_are_from_the_camera(yaw: float, pitch: float, looking: float) -> None:
    assert signals({"yaw": yaw, "pitch": pitch}).looking == pytest.approx(looking, abs=1e-9)


@pytest.mark.parametrize(
    ("yaw", "pitch", "facing"), [(32.5, 0, 0.5), (0, 47.5, 0.5), (0, -47.5, 0.5), (19.5, 41.0, 0.5), (10, 15, 1)]
)
def test_facing_falls_evenly(yaw: float, pitch: float, facing: float) -> None:
    assert signals({"yaw": float(yaw), "pitch": float(pitch)}).facing == pytest.approx(facing, abs=1e-3)


@pytest.mark.parametrize(
    ("detection", "clarity", "clear"),
    [(0.91, None, 0.5), (0.94, None, 1), (0.91, 13.5, 0.75), (0.94, 10.75, 0.75), (0.88, 8.0, 0), (0.94, 8.0, 0.5)],
)
def test_a_clear_view_is_the_mean_of_both_models(detection: float, clarity: float | None, clear: float) -> None:
    assert signals(detection=detection, clarity=clarity).clear == pytest.approx(clear)


def test_a_face_without_a_look_counts_as_usual() -> None:
    usual, preferred = signals(look=looks(0.0)), signals(look=looks(1.0))
    assert signals(look=None).expression == usual.expression
    assert (usual.expression or 1) < (preferred.expression or 0)


def test_a_wide_face_is_as_large_as_a_high_one() -> None:
    wide, high = signals(box=(100.0, 100.0, 600.0, 300.0)), signals(box=(100.0, 100.0, 300.0, 600.0))
    assert wide.size == high.size
    assert (signals(box=(100.0, 100.0, 300.0, 300.0)).size or 1) < (wide.size or 0)


def test_size_is_the_mean_of_picture_and_pixels() -> None:
    """30 px count for nothing and 400 px fully; 3% of the picture's shorter side for nothing and 40% fully."""
    from photo_ranker.records import PhotoRecord, Stamp

    face = a_face(box=(0.0, 0.0, 30.0, 40.0))

    def size(width: int, height: int, face: Face = face) -> float | None:
        return face_signals(face, PhotoRecord(Stamp(1, 1, ""), width=width, height=height), Settings()).size

    assert size(100, 900) == pytest.approx(0.5)
    assert size(900, 100) == pytest.approx(0.5)
    assert size(4000, 3000) == 0
    assert size(1000, 1000, a_face(box=(0.0, 0.0, 400.0, 500.0))) == 1
    assert size(0, 0) is None


ENDS = strategies.tuples(strategies.floats(-100, 100), strategies.floats(-100, 100))
VALUES = strategies.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("value", "ends", "score"),
    [(5, (0, 10), 0.5), (-1, (0, 10), 0), (11, (0, 10), 1), (15, (60, 0), 0.75), (80, (60, 0), 0), (3, (3, 3), 1)],
)
def test_straight_between_the_ends_and_flat_beyond(value: float, ends: tuple[float, float], score: float) -> None:
    assert curve(value, ends) == pytest.approx(score)


@pytest.mark.parametrize("ends", [(0, 1), (1, 1)])
def test_unknown_stays_unknown(ends: tuple[float, float]) -> None:
    values = np.array([0.5, np.nan, 2.0])
    for shape in (curve, soft_curve, ratio_curve):
        assert np.isnan(shape(values, ends)).tolist() == [False, True, False]


def test_soft_ends() -> None:
    assert soft_curve(0, (0, 10)) == pytest.approx(0.047, abs=0.001)
    assert soft_curve(5, (0, 10)) == pytest.approx(0.5)
    assert soft_curve(10, (0, 10)) == pytest.approx(0.953, abs=0.001)
    assert 0.953 < soft_curve(11, (0, 10)) < 1


@given(VALUES, VALUES, ENDS)
def test_more_is_never_less(one: float, other: float, ends: tuple[float, float]) -> None:
    low, high = sorted((one, other))
    if ends[0] > ends[1]:
        low, high = high, low
    for shape in (curve, soft_curve):
        first, second = shape(np.array([low, high]), ends)
        assert 0 <= first <= second <= 1


def test_ends_that_are_one_value_are_a_step() -> None:
    for shape in (curve, soft_curve):
        assert [shape(value, (3, 3)) for value in (2.9, 3, 3.1)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("value", "score"), [(10, 0), (20, 1 / 3), (40, 2 / 3), (80, 1), (5, 0), (160, 1), (0, 0), (-1, 0)]
)
def test_twice_as_large_is_an_equal_step(value: float, score: float) -> None:
    assert ratio_curve(value, (10, 80)) == pytest.approx(score)
    assert ratio_curve(value, (80, 10)) == pytest.approx(1 - score)
