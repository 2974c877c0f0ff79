"""How a setting is declared, and the sections of those that are not about signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar

from photo_ranker.errors import SettingError

__all__ = [
    "Curve",
    "EventSettings",
    "MatchSettings",
    "MeasureSettings",
    "MomentSettings",
    "PeopleSettings",
    "Section",
    "setting",
]

# How a setting is declared: its default, range, unit and meaning stand in the field, and every value is checked.


Curve = tuple[float, float]
"""The raw values that score 0 and 1: linear between them, constant outside; the first may be the larger."""


def setting(
    default: Any, low: float, high: float, unit: str, meaning: str, *, chapter: str = "", **facts: object
) -> Any:
    """A field of a section. ``chapter`` starts a chapter of config.py; other facts are kept in the field's metadata."""
    about = {"low": low, "high": high, "unit": unit, "meaning": meaning, "chapter": chapter, **facts}
    return field(default=default, metadata=about)


class Section:
    """Base of all sections: refuses a value out of its range, whether config.py, the API or the app sets it."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __post_init__(self) -> None:
        """Check every value that is not the default."""
        for item in fields(self):
            value = getattr(self, item.name)
            # Defaults are within their ranges (a test checks them), so comparing identities saves most of the work.
            if value is not item.default:
                object.__setattr__(self, item.name, _checked(item.name, value, item.default, item.metadata))


def _checked(name: str, value: Any, default: Any, about: Mapping[str, Any]) -> Any:
    low, high, unit = about["low"], about["high"], about["unit"]
    if isinstance(default, tuple):
        fits = (
            isinstance(value, (tuple, list))
            and len(value) == len(default)
            and all(_is_number(part, float) and low <= part <= high for part in value)
        )
        wanted = f"{len(default)} numbers from {low} to {high} ({unit})"
        value = tuple(value) if fits else value
    elif isinstance(default, bool):
        fits, wanted = isinstance(value, bool), "True or False"
    else:
        fits = _is_number(value, type(default)) and low <= value <= high
        wanted = f"a {'whole ' if isinstance(default, int) else ''}number from {low} to {high} ({unit})"
    if not fits:
        raise SettingError(f"setting {name.upper()} is {_shown(value)}", f"it must be {wanted}: {about['meaning']}")
    return value


def _shown(value: Any) -> str:
    """A value in one short line, whatever it is."""
    try:
        text = repr(value)
    except ValueError:  # Python does not print whole numbers of more than 4,300 digits
        text = "a number of thousands of digits"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _is_number(value: Any, kind: type) -> bool:
    # Python counts True as an int, but MIN_FACE = True is a mistake.
    if isinstance(value, bool):
        return False
    return isinstance(value, int) if kind is int else isinstance(value, (int, float))


# The sections of settings that are not about signals; each class says what depends on it.


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
    context_files: int = setting(
        3, 0, 1000, "files", "the same where a photo has no time: no further in the order of the files of a folder"
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
