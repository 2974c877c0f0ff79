from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from looks import Look, engine, looks
from photo_ranker.quality import eyewear
from photo_ranker.quality.sharpness import chip_of
from pictures import picture

Pixels = NDArray[np.uint8]
_SOCKETS = (
    (46, 53, 52, 65, 55, 193, 245, 231, 230, 229, 228, 31, 226),
    (276, 283, 282, 295, 285, 417, 465, 451, 450, 449, 448, 261, 446),
)
"""Points of the mesh around each eye, from the brow to below the lid."""


def in_glasses(pixels: Pixels, look: Look, darkness: float) -> Pixels:
    """Lenses of this darkness (0 = clear) drawn over both eyes."""
    mesh = engine().mesher.measure(pixels, [look.found])[0]
    assert mesh is not None
    lenses = np.zeros(pixels.shape[:2], np.float32)
    for socket in _SOCKETS:
        outline = mesh.points[list(socket), :2]
        wide = outline.mean(axis=0) + (outline - outline.mean(axis=0)) * 1.25
        cv2.fillPoly(lenses, [np.round(wide).astype(np.int32)], darkness)
    return (pixels * (1 - lenses[..., None])).astype(np.uint8)


def odds(look: Look) -> float:
    assert look.face.figures is not None
    assert look.face.figures.dark_glasses is not None
    return look.face.figures.dark_glasses


@pytest.mark.parametrize("name", ["astronaut.png", "t1.jpg"])
def test_eyes_behind_dark_glasses_are_unknown(name: str) -> None:
    pixels = picture(name)
    bare = looks(pixels)
    for number, look in enumerate(bare):
        worn = looks(in_glasses(pixels, look, 0.85))
        assert len(worn) == len(bare)
        assert worn[number].signals.eyes_open is None
        assert worn[number].signals.looking is None
        assert odds(worn[number]) > odds(look) + 2


def test_eyes_behind_clear_glasses_are_known() -> None:
    pixels = picture("astronaut.png")
    (worn,) = looks(in_glasses(pixels, looks(pixels)[0], 0.12))
    assert (worn.signals.eyes_open or 0) > 0.75


def test_bare_eyes_are_plainly_bare() -> None:
    assert all(odds(look) < -1.5 for look in [*looks(picture("t1.jpg")), *looks(picture("astronaut.png"))])


@pytest.mark.parametrize("light", [0.4, 0.7, 1.3])
def test_dim_and_bright_light_are_no_glasses(light: float) -> None:
    lit = np.clip(picture("t1.jpg") * light, 0, 255).astype(np.uint8)
    assert all(odds(look) < 0 for look in looks(lit))


def test_a_mirrored_face_is_judged_alike() -> None:
    strip = np.random.default_rng(0).uniform(0, 255, eyewear.STRIP).astype(np.float32)
    assert eyewear.odds_of(strip) == pytest.approx(eyewear.odds_of(strip[:, ::-1]), abs=1e-5)


def test_the_strip_holds_the_eyes_level_and_in_their_place() -> None:
    (look,) = looks(picture("astronaut.png"))
    mesh = engine().mesher.measure(picture("astronaut.png"), [look.found])[0]
    chip = chip_of(picture("astronaut.png"), look.found)
    assert mesh is not None
    assert chip is not None
    strip = eyewear.eye_strip(chip, mesh.points)
    assert strip.shape == eyewear.STRIP
    iris, bridge, other_iris = (float(strip[12:18, left : left + 4].mean()) for left in (12, 22, 33))
    assert bridge > max(iris, other_iris) + 20


@pytest.mark.parametrize("grey", [0.0, 128.0, 255.0])
def test_a_strip_without_any_pattern_is_judged_too(grey: float) -> None:
    flat = np.full(eyewear.STRIP, grey, np.float32)
    assert np.isfinite(eyewear.judge(eyewear.planes_of(flat)[None])).all()
