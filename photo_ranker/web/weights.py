"""The weights that sliders move, as the settings declare them, and the labels of signals for the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from photo_ranker.errors import SettingError
from photo_ranker.ranker.signals import SIGNALS
from photo_ranker.settings import Settings, WeightSettings
from photo_ranker.web.ranking_schemas import SettingOut

__all__ = ["WEIGHTS", "signals_js", "weighed", "weights"]

WEIGHTS = {item.name: item.metadata for item in fields(WeightSettings) if "slider" in item.metadata}
"""What a slider may move, as it is declared."""

SLIDER_TOP = 5.0
"""Only ratios matter, so the page needs no more of the range of a weight."""


def weights(settings: Settings) -> list[SettingOut]:
    """All that can be moved, with the value of the user's settings."""
    return [
        SettingOut(
            name=name,
            group=about["slider"],
            label=about["label"],
            meaning=about["meaning"],
            value=getattr(settings.weights, name),
            low=about["low"],
            high=min(about["high"], SLIDER_TOP),
        )
        for name, about in WEIGHTS.items()
    ]


def weighed(settings: Settings, values: Mapping[str, float]) -> Settings:
    """The settings with other weights; anything that is no weight is refused."""
    for name in values:
        if name not in WEIGHTS:
            raise SettingError(f"{name} is not a weight", "GET /api/weights lists them")
    return settings.changed(**values)


def signals_js() -> str:
    """The text of static/js/signals.js: what the viewer calls the signals that it shows."""
    labels = [f'  {signal.name}: "{signal.label}",' for signal in SIGNALS if signal.shown == "viewer"]
    head = "/** What signals are called, as make config prints it from the table in ranker/signals.py. */"
    return "\n".join([head, "export const SIGNALS = {", *labels, "};", ""])
