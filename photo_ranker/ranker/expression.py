"""Smile, open eyes and expression: fitted sums of what the mesh says about a face; and named expressions.

For smile and eyes the plain strength counts too. A probability alone is almost always 0 or 1 and cannot tell good from
better; on the half of the judged pairs that these were set on, the mean of both agreed with 79%, the probability alone
with 70%.

The fits: logistic regression on standardised traits, mild ridge (C = 0.3); ``python -m bench.fit_expressions DATA``
refits them.
The expression: how pleasant, genuine and composed a face is, fitted on what raters prefer among photos of one person;
``python -m bench.fit_taste DATA`` refits it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, reduce
from math import inf
from operator import add, attrgetter
from struct import unpack_from
from typing import Literal, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.records import MeshFigures

__all__ = [
    "EXPRESSION",
    "EXPRESSION_SOFTNESS",
    "EYES_OPEN",
    "LOOKING_DOWN",
    "SMILE",
    "TRAITS",
    "Fit",
    "Meshes",
    "Trait",
    "Values",
    "expression_score",
    "expression_traits",
    "eye_traits",
    "eyes_open_score",
    "gaze",
    "hidden_odds",
    "look_of",
    "looking_down",
    "mesh_columns",
    "smile_score",
    "smile_traits",
    "traits_of",
]

Values = NDArray[np.float64]
V = TypeVar("V", float, Values)


class Fit(msgspec.Struct, frozen=True):
    """The log odds are ``start`` plus each trait times its weight."""

    start: float
    weights: Mapping[str, float]

    def log_odds(self, traits: Mapping[str, V]) -> V:
        """How likely, as log odds: 0 = even; of one face or of many."""
        odds: V = reduce(add, [self.weights[name] * values for name, values in traits.items()])
        return self.start + odds

    def probability(self, traits: Mapping[str, V], softness: float = 1.0, even: float = 0.0) -> Values:
        """How likely, 0 to 1: log odds of ``even`` give 0.5, and ``softness`` pulls all values towards it."""
        return _logistic((self.log_odds(traits) - even) / softness)


def _logistic(odds: Values | float) -> Values:
    shares: Values = 1 / (1 + np.exp(np.minimum(700.0, -odds)))
    return shares


SMILE = Fit(
    0.457,
    {
        "smile": 5.095,
        "dimple": 2.687,
        "upper_up": 3.592,
        "pucker": -1.317,
        "shrug_lower": -1.357,
        "mouth_lift": 14.056,
        "mouth_cheek": -19.485,
        "mouth_chin": 9.051,
        "pitch": -1.55,
    },
)
"""Fitted on half of the available photos of GENKI-4K and MTFL (those with an even CRC-32 of the name).

On the other half: AUC 0.982 and 0.931; the mean of the two mouthSmile expressions alone has 0.980 and 0.91.
"""

EYES_OPEN = Fit(
    7.565,
    {
        "blink": -6.351,
        "blink_more": -6.861,
        "iris_drop": -55.223,
        "smile": 1.013,
    },
)
"""Fitted on 278 faces labelled by eye (bench/eyes_fit.csv): 43 closed, 143 narrowed or doubtful to the model, 92 open.

