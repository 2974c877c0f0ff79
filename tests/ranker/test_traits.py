from __future__ import annotations

import numpy as np
import pytest

from builders import some_expressions
from photo_ranker.core.codec import encode_array
from photo_ranker.ranker.expression import expression_traits
from photo_ranker.ranker.traits import TRAITS, trait_of
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
