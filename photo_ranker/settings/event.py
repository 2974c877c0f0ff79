"""How good a photo of an event is for everyone who matters."""

from __future__ import annotations

from dataclasses import dataclass

from photo_ranker.settings.declaring import Section, setting

__all__ = ["EventSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings(Section):
    """Weights and rules of the event's score; they have no sliders, since they do not change a person's ranking."""

    event_technical: float = setting(
        2.0,
        0.0,
        100.0,
        "weight",
        "sharpness and exposure of the picture and its faces",
        chapter="Event: how good a photo is for everyone; of weights only the ratios matter",
    )
    event_composition: float = setting(1.0, 0.0, 100.0, "weight", "how the faces lie in the picture")
    event_expression: float = setting(2.0, 0.0, 100.0, "weight", "eyes, smiles and looks of those who count")
    event_context: float = setting(2.0, 0.0, 100.0, "weight", "who of the named people is there and looks good")
    event_main: float = setting(3.0, 0.0, 100.0, "weight", "a person of the category main")
    event_important: float = setting(2.0, 0.0, 100.0, "weight", "a person of the category important")
    event_other: float = setting(1.0, 0.0, 100.0, "weight", "a person of the category other")
    event_stranger: float = setting(0.25, 0.0, 100.0, "weight", "a face that belongs to nobody known")
    require_all_eyes_open: bool = setting(False, 0, 1, "", "a photo scores 0 when anyone who counts blinks")
    require_all_facing: bool = setting(False, 0, 1, "", "a photo scores 0 when anyone who counts looks away")
    moment_gap: float = setting(
        1800.0, 1.0, 86400.0, "seconds", "a pause of this length begins a new moment of the event"
    )
