"""What was measured of real things and real faces, in numbers, tells them apart."""

from __future__ import annotations

from math import log, log2
from typing import Any

import msgspec
import pytest

from builders import a_face, some_expressions
from photo_ranker.person_finder.false_faces import false_face_odds, false_face_traits, is_false_face, is_solid
from photo_ranker.records import Face, FaceFigures, FivePoints, MeshFigures
from photo_ranker.settings import Settings

SETTINGS = Settings()
FRONTAL: FivePoints = ((30.0, 50.0), (70.0, 50.0), (50.0, 70.0), (35.0, 90.0), (65.0, 90.0))
PROFILE: FivePoints = ((60.0, 50.0), (75.0, 50.0), (90.0, 70.0), (65.0, 90.0), (78.0, 90.0))


def seen(
    width: float, height: float, detection: float, clarity: float | None, sharpness: float, points: FivePoints = FRONTAL
) -> Face:
    scaled: Any = [(x * width / 100, y * height / 130) for x, y in points]
    return Face.of(
        "f", (0.0, 0.0, width, height), scaled, detection, clarity=clarity, figures=FaceFigures(sharpness=sharpness)
    )


@pytest.mark.parametrize(
    "face",
    [
        pytest.param(seen(187, 217, 0.76, 4.9, 3.0), id="roses on a jacket"),
        pytest.param(seen(54, 54, 0.64, 6.5, 0.9), id="wallpaper"),
        pytest.param(seen(70, 70, 0.71, 3.9, 3.1), id="a coffee pot"),
        pytest.param(seen(45, 57, 0.67, 6.1, 3.0), id="a painting of a figure"),
    ],
)
def test_things_are_no_faces(face: Face) -> None:
    assert is_false_face(face, SETTINGS)
    assert not is_solid(face, SETTINGS)


@pytest.mark.parametrize(
    "face",
    [
        pytest.param(seen(92, 118, 0.93, 12.3, 2.2), id="a usual face"),
        pytest.param(seen(80, 110, 0.78, 6.6, 1.8, PROFILE), id="a profile"),
        pytest.param(seen(12, 16, 0.70, 6.0, 1.5), id="a tiny face"),
        pytest.param(seen(53, 68, 0.80, 8.2, 0.8), id="a blurred face"),
    ],
)
def test_hard_faces_are_faces(face: Face) -> None:
    assert not is_false_face(face, SETTINGS)


def test_every_trait_counts_as_it_was_fitted() -> None:
    """The odds of faces that differ in every trait: whoever fits them again changes these figures on purpose."""
    faces = [seen(187, 217, 0.76, 4.9, 3.0), seen(80, 110, 0.78, 6.6, 1.8, PROFILE), seen(12, 16, 0.70, 6.0, 1.5)]
    assert [false_face_odds(face) for face in faces] == pytest.approx([-0.1113, -3.6800, -2.4252], abs=1e-4)


def test_a_nose_aside_tells_of_a_profile() -> None:
    frontal, profile = (seen(80, 100, 0.7, 6.0, 2.0, points) for points in (FRONTAL, PROFILE))
    assert (false_face_odds(frontal) or 0.0) > (false_face_odds(profile) or 0.0) + 0.3


def test_what_is_not_comparable_is_not_judged() -> None:
    roses = seen(187, 217, 0.76, 4.9, 3.0)
    assert false_face_odds(msgspec.structs.replace(roses, engine="buffalo_l")) is None
    assert not is_false_face(msgspec.structs.replace(roses, engine="buffalo_l"), SETTINGS)
    assert not is_false_face(msgspec.structs.replace(roses, clarity=None), SETTINGS)
    assert not is_false_face(msgspec.structs.replace(roses, frames=3), SETTINGS), "films were not looked at"


def test_the_limit_is_a_setting() -> None:
    roses = seen(187, 217, 0.76, 4.9, 3.0)
    assert not is_false_face(roses, SETTINGS.changed(false_face=40.0))


def test_a_face_that_is_hardly_seen_founds_nobody() -> None:
    plain, hardly = (a_face(clarity=clarity, figures=FaceFigures(sharpness=2.0)) for clarity in (12.0, 6.0))
    assert is_solid(plain, SETTINGS)
    assert not is_solid(hardly, SETTINGS)


def at_the_limits(**facts: Any) -> Face:
    """A face that is just good enough to found a person, but for what is named."""
    mesh = MeshFigures(1.0, facts.pop("yaw", 0.0), 0.0, 0.0, some_expressions())
    figures = FaceFigures(sharpness=facts.pop("sharpness", SETTINGS.people.solid_sharpness))
    size = float(facts.pop("size", SETTINGS.people.solid_face))
    usual = {"detection": 0.9, "clarity": SETTINGS.people.solid_photo_clarity, "figures": figures, "mesh": mesh}
    return a_face("f", (0.0, 0.0, size, 1.3 * size), **(usual | facts))


