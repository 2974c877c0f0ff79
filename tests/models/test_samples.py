from __future__ import annotations

import pytest
from PIL import Image

from photo_ranker.models.store import SAMPLES, sample_photo


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("t1.jpg", (1280, 886)),
        ("Tom_Hanks_54745.png", (112, 112)),
        ("mask_black.jpg", (440, 231)),
        ("mask_blue.jpg", (709, 354)),
        ("mask_green.jpg", (189, 107)),
        ("mask_white.jpg", (680, 366)),
        ("astronaut.png", (512, 512)),
    ],
)
def test_every_sample_is_the_photo_that_tests_expect(name: str, size: tuple[int, int]) -> None:
    with Image.open(sample_photo(name)) as photo:
        assert photo.size == size
    assert sample_photo(name).stat().st_size == SAMPLES[name].size_bytes
