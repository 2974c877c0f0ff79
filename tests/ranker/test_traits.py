from __future__ import annotations

import numpy as np
import pytest

from builders import a_face, some_expressions
from photo_ranker.core.codec import encode_array
from photo_ranker.ranker.expression import expression_traits, smile_score
from photo_ranker.ranker.traits import TRAITS, are_together, has_company, trait_of
from photo_ranker.records import MeshFigures

JAW, SMILE, DOWN = 25, (44, 45), (11, 12)


def face(**more: float) -> MeshFigures:
    """A face at rest but for the jaw, the smile, or where it looks."""
    values = np.zeros(52, np.float32)
    values[JAW] = more.get("jaw", 0.0)
    values[list(SMILE)] = more.get("smile", 0.0)
    values[list(DOWN)] = more.get("down", 0.0)
    smiles = more.get("smile", 0.0) > 0.5
    shape = {"mouth_lift": 0.08, "mouth_cheek": 0.3, "mouth_chin": 0.55} if smiles else {}
    return MeshFigures(1.0, 0.0, 0.0, 0.0, encode_array(values), **shape)


@pytest.mark.parametrize(
    ("mesh", "words"),
    [
        (face(smile=0.9), "warm smile"),
        (face(smile=0.9, jaw=0.3), "laughing"),
        (face(jaw=0.2), "caught mid-word"),
        (face(jaw=0.7), "mouth wide open"),
        (face(down=0.8), "looking down"),
        (face(), "calm"),
    ],
)
def test_expressions_have_names(mesh: MeshFigures, words: str) -> None:
    found = trait_of(mesh)
    assert found is not None
    assert found.words == words


def test_traits_name_figures_that_there_are() -> None:
    known = expression_traits(MeshFigures(1.0, 0.0, 0.0, 0.0, some_expressions()))
    for item in TRAITS:
        assert set(item.limits) <= {*known, "smile", "eyes"}
        assert all(least < most for least, most in item.limits.values())


SQUEEZE: dict[str, int | list[int]] = {
    "jaw": JAW,
    "funnel": 32,
    "lower": [34, 35],
    "brow": [1, 2],
    "down": [11, 12],
    "blink": [9, 10],
}


def smiling(score: float, **more: float) -> MeshFigures:
    """A face whose smile is worth this, and that does more besides."""
    values = np.zeros(52, np.float32)
    for name, value in more.items():
        values[SQUEEZE[name]] = value
    low, high = 0.0, 1.0
    while high - low > 1e-3:
        values[list(SMILE)] = middle = (low + high) / 2
        mesh = MeshFigures(1.0, 0.0, 0.0, 0.0, encode_array(values), mouth_cheek=0.35)
        low, high = (middle, high) if smile_score(mesh) < score else (low, middle)
    return mesh


@pytest.mark.parametrize(
    ("mesh", "words"),
    [
        (smiling(0.81, jaw=0.13), "laughing"),
        (smiling(0.79, jaw=0.13), "warm smile"),
        (smiling(0.81, jaw=0.11), "warm smile"),
        (smiling(0.81, jaw=0.59), "laughing"),
        (smiling(0.81, jaw=0.61), "warm smile"),
        (smiling(0.76), "warm smile"),
        (smiling(0.74), "gentle smile"),
        (smiling(0.42, jaw=0.075), "gentle smile"),
        (smiling(0.6, jaw=0.085), None),
        (smiling(0.6, lower=0.24), "gentle smile"),
        (smiling(0.6, lower=0.26), None),
        (smiling(0.38), "calm"),
        (smiling(0.38, jaw=0.019), "calm"),
        (smiling(0.38, jaw=0.021), None),
        (smiling(0.38, lower=0.075), "calm"),
        (smiling(0.38, lower=0.085), None),
        (smiling(0.38, brow=0.29), "calm"),
        (smiling(0.38, brow=0.31), None),
        (smiling(0.48, jaw=0.51), "mouth wide open"),
        (smiling(0.48, jaw=0.49), "caught mid-word"),
        (smiling(0.52, jaw=0.51), None),
        (smiling(0.48, jaw=0.085), "caught mid-word"),
        (smiling(0.52, jaw=0.1), None),
        (smiling(0.48, funnel=0.13), "caught mid-word"),
        (smiling(0.48, funnel=0.11), "gentle smile"),
        (smiling(0.52, funnel=0.13), "gentle smile"),
        (smiling(0.28, brow=0.61), "frowning"),
        (smiling(0.28, brow=0.59), None),
        (smiling(0.32, brow=0.61), None),
        (smiling(0.28, lower=0.31, brow=0.21), "grimacing"),
        (smiling(0.28, lower=0.29, brow=0.21), None),
        (smiling(0.28, lower=0.31, brow=0.19), None),
        (smiling(0.32, lower=0.31, brow=0.21), None),
        (smiling(0.48, down=0.51), "looking down"),
        (smiling(0.38, down=0.49), "calm"),
        (smiling(0.52, down=0.51), "gentle smile"),
        (smiling(0.38, down=0.51, blink=0.9), "calm"),
    ],
)
def test_each_name_has_its_limits(mesh: MeshFigures, words: str | None) -> None:
    found = trait_of(mesh)
    assert (None if found is None else found.words) == words