@pytest.mark.parametrize(
    ("facts", "solid"),
    [
        ({}, True),
        ({"size": SETTINGS.people.solid_face - 0.1}, False),
        ({"sharpness": SETTINGS.people.solid_sharpness - 0.01}, False),
        ({"sharpness": None}, True),
        ({"figures": None}, True),
        ({"clarity": SETTINGS.people.solid_photo_clarity - 0.01}, False),
        ({"clarity": None}, True),
        ({"detection": 0.75, "clarity": 30.0}, True),
        ({"detection": 0.74, "clarity": 30.0}, False),
        ({"yaw": SETTINGS.people.solid_turn}, True),
        ({"yaw": -SETTINGS.people.solid_turn}, True),
        ({"yaw": SETTINGS.people.solid_turn + 0.1}, False),
        ({"yaw": -SETTINGS.people.solid_turn - 0.1}, False),
        ({"mesh": None}, True),
    ],
)
def test_what_a_person_is_founded_on_is_good_enough_up_to_each_limit(facts: dict[str, Any], solid: bool) -> None:
    assert is_solid(at_the_limits(**facts), SETTINGS) is solid


@pytest.mark.parametrize(
    ("facts", "solid"),
    [
        ({"frames": 1, "clarity": 30.0}, False),
        ({"frames": 2, "clarity": SETTINGS.people.solid_clarity}, True),
        ({"frames": 2, "clarity": SETTINGS.people.solid_clarity - 0.01}, False),
        ({"frames": 2, "clarity": SETTINGS.people.solid_clarity, "yaw": 80.0}, True),
        ({"frames": 2, "clarity": None}, True),
        ({"frames": 2, "clarity": None, "yaw": 80.0}, False),
    ],
)
def test_of_a_face_in_a_film_the_mean_over_its_frames_decides(facts: dict[str, Any], solid: bool) -> None:
    assert is_solid(at_the_limits(**facts), SETTINGS) is solid


def test_a_detector_that_is_sure_is_believed() -> None:
    roses = seen(187, 217, 0.76, 4.9, 3.0)
    assert is_false_face(msgspec.structs.replace(roses, detection=0.76), SETTINGS)
    lenient = SETTINGS.changed(false_face=-40.0)
    assert is_false_face(msgspec.structs.replace(roses, detection=0.849), lenient)
    assert not is_false_face(msgspec.structs.replace(roses, detection=0.85), lenient)


def test_the_limit_itself_is_a_face() -> None:
    roses = seen(187, 217, 0.76, 4.9, 3.0)
    odds = false_face_odds(roses) or 0.0
    assert not is_false_face(roses, SETTINGS.changed(false_face=odds))
    assert is_false_face(roses, SETTINGS.changed(false_face=odds - 0.001))


def test_the_traits_of_a_face_in_numbers() -> None:
    """The nose is 20 px beside the line from between the eyes to the mouth, of a face 100 px high."""
    points: FivePoints = ((20.0, 30.0), (60.0, 30.0), (60.0, 50.0), (25.0, 80.0), (55.0, 80.0))
    face = Face.of("f", (0.0, 0.0, 80.0, 100.0), points, 0.8, clarity=7.0, figures=FaceFigures(sharpness=1.5))
    assert false_face_traits(face) == {
        "certainty": pytest.approx(log(4)),
        "clarity": 7.0,
        "nose_aside": pytest.approx(0.2),
        "width": 0.8,
        "size": pytest.approx(log2(80)),
        "sharpness": 1.5,
    }
    tilted: Any = [(x - 0.5 * y, y + 0.5 * x) for x, y in points]
    turned = Face.of("f", face.box, tilted, 0.8, clarity=7.0)
    assert (false_face_traits(turned) or {})["nose_aside"] == pytest.approx(0.2 * 1.25**0.5)


def test_traits_of_a_face_of_which_little_is_known() -> None:
    tiny = Face.of("f", (0.0, 0.0, 4.0, 0.5), FRONTAL, 1.0, clarity=7.0)
    found = false_face_traits(tiny) or {}
    assert (found["size"], found["width"], found["sharpness"]) == (3.0, 4.0, 2.0)
    assert found["certainty"] == pytest.approx(log(9999))
    assert (false_face_traits(msgspec.structs.replace(tiny, detection=0.0)) or {})["certainty"] == pytest.approx(
        -log(9999)
    )


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"detection": 0.8}, {"detection": 0.7}),
        ({"clarity": 9.0}, {"clarity": 5.0}),
        ({"width": 80}, {"width": 90}),
        ({"width": 80, "height": 100}, {"width": 160, "height": 200}),
        ({"sharpness": 1.0}, {"sharpness": 3.0}),
    ],
)
def test_what_makes_a_false_face_likelier(less: dict[str, float], more: dict[str, float]) -> None:
    usual = {"width": 80, "height": 100, "detection": 0.75, "clarity": 6.0, "sharpness": 2.0}
    plain, odd = (false_face_odds(seen(**(usual | facts))) or 0.0 for facts in (less, more))  # type: ignore[arg-type]
    assert odd > plain
