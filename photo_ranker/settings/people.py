"""Which faces can found a person when everyone in an album is grouped."""

from __future__ import annotations

from dataclasses import dataclass

from photo_ranker.settings.declaring import Section, setting

__all__ = ["PeopleSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSettings(Section):
    """What is no face at all, and which faces join people that others make, but neither found nor connect any."""

    solid_face: int = setting(
        40,
        8,
        2000,
        "px",
        "smaller faces join the people that others make, but found and connect none",
        chapter="Everyone: who is in an album",
    )
    solid_turn: float = setting(55.0, 10.0, 180.0, "degrees", "faces turned further found and connect nobody")
    solid_sharpness: float = setting(0.9, -10.0, 10.0, "octaves", "faces less sharp found and connect nobody")
    solid_photo_clarity: float = setting(
        8.5, 0.0, 50.0, "length", "in photos: faces less plain to the identity model found and connect nobody"
    )
    solid_clarity: float = setting(
        9.0, 0.0, 50.0, "length", "in films: faces less plain to the identity model found and connect nobody"
    )
    false_face: float = setting(
        -0.3, -50.0, 50.0, "log odds", "what is likelier than this to be no face (wallpaper, a hand) is nobody's"
    )
