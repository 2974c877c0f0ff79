"""Every setting with its default, range, unit and meaning.

``config.py`` beside ``run_rank.py`` is the user's copy, written by :func:`render`.
Settings are passed down as one frozen object, never imported as a global.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from photo_ranker.errors import SettingError

__all__ = ["Curve", "Settings", "from_values", "render"]

Curve = tuple[float, float]
"""The raw value that scores 0 and the raw value that scores 1; straight between, flat outside."""


def _setting(default: Any, low: float, high: float, unit: str, meaning: str, *, chapter: str = "") -> Any:
    about = {"low": low, "high": high, "unit": unit, "meaning": meaning, "chapter": chapter}
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that a user may tune; see each field's metadata for range and meaning."""

    detect_side: int = _setting(
        1024,
        320,
        4096,
        "px",
        "longer side of the picture that faces are looked for in",
        chapter="Measuring: a change here measures the photos again",
    )
    detect_threshold: float = _setting(0.6, 0.1, 0.99, "0..1", "a face counts as found from this certainty on")
    smile_by_deepface: bool = _setting(
        False, 0, 1, "", "smiles are judged by deepface's emotion happy, which is measured beside ours"
    )
    max_pixels: int = _setting(300_000_000, 1_000_000, 2_000_000_000, "px", "larger pictures are refused unread")
    max_file_bytes: int = _setting(1_000_000_000, 1_000_000, 20_000_000_000, "bytes", "larger files are refused unread")

    min_face: int = _setting(
        24,
        8,
        2000,
        "px",
        "smaller faces are counted but never matched (shorter side, full picture)",
        chapter="Who",
    )
    sure_certainty: float = _setting(
        0.5, 0.01, 0.99, "0..1", "a match is sure from this probability on; higher finds fewer and errs less"
    )
    doubt_margin: float = _setting(
        0.08, 0.0, 1.0, "similarity", "matches no further below the threshold are listed as doubtful"
    )

    group_face_height: float = _setting(
        0.4,
        0.0,
        2.0,
        "of the person's face height",
        "smaller faces beside the person are passers-by",
        chapter="Single or group",
    )
    group_min_face: int = _setting(24, 8, 2000, "px", "smaller faces beside the person count for nothing")
    sure_detection: float = _setting(0.75, 0.1, 0.99, "0..1", "others count from this certainty of the detector on")

    sharpness: Curve = _setting(
        (0.2, 2.9),
        -10.0,
        10.0,
        "octaves between fine and coarse detail",
        "sharpness of a face; 2.2 is usual, 0.8 is blurred by 3% of the face (soft ends: these score 0.05 and 0.95)",
        chapter="Signals: the raw value that scores 0 and the one that scores 1",
    )
    smile: Curve = _setting((0.0, 1.0), 0.0, 1.0, "0..1", "a face smiles; it counts as smiling from 0.5 on")
    eyes_open: Curve = _setting((0.0, 1.0), 0.0, 1.0, "0..1", "eyes are open; they count as open from 0.5 on")
    facing: Curve = _setting((55.0, 10.0), 0.0, 180.0, "degrees", "a face is turned away from the camera")
    free_pitch: float = _setting(15.0, 0.0, 90.0, "degrees", "looking up or down by less than this costs no facing")
    light: Curve = _setting((0.3, 0.7), 0.0, 1.0, "of white", "brightest 5%: darker ones got too little light")
    glare: Curve = _setting((0.95, 0.75), 0.0, 1.0, "of white", "median brightness: brighter ones got too much light")
    white: Curve = _setting((0.3, 0.02), 0.0, 1.0, "of the area", "what is white without any detail")
    black: Curve = _setting((0.6, 0.1), 0.0, 1.0, "of the area", "what is black without any detail")
    noise: Curve = _setting((12.0, 1.0), 0.0, 100.0, "grey levels", "grain on a face")
    size_px: Curve = _setting((24.0, 160.0), 0.0, 10_000.0, "px", "shorter side of a face")
    size: Curve = _setting((0.02, 0.3), 0.0, 1.0, "of the picture's shorter side", "height of a face")
    looking: Curve = _setting((35.0, 10.0), 0.0, 180.0, "degrees", "the eyes look past the camera")
    visible: Curve = _setting((-5.0, -0.5), -50.0, 50.0, "log odds", "nothing hides a part of the face")
    clear_detection: Curve = _setting((0.88, 0.94), 0.0, 1.0, "0..1", "certainty of the detector for a clear view")
    clear_identity: Curve = _setting((8.0, 13.5), 0.0, 1000.0, "length", "length of the embedding for a clear view")
    not_cut: Curve = _setting((0.4, 0.0), 0.0, 1.0, "of the outline", "what of a face lies beyond the picture's edge")
    mesh_doubt: float = _setting(
        0.15, 0.0, 10.0, "of the box", "meshes further from the detector's points are not trusted; 0.03 is usual"
    )
    mesh_presence: float = _setting(0.02, 0.0, 1.0, "probability", "below this, smile, eyes and angles are unknown")
    eyes_sharpness: float = _setting(1.0, -10.0, 10.0, "octaves", "eyes of more blurred faces are unknown")
    eyes_yaw: float = _setting(40.0, 0.0, 90.0, "degrees", "eyes of faces turned further are unknown")
    eyes_size: int = _setting(28, 0, 1000, "px", "eyes of smaller faces are unknown")
    dark_glasses: float = _setting(-0.5, -20.0, 20.0, "log odds", "eyes likelier behind dark glasses are unknown")
    picture_sharpness: Curve = _setting((0.2, 2.9), -10.0, 10.0, "octaves", "the same where a picture is sharpest")
    resolution: Curve = _setting((0.0, 8.0), 0.0, 1000.0, "million pixels", "resolution of a picture")
    thirds_across: Curve = _setting(
        (0.17, 0.0), 0.0, 1.0, "of the width", "way from the faces to a third or the middle"
    )
    thirds_down: Curve = _setting((0.4, 0.0), 0.0, 1.0, "of the height", "way from the eyes to the upper third")
    headroom: Curve = _setting((-0.1, 0.02), -1.0, 1.0, "of the height", "room above the head")

    single_sharpness: float = _setting(
        3.0,
        0.0,
        100.0,
        "weight",
        "single: the person's face is sharp",
        chapter="How good: weights, of which only the ratios matter",
    )
    single_size: float = _setting(1.0, 0.0, 100.0, "weight", "single: the person is large enough")
    single_facing: float = _setting(2.5, 0.0, 100.0, "weight", "single: the person faces the camera")
    single_eyes: float = _setting(6.0, 0.0, 100.0, "weight", "single: the person's eyes are open")
    single_smile: float = _setting(4.0, 0.0, 100.0, "weight", "single: the person smiles")
    single_exposure: float = _setting(1.0, 0.0, 100.0, "weight", "single: the person's face is well lit")
    single_clear: float = _setting(2.5, 0.0, 100.0, "weight", "single: the models see the person's face plainly")
    group_good_faces: float = _setting(4.0, 0.0, 100.0, "weight", "group: share of faces that look good")
    group_sharpness: float = _setting(1.0, 0.0, 100.0, "weight", "group: mean sharpness of all faces")
    group_person_sharpness: float = _setting(3.0, 0.0, 100.0, "weight", "group: the person's face is sharp")
    group_person_size: float = _setting(1.0, 0.0, 100.0, "weight", "group: the person is large enough")
    group_person_facing: float = _setting(2.5, 0.0, 100.0, "weight", "group: the person faces the camera")
    group_person_eyes: float = _setting(4.0, 0.0, 100.0, "weight", "group: the person's eyes are open")
    group_person_smile: float = _setting(3.0, 0.0, 100.0, "weight", "group: the person smiles; nobody has to")
    group_person_exposure: float = _setting(1.0, 0.0, 100.0, "weight", "group: the person's face is well lit")
    group_person_clear: float = _setting(2.5, 0.0, 100.0, "weight", "group: the models see the person's face plainly")
    good_facing: float = _setting(0.5, 0.0, 1.0, "0..1", "group: a good face has at least this facing")
    good_eyes: float = _setting(0.5, 0.0, 1.0, "0..1", "group: a good face has eyes at least this open")
    penalty_hidden: float = _setting(0.5, 0.0, 1.0, "of the score", "what a wholly hidden face loses")
    penalty_cut: float = _setting(0.5, 0.0, 1.0, "of the score", "what a face cut off by the frame loses")
    heavy_blur: float = _setting(0.4, 0.0, 1.0, "0..1", "a sharpness below this is a defect")
    penalty_blur: float = _setting(0.5, 0.0, 1.0, "of the score", "what a face without any sharpness loses")
    bad_light: float = _setting(0.5, 0.0, 1.0, "0..1", "an exposure below this is a defect")
    penalty_light: float = _setting(0.4, 0.0, 1.0, "of the score", "what a face in hopeless light loses")

    duplicate_bits: int = _setting(
        6,
        0,
        64,
        "bits of 64",
        "pictures that differ in no more bits are near-duplicates",
        chapter="Which: one moment or two",
    )
    alike_bits: int = _setting(18, 0, 64, "bits of 64", "pictures of a burst differ in no more bits")
    burst_seconds: float = _setting(10.0, 0.0, 3600.0, "seconds", "photos of one moment are no further apart")
    same_place: float = _setting(0.4, 0.0, 1.0, "overlap", "faces of one moment overlap at least so much")
    spread: float = _setting(0.15, 0.0, 1.0, "of the score", "--distinct: what standing beside a chosen photo costs")
    context_seconds: float = _setting(
        120.0, 0.0, 86400.0, "seconds", "--with-context: photos without faces no further from a chosen one go along"
    )
    stars: tuple[float, float, float, float] = _setting(
        (0.4, 0.55, 0.7, 0.85),
        0.0,
        1.0,
        "score",
        "ratings: the scores from which a photo gets 2, 3, 4 and 5 stars; the rest get 1",
        chapter="Ratings that other programs read",
    )

    solid_face: int = _setting(
        40,
        8,
        2000,
        "px",
        "smaller faces join the people that others make, but found and connect none",
        chapter="Everyone: who is in an album",
    )
    solid_turn: float = _setting(55.0, 10.0, 180.0, "degrees", "faces turned further found and connect nobody")
    solid_sharpness: float = _setting(0.4, -10.0, 10.0, "octaves", "faces less sharp found and connect nobody")
    solid_clarity: float = _setting(
        9.0,
        0.0,
        50.0,
        "length",
        "in films: faces less plain to the identity model found and connect nobody",
    )

    event_technical: float = _setting(
        2.0,
        0.0,
        100.0,
        "weight",
        "sharpness and exposure of the picture and its faces",
        chapter="Event: how good a photo is for everyone; of weights only the ratios matter",
    )
    event_composition: float = _setting(1.0, 0.0, 100.0, "weight", "how the faces lie in the picture")
    event_expression: float = _setting(2.0, 0.0, 100.0, "weight", "eyes, smiles and looks of those who count")
    event_context: float = _setting(2.0, 0.0, 100.0, "weight", "who of the named people is there and looks good")
    event_main: float = _setting(3.0, 0.0, 100.0, "weight", "a person of the category main")
    event_important: float = _setting(2.0, 0.0, 100.0, "weight", "a person of the category important")
    event_other: float = _setting(1.0, 0.0, 100.0, "weight", "a person of the category other")
    event_stranger: float = _setting(0.25, 0.0, 100.0, "weight", "a face that belongs to nobody known")
    require_all_eyes_open: bool = _setting(False, 0, 1, "", "a photo scores 0 when anyone who counts blinks")
    require_all_facing: bool = _setting(False, 0, 1, "", "a photo scores 0 when anyone who counts looks away")
    moment_gap: float = _setting(1800.0, 1.0, 86400.0, "seconds", "a pause so long begins a new moment of the event")

    def __post_init__(self) -> None:
        """Refuse a value out of its range, whoever sets it."""
        for item in fields(self):
            value = getattr(self, item.name)
            if value is not item.default:
                object.__setattr__(self, item.name, _check(item.name, value, item.default, item.metadata))


