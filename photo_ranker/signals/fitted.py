"""Weights that were fitted to labelled faces; ``python -m bench.fit_expressions DATA`` makes them anew.

Logistic regression on standardised traits, mild ridge (C = 0.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

__all__ = ["EYES_OPEN", "SMILE", "VISIBLE", "Fit"]


@dataclass(frozen=True, slots=True)
class Fit:
    """The log odds are ``start`` plus each trait times its weight."""

    start: float
    weights: Mapping[str, float]

    def log_odds(self, traits: Mapping[str, float]) -> float:
        """How likely, as log odds: 0 = even."""
        return self.start + sum(self.weights[name] * value for name, value in traits.items())

    def probability(self, traits: Mapping[str, float], softness: float = 1.0) -> float:
        """How likely, 0 to 1; the softer, the nearer to even."""
        return 1 / (1 + exp(min(700.0, -self.log_odds(traits) / softness)))


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
"""Fitted on half of GENKI-4K's and MTFL's photos at hand (those with an even CRC-32 of the name).

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

VISIBLE: Mapping[str, Fit] = {
    "sface": Fit(-22.8, {"detection": 8.9, "certainty": 0.09}),
}
"""Engine -> fit, as detectors differ. Faces half covered by drawn masks, hands and bands against whole ones."""
