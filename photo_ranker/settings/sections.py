"""How a setting is declared, and all sections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from photo_ranker.errors import SettingError

__all__ = [
    "Curve",
    "EventSettings",
    "Kind",
    "MatchSettings",
    "MeasureSettings",
    "MomentSettings",
    "PeopleSettings",
    "Section",
    "Setting",
    "SignalSettings",
    "WeightSettings",
    "setting",
]

# How a setting is declared: the class holds its default, range, unit and meaning, and every value is checked.


Curve = tuple[float, float]
"""The raw values that score 0 and 1: linear between them, constant outside; the first may be the larger."""


class Setting(msgspec.Struct, frozen=True):
    """The declaration of a setting."""

    default: Any
    low: float
    high: float
    unit: str
    meaning: str
    chapter: str = ""
    """The chapter of config.py that it starts."""
    slider: Literal["single", "group", "both"] | None = None
    """The kind of photos for which a slider moves it."""
    label: str = ""
    """The words beside the slider."""


def setting(default: Any, low: float, high: float, unit: str, meaning: str, **more: Any) -> Any:
    """A field of a section, whose values are of the default's type."""
    return Setting(default, low, high, unit, meaning, **more)


class Section(msgspec.Struct, frozen=True):
    """Base of all sections: refuses a value out of its range, whether config.py, the API or the app sets it."""

    @classmethod
    def declared(cls) -> Mapping[str, Setting]:
        """The settings of the section, by name."""
        return dict(zip(cls.__struct_fields__, cls.__struct_defaults__, strict=True))

    def __post_init__(self) -> None:
        """Put defaults in the place of their declarations, and check every other value."""
        for name, about in self.declared().items():
            value = getattr(self, name)
            # Defaults are within their ranges (a test checks them), so comparing identities saves most of the work.
            if value is not about.default:
                value = about.default if value is about else _checked(name, value, about)
                msgspec.structs.force_setattr(self, name, value)


def _checked(name: str, value: Any, about: Setting) -> Any:
    default, low, high, unit = about.default, about.low, about.high, about.unit
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
        raise SettingError(f"setting {name.upper()} is {_shown(value)}", f"it must be {wanted}: {about.meaning}")
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


class MeasureSettings(Section, frozen=True, kw_only=True):
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


class MatchSettings(Section, frozen=True, kw_only=True):
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


class MomentSettings(Section, frozen=True, kw_only=True):
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


class PeopleSettings(Section, frozen=True, kw_only=True):
    """What is not a face at all, and which faces only join people that others make: they start and connect none."""

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


class EventSettings(Section, frozen=True, kw_only=True):
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


# How raw figures become signals, and how much each signal counts. Curves and weights are two sections, since stored
# signals (those of a library) depend on the curves alone.


Kind = Literal["single", "group"]
"""Whether a photo shows the person alone or with others who count; each kind has its own weights."""


