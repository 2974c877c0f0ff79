from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, strategies
from msgspec.structs import replace

from builders import some_expressions
from photo_ranker.core.codec import encode_array
from photo_ranker.ranker import expression
from photo_ranker.ranker.expression import (
    EXPRESSION,
    EXPRESSION_SOFTNESS,
    EYES_OPEN,
    SMILE,
    TRAITS,
    Fit,
    Trait,
    look_of,
    mesh_columns,
    traits_of,
)
from photo_ranker.records import MeshFigures

FLOATS = strategies.floats(-2, 2)


# Every figure is worked out for many faces at once; here of one face.


def smile_score(mesh: MeshFigures) -> float:
    return float(expression.smile_score(mesh_columns([mesh]))[0])


def eyes_open_score(mesh: MeshFigures) -> float:
    return float(expression.eyes_open_score(mesh_columns([mesh]))[0])


def expression_score(mesh: MeshFigures, look: bytes | None) -> float:
    looks = np.array([0.0 if look is None else look_of(look)])
    return float(expression.expression_score(mesh_columns([mesh]), looks)[0])


def looking_down(mesh: MeshFigures) -> float:
    return float(expression.looking_down(mesh_columns([mesh]))[0])


def gaze(mesh: MeshFigures) -> tuple[float, float]:
    across, up = expression.gaze(mesh_columns([mesh]))
    return float(across[0]), float(up[0])


def alone(traits: dict[str, expression.Values]) -> dict[str, float]:
    return {name: float(values[0]) for name, values in traits.items()}


def expression_traits(mesh: MeshFigures, look: float = 0.0) -> dict[str, float]:
    return alone(expression.expression_traits(mesh_columns([mesh]), np.array([look])))


def smile_traits(mesh: MeshFigures) -> dict[str, float]:
    return alone(expression.smile_traits(mesh_columns([mesh])))


def eye_traits(mesh: MeshFigures) -> dict[str, float]:
    return alone(expression.eye_traits(mesh_columns([mesh])))


def trait_of(mesh: MeshFigures) -> Trait | None:
    return traits_of([mesh])[0]


def a_mesh(values: dict[int, float] | None = None, **facts: float) -> MeshFigures:
    """A face at rest with these expressions by number."""
    expressions = np.zeros(52, np.float32)
    for number, value in (values or {}).items():
        expressions[number] = value
    at_rest = MeshFigures(presence=1.0, yaw=0.0, pitch=0.0, roll=0.0, expressions=encode_array(expressions))
    return replace(at_rest, **facts)


def test_a_face_at_rest_does_not_smile_and_has_its_eyes_open() -> None:
    assert smile_score(a_mesh()) < 0.1
    assert eyes_open_score(a_mesh()) > 0.9


def test_a_smile_smiles() -> None:
    slight, broad = (a_mesh({44: value, 45: value}, mouth_cheek=cheek) for value, cheek in ((0.4, 0.39), (0.9, 0.34)))
    assert smile_score(a_mesh()) < smile_score(slight) < smile_score(broad)
    assert smile_score(broad) > 0.8


def test_lids_close() -> None:
    half, closed = (a_mesh({9: value, 10: value}, iris_drop=drop) for value, drop in ((0.4, -0.015), (0.8, 0.01)))
    assert eyes_open_score(a_mesh()) > eyes_open_score(half) > eyes_open_score(closed)
    assert eyes_open_score(closed) < 0.25


def test_eyes_narrowed_by_a_laugh_are_more_open_than_the_same_lids_at_rest() -> None:
    lids = {9: 0.5, 10: 0.5}
    assert eyes_open_score(a_mesh(lids | {44: 0.9, 45: 0.9})) > eyes_open_score(a_mesh(lids))


def test_one_eye_winking_counts_as_less_open() -> None:
    assert eyes_open_score(a_mesh({9: 0.9})) < eyes_open_score(a_mesh({9: 0.45, 10: 0.45}))


