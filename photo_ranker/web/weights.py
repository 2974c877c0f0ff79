"""The weights that sliders move: names, ranges and words, all from the settings themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from photo_ranker.errors import SettingError
from photo_ranker.settings import Settings, from_values
from photo_ranker.web.ranking_schemas import SettingOut

__all__ = ["WEIGHTS", "weighed", "weights"]

WEIGHTS = tuple(
    item.name for item in fields(Settings) if item.metadata["unit"] == "weight" or item.name.startswith("penalty_")
)
"""Settings that change nothing but scores."""

LABELS = {
    "sharpness": "Sharp",
    "size": "Large",
    "facing": "Facing us",
    "eyes": "Eyes open",
    "smile": "Smile",
    "exposure": "Light",
    "clear": "Clear view",
    "person_clear": "Person clearly seen",
    "person_smile": "Person smiles",
    "good_faces": "Everyone looks good",
    "person_sharpness": "Person sharp",
    "person_size": "Person large",
    "person_facing": "Person facing us",
    "person_eyes": "Person's eyes open",
    "person_exposure": "Person well lit",
    "hidden": "Hidden face costs",
    "cut": "Cut-off face costs",
}

SLIDER_TOP = 5.0
"""Only ratios matter, so the page needs no more of the range of a weight."""


def weights(settings: Settings) -> list[SettingOut]:
    """All that can be moved, with the value of the user's settings."""
    found = []
    for item in fields(Settings):
        if item.name not in WEIGHTS:
            continue
        about = item.metadata
        group, _, short = item.name.partition("_")
        found.append(
            SettingOut(
                name=item.name,
                group="single" if group == "single" else "group" if group == "group" else "both",
                label=LABELS.get(short, short.replace("_", " ").capitalize()),
                meaning=about["meaning"],
                value=getattr(settings, item.name),
                low=about["low"],
                high=min(about["high"], SLIDER_TOP),
            )
        )
    return found


def weighed(settings: Settings, values: Mapping[str, float]) -> Settings:
    """The settings with other weights; anything that is no weight is refused."""
    for name in values:
        if name not in WEIGHTS:
            raise SettingError(f"{name} is not a weight", "GET /api/weights lists them")
    from_values(values)
    changes: dict[str, Any] = dict(values)
    return replace(settings, **changes)