def test_only_smiles_and_calm_speak_for_a_photo() -> None:
    assert {item.words for item in TRAITS if item.side == "for"} == {"laughing", "warm smile", "gentle smile", "calm"}


def beside(
    apart: float, yaws: tuple[float | None, float | None], heights: tuple[float, float] = (100.0, 100.0)
) -> bool:
    """Whether two faces are together whose middles are this far from each other, in heights of a face."""
    meshes = [None if yaw is None else MeshFigures(1.0, yaw, 0.0, 0.0, some_expressions()) for yaw in yaws]
    left, right = (
        a_face(
            f"f{place}", (500.0 + place * apart * sum(heights) / 2 - 40.0, 300.0 - height / 2, 80.0, height), mesh=mesh
        )
        for place, (height, mesh) in enumerate(zip(heights, meshes, strict=True))
    )
    found = {are_together(left, right), are_together(right, left), has_company(left, [right])}
    assert len(found) == 1, "whoever is asked"
    return found.pop()


@pytest.mark.parametrize(
    ("apart", "yaws", "together"),
    [
        (0.94, (25.0, 0.0), True),
        (0.94, (0.0, -25.0), True),
        (0.94, (24.0, -24.0), False),
        (0.96, (25.0, 0.0), False),
        (0.96, (25.0, -25.0), True),
        (1.99, (25.0, -25.0), True),
        (2.0, (25.0, -25.0), False),
        (1.99, (25.0, -24.0), False),
        (0.94, (-40.0, 40.0), False),
        (0.94, (None, -40.0), False),
        (0.94, (40.0, None), False),
    ],
)
def test_the_limits_of_being_together(apart: float, yaws: tuple[float, float], together: bool) -> None:
    assert beside(apart, yaws) is together


def test_faces_at_different_distances_are_not_together() -> None:
    assert beside(0.5, (40.0, -40.0), (60.0, 100.0))
    assert beside(0.5, (40.0, -40.0), (100.0, 60.0))
    assert not beside(0.5, (40.0, -40.0), (59.0, 100.0))


def test_what_is_apart_are_the_middles_of_the_faces() -> None:
    """A wide box and a narrow one: their left sides are 2.1 heights from each other, their middles 1.9."""
    towards, away = (MeshFigures(1.0, yaw, 0.0, 0.0, some_expressions()) for yaw in (30.0, -30.0))
    wide = a_face("f1", (500.0, 300.0, 120.0, 100.0), mesh=towards)
    assert are_together(wide, a_face("f2", (710.0, 300.0, 80.0, 100.0), mesh=away))
    assert not are_together(wide, a_face("f2", (730.0, 300.0, 80.0, 100.0), mesh=away))
    high, low = a_face("f1", (500.0, 300.0, 80.0, 120.0), mesh=towards), (580.0, 470.0, 80.0, 80.0)
    assert are_together(high, a_face("f2", low, mesh=away)), "1.7 heights lower, by the middles 1.5"
    assert not are_together(high, a_face("f2", (580.0, 520.0, 80.0, 80.0), mesh=away)), "2.0 heights lower"


def test_company_is_found_among_several() -> None:
    far, near = (
        a_face(name, (left, 300.0, 80.0, 100.0), mesh=face()) for name, left in (("f2", 3000.0), ("f3", 580.0))
    )
    person = a_face("f1", (500.0, 300.0, 80.0, 100.0), mesh=MeshFigures(1.0, 30.0, 0.0, 0.0, some_expressions()))
    assert has_company(person, [far, near])
    assert not has_company(person, [far])
    assert not has_company(person, [])
