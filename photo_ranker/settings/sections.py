"""The sections of settings that are not about signals; each class says what depends on it."""

from __future__ import annotations

from dataclasses import dataclass

from photo_ranker.settings.declaring import Section, setting

__all__ = ["EventSettings", "MatchSettings", "MeasureSettings", "MomentSettings", "PeopleSettings"]

# What changes a measurement, and which files are measured at all.


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings(Section):
    """The only settings that workers receive, so that no stored measurement can depend on any other."""

    detect_side: int = setting(
        1024,
        320,
        4096,
        "px",
        "longer side of the picture that faces are looked for in",
        chapter="Measuring: a change here measures the photos again",
    )
    detect_threshold: float = setting(0.6, 0.1, 0.99, "0..1", "a face counts as found from this certainty on")
    smile_by_deepface: bool = setting(
        False, 0, 1, "", "smiles are judged by deepface's emotion happy, which is measured beside ours"
    )
    max_pixels: int = setting(300_000_000, 1_000_000, 2_000_000_000, "px", "larger pictures are refused unread")
    max_file_bytes: int = setting(1_000_000_000, 1_000_000, 20_000_000_000, "bytes", "larger files are refused unread")


# Which faces are the person.


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings(Section):
    """Which faces are compared at all, and how similar one must be to be a sure or a doubtful match."""

    min_face: int = setting(
        12,
        8,
        2000,
        "px",
        "smaller faces are counted but never matched (shorter side, full picture)",
        chapter="Who",
    )
    sure_certainty: float = setting(
        0.5, 0.01, 0.99, "0..1", "a match is sure from this probability on; higher finds fewer and errs less"
    )
    doubt_margin: float = setting(
        0.08, 0.0, 1.0, "similarity", "matches no further below the threshold are listed as doubtful"
    )


# Which photos show one moment, and how a selection spreads over the moments.


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentSettings(Section):
    """When photos count as near-duplicates or one burst, and how --distinct and --with-context use that."""

    duplicate_bits: int = setting(
        6,
        0,
        64,
        "bits of 64",
        "pictures that differ in no more bits are near-duplicates",
        chapter="Which: one moment or two",
    )
    alike_bits: int = setting(18, 0, 64, "bits of 64", "pictures of a burst differ in no more bits")
    burst_seconds: float = setting(10.0, 0.0, 3600.0, "seconds", "photos of one moment are no further apart")
    same_place: float = setting(0.4, 0.0, 1.0, "overlap", "faces of one moment overlap at least so much")
    unusual: float = setting(
        0.1,
        0.0,
        1.0,
        "of the score",
        "among the photos of a moment: what eyes shut or a mouth open, against the person's usual ones, costs",
    )
    spread: float = setting(0.15, 0.0, 1.0, "of the score", "--distinct: what standing beside a chosen photo costs")
    context_seconds: float = setting(
        120.0, 0.0, 86400.0, "seconds", "--with-context: photos without faces no further from a chosen one go along"
    )


# Which faces are good enough to start a person when all faces of an album are grouped.


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


# How good a photo of an event is for everyone who matters.


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
