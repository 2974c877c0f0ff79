from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_face, a_record, an_embedding
from photo_ranker.core.codec import decode_array, encode_array
from photo_ranker.metadata import carry_ids, hand_on_ids
from photo_ranker.records import Box, Face, PhotoRecord, overlap


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


HERE: Box = (100, 100, 80, 100)
ELSEWHERE: Box = (900, 500, 80, 100)


def like(seed: int, cosine: float, other: int = 99) -> bytes:
    """The face of somebody, so much like the person of that seed."""
    one, two = decode_array(an_embedding(seed)), decode_array(an_embedding(other))
    two -= (one @ two) * one
    return encode_array(cosine * one + np.sqrt(1 - cosine**2) * two / np.linalg.norm(two))


def ann(box: Box = HERE, cosine: float = 1.0, name: str = "ann") -> Face:
    return a_face(name, box, embedding=like(1, cosine))


def photo(*faces: Face, width: int = 1000, height: int = 800) -> PhotoRecord:
    return msgspec.structs.replace(a_record(*faces), width=width, height=height)


def handed_on(before: PhotoRecord, now: PhotoRecord) -> list[str]:
    return [face.id for face in hand_on_ids(before, now)]


@pytest.mark.parametrize("factor", [0.3, 0.6, 2.0])
def test_a_resized_photo_keeps_its_ids(factor: float) -> None:
    box = (HERE[0] * factor, HERE[1] * factor, HERE[2] * factor, HERE[3] * factor)
    smaller = photo(ann(box, 0.5, "x"), width=round(1000 * factor), height=round(800 * factor))
    assert handed_on(photo(ann()), smaller) == ["ann"]


def test_one_person_is_known_wherever_a_crop_or_a_turn_has_put_the_face() -> None:
    assert handed_on(photo(ann()), photo(ann(ELSEWHERE, 0.7, "x"), width=800)) == ["ann"]
    assert handed_on(photo(ann()), photo(ann(ELSEWHERE, 0.5, "x"), width=800)) == ["x"]


def test_where_the_former_picture_is_kept_only_an_edit_of_it_shares_its_ids() -> None:
    for cosine, expected in ((0.95, ["ann"]), (0.7, ["x"])):
        now = photo(ann(cosine=cosine, name="x"))
        assert [face.id for face in hand_on_ids(photo(ann()), now, is_kept=True)] == expected
        assert handed_on(photo(ann()), now) == ["ann"]
    assert [face.id for face in hand_on_ids(photo(a_face("ann", HERE)), photo(a_face("x", HERE)), is_kept=True)] == [
        "x"
    ]


def test_another_person_in_the_place_of_one_gets_a_name_of_their_own() -> None:
    bob = a_face("x", HERE, embedding=an_embedding(2))
    assert handed_on(photo(ann()), photo(bob)) == ["x"]
    assert handed_on(photo(ann()), photo(ann(cosine=0.35, name="x"))) == ["ann"]


def test_in_a_cropped_group_nobody_gets_the_id_of_whose_place_they_take() -> None:
    sister = a_face("sister", ELSEWHERE, embedding=like(1, 0.5))
    there = a_face("x", HERE, embedding=sister.embedding)
    assert handed_on(photo(ann(), sister), photo(there)) == ["sister"]
    # Even where she is no longer surely herself, she is more herself than Ann.
    blurred = a_face("x", HERE, embedding=like(1, 0.4, other=7))
    likeness = decode_array(sister.embedding or b"") + decode_array(blurred.embedding or b"")
    one = a_face("sister", ELSEWHERE, embedding=encode_array(likeness / np.linalg.norm(likeness)))
    cosine = float(decode_array(one.embedding or b"") @ decode_array(blurred.embedding or b""))
    assert cosine > 0.4
    assert "ann" not in handed_on(photo(ann(), one), photo(blurred))


def test_twice_the_same_face_stays_in_its_place() -> None:
    twins = photo(ann(HERE, name="left"), ann(ELSEWHERE, name="right"))
    assert handed_on(twins, photo(ann(ELSEWHERE, name="x"), ann(HERE, name="y"))) == ["right", "left"]


def test_an_engine_that_cannot_compare_takes_over_only_in_a_picture_of_the_same_size() -> None:
    other = a_face("x", HERE, embedding=an_embedding(3), engine="buffalo_l")
    assert handed_on(photo(ann()), photo(other)) == ["ann"]
    assert handed_on(photo(ann()), photo(other, width=900)) == ["x"]
    assert handed_on(photo(ann()), photo(a_face("x", HERE))) == ["ann"]