On eyes.csv: AUC 1.000 closed / open, 0.886 closed / narrowed by a laugh; mean eyeBlink alone has 1.000 and 0.863.
"""

EXPRESSION = Fit(
    -0.625,
    {
        "brow_down": -0.231,
        "brow_outer_up": 0.153,
        "eye_blink": -0.684,
        "eye_look_down": -0.471,
        "eye_look_in": 1.195,
        "eye_look_out": -0.359,
        "eye_look_up": 0.182,
        "eye_squint": -0.045,
        "eye_wide": -2.886,
        "mouth_dimple": 0.388,
        "mouth_frown": -0.452,
        "mouth_lower_down": 0.103,
        "mouth_press": 0.382,
        "mouth_smile": 0.273,
        "mouth_stretch": -0.233,
        "mouth_upper_up": 0.001,
        "brow_inner_up": -0.199,
        "jaw_open": -0.839,
        "mouth_close": 1.903,
        "mouth_funnel": -1.013,
        "mouth_pucker": -0.385,
        "mouth_roll_lower": -0.686,
        "mouth_roll_upper": 0.36,
        "mouth_shrug_lower": -0.107,
        "mouth_shrug_upper": 0.059,
        "mouth_lift": 0.478,
        "mouth_cheek": 0.766,
        "mouth_chin": 0.899,
        "iris_drop": 2.385,
        "look": 1.725,
    },
)
"""Fitted on 684 sheets of three to six photos of one person, put in order by eye (portraits and events).

"look" is what networks read from the mesh network's inner maps (photo_ranker/models/mesh.py). On sheets of people and
albums that were not fitted on, the score agrees with three raters on 77.2% of the pairs of portraits, 81.0% at events
and 70.0% of web photos; weights set by hand, before there was this signal, on 69.1%, 69.2% and 60.6%.
"""

# Numbers of MediaPipe's 52 expressions; left and right are adjacent.
_EYE_BLINK = (9, 10)
_DOWN, _IN, _OUT, _UP = (11, 12), (13, 14), (15, 16), (17, 18)
_MOUTH_DIMPLE, _MOUTH_SMILE, _MOUTH_UPPER_UP = (28, 29), (44, 45), (48, 49)
_MOUTH_PUCKER, _MOUTH_SHRUG_LOWER = 38, 42

_PAIRS = {
    "brow_down": 1, "brow_outer_up": 4, "eye_blink": 9, "eye_look_down": 11, "eye_look_in": 13,
    "eye_look_out": 15, "eye_look_up": 17, "eye_squint": 19, "eye_wide": 21, "mouth_dimple": 28, "mouth_frown": 30,
    "mouth_lower_down": 34, "mouth_press": 36, "mouth_smile": 44, "mouth_stretch": 46, "mouth_upper_up": 48,
}  # fmt: skip
"""Expression -> number of its left one; the right one follows. A face is judged by their mean.

Cheeks and nose are left out: MediaPipe gives them next to no values.
"""
_SINGLES = {
    "brow_inner_up": 3, "jaw_open": 25, "mouth_close": 27, "mouth_funnel": 32, "mouth_pucker": 38,
    "mouth_roll_lower": 40, "mouth_roll_upper": 41, "mouth_shrug_lower": 42, "mouth_shrug_upper": 43,
}  # fmt: skip
_GEOMETRY = ("mouth_lift", "mouth_cheek", "mouth_chin", "iris_drop")

_EYE_TURN = 30.0
"""Degrees that an eye turns when its look expression is 1; an iris 12 mm before the middle of a 30 mm wide eye."""
EYES_EVEN, EYES_SOFTNESS = -1.2, 1.2
"""Log odds at which eyes begin to count as open, and how softly.

