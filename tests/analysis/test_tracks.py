from __future__ import annotations

from typing import Any

import numpy as np

from builders import a_face
from photo_ranker.analysis.video import appearances, follow
from photo_ranker.core.codec import Floats, decode_unit_rows, encode_array
from photo_ranker.records import Box, Face, MeshFigures

ANNA, BEN = np.eye(2, 8, dtype=np.float32)
LEFT: Box = (10, 10, 100, 120)
RIGHT: Box = (400, 10, 100, 120)


def face(look: Floats, box: Box = LEFT, **facts: Any) -> Face:
    return a_face(box=box, embedding=encode_array(look), **({"clarity": 12.0} | facts))


def mesh(blink: float) -> MeshFigures:
    values = np.zeros(52, np.float32)
    values[9:11] = blink
    return MeshFigures(1.0, 0.0, 0.0, 0.0, encode_array(values))


def test_a_person_counts_once_and_two_people_twice() -> None:
    frames = [(0.4 * at, 0, (face(ANNA), face(BEN, RIGHT))) for at in range(6)]
    found = appearances(follow(frames))
    assert [each.frames for each in found] == [6, 6]
    rows = decode_unit_rows([each.embedding or b"" for each in found])
    assert np.allclose(rows, [ANNA, BEN], atol=1e-3)


def test_who_comes_back_after_a_cut_is_the_same() -> None:
    frames = [(0.0, 0, (face(ANNA),)), (0.4, 0, (face(ANNA),)), (1.0, 1, (face(BEN),)), (1.4, 1, (face(BEN),))]
    frames += [(20.0, 2, (face(ANNA, RIGHT),)), (20.4, 2, (face(ANNA, RIGHT),))]
    assert sorted(each.frames or 0 for each in appearances(follow(frames))) == [2, 4]


def test_two_faces_of_one_frame_are_two_people_even_when_they_look_alike() -> None:
    frames = [(0.4 * at, 0, (face(ANNA), face(ANNA, RIGHT))) for at in range(4)]
    assert len(appearances(follow(frames))) == 2


def test_blurred_faces_far_apart_are_not_taken_for_one() -> None:
    frames = [(at, at, (face(ANNA, clarity=6.0),)) for at in range(0, 40, 10)]
    assert len(appearances(follow([(float(at), scene, faces) for at, scene, faces in frames]))) == 4


def test_another_face_in_the_same_place_is_another_person() -> None:
    frames = [(0.0, 0, (face(ANNA),)), (0.4, 0, (face(BEN),))]
    assert len(follow(frames)) == 2


def test_the_best_moment_has_open_eyes() -> None:
    frames = [(0.4 * at, 0, (face(ANNA, mesh=mesh(blink)),)) for at, blink in enumerate((0.9, 0.8, 0.05, 0.9))]
    (best,) = appearances(follow(frames))
    assert best.at_seconds == 0.8


def test_frames_without_faces_are_nothing() -> None:
    assert appearances(follow([(0.0, 0, ()), (0.4, 0, ())])) == []