def from_values(values: Mapping[str, Any]) -> Settings:
    """Settings from names and values; an unknown name or a bad value is a :class:`SettingError`."""
    known = [item.name for item in fields(Settings)]
    for name in values:
        if name not in known:
            raise SettingError(f"unknown setting {name.upper()}", _closest(name, known))
    return Settings(**values)


def _closest(name: str, known: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, 1)
    return f"did you mean {close[0].upper()}?" if close else "config.py lists all that there are"


def _check(name: str, value: Any, default: Any, about: Mapping[str, Any]) -> Any:
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
    if isinstance(value, bool):
        return False
    return isinstance(value, int) if kind is int else isinstance(value, (int, float))


def render() -> str:
    """The text of config.py: every setting with its default, unit and meaning."""
    lines = [
        '"""Your tuning of Photo Ranker: change a value, run again.',
        "",
        "Read by run_rank.py beside it, and by photo-ranker with --config FILE.",
        '"""',
    ]
    for item in fields(Settings):
        about = item.metadata
        if about["chapter"]:
            lines += ["", f"# {about['chapter']}"]
        if isinstance(item.default, bool):
            lines += ["", f"# {about['meaning']}"]
        else:
            lines += ["", f"# {about['meaning']} ({about['unit']}; {about['low']} to {about['high']})"]
        lines.append(f"{item.name.upper()} = {item.default!r}")
    return "\n".join(lines) + "\n"