def test_embeddings_of_two_lengths_are_not_compared() -> None:
    """Another pack of models under the same name: where the picture has its size, the place says who it is."""
    shorter = a_face("x", HERE, embedding=encode_array(np.eye(1, 64, dtype=np.float32)[0]))
    assert handed_on(photo(ann()), photo(shorter)) == ["ann"]
    assert handed_on(photo(ann()), photo(shorter, width=900)) == ["x"]


def test_an_id_is_not_handed_on_by_the_face_of_another_engine() -> None:
    both = photo(ann(), msgspec.structs.replace(ann(), engine="buffalo_l"))
    bob = a_face("x", HERE, embedding=an_embedding(2), engine="buffalo_l")
    assert handed_on(both, photo(bob)) == ["x"]


def test_a_picture_whose_size_is_not_known_can_be_compared() -> None:
    assert handed_on(photo(ann(), width=0, height=0), photo(ann(name="x"))) == ["ann"]


SEEDS = st.lists(st.integers(1, 5), max_size=6)


@given(SEEDS, SEEDS)
def test_no_id_goes_to_another_person_and_none_to_two(old: list[int], new: list[int]) -> None:
    def of(name: str, seeds: list[int]) -> PhotoRecord:
        boxes = [(100.0 * place, 0.0, 80.0, 100.0) for place in range(len(seeds))]
        pairs = enumerate(zip(seeds, boxes, strict=True))
        return photo(*(a_face(f"{name}{k}", box, embedding=an_embedding(seed)) for k, (seed, box) in pairs))

    carried = handed_on(of("o", old), of("n", new))
    assert len(set(carried)) == len(new)
    for name, seed in zip(carried, new, strict=True):
        assert name.startswith("n") or old[int(name[1:])] == seed
    assert sum(name.startswith("o") for name in carried) == sum(min(old.count(s), new.count(s)) for s in set(old))


def as_like(cosine: float) -> bytes:
    row = np.zeros(128, np.float32)
    row[0], row[1] = cosine, (1 - cosine * cosine) ** 0.5
    return encode_array(row)


def keeps_id(cosine: float, overlap: float) -> bool:
    """Whether a face gets the id of one of this likeness, of whose box it shares so much."""
    shift = 100 * (1 - overlap) / (1 + overlap)
    old = a_face("old", (500.0, 500.0, 100.0, 100.0), embedding=as_like(1.0))
    new = a_face("new", (500.0 + shift, 500.0, 100.0, 100.0), embedding=as_like(cosine))
    (kept,) = hand_on_ids(a_record(old), a_record(new))
    return kept.id == "old"


@pytest.mark.parametrize(
    ("cosine", "overlap", "is_same"),
    [
        (0.61, 0.0, True),
        (0.59, 0.0, False),
        (0.59, 0.49, False),
        (0.59, 0.51, True),
        (0.31, 0.51, True),
        (0.29, 0.9, False),
    ],
)
def test_a_person_is_known_by_likeness_and_place(cosine: float, overlap: float, is_same: bool) -> None:
    assert keeps_id(cosine, overlap) is is_same


def test_a_face_that_fills_exactly_half_of_the_box_is_in_its_place() -> None:
    old = a_face("old", (0.0, 0.0, 100.0, 100.0), embedding=as_like(1.0))
    new = a_face("new", (0.0, 0.0, 100.0, 50.0), embedding=as_like(0.4))
    assert ids(hand_on_ids(a_record(old), a_record(new))) == ids(carry_ids([old], [new])) == ["old"]


def test_equally_alike_faces_are_told_by_their_place() -> None:
    """Twins whose likeness differs by less than 0.005."""
    old = [a_face(name, (left, 0.0, 100.0, 100.0), embedding=as_like(1.0)) for name, left in (("l", 0.0), ("r", 500.0))]
    new = [
        a_face("x", (10.0, 0.0, 100.0, 100.0), embedding=as_like(0.99)),
        a_face("y", (510.0, 0.0, 100.0, 100.0), embedding=as_like(0.991)),
    ]
    assert [face.id for face in hand_on_ids(a_record(*old), a_record(*new))] == ["l", "r"]
    assert [face.id for face in hand_on_ids(a_record(*old), a_record(*new[::-1]))] == ["r", "l"]
