"""How raw figures become signals, and how much each signal counts.

Curves and weights are two sections, since stored signals (those of a library) depend on the curves alone.
They share a file, since a new signal needs one of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from photo_ranker.settings.sections import Curve, Section, setting

__all__ = ["Kind", "SignalSettings", "WeightSettings"]

Kind = Literal["single", "group"]
"""Whether a photo shows the person alone or with others who count; each kind has its own weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSettings(Section):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSettings(Section):
    """How much each signal counts in a score. Nothing that is stored depends on these.

    The weights of the person come from a fit on what raters prefer (``python -m bench.fit_taste DATA``), with a lower
    limit for sharpness, facing and eyes, since the sheets hold few blurred faces, profiles and closed eyes. They are
    the same in both kinds, except that a smile and the expression count less in a group.
    """

    single_sharpness: float = _weight(
        0.8,
        "single",
        "the person's face is sharp",
        "Sharp",
        chapter="How good: weights, of which only the ratios matter",
    )
    single_size: float = _weight(8.77, "single", "the person is large enough", "Size")
    single_facing: float = _weight(1.25, "single", "the person faces the camera", "Facing the camera")
    single_eyes: float = _weight(0.5, "single", "the person's eyes are open", "Eyes open")
    single_smile: float = _weight(0.59, "single", "the person smiles", "Smile")
    single_exposure: float = _weight(2.05, "single", "the person's face is well lit", "Light")
    single_clear: float = _weight(1.3, "single", "the face is seen plainly", "Clear view")
    single_expression: float = _weight(10.0, "single", "the person's expression is pleasant", "Expression")
    group_good_faces: float = _weight(0.3, "group", "share of faces that look good", "Everyone looks good")
    group_sharpness: float = _weight(0.3, "group", "mean sharpness of all faces", "Everyone sharp")
    group_person_sharpness: float = _weight(0.8, "group", "the person's face is sharp", "Person sharp")
    group_person_size: float = _weight(8.77, "group", "the person is large enough", "Person large")
    group_person_facing: float = _weight(1.25, "group", "the person faces the camera", "Person facing the camera")
    group_person_eyes: float = _weight(0.5, "group", "the person's eyes are open", "Person's eyes open")
    group_person_smile: float = _weight(0.3, "group", "the person smiles; nobody has to", "Person smiles")
    group_person_exposure: float = _weight(2.05, "group", "the person's face is well lit", "Person well lit")
    group_person_clear: float = _weight(1.3, "group", "the face is seen plainly", "Person clearly seen")
    group_person_expression: float = _weight(9.0, "group", "the person's expression is pleasant", "Person's expression")
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
