from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from looks import Look, looks
from photo_ranker.records import MeshFigures
from pictures import picture

Pixels = NDArray[np.uint8]


def turned(pixels: Pixels, degrees: float) -> Pixels:
    """Clockwise, around the middle, on a black ground."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return cast("Pixels", cv2.warpAffine(pixels, matrix, (width, height)))


def mesh(look: Look) -> MeshFigures:
    assert look.face.mesh is not None
    return look.face.mesh


def test_six_people_look_where_they_look() -> None:
    """By eye, from left to right: into the camera, left, ahead with head low, left, far left, left."""
    yaws = [mesh(look).yaw for look in looks(picture("t1.jpg"))]
    assert yaws == pytest.approx([4, -32, -5, -24, -50, -20], abs=6)


def test_a_head_on_a_shoulder_is_rolled() -> None:
    rolls = [mesh(look).roll for look in looks(picture("t1.jpg"))]
    assert rolls == pytest.approx([-27, -30, 14, 4, -9, -3], abs=5)


def test_the_astronaut_looks_into_the_camera() -> None:
    (look,) = looks(picture("astronaut.png"))
    assert abs(mesh(look).yaw) < 4
    assert abs(mesh(look).pitch) < 6
    assert look.signals.facing == 1.0


def test_in_a_mirror_left_is_right() -> None:
    as_is = looks(picture("t1.jpg"))
    mirrored = looks(np.ascontiguousarray(picture("t1.jpg")[:, ::-1]))[::-1]
    for one, other in zip(as_is, mirrored, strict=True):
        assert mesh(other).yaw == pytest.approx(-mesh(one).yaw, abs=6)
        assert mesh(other).roll == pytest.approx(-mesh(one).roll, abs=4)
        assert mesh(other).pitch == pytest.approx(mesh(one).pitch, abs=8)


@pytest.mark.parametrize("degrees", [-35, -15, 15, 35])
def test_roll_follows_the_picture(degrees: float) -> None:
    astronaut = picture("astronaut.png")
    (straight,), (tilted,) = looks(astronaut), looks(turned(astronaut, degrees))
    assert mesh(tilted).roll == pytest.approx(mesh(straight).roll + degrees, abs=4)
    assert abs(mesh(tilted).yaw) < 8


def test_who_is_turned_away_faces_the_camera_least() -> None:
    facing = [look.signals.facing or 0.0 for look in looks(picture("t1.jpg"))]
    assert facing[0] == facing[2] == 1.0
    assert min(facing) == facing[4] < 0.3