class SignalSettings(Section, frozen=True, kw_only=True):
    """Which faces count in a photo, and the curves from raw figures to [0, 1]. A change needs no new measuring."""

    group_face_height: float = setting(
        0.4,
        0.0,
        2.0,
        "of the person's face height",
        "smaller faces beside the person are passers-by",
        chapter="Single or group",
    )
    group_min_face: int = setting(24, 8, 2000, "px", "smaller faces beside the person count for nothing")
    sure_detection: float = setting(0.75, 0.1, 0.99, "0..1", "others count from this certainty of the detector on")
    good_facing: float = setting(0.5, 0.0, 1.0, "0..1", "group: a good face has at least this facing")
    good_eyes: float = setting(0.5, 0.0, 1.0, "0..1", "group: a good face has eyes at least this open, and on us")

    sharpness: Curve = setting(
        (0.2, 2.9),
        -10.0,
        10.0,
        "octaves between fine and coarse detail",
        "sharpness of a face; 2.2 is usual, 0.8 is blurred by 3% of the face (soft ends: these score 0.05 and 0.95)",
        chapter="Signals: the raw value that scores 0 and the one that scores 1",
    )
    smile: Curve = setting((0.0, 1.0), 0.0, 1.0, "0..1", "a face smiles; it counts as smiling from 0.5 on")
    eyes_open: Curve = setting((0.0, 1.0), 0.0, 1.0, "0..1", "eyes are open; they count as open from 0.5 on")
    facing: Curve = setting((55.0, 10.0), 0.0, 180.0, "degrees", "a face is turned away from the camera")
    free_pitch: float = setting(15.0, 0.0, 90.0, "degrees", "looking up or down by less than this costs no facing")
    light: Curve = setting((0.3, 0.7), 0.0, 1.0, "of white", "brightest 5%: darker ones got too little light")
    glare: Curve = setting((0.95, 0.75), 0.0, 1.0, "of white", "median brightness: brighter ones got too much light")
    white: Curve = setting((0.3, 0.02), 0.0, 1.0, "of the area", "what is white without any detail")
    black: Curve = setting((0.6, 0.1), 0.0, 1.0, "of the area", "what is black without any detail")
    noise: Curve = setting((12.0, 1.0), 0.0, 100.0, "grey levels", "grain on a face")
    size_px: Curve = setting(
        (30.0, 400.0), 0.0, 10_000.0, "px", "shorter side of a face; equal ratios score equal steps"
    )
    size: Curve = setting(
        (0.03, 0.4), 0.0, 1.0, "of the picture's shorter side", "height of a face; equal ratios score equal steps"
    )
    looking: Curve = setting((35.0, 10.0), 0.0, 180.0, "degrees", "the eyes look past the camera")
    looking_down: Curve = setting((0.6, 0.4), 0.0, 1.0, "0..1", "lids are lowered, so the eyes look down")
    smiling_lids: Curve = setting((0.3, 0.7), 0.0, 1.0, "0..1", "a smile lowers the lids of eyes that look at us")
    visible: Curve = setting((-1.5, 1.5), -50.0, 50.0, "log odds", "nothing hides a part of the face")
    visible_yaw: float = setting(35.0, 0.0, 90.0, "degrees", "whether faces turned further are hidden is unknown")
    clear_detection: Curve = setting((0.88, 0.94), 0.0, 1.0, "0..1", "certainty of the detector for a clear view")
    clear_identity: Curve = setting((8.0, 13.5), 0.0, 1000.0, "length", "length of the embedding for a clear view")
    not_cut: Curve = setting((0.4, 0.0), 0.0, 1.0, "of the outline", "what of a face lies beyond the picture's edge")
    expression: Curve = setting((0.0, 1.0), 0.0, 1.0, "0..1", "how pleasant, genuine and composed a face is")
    mesh_doubt: float = setting(
        0.15, 0.0, 10.0, "of the box", "meshes further from the detector's points are not trusted; 0.03 is usual"
    )
    mesh_presence: float = setting(0.02, 0.0, 1.0, "probability", "below this, smile, eyes and angles are unknown")
    eyes_sharpness: float = setting(1.0, -10.0, 10.0, "octaves", "eyes of more blurred faces are unknown")
    eyes_yaw: float = setting(40.0, 0.0, 90.0, "degrees", "eyes of faces turned further are unknown")
    eyes_size: int = setting(28, 0, 1000, "px", "eyes of smaller faces are unknown")
    dark_glasses: float = setting(-0.5, -20.0, 20.0, "log odds", "eyes likelier behind dark glasses are unknown")
    picture_sharpness: Curve = setting((0.2, 2.9), -10.0, 10.0, "octaves", "the same where a picture is sharpest")
    resolution: Curve = setting((0.0, 8.0), 0.0, 1000.0, "million pixels", "resolution of a picture")
    thirds_across: Curve = setting((0.17, 0.0), 0.0, 1.0, "of the width", "way from the faces to a third or the middle")
    thirds_down: Curve = setting((0.4, 0.0), 0.0, 1.0, "of the height", "way from the eyes to the upper third")
    headroom: Curve = setting((-0.1, 0.02), -1.0, 1.0, "of the height", "room above the head")


def _weight(default: float, kind: Kind, meaning: str, label: str, chapter: str = "") -> Any:
    """The weight of a signal in one kind of photo; ``label`` is its slider's."""
    meaning = f"{kind}: {meaning}"
    return setting(default, 0.0, 100.0, "weight", meaning, chapter=chapter, slider=kind, label=label)


