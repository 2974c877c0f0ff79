"""The table of signals, and what a face, or a whole picture, is worth by each of them.

A signal is a named value in [0, 1], higher is better, made of raw figures by a curve of the settings; ``None`` where
it is not known. Whatever lists signals (weights, reasons, tables, documents, pages) reads the table.
"""

from __future__ import annotations

from functools import cache
from math import exp, hypot, log
from typing import Literal, NamedTuple, overload

import msgspec

from photo_ranker.ranker.expression import (
    expression_score,
    eyes_open_score,
    gaze,
    hidden_odds,
    looking_down,
    smile_score,
)
from photo_ranker.records import Face, FaceFigures, MeshFigures, PhotoRecord, PictureFigures
from photo_ranker.settings import Curve, Kind, Settings, SignalSettings

__all__ = [
    "DEFECTS",
    "OF_A_FACE",
    "SIGNALS",
    "Defect",
    "FaceSignals",
    "Looks",
    "PhotoSignals",
    "Signal",
    "Words",
    "columns",
    "curve",
    "exposure",
    "face_signals",
    "looks",
    "photo_signals",
    "ratio_curve",
    "soft_curve",
]


class Words(NamedTuple):
    """What is said of a photo by a signal that is good, weak or bad."""

    good: str
    weak: str
    bad: str


class Signal(NamedTuple):
    """A row of the table."""

    name: str
    """The field of :class:`FaceSignals`, of the JSON document, the column of tables and libraries."""
    about: str
    """What docs/FORMATS.md says of it."""
    figures: tuple[str, ...] = ()
    """The raw figures that it is made of: fields of ``face``, its ``figures`` and its ``mesh``."""
    curves: tuple[str, ...] = ()
    """The settings of the section ``signals`` that it depends on."""
    unit: Literal["0..1", "degrees"] = "0..1"
    single: str = ""
    group: str = ""
    """The names of its weights in photos of each kind; empty = it does not count there."""
    words: Words | None = None
    """Why a photo is good or not; every signal with a weight has them."""
    label: str = ""
    """What the pages call it."""
    short: str = ""
    """The same on the small cards of a report; empty = it is not on them."""
    shown: Literal["viewer", "report", ""] = ""
    """``viewer``: in the app and in reports; ``report``: only there."""
    column: Literal["first", "added", ""] = ""
    """In csv and parquet: among the first columns, or behind all that were there before; new ones are added."""

    def weight(self, kind: Kind) -> str:
        """The name of its weight in a kind of photo."""
        return self.single if kind == "single" else self.group


class Defect(NamedTuple):
    """What no merit makes up for: a signal that takes a share of the whole score when it is bad."""

    name: str
    signal: str
    penalty: str
    """The setting that says how large the share is."""
    limit: str
    """The setting below which the signal is a defect, which begins softly there; empty = below 1."""
    words: Words
    replaces: str
    """The signal that says the same thing: two words for one matter contradict each other, so the stronger is said."""