Lowered lids and eyes narrowed by the sun or by nature look half closed to the mesh: at even odds 18% of the open
ones in bench/eyes_fit.csv would be called closed; at these odds 6%, and 78% of the closed ones.
"""

EXPRESSION_SOFTNESS = 1.3
"""The log odds of the expression are divided by this, so that good ones differ too, not only good and bad ones."""


class Meshes(NamedTuple):
    """What the mesh says about many faces, one column per figure; NaN = not known."""

    yaw: Values
    pitch: Values
    roll: Values
    mouth_lift: Values
    mouth_cheek: Values
    mouth_chin: Values
    iris_drop: Values
    expressions: Values
    """A row for each of the 52 values."""


_FIGURES = attrgetter(*Meshes._fields[:-1])
_NOT_KNOWN = (np.nan,) * (len(Meshes._fields) - 1)
_NO_EXPRESSIONS = np.full(52, np.nan, "<f2").tobytes()


def mesh_columns(meshes: Sequence[MeshFigures | None]) -> Meshes:
    """Meshes as columns; a face without one has NaN everywhere."""
    figures = np.array([_NOT_KNOWN if mesh is None else _FIGURES(mesh) for mesh in meshes], np.float64)
    stored = b"".join([_NO_EXPRESSIONS if mesh is None else mesh.expressions for mesh in meshes])
    expressions = np.frombuffer(stored, "<f2").reshape(-1, 52).T.astype(np.float64)
    return Meshes(*(*figures.reshape(-1, len(_NOT_KNOWN)).T, expressions))


def smile_score(meshes: Meshes) -> Values:
    """From 0 to 1: the mean of how likely the face smiles and how broadly."""
    return (SMILE.probability(smile_traits(meshes)) + _mean(meshes, _MOUTH_SMILE)) / 2


def eyes_open_score(meshes: Meshes) -> Values:
    """From 0 to 1: the mean of how likely the eyes are open (lowered or narrowed by a laugh too) and how wide."""
    width = 1 - _mean(meshes, _EYE_BLINK)
    return (EYES_OPEN.probability(eye_traits(meshes), EYES_SOFTNESS, EYES_EVEN) + width) / 2


def expression_score(meshes: Meshes, looks: Values) -> Values:
    """From 0 to 1: how pleasant, genuine and composed the expression is; 0.5 is usual.

    ``looks`` are 0 for a usual face, so 0 for an unknown look leaves the judgement to the mesh alone.
    """
    odds = EXPRESSION.start + (_expression_weights() * meshes.expressions).sum(axis=0)
    for name in _GEOMETRY:
        odds = odds + EXPRESSION.weights[name] * getattr(meshes, name)
    return _logistic((odds + EXPRESSION.weights["look"] * looks) / EXPRESSION_SOFTNESS)


def expression_traits(meshes: Meshes, looks: Values | float = 0.0) -> dict[str, Values]:
    """What the expression is judged by."""
    values = meshes.expressions
    traits = {name: _mean(meshes, (number, number + 1)) for name, number in _PAIRS.items()}
    traits |= {name: values[number] for name, number in _SINGLES.items()}
    traits |= {name: getattr(meshes, name) for name in _GEOMETRY}
    return traits | {"look": np.broadcast_to(looks, np.shape(meshes.yaw))}


def look_of(stored: bytes) -> float:
    """The first of the numbers that are read from the mesh network's inner maps: 0 = usual, higher = preferred."""
    return float(unpack_from("<e", stored)[0])


def hidden_odds(stored: bytes) -> float | None:
    """The second of them: from 0 on something is in front of the face; None in records of older versions."""
    return float(unpack_from("<e", stored, 2)[0]) if len(stored) >= 4 else None


@cache
def _expression_weights() -> Values:
    """The fit as one weight for each of the 52 values."""
    weights = np.zeros((52, 1))
    for name, number in _PAIRS.items():
        weights[number : number + 2] = EXPRESSION.weights[name] / 2
    for name, number in _SINGLES.items():
        weights[number] = EXPRESSION.weights[name]
    return weights


def smile_traits(meshes: Meshes) -> dict[str, Values]:
    """What a smile is judged by."""
    return {
        "smile": _mean(meshes, _MOUTH_SMILE),
        "dimple": _mean(meshes, _MOUTH_DIMPLE),
        "upper_up": _mean(meshes, _MOUTH_UPPER_UP),
        "pucker": meshes.expressions[_MOUTH_PUCKER],
        "shrug_lower": meshes.expressions[_MOUTH_SHRUG_LOWER],
        "mouth_lift": meshes.mouth_lift,
        "mouth_cheek": meshes.mouth_cheek,
        "mouth_chin": meshes.mouth_chin,
        "pitch": meshes.pitch / 30,
    }