@pytest.mark.parametrize(
    ("values", "yaw", "across"),
    [({}, 0, 0), ({}, 20, 20), ({15: 1, 14: 1}, 0, 30), ({13: 1, 16: 1}, 0, -30), ({13: 0.7, 16: 0.7}, 21, 0)],
)
def test_gaze_is_head_and_eyes_together(values: dict[int, float], yaw: float, across: float) -> None:
    assert gaze(a_mesh(values, yaw=yaw))[0] == pytest.approx(across, abs=0.1)


def test_eyes_look_up_and_down() -> None:
    assert gaze(a_mesh({17: 0.5, 18: 0.5}))[1] == pytest.approx(15, abs=0.1)
    assert gaze(a_mesh({11: 0.5, 12: 0.5}, pitch=15))[1] == pytest.approx(0, abs=0.1)


def test_every_trait_has_its_weight() -> None:
    assert smile_traits(a_mesh()).keys() == SMILE.weights.keys()
    assert eye_traits(a_mesh()).keys() == EYES_OPEN.weights.keys()


def test_a_fit_is_a_logistic_sum() -> None:
    fit = Fit(-1.0, {"a": 2.0, "b": 1.0})
    assert fit.log_odds({"a": 0.5, "b": 0.0}) == 0
    assert fit.probability({"a": 0.5, "b": 0.0}) == 0.5
    assert fit.probability({"a": 1.0, "b": 0.0}) == pytest.approx(0.7311, abs=1e-4)
    assert fit.probability({"a": -1e6, "b": 0.0}) == pytest.approx(0)
    assert 0.5 < fit.probability({"a": 1.0, "b": 0.0}, softness=4) < fit.probability({"a": 1.0, "b": 0.0})
    assert fit.probability({"a": 1.0, "b": 0.0}, even=1.0) == 0.5


@given(strategies.lists(strategies.floats(0, 1), min_size=52, max_size=52), FLOATS, FLOATS, FLOATS, FLOATS)
def test_scores_stay_in_their_range(values: list[float], lift: float, cheek: float, chin: float, drop: float) -> None:
    mesh = a_mesh(dict(enumerate(values)), mouth_lift=lift, mouth_cheek=cheek, mouth_chin=chin, iris_drop=drop)
    assert 0 <= smile_score(mesh) <= 1
    assert 0 <= eyes_open_score(mesh) <= 1


NAMES = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft",
    "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight",
    "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight",
    "jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight",
    "mouthFrownLeft", "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft",
    "noseSneerRight",
)  # fmt: skip
"""What MediaPipe calls its 52 expressions, in its order."""


def numbers_of(trait: str) -> list[int]:
    """The expressions of a trait: one, or a left and a right one."""
    first, *rest = trait.split("_")
    name = first + "".join(map(str.title, rest))
    return [number for number, known in enumerate(NAMES) if known in {name, f"{name}Left", f"{name}Right"}]


def every_expression() -> MeshFigures:
    """Each expression has a value of its own."""
    values = {number: number / 64 for number in range(52)}
    return a_mesh(values, mouth_lift=0.5, mouth_cheek=0.25, mouth_chin=0.125, pitch=15.0, iris_drop=0.0625)


def test_traits_are_the_expressions_of_their_names() -> None:
    found = expression_traits(every_expression(), look=0.75)
    shape = {"mouth_lift": 0.5, "mouth_cheek": 0.25, "mouth_chin": 0.125, "iris_drop": 0.0625, "look": 0.75}
    named = {name: sum(numbers_of(name)) / len(numbers_of(name)) / 64 for name in found if name not in shape}
    assert found == pytest.approx(named | shape)
    assert found.keys() == EXPRESSION.weights.keys()


def test_a_face_whose_look_is_not_known_counts_as_usual() -> None:
    mesh = every_expression()
    assert expression_traits(mesh) == expression_traits(mesh, look_of(encode_array(np.zeros(2, np.float32))))