SIGNALS = (
    Signal("sharpness", "sharpness of the face", ("figures.sharpness",), ("sharpness",),
           single="single_sharpness", group="group_person_sharpness", words=Words("sharp", "slightly soft", "blurred"),
           label="Sharp", short="Sharp", shown="viewer", column="first"),
    Signal("smile", "the person smiles",
           ("mesh.expressions", "mesh.mouth_lift", "mesh.mouth_cheek", "mesh.mouth_chin", "face.happy"), ("smile",),
           single="single_smile", group="group_person_smile", words=Words("smiling", "not smiling", "not smiling"),
           label="Smile", short="Smile", shown="viewer", column="first"),
    Signal("eyes_open", "the eyes are open", ("mesh.expressions", "mesh.iris_drop", "figures.dark_glasses"),
           ("eyes_open", "eyes_yaw", "eyes_size", "eyes_sharpness", "dark_glasses"),
           single="single_eyes", group="group_person_eyes", words=Words("eyes open", "eyes half closed", "eyes closed"),
           label="Eyes open", short="Eyes", shown="viewer", column="first"),
    Signal("facing", "turned to the camera", ("mesh.yaw", "mesh.pitch"), ("facing", "free_pitch"),
           single="single_facing", group="group_person_facing",
           words=Words("facing the camera", "turned a little", "turned away"),
           label="Facing the camera", short="Facing", shown="viewer", column="first"),
    Signal("exposure", "light on the face",
           ("figures.bright_end", "figures.brightness", "figures.white", "figures.black"),
           ("light", "glare", "white", "black"), single="single_exposure", group="group_person_exposure",
           words=Words("well lit", "light not ideal", "badly lit"),
           label="Light", short="Light", shown="viewer", column="first"),
    Signal("yaw_degrees", "0 = frontal, positive = turned to the right side of the picture", ("mesh.yaw",),
           unit="degrees", column="first"),
    Signal("pitch_degrees", "positive = looking up", ("mesh.pitch",), unit="degrees", column="first"),
    Signal("roll_degrees", "positive = tilted clockwise in the picture", ("mesh.roll",), unit="degrees",
           column="first"),
    Signal("looking", "1 = the eyes look into the camera, also from a turned head",
           ("mesh.expressions", "mesh.yaw", "mesh.pitch"),
           ("looking", "free_pitch", "looking_down", "smiling_lids"),
           label="Looking at the camera", shown="report"),
    Signal("size", "how large the face is in its picture", ("face.box",), ("size", "size_px"),
           single="single_size", group="group_person_size",
           words=Words("large in the picture", "small in the picture", "tiny in the picture"),
           label="Size", shown="viewer", column="first"),
    Signal("noise", "1 = no noise", ("figures.noise",), ("noise",), label="Free of noise", shown="report",
           column="first"),
    Signal("visible", "1 = nothing hides the face", ("face.look", "mesh.yaw"),
           ("visible", "visible_yaw"),
           label="Not covered", shown="viewer", column="first"),
    Signal("not_cut", "1 = wholly inside the picture", ("figures.outside",), ("not_cut",),
           label="Not cut off", shown="viewer", column="first"),
    Signal("clear", "how plainly the models see the face", ("face.detection", "face.clarity"),
           ("clear_detection", "clear_identity"), single="single_clear", group="group_person_clear",
           words=Words("a clear view of the face", "no clear view of the face", "face hardly seen"),
           label="Clear view", shown="report"),
    Signal("expression", "how pleasant, genuine and composed the face is",
           ("mesh.expressions", "mesh.mouth_lift", "mesh.mouth_cheek", "mesh.mouth_chin", "mesh.iris_drop",
            "face.look"), ("expression",), single="single_expression", group="group_person_expression",
           words=Words("pleasant expression", "plain expression", "unflattering expression"),
           label="Expression", shown="viewer", column="added"),
    # What others add to a photo; known only where there are some.
    Signal("good_faces", "share of all faces that are turned to the camera with open eyes",
           curves=("good_facing", "good_eyes"), group="group_good_faces",
           words=Words("everyone looks good", "some look away or blink", "most look away or blink")),
    Signal("group_sharpness", "mean sharpness of all faces", group="group_sharpness",
           words=Words("everyone sharp", "some faces soft", "faces blurred")),
)  # fmt: skip
"""In the order of documents and tables."""

DEFECTS = (
    Defect("hidden", "visible", "penalty_hidden", "", Words("", "partly hidden", "face hidden"), replaces="clear"),
    Defect("cut", "not_cut", "penalty_cut", "", Words("", "slightly cut off", "cut off by the frame"), replaces=""),
    Defect("heavy_blur", "sharpness", "penalty_blur", "heavy_blur", Words("", "blurred", "blurred"), "sharpness"),
    Defect("bad_light", "exposure", "penalty_light", "bad_light", Words("", "badly lit", "badly lit"), "exposure"),
)


class Looks(msgspec.Struct, frozen=True, gc=False):
    """The signals of one face that say how somebody looks: all that an event asks."""

    sharpness: float | None = None
    smile: float | None = None
    eyes_open: float | None = None
    facing: float | None = None


class FaceSignals(Looks, frozen=True, gc=False):
    """The signals of one face, by the names of the table."""

    exposure: float | None = None
    yaw_degrees: float | None = None
    pitch_degrees: float | None = None
    roll_degrees: float | None = None
    looking: float | None = None
    size: float | None = None
    noise: float | None = None
    visible: float | None = None
    not_cut: float | None = None
    clear: float | None = None
    expression: float | None = None


OF_A_FACE = tuple(signal for signal in SIGNALS if signal.name in FaceSignals.__struct_fields__)
"""The rows of one face alone, without what others add."""


def columns(when: Literal["first", "added"]) -> tuple[str, ...]:
    """The signals in csv and parquet that are among the first columns, or those that were added later."""
    return tuple(signal.name for signal in SIGNALS if signal.column == when)


