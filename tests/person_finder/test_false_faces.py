"""What was measured of real things and real faces, in numbers, tells them apart."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from builders import a_face
from photo_ranker.person_finder.false_faces import false_face_odds, is_false_face, is_solid
from photo_ranker.records import Face, FaceFigures, FivePoints
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
