from __future__ import annotations

import pytest

from builders import a_face, a_record
from photo_ranker.ranker import photo_signals
from photo_ranker.records import PictureFigures
from photo_ranker.settings import Settings

SETTINGS = Settings()


def composition(*boxes: tuple[float, float, float, float]) -> float | None:
    """Of a photo of 4000 x 3000 pixels with faces in these boxes."""
    faces = [a_face(f"f{number}", box) for number, box in enumerate(boxes)]
    return photo_signals(a_record(*faces), SETTINGS).composition


def test_of_a_photo_that_was_not_measured_only_its_size_is_known() -> None:
    signals = photo_signals(a_record(), SETTINGS)
    assert (signals.sharpness, signals.exposure, signals.composition) == (None, None, None)
    assert signals.resolution == 1.0


@pytest.mark.parametrize(("width", "height", "resolution"), [(4000, 3000, 1), (2000, 2000, 0.5), (200, 100, 0.0025)])
def test_resolution_is_that_of_a_large_print(width: int, height: int, resolution: float) -> None:
    from msgspec.structs import replace

    record = replace(a_record(), width=width, height=height)
    assert photo_signals(record, SETTINGS).resolution == pytest.approx(resolution)


def test_an_unreadable_photo_has_no_signals() -> None:
    from msgspec.structs import replace

    signals = photo_signals(replace(a_record(), width=0, height=0, unreadable="broken"), SETTINGS)
    assert [getattr(signals, name) for name in signals.__struct_fields__] == [None] * 4


def test_figures_become_signals() -> None:
    good = PictureFigures(sharpness=2.4, brightness=0.5, bright_end=0.85, phash="0" * 16)
    dark = PictureFigures(sharpness=0.3, brightness=0.1, bright_end=0.35, phash="0" * 16)
    better, worse = (photo_signals(a_record(picture=figures), SETTINGS) for figures in (good, dark))
    assert (better.sharpness or 0) > 0.8
    assert (worse.sharpness or 1) < 0.1
    assert better.exposure == 1.0
    assert (worse.exposure or 0) < 0.2


def test_no_face_no_composition() -> None:
    assert composition() is None
    assert composition((100, 100, 10, 10)) is None  # smaller than group_min_face


def test_eyes_at_the_upper_third_near_the_middle_are_well_placed() -> None:
    well = composition((1700, 680, 600, 800))
    assert well is not None
    assert well > 0.95
    low, aside, without_room = (
        composition(box) for box in ((1700, 2100, 600, 800), (0, 680, 600, 800), (1700, 0, 600, 800))
    )
    for worse in (low, aside, without_room):
        assert worse is not None
        assert worse < well - 0.1


def test_people_in_the_background_do_not_count() -> None:
    alone = composition((1700, 680, 600, 800))
    assert composition((1700, 680, 600, 800), (50, 2500, 120, 150)) == alone


WELL = (1700.0, 680.0, 600.0, 800.0)
"""Its middle is in the middle of the picture, the eyes are a third from above, with room above the hair."""


@pytest.mark.parametrize(
    ("box", "parts"),
    [
        (WELL, (1, 1, 1)),
        ((4000 / 3 - 300, *WELL[1:]), (1, 1, 1)),
        ((8000 / 3 - 300, *WELL[1:]), (1, 1, 1)),
        ((4000 / 3 - 300 - 340, *WELL[1:]), (0.5, 1, 1)),  # 0.085 of the width beside a third
        ((8000 / 3 - 300 + 340, *WELL[1:]), (0.5, 1, 1)),
        ((1700 - 170, *WELL[1:]), (0.75, 1, 1)),
        ((1700, 680 + 600, 600, 800), (1, 0.5, 1)),  # the eyes 0.2 of the height too low
        ((1700, 680 + 1200, 600, 800), (1, 0, 1)),
        ((1700, 150, 600, 720), (1, 1 - (1000 - 438) / 1200, 7 / 12)),  # the hair is cut off, by 0.03 of the height
    ],
)
def test_composition_is_the_mean_of_place_eyes_and_room(
    box: tuple[float, float, float, float], parts: tuple[float, float, float]
) -> None:
    across, down, room = parts
    assert composition(box) == pytest.approx((across + down + room) / 3, abs=1e-3)


def test_several_people_are_composed_by_their_middle_and_the_highest_head() -> None:
    left, right = (1200.0, *WELL[1:]), (2200.0, *WELL[1:])
    assert composition(left, right) == pytest.approx(1.0), "neither is in the middle, both together are"
    raised = (2200.0, 80.0, 600.0, 800.0)
    assert composition(left, raised) == pytest.approx((1 + 0.75 + (0.1 - 560 / 9000) / 0.12) / 3, abs=1e-3)


def test_who_is_half_as_large_belongs_to_the_composition() -> None:
    half, less = (3000.0, 2000.0, 300.0, 400.0), (3000.0, 2000.0, 299.0, 400.0)
    assert composition(WELL, half) != composition(WELL)
    assert composition(WELL, less) == composition(WELL)


def test_the_smallest_face_that_counts() -> None:
    assert composition((100, 100, 24, 30)) is not None
    assert composition((100, 100, 23.9, 30)) is None


@pytest.mark.parametrize(
    ("figures", "exposure"),
    [
        ({}, 1.0),
        ({"bright_end": 0.5}, 0.5),
        ({"brightness": 0.85}, 0.5),
        ({"white": 0.16}, 0.5),
        ({"black": 0.35}, 0.5),
        ({"black": 0.35, "white": 0.23}, 0.25),
    ],
)
def test_the_worst_of_the_light_counts(figures: dict[str, float], exposure: float) -> None:
    usual = {"sharpness": 2.0, "brightness": 0.5, "bright_end": 0.8, "white": 0.0, "black": 0.0}
    picture = PictureFigures(phash="0" * 16, **(usual | figures))
    assert photo_signals(a_record(picture=picture), SETTINGS).exposure == pytest.approx(exposure)