def test_smile_and_eyes_read_the_expressions_of_their_names() -> None:
    mesh = every_expression()
    traits = expression_traits(mesh)
    smile = {name: traits[f"mouth_{name}"] for name in ("smile", "dimple", "upper_up", "pucker", "shrug_lower")}
    assert smile_traits(mesh) == smile | {"mouth_lift": 0.5, "mouth_cheek": 0.25, "mouth_chin": 0.125, "pitch": 0.5}
    assert eye_traits(mesh) == {
        "blink": traits["eye_blink"],
        "blink_more": NAMES.index("eyeBlinkRight") / 64,
        "iris_drop": 0.0625,
        "smile": traits["mouth_smile"],
    }


@given(strategies.lists(strategies.floats(0, 1, width=16), min_size=52, max_size=52), FLOATS, FLOATS)
def test_the_quick_sum_is_the_fit(values: list[float], lift: float, look: float) -> None:
    mesh = a_mesh(dict(enumerate(values)), mouth_lift=lift, mouth_chin=lift / 2, iris_drop=lift / 8)
    stored = encode_array(np.array([look, 9.0], np.float32))
    traits = expression_traits(mesh, look_of(stored))
    assert expression_score(mesh, stored) == pytest.approx(EXPRESSION.probability(traits, EXPRESSION_SOFTNESS))
    assert expression_score(mesh, None) == expression_score(mesh, encode_array(np.zeros(2, np.float32)))


