"""A person's usual face, and how far a photo is from it."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from builders import a_face, a_ranked_photo, some_signals
from photo_ranker.core.codec import encode_array
from photo_ranker.ranker import RankedPhoto
from photo_ranker.ranker.expression import eyes_open_score
from photo_ranker.ranker.norm import Norm, norm_of, unusual
from photo_ranker.records import MeshFigures

JAW, BLINK = 25, [9, 10]


def mesh(jaw: float = 0.0, blink: float = 0.0) -> MeshFigures:
    values = np.zeros(52, np.float32)
    values[JAW], values[BLINK] = jaw, blink
    return MeshFigures(1.0, 0.0, 0.0, 0.0, encode_array(values))


def shown(jaw: float = 0.0, blink: float = 0.0) -> RankedPhoto:
    return a_ranked_photo(face=a_face(mesh=mesh(jaw, blink)))


def without(item: RankedPhoto, signal: str) -> RankedPhoto:
    return msgspec.structs.replace(item, signals=some_signals(**{signal: None}))


def test_the_norm_is_the_middle_of_what_is_seen() -> None:
    norm = norm_of([shown(jaw) for jaw in (0.0, 0.25, 0.25, 0.25, 1.0)])
    assert norm.mouth == 0.25
    assert norm.eyes == pytest.approx(eyes_open_score(mesh()))


def test_four_photos_tell_what_is_usual_and_three_do_not() -> None:
    assert norm_of([shown(0.5)] * 3) == Norm(None, None)
    assert norm_of([shown(0.5)] * 4).mouth == 0.5
    hidden = without(shown(0.5), "eyes_open")
    assert norm_of([shown(0.5), hidden, hidden, hidden]).eyes is None
    assert norm_of([shown(0.5)] * 4 + [hidden]).eyes is not None


def test_what_is_not_trusted_is_not_looked_at() -> None:
    untrusted = without(shown(1.0), "expression")
    assert norm_of([shown(0.25)] * 4 + [untrusted] * 9).mouth == 0.25
    assert norm_of([a_ranked_photo()] * 9) == Norm(None, None)
    assert unusual(untrusted, Norm(1.0, 0.0)) == 0
    assert unusual(without(shown(blink=0.9), "eyes_open"), Norm(1.0, 0.0)) == 0


def test_of_many_photos_an_even_sample_is_taken() -> None:
    """Every second of 400 shows the mouth open: a sample of each second photo sees nothing else."""
    assert norm_of([shown(0.5), shown(0.0)] * 200).mouth == 0.5
    few = norm_of([shown(0.5), shown(0.0), shown(0.0)] * 30)
    assert few.mouth == 0, "of few photos all count"


def test_narrower_eyes_and_a_wider_mouth_add_up_and_the_opposite_is_no_merit() -> None:
    open_eyes, narrow = eyes_open_score(mesh()), eyes_open_score(mesh(blink=0.5))
    usual = Norm(open_eyes, 0.25)
    assert unusual(shown(0.25), usual) == 0
    assert unusual(shown(0.75), usual) == 0.5
    assert unusual(shown(0.75, blink=0.5), usual) == pytest.approx(0.5 + open_eyes - narrow)
    assert unusual(shown(0.0), Norm(narrow, 0.25)) == 0, "wide eyes and a shut mouth"
    assert unusual(shown(0.75, blink=0.5), Norm(None, None)) == 0
    assert unusual(shown(0.75), Norm(None, 0.25)) == 0.5
    assert unusual(shown(0.75, blink=0.5), Norm(open_eyes, None)) == pytest.approx(open_eyes - narrow)
