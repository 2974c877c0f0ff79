from __future__ import annotations

import numpy as np
import pytest

from photo_ranker.core.orientation import stored_area, swaps_sides, upright_area
from photo_ranker.images import upright

AREA = (0.25, 0.5, 0.25, 0.125)
"""Of the stored picture: no two of its edges are alike."""


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_area_goes_with_its_pixels(orientation: int) -> None:
    stored = np.zeros((16, 32), np.uint8)
    stored[8:10, 8:16] = 1
    seen = upright(stored, orientation)
    height, width = seen.shape
    assert ((height, width) == (32, 16)) == swaps_sides(orientation)
    left, top, w, h = upright_area(AREA, orientation)
    wanted = np.zeros_like(seen)
    wanted[round(top * height) : round((top + h) * height), round(left * width) : round((left + w) * width)] = 1
    assert np.array_equal(seen, wanted)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_way_back_ends_where_it_began(orientation: int) -> None:
    assert stored_area(upright_area(AREA, orientation), orientation) == pytest.approx(AREA)


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_an_orientation_that_exif_does_not_know_turns_nothing(orientation: int) -> None:
    assert upright_area(AREA, orientation) == AREA
    assert not swaps_sides(orientation)