def eye_traits(meshes: Meshes) -> dict[str, Values]:
    """What open eyes are judged by."""
    left, right = (meshes.expressions[number] for number in _EYE_BLINK)
    return {
        "blink": _mean(meshes, _EYE_BLINK),
        "blink_more": np.maximum(left, right),
        "iris_drop": meshes.iris_drop,
        "smile": _mean(meshes, _MOUTH_SMILE),
    }


def gaze(meshes: Meshes) -> tuple[Values, Values]:
    """Yaw and pitch of where the eyes look, in degrees; 0, 0 = into the camera."""
    values = meshes.expressions
    across = (values[_OUT[0]] + values[_IN[1]] - values[_IN[0]] - values[_OUT[1]]) / 2
    up = _mean(meshes, _UP) - _mean(meshes, _DOWN)
    return meshes.yaw + _EYE_TURN * across, meshes.pitch + _EYE_TURN * up


def looking_down(meshes: Meshes) -> Values:
    """From 0 to 1: how far the lids are lowered with the eyes; a raised head does not make up for it."""
    return _mean(meshes, _DOWN)


def _mean(meshes: Meshes, numbers: tuple[int, int]) -> Values:
    left, right = numbers
    mean: Values = (meshes.expressions[left] + meshes.expressions[right]) / 2
    return mean


# Named expressions: a face has a trait when every figure named is within its limits. The first one that fits is used.

Limits = Mapping[str, tuple[float, float]]


class Trait(NamedTuple):
    """One expression that has a name."""

    words: str
    side: Literal["for", "against"]
    """Whether it is named where the expression raises the photo above the others, or where it lowers it."""
    limits: Limits
    """Figure -> its least and its most value: those of ``expression_traits``, and the fitted ``smile`` and ``eyes``."""


LOOKING_DOWN = "looking down"

TRAITS = (
    Trait(LOOKING_DOWN, "against", {"eye_look_down": (0.5, inf), "eyes": (0.5, inf), "smile": (-inf, 0.5)}),
    Trait("laughing", "for", {"smile": (0.8, inf), "jaw_open": (0.12, 0.6)}),
    Trait("warm smile", "for", {"smile": (0.75, inf)}),
    Trait("mouth wide open", "against", {"jaw_open": (0.5, inf), "smile": (-inf, 0.5)}),
    Trait("caught mid-word", "against", {"jaw_open": (0.08, inf), "smile": (-inf, 0.5)}),
    Trait("caught mid-word", "against", {"mouth_funnel": (0.12, inf), "smile": (-inf, 0.5)}),
    Trait("grimacing", "against", {"mouth_lower_down": (0.3, inf), "brow_down": (0.2, inf), "smile": (-inf, 0.3)}),
    Trait("frowning", "against", {"brow_down": (0.6, inf), "smile": (-inf, 0.3)}),
    Trait("gentle smile", "for", {"smile": (0.4, inf), "jaw_open": (-inf, 0.08), "mouth_lower_down": (-inf, 0.25)}),
    Trait("calm", "for", {
        "smile": (-inf, 0.4), "jaw_open": (-inf, 0.02), "mouth_lower_down": (-inf, 0.08), "brow_down": (-inf, 0.3)
    }),
)  # fmt: skip
"""In the order in which they are tried."""


def traits_of(meshes: Sequence[MeshFigures | None]) -> list[Trait | None]:
    """The first named expression that each face has."""
    known = mesh_columns(meshes)
    figures = {**expression_traits(known), "smile": smile_score(known), "eyes": eyes_open_score(known)}
    found = np.full(len(meshes), len(TRAITS))
    for place, trait in reversed(list(enumerate(TRAITS))):
        within = [(least <= figures[name]) & (figures[name] <= most) for name, (least, most) in trait.limits.items()]
        found[np.logical_and.reduce(within)] = place
    return [(*TRAITS, None)[place] for place in found.tolist()]
