from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from builders import a_face
from photo_ranker.metadata import carry_ids
from photo_ranker.records import Face, overlap


def ids(faces: tuple[Face, ...]) -> list[str]:
    return [face.id for face in faces]


def test_a_face_found_a_little_elsewhere_keeps_its_id() -> None:
    old = [a_face("ann", (0, 0, 100, 100)), a_face("bob", (300, 0, 100, 100))]
    new = [a_face("x", (305, 5, 100, 100)), a_face("y", (10, 0, 90, 100)), a_face("z", (600, 0, 100, 100))]
    assert ids(carry_ids(old, new)) == ["bob", "ann", "z"]


def test_half_the_area_in_common_is_the_limit() -> None:
    old = [a_face("ann", (0, 0, 100, 100))]
    assert ids(carry_ids(old, [a_face("x", (33, 0, 100, 100))])) == ["ann"]  # 67 / 133
    assert ids(carry_ids(old, [a_face("x", (35, 0, 100, 100))])) == ["x"]  # 65 / 135


def test_the_nearest_of_two_takes_the_id() -> None:
    old = [a_face("ann", (0, 0, 100, 100))]
    new = [a_face("x", (20, 0, 100, 100)), a_face("y", (5, 0, 100, 100))]
    assert ids(carry_ids(old, new)) == ["x", "ann"]


def test_engines_have_lists_of_their_own_and_share_ids() -> None:
    old = [a_face("ann", (0, 0, 100, 100)), a_face("far", (5, 0, 100, 100), engine="buffalo_l")]
    new = [a_face("x", (0, 0, 100, 100)), a_face("y", (0, 0, 100, 100), engine="buffalo_l")]
    assert ids(carry_ids(old, new)) == ["ann", "far"]
    assert ids(carry_ids(old[:1], new)) == ["ann", "ann"]


BOXES = st.tuples(st.floats(0, 99), st.floats(0, 99), st.floats(1, 50), st.floats(1, 50))
FACES = st.lists(st.tuples(BOXES, st.sampled_from(["sface", "buffalo_l"])), max_size=6)


@given(FACES, FACES)
def test_only_the_id_changes_and_no_engine_uses_one_twice(old_boxes: list, new_boxes: list) -> None:  # type: ignore[type-arg]
    old = [a_face(f"o{number}", box, engine=engine) for number, (box, engine) in enumerate(old_boxes)]
    new = [a_face(f"n{number}", box, engine=engine) for number, (box, engine) in enumerate(new_boxes)]
    carried = carry_ids(old, new)
    known = {face.id: face for face in old}
    for face, before in zip(carried, new, strict=True):
        assert (face.box, face.engine, face.detection) == (before.box, before.engine, before.detection)
        assert face.id == before.id or overlap(known[face.id].box, face.box) >= 0.5
    named = [(face.engine, face.id) for face in carried]
    assert len(set(named)) == len(named)
