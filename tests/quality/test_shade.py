from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from looks import Look, engine, looks
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


def shade(look: Look) -> float:
    assert look.face.figures is not None
    assert look.face.figures.eye_shade is not None
    return look.face.figures.eye_shade


@pytest.mark.parametrize("name", ["astronaut.png", "t1.jpg"])
def test_eyes_behind_dark_glasses_are_unknown(name: str) -> None:
    pixels = picture(name)
    bare = looks(pixels)
    for number, look in enumerate(bare):
        worn = looks(in_glasses(pixels, look, 0.85))
        assert len(worn) == len(bare)
        assert worn[number].signals.eyes_open is None
        assert worn[number].signals.looking is None
        assert shade(worn[number]) < shade(look) - 0.4


def test_eyes_behind_clear_glasses_are_known() -> None:
    pixels = picture("astronaut.png")
    (worn,) = looks(in_glasses(pixels, looks(pixels)[0], 0.12))
    assert (worn.signals.eyes_open or 0) > 0.75


def test_bare_skin_below_the_eyes_is_hardly_darker_than_the_cheeks() -> None:
    assert all(shade(look) > -0.4 for look in [*looks(picture("t1.jpg")), *looks(picture("astronaut.png"))])
