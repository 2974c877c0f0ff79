from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from looks import Look, looks
from photo_ranker.quality.sharpness import light_of, light_of_counts, side_light
from photo_ranker.records import FaceFigures
from pictures import picture

Pixels = NDArray[np.uint8]
ONES = np.ones((40, 40), np.float32)


def a_half(left: float, right: float) -> NDArray[np.float32]:
    grey = np.full((40, 40), left, np.float32)
    grey[:, 20:] = right
    return grey


def figures(look: Look) -> FaceFigures:
    assert look.face.figures is not None
    return look.face.figures


def exposure(pixels: Pixels) -> float:
    (look,) = looks(pixels)
    assert look.signals.exposure is not None
    return look.signals.exposure


def test_figures_of_two_greys() -> None:
    light = light_of(a_half(51, 204), ONES)
    assert light.middle == pytest.approx(0.5)
    assert light.bright_end == pytest.approx(0.8)
    assert light.black == light.white == 0


def test_light_by_counting_is_the_same() -> None:
    grey = a_half(2, 255)
    assert light_of_counts(np.bincount(grey.astype(np.uint8).ravel(), minlength=256)) == light_of(grey, ONES)


def test_what_is_clipped_is_counted() -> None:
    light = light_of(a_half(2, 255), ONES)
    assert (light.black, light.white) == (0.5, 0.5)


def test_light_from_the_side_is_in_octaves_and_has_no_sign() -> None:
    ones = ONES
    assert side_light(a_half(100, 100), ones) == 0
    assert side_light(a_half(96, 196), ones) == side_light(a_half(196, 96), ones) == pytest.approx(1)


def test_real_faces_are_well_lit() -> None:
    for look in looks(picture("t1.jpg")):
        assert (look.signals.exposure or 0) > 0.75
        assert 0.6 < figures(look).brightness < 0.85
        assert figures(look).white < 0.02


def test_darker_and_brighter_is_worse() -> None:
    astronaut = picture("astronaut.png")
    as_is = exposure(astronaut)
    dark, darker = (exposure((astronaut * part).astype(np.uint8)) for part in (0.5, 0.3))
    bright, brighter = (exposure(np.clip(astronaut * part, 0, 255).astype(np.uint8)) for part in (1.25, 1.7))
    assert as_is > 0.9
    assert as_is > dark > darker
    assert as_is > bright > brighter
    assert darker < 0.25
    assert brighter < 0.25


def test_a_shadow_over_half_the_face_is_seen() -> None:
    astronaut = picture("astronaut.png").copy()
    (lit,) = looks(astronaut)
    middle = round(lit.found.box[0] + lit.found.box[2] / 2)
    astronaut[:, middle:] = (astronaut[:, middle:] * 0.4).astype(np.uint8)
    (shaded,) = looks(astronaut)
    assert figures(shaded).side_light > figures(lit).side_light + 0.5