def _penalty(default: float, meaning: str, label: str) -> Any:
    """What a defect takes from the score of either kind of photo."""
    return setting(default, 0.0, 1.0, "of the score", meaning, slider="both", label=label)


class WeightSettings(Section, frozen=True, kw_only=True):
    """How much each signal counts in a score. Nothing that is stored depends on these.

    The weights of the person come from a fit to what raters prefer (``python -m bench.fit_taste DATA``), with a lower
    limit for sharpness, facing and eyes, since the sheets hold few blurred faces, profiles and closed eyes. They are
    the same in both kinds, except that a smile and the expression count less in a group.
    """

    single_sharpness: float = _weight(
        1.23,
        "single",
        "the person's face is sharp",
        "Sharp",
        chapter="How good: weights, of which only the ratios matter",
    )
    single_size: float = _weight(9.08, "single", "the person is large enough", "Size")
    single_facing: float = _weight(1.25, "single", "the person faces the camera", "Facing the camera")
    single_eyes: float = _weight(0.5, "single", "the person's eyes are open", "Eyes open")
    single_smile: float = _weight(0.4, "single", "the person smiles", "Smile")
    single_exposure: float = _weight(2.01, "single", "the person's face is well lit", "Light")
    single_clear: float = _weight(0.66, "single", "the face is seen plainly", "Clear view")
    single_expression: float = _weight(10.0, "single", "the person's expression is pleasant", "Expression")
    group_good_faces: float = _weight(0.3, "group", "share of faces that look good", "Everyone looks good")
    group_sharpness: float = _weight(0.3, "group", "mean sharpness of all faces", "Everyone sharp")
    group_person_sharpness: float = _weight(1.23, "group", "the person's face is sharp", "Person sharp")
    group_person_size: float = _weight(9.08, "group", "the person is large enough", "Person large")
    group_person_facing: float = _weight(1.25, "group", "the person faces the camera", "Person facing the camera")
    group_person_eyes: float = _weight(0.5, "group", "the person's eyes are open", "Person's eyes open")
    group_person_smile: float = _weight(0.2, "group", "the person smiles; nobody has to", "Person smiles")
    group_person_exposure: float = _weight(2.01, "group", "the person's face is well lit", "Person well lit")
    group_person_clear: float = _weight(0.66, "group", "the face is seen plainly", "Person clearly seen")
    group_person_expression: float = _weight(9.0, "group", "the person's expression is pleasant", "Person's expression")
    unseen_expression: float = setting(
        0.15, 0.0, 1.0, "0..1", "what an expression counts as that cannot be seen, as in profile and from behind"
    )
    penalty_hidden: float = _penalty(0.1, "what a wholly hidden face loses", "Penalty for covered faces")
    penalty_cut: float = _penalty(0.3, "what a face cut off by the frame loses", "Penalty for faces cut off")
    penalty_collage: float = _penalty(
        0.2, "what a photo loses that shows the person twice", "Penalty for showing somebody twice"
    )
    heavy_blur: float = setting(0.4, 0.0, 1.0, "0..1", "a sharpness below this is a defect")
    penalty_blur: float = _penalty(0.5, "what a face without any sharpness loses", "Penalty for blur")
    bad_light: float = setting(0.5, 0.0, 1.0, "0..1", "an exposure below this is a defect")
    penalty_light: float = _penalty(0.2, "what a face in hopeless light loses", "Penalty for bad light")
    stars: tuple[float, float, float, float] = setting(
        (0.4, 0.55, 0.7, 0.85),
        0.0,
        1.0,
        "score",
        "ratings: the scores from which a photo gets 2, 3, 4 and 5 stars; the rest get 1",
        chapter="Ratings that other programs read",
    )
    as_good: float = setting(
        0.019,
        0.0,
        1.0,
        "of the score",
        "photos whose scores differ by less are as good as each other: raters agree with under 60% of such orders",
        chapter="As good: the noise of a score",
    )

    def __post_init__(self) -> None:
        """Check the values, and that each further star needs a higher score."""
        Section.__post_init__(self)
        if list(self.stars) != sorted(self.stars):
            raise SettingError(f"setting STARS is {self.stars}", "its scores must rise: for 2, 3, 4 and 5 stars")
