"""Who smiles, whose eyes are open, who looks into the camera: as one sees it in the sample photos."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from looks import Look, engine, looks
from pictures import picture, scaled

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def six() -> list[Look]:
    """The six people of the television still, from left to right."""
    return looks(picture("t1.jpg"))


@pytest.fixture(scope="module")
def astronaut() -> Look:
    (look,) = looks(picture("astronaut.png"))
    return look


def test_who_smiles(six: list[Look], astronaut: Look) -> None:
    smiles = [look.signals.smile or 0.0 for look in six]
    assert [smile > 0.5 for smile in smiles] == [False, False, True, True, False, True]
    assert min(smiles[2], smiles[3], smiles[5]) > 0.8
    assert max(smiles[0], smiles[1], smiles[4]) < 0.2
    assert (astronaut.signals.smile or 0) > 0.9


def test_whose_eyes_are_open(six: list[Look], astronaut: Look) -> None:
    """The first looks down into her cards, the fifth is in profile, the fourth laughs with narrow eyes."""
    eyes = [look.signals.eyes_open for look in six]
    assert eyes[4] is None
    assert (eyes[1] or 0) > 0.75
    assert (eyes[2] or 0) > 0.75
    assert (eyes[3] or 0) > 0.5
    assert eyes[0] == min(value for value in eyes if value is not None)
    assert (astronaut.signals.eyes_open or 0) > 0.9


def test_who_looks_into_the_camera(six: list[Look], astronaut: Look) -> None:
    assert (six[2].signals.looking or 0.0) < 0.4  # his eyes follow what happens to his right
    assert astronaut.signals.looking == 1.0


def test_painted_lids_are_less_open_eyes(astronaut: Look) -> None:
    pixels = picture("astronaut.png").copy()
    mesh = engine().mesher.measure(pixels, [astronaut.found])[0]
    assert mesh is not None
    for eye, lid in (
        ((33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7), 27),
        ((263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249), 257),
    ):
        outline = np.round(mesh.points[list(eye), :2]).astype(np.int32)
        x, y = np.round(mesh.points[lid, :2]).astype(int)
        cv2.fillPoly(pixels, [outline], pixels[y, x].tolist())
        cv2.polylines(pixels, [outline[8:]], isClosed=False, color=(60, 40, 35), thickness=1)
    (closed,) = looks(cast("Pixels", cv2.GaussianBlur(pixels, (3, 3), 0)))
    assert (closed.signals.eyes_open or 0.0) < (astronaut.signals.eyes_open or 0.0) - 0.2


def test_a_mirror_changes_no_signal_but_the_side(six: list[Look]) -> None:
    mirrored = looks(np.ascontiguousarray(picture("t1.jpg")[:, ::-1]))[::-1]
    for one, other in zip(six, mirrored, strict=True):
        assert other.signals.smile == pytest.approx(one.signals.smile, abs=0.2)
        assert other.signals.sharpness == pytest.approx(one.signals.sharpness, abs=0.05)
        assert other.signals.exposure == pytest.approx(one.signals.exposure, abs=0.1)


def test_eyes_of_a_tiny_face_are_unknown() -> None:
    tiny = looks(scaled(picture("t1.jpg"), 0.2))
    assert tiny
    assert all(look.signals.eyes_open is None for look in tiny)
    assert all(look.signals.size is not None and look.signals.size < 0.35 for look in tiny)


def test_eyes_of_a_blurred_face_are_unknown() -> None:
    (look,) = looks(cast("Pixels", cv2.GaussianBlur(picture("astronaut.png"), (0, 0), 5)))
    assert look.signals.eyes_open is None
    assert (look.signals.sharpness or 1.0) < 0.2


def test_a_face_behind_a_drawn_mask_is_less_visible(astronaut: Look) -> None:
    pixels = picture("astronaut.png").copy()
    mesh = engine().mesher.measure(pixels, [astronaut.found])[0]
    assert mesh is not None
    cover = [234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 5]
    cv2.fillPoly(pixels, [np.round(mesh.points[cover, :2]).astype(np.int32)], (150, 190, 220))
    (masked,) = looks(pixels)
    assert astronaut.signals.visible == 1
    assert (masked.signals.visible or 0.0) < 0.5