def looks(face: Face, settings: Settings) -> Looks:
    """How one face of a photo looks; half the work of :func:`face_signals`."""
    return Looks(*_looks(face, face.figures, _trusted(face.mesh, settings.signals), settings))


def face_signals(face: Face, record: PhotoRecord, settings: Settings) -> FaceSignals:
    """The signals of one face of a photo."""
    curves, figures, found = settings.signals, face.figures, face.mesh
    mesh = _trusted(found, curves)
    sharpness, smile, eyes_open, facing = _looks(face, figures, mesh, settings)
    return FaceSignals(
        sharpness=sharpness,
        smile=smile,
        eyes_open=eyes_open,
        facing=facing,
        exposure=None if figures is None else exposure(figures, curves),
        yaw_degrees=None if mesh is None else mesh.yaw,
        pitch_degrees=None if mesh is None else mesh.pitch,
        roll_degrees=None if mesh is None else mesh.roll,
        looking=None if mesh is None else _looking(mesh, eyes_open, curves),
        size=_size(face, record, curves),
        noise=None if figures is None else curve(figures.noise, curves.noise),
        visible=_visible(face, found, curves),
        not_cut=None if figures is None else curve(figures.outside, curves.not_cut),
        clear=_clear(face, curves),
        expression=None if mesh is None else curve(expression_score(mesh, face.look), curves.expression),
    )


def _looks(
    face: Face, figures: FaceFigures | None, mesh: MeshFigures | None, settings: Settings
) -> tuple[float | None, float | None, float | None, float | None]:
    curves = settings.signals
    return (
        None if figures is None else soft_curve(figures.sharpness, curves.sharpness),
        _smile(face, mesh, settings),
        None if mesh is None else _eyes_open(face, mesh, figures, curves),
        None if mesh is None else _facing(mesh, curves),
    )


def _trusted(mesh: MeshFigures | None, settings: SignalSettings) -> MeshFigures | None:
    """The mesh, unless it lies beside the face."""
    if mesh is None or mesh.presence < settings.mesh_presence or mesh.doubt > settings.mesh_doubt:
        return None
    return mesh


def _smile(face: Face, mesh: MeshFigures | None, settings: Settings) -> float | None:
    ends = settings.signals.smile
    if settings.measure.smile_by_deepface:
        return None if face.happy is None else curve(face.happy, ends)
    return None if mesh is None else curve(smile_score(mesh), ends)


def _eyes_open(face: Face, mesh: MeshFigures, figures: FaceFigures | None, settings: SignalSettings) -> float | None:
    """Unknown where eyes cannot be seen: in profile, too small, blurred, behind dark glasses."""
    if abs(mesh.yaw) > settings.eyes_yaw or face.size_px < settings.eyes_size:
        return None
    if figures is not None and _hides_eyes(figures, settings):
        return None
    return curve(eyes_open_score(mesh), settings.eyes_open)


def _hides_eyes(figures: FaceFigures, settings: SignalSettings) -> bool:
    if figures.sharpness is not None and figures.sharpness < settings.eyes_sharpness:
        return True
    return figures.dark_glasses is not None and figures.dark_glasses > settings.dark_glasses


def _looking(mesh: MeshFigures, eyes_open: float | None, settings: SignalSettings) -> float | None:
    """Unknown where eyes are unknown or closed."""
    if eyes_open is None or eyes_open < 0.5:
        return None
    across, up = gaze(mesh)
    at_us = curve(hypot(across, max(0.0, abs(up) - settings.free_pitch)), settings.looking)
    level = curve(looking_down(mesh), settings.looking_down)
    if level < 1:  # lowered lids: of few faces, so few are asked for a smile
        level = max(level, curve(smile_score(mesh), settings.smiling_lids))
    return at_us * level


def _visible(face: Face, mesh: MeshFigures | None, settings: SignalSettings) -> float | None:
    """Unknown of faces turned away, which look half covered; known also where the mesh is not to be trusted."""
    if mesh is None or face.look is None or abs(mesh.yaw) > settings.visible_yaw:
        return None
    covered = hidden_odds(face.look)
    return None if covered is None else curve(-covered, settings.visible)


def _facing(mesh: MeshFigures, settings: SignalSettings) -> float:
    tilt = max(0.0, abs(mesh.pitch) - settings.free_pitch)
    return curve(hypot(mesh.yaw, tilt), settings.facing)