MORE_PLEASANT = {"brow_outer_up", "eye_look_in", "eye_look_up", "mouth_close", "mouth_dimple", "mouth_lower_down"}
MORE_PLEASANT |= {"mouth_press", "mouth_roll_upper", "mouth_shrug_upper", "mouth_smile", "mouth_upper_up"}
UNSEEN = {"_neutral", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight"}
UNSEEN |= {"jawForward", "jawLeft", "jawRight", "mouthLeft", "mouthRight"}


@pytest.mark.parametrize("number", range(52))
def test_which_expressions_make_a_face_more_pleasant(number: int) -> None:
    at_rest, moved = expression_score(a_mesh(), None), expression_score(a_mesh({number: 0.5}), None)
    if NAMES[number] in UNSEEN:
        assert moved == at_rest
    elif any(number in numbers_of(name) for name in MORE_PLEASANT):
        assert moved > at_rest
    else:
        assert moved < at_rest


def test_the_shape_of_the_mouth_and_the_look_make_a_face_more_pleasant() -> None:
    at_rest = expression_score(a_mesh(), None)
    for name in ("mouth_lift", "mouth_cheek", "mouth_chin", "iris_drop"):
        assert expression_score(a_mesh(**{name: getattr(a_mesh(), name) + 0.1}), None) > at_rest
    assert expression_score(a_mesh(), encode_array(np.array([0.5], np.float32))) > at_rest


@pytest.mark.parametrize(
    ("values", "shape", "smiles_more"),
    [
        ({44: 0.3, 45: 0.3}, {}, True),
        ({28: 0.5, 29: 0.5}, {}, True),
        ({48: 0.5, 49: 0.5}, {}, True),
        ({38: 0.5}, {}, False),
        ({42: 0.5}, {}, False),
        ({}, {"mouth_lift": 0.05}, True),
        ({}, {"mouth_cheek": 0.45}, False),
        ({}, {"mouth_chin": 0.55}, True),
        ({}, {"pitch": 20.0}, False),
    ],
)
def test_what_makes_a_smile(values: dict[int, float], shape: dict[str, float], smiles_more: bool) -> None:
    at_rest, moved = smile_score(a_mesh({})), smile_score(a_mesh(values, **shape))
    assert (moved > at_rest) is smiles_more
    assert moved != at_rest


def test_lids_that_hang_lower_than_a_blink_says_are_less_open() -> None:
    half = {9: 0.5, 10: 0.5}
    assert eyes_open_score(a_mesh(half, iris_drop=0.01)) < eyes_open_score(a_mesh(half))
    assert eyes_open_score(a_mesh(half | {44: 0.5, 45: 0.5})) > eyes_open_score(a_mesh(half))


@pytest.mark.parametrize(
    ("values", "up"), [({11: 1, 12: 1}, -30), ({17: 1, 18: 1}, 30), ({11: 1}, -15), ({18: 1, 12: 1}, 0)]
)
def test_the_gaze_goes_up_and_down_with_the_eyes(values: dict[int, float], up: float) -> None:
    assert gaze(a_mesh(values, pitch=5.0))[1] == pytest.approx(up + 5.0)
    assert looking_down(a_mesh(values)) == (values.get(11, 0) + values.get(12, 0)) / 2


@pytest.mark.parametrize(("number", "across"), [(13, -15), (14, 15), (15, 15), (16, -15)])
def test_each_eye_turns_the_gaze_to_its_side(number: int, across: float) -> None:
    assert gaze(a_mesh({number: 1.0}))[0] == pytest.approx(across)


JAW, SMILES, DOWN = 25, (44, 45), (11, 12)


def a_mesh_with(**more: float) -> MeshFigures:
    """A face at rest but for the jaw, the smile, or where it looks."""
    values = np.zeros(52, np.float32)
    values[JAW] = more.get("jaw", 0.0)
    values[list(SMILES)] = more.get("smile", 0.0)
    values[list(DOWN)] = more.get("down", 0.0)
    smiles = more.get("smile", 0.0) > 0.5
    shape = {"mouth_lift": 0.08, "mouth_cheek": 0.3, "mouth_chin": 0.55} if smiles else {}
    return MeshFigures(1.0, 0.0, 0.0, 0.0, encode_array(values), **shape)


@pytest.mark.parametrize(
    ("mesh", "words"),
    [
        (a_mesh_with(smile=0.9), "warm smile"),
        (a_mesh_with(smile=0.9, jaw=0.3), "laughing"),
        (a_mesh_with(jaw=0.2), "caught mid-word"),
        (a_mesh_with(jaw=0.7), "mouth wide open"),
        (a_mesh_with(down=0.8), "looking down"),
        (a_mesh_with(), "calm"),
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
        values[list(SMILES)] = middle = (low + high) / 2
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
        (smiling(0.48, jaw=0.5), "mouth wide open"),
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
        (smiling(0.48, down=0.5), "looking down"),
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


def faces(count: int) -> list[MeshFigures]:
    """Faces of all kinds, most of whose expressions are weak."""
    rng = np.random.default_rng(5)
    return [
        a_mesh(
            dict(enumerate((rng.uniform(size=52) ** 4).tolist())),
            yaw=float(rng.normal(0, 15)),
            pitch=float(rng.normal(0, 10)),
            mouth_lift=float(rng.normal(0, 0.05)),
            mouth_cheek=float(rng.normal(0.38, 0.03)),
            mouth_chin=float(rng.normal(0.2, 0.05)),
            iris_drop=float(rng.normal(0, 0.02)),
        )
        for _ in range(count)
    ]


def test_what_was_judged_on_photos_stays() -> None:
    """Whoever changes a number here on purpose judges anew: ``make eval DATA=DIR ARGS='--only signals taste'``."""
    found = [
        [smile_score(mesh), eyes_open_score(mesh), expression_score(mesh, look), looking_down(mesh), *gaze(mesh)]
        for mesh, look in zip(faces(60), [None, bytes.fromhex("003c"), bytes.fromhex("00bc")] * 20, strict=True)
    ]
    assert np.mean(found, axis=0) == pytest.approx([0.1683, 0.827, 0.3817, 0.2117, 2.7043, 0.4347], abs=5e-4)
    assert np.std(found, axis=0) == pytest.approx([0.1415, 0.2007, 0.2553, 0.2123, 16.3459, 13.8613], abs=5e-4)
    traits = Counter(trait.words for mesh in faces(400) if (trait := trait_of(mesh)) is not None)
    assert traits == {
        "mouth wide open": 66,
        "caught mid-word": 183,
        "grimacing": 13,
        "calm": 25,
        "looking down": 25,
        "gentle smile": 12,
        "frowning": 3,
        "warm smile": 1,
    }