def _size(face: Face, record: PhotoRecord, settings: SignalSettings) -> float | None:
    """Large in the picture, and made of enough pixels: the mean of both."""
    shorter = min(record.width, record.height)
    if not shorter:
        return None
    in_picture = ratio_curve(max(face.box[2:]) / shorter, settings.size)
    return (ratio_curve(face.size_px, settings.size_px) + in_picture) / 2


def _clear(face: Face, settings: SignalSettings) -> float:
    found = curve(face.detection, settings.clear_detection)
    return found if face.clarity is None else (found + curve(face.clarity, settings.clear_identity)) / 2


# From a raw value to a score.


@overload
def curve(value: float, ends: Curve) -> float: ...
@overload
def curve(value: None, ends: Curve) -> None: ...
def curve(value: float | None, ends: Curve) -> float | None:
    """Where a raw value lies between the one that scores 0 and the one that scores 1; flat beyond."""
    if value is None:
        return None
    zero, one = ends
    if zero == one:
        return float(value >= one)
    place = (value - zero) / (one - zero)
    return place if 0.0 < place < 1.0 else float(place >= 1.0)  # min and max would take twice as long, of millions


def soft_curve(value: float | None, ends: Curve) -> float | None:
    """Like :func:`curve`, but never flat: the ends score 0.05 and 0.95, so that better stays better beyond them."""
    if value is None:
        return None
    zero, one = ends
    if zero == one:
        return float(value >= one)
    place = (value - zero) / (one - zero)
    return 1 / (1 + exp(min(700.0, -6 * (place - 0.5))))


def ratio_curve(value: float, ends: Curve) -> float:
    """Like :func:`curve`, but equal ratios score equal steps, as the eye compares sizes."""
    return curve(log(max(value, _LEAST)), _logarithms(ends))


@cache
def _logarithms(ends: Curve) -> Curve:
    zero, one = ends
    return log(max(zero, _LEAST)), log(max(one, _LEAST))


_LEAST = 1e-3


def exposure(light: FaceFigures | PictureFigures, settings: SignalSettings) -> float:
    """The worst of too dark, too bright, and no detail at either end; of a face or of a whole picture."""
    return min(
        curve(light.bright_end, settings.light),
        curve(light.brightness, settings.glare),
        curve(light.white, settings.white),
        curve(light.black, settings.black),
    )


# What a picture is worth as a picture.


class PhotoSignals(msgspec.Struct, frozen=True, gc=False):
    """The signals of a picture, each in [0, 1]."""

    sharpness: float | None = None
    """Where it is sharpest."""
    exposure: float | None = None
    """1 = neither too dark nor too bright, nothing clipped."""
    composition: float | None = None
    """Of the main faces: near a third or the middle, eyes at the upper third, room above the head."""
    resolution: float | None = None
    """1 = pixels enough for a large print."""


def photo_signals(record: PhotoRecord, settings: Settings) -> PhotoSignals:
    """The signals of a photo itself."""
    picture = record.picture
    return PhotoSignals(
        sharpness=None if picture is None else soft_curve(picture.sharpness, settings.signals.picture_sharpness),
        exposure=None if picture is None else exposure(picture, settings.signals),
        composition=_composition(record, settings),
        resolution=curve(record.width * record.height / 1e6, settings.signals.resolution) if record.width else None,
    )


def _composition(record: PhotoRecord, settings: Settings) -> float | None:
    main = _main_faces(record, settings.signals.group_min_face)
    if not main or not record.width or not record.height:
        return None
    middle = sum(face.box[0] + face.box[2] / 2 for face in main) / len(main) / record.width
    eyes = sum(face.points[0][1] + face.points[1][1] for face in main) / len(main) / 2 / record.height
    # Hair rises about a third of the box above it.
    room = min(face.box[1] - face.box[3] / 3 for face in main) / record.height
    across = min(abs(middle - line) for line in (1 / 3, 1 / 2, 2 / 3))
    return (
        curve(across, settings.signals.thirds_across)
        + curve(abs(eyes - 1 / 3), settings.signals.thirds_down)
        + curve(room, settings.signals.headroom)
    ) / 3


def _main_faces(record: PhotoRecord, smallest: float) -> list[Face]:
    """Those that the picture is about: at least half as large as the largest."""
    faces = [face for face in record.faces if face.size_px >= smallest]
    largest = max((face.size_px for face in faces), default=0.0)
    return [face for face in faces if face.size_px >= largest / 2]
