"""The table of signals, and what a face, or a whole picture, is worth by each of them.

A signal is a named value in [0, 1], higher is better, made from raw figures by a curve of the settings; ``None`` where
it is not known. Whatever lists signals (weights, reasons, tables, documents, pages) reads the table.
Signals are worked out for many faces at once, in columns where NaN stands for what is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log, nan
from operator import attrgetter
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from photo_ranker.ranker.expression import (
    Meshes,
    Values,
    expression_score,
    eyes_open_score,
    gaze,
    hidden_odds,
    look_of,
    looking_down,
    mesh_columns,
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
    "face_signals",
    "looks_of",
    "photo_signals",
    "ratio_curve",
    "signals_of",
    "signals_of_photos",
    "soft_curve",
]


class Words(NamedTuple):
    """The words for a signal that is good, weak or bad."""

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
    unseen: str = ""
    """The setting that says what it counts as where it is not known; empty = the others take its weight."""
    column: Literal["first", "added", ""] = ""
    """In csv and parquet: among the first columns, or after all older ones; new signals are ``added``."""

    def weight(self, kind: Kind) -> str:
        """The name of its weight in a kind of photo."""
        return self.single if kind == "single" else self.group


class Defect(NamedTuple):
    """A fault that nothing makes up for: a signal that takes a share of the whole score when it is bad."""

    name: str
    signal: str
    penalty: str
    """The setting that says how large the share is."""
    limit: str
    """The setting below which the signal becomes a defect, gradually; empty = below 1."""
    words: Words
    replaces: str
    """The signal that says the same thing: two words for one matter contradict each other, so the stronger is used."""


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
    Signal("facing", "turned to the camera", ("mesh.yaw", "mesh.pitch", "face.points_text"), ("facing", "free_pitch"),
           single="single_facing", group="group_person_facing",
           words=Words("turned to the camera", "turned a little", "turned away"),
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
           words=Words("a clear view of the face", "no clear view of the face", "no clear view of the face"),
           label="Clear view", shown="report"),
    Signal("expression", "how pleasant, genuine and composed the face is",
           ("mesh.expressions", "mesh.mouth_lift", "mesh.mouth_cheek", "mesh.mouth_chin", "mesh.iris_drop",
            "face.look"), ("expression",), single="single_expression", group="group_person_expression",
           words=Words("pleasant expression", "plain expression", "unflattering expression"),
           label="Expression", shown="viewer", unseen="unseen_expression", column="added"),
    # What other people add to a photo; known only where there are some.
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
    """The signals of one face that say how somebody looks: all that an event needs."""

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


def face_signals(face: Face, record: PhotoRecord, settings: Settings) -> FaceSignals:
    """The signals of one face of a photo; for many faces :func:`signals_of` is faster."""
    return signals_of([(face, record)], settings)[0]


def signals_of(faces: Sequence[tuple[Face, PhotoRecord]], settings: Settings) -> list[FaceSignals]:
    """The signals of faces, each with the record of its photo."""
    alone, curves = [face for face, _ in faces], settings.signals
    figures, meshes = _figures_of([face.figures for face in alone], FaceFigures), [face.mesh for face in alone]
    mesh = mesh_columns([_trusted(found, curves) for found in meshes])
    looks = _looks(alone, figures, mesh, settings)
    found = {
        **looks,
        "exposure": _exposure(figures, curves),
        "yaw_degrees": mesh.yaw,
        "pitch_degrees": mesh.pitch,
        "roll_degrees": mesh.roll,
        "looking": _looking(mesh, looks["eyes_open"], curves),
        "size": _size(faces, curves),
        "noise": curve(figures["noise"], curves.noise),
        "visible": _visible(alone, meshes, curves),
        "not_cut": curve(figures["outside"], curves.not_cut),
        "clear": _clear(alone, curves),
        "expression": curve(expression_score(mesh, _stored_looks(alone)), curves.expression),
    }
    return list(map(FaceSignals, *_field_columns(found, FaceSignals)))


def looks_of(faces: Sequence[Face], settings: Settings) -> list[Looks]:
    """How faces look: a part of their signals, faster than all of them."""
    mesh = mesh_columns([_trusted(face.mesh, settings.signals) for face in faces])
    found = _looks(faces, _figures_of([face.figures for face in faces], FaceFigures), mesh, settings)
    return list(map(Looks, *_field_columns(found, Looks)))


Columns = Mapping[str, Values]


def _field_columns(columns: Columns, kind: type[msgspec.Struct]) -> list[list[float | None]]:
    """The columns of a struct's fields, in their order, with ``None`` for what is not known."""
    return [_with_none(columns[name]) for name in kind.__struct_fields__]


def _with_none(column: Values) -> list[float | None]:
    values: list[float | None] = column.tolist()
    for place in np.flatnonzero(np.isnan(column)).tolist():
        values[place] = None
    return values


def _figures_of(found: Sequence[FaceFigures | PictureFigures | None], kind: type[msgspec.Struct]) -> Columns:
    """Figures as columns."""
    names = [name for name in kind.__struct_fields__ if name != "phash"]
    values, nothing = attrgetter(*names), (nan,) * len(names)
    rows = [nothing if one is None else values(one) for one in found]
    return dict(zip(names, np.array(rows, np.float64).reshape(-1, len(names)).T, strict=True))  # None becomes NaN


def _looks(faces: Sequence[Face], figures: Columns, mesh: Meshes, settings: Settings) -> Columns:
    return {
        "sharpness": soft_curve(figures["sharpness"], settings.signals.sharpness),
        "smile": _smile(faces, mesh, settings),
        "eyes_open": _eyes_open(faces, mesh, figures, settings.signals),
        "facing": _facing(faces, mesh, settings.signals),
    }


def _trusted(mesh: MeshFigures | None, settings: SignalSettings) -> MeshFigures | None:
    """The mesh; None if it probably does not lie on the face."""
    if mesh is None or mesh.presence < settings.mesh_presence or mesh.doubt > settings.mesh_doubt:
        return None
    return mesh


def _smile(faces: Sequence[Face], mesh: Meshes, settings: Settings) -> Values:
    by_deepface = settings.measure.smile_by_deepface
    found = np.array([face.happy for face in faces], np.float64) if by_deepface else smile_score(mesh)
    return curve(found, settings.signals.smile)


def _eyes_open(faces: Sequence[Face], mesh: Meshes, figures: Columns, settings: SignalSettings) -> Values:
    """Unknown where eyes cannot be seen: in profile, too small, blurred, behind dark glasses."""
    sizes = np.array([face.size_px for face in faces])
    cannot_be_seen = (
        (abs(mesh.yaw) > settings.eyes_yaw)
        | (sizes < settings.eyes_size)
        | (figures["sharpness"] < settings.eyes_sharpness)
        | (figures["dark_glasses"] > settings.dark_glasses)
    )
    return np.where(cannot_be_seen, nan, curve(eyes_open_score(mesh), settings.eyes_open))


def _looking(mesh: Meshes, eyes_open: Values, settings: SignalSettings) -> Values:
    """Unknown where eyes are unknown or closed."""
    across, up = gaze(mesh)
    at_us = curve(np.hypot(across, np.maximum(0.0, abs(up) - settings.free_pitch)), settings.looking)
    level = curve(looking_down(mesh), settings.looking_down)
    level = np.maximum(level, curve(smile_score(mesh), settings.smiling_lids))
    return np.where(eyes_open >= 0.5, at_us * level, nan)


def _visible(faces: Sequence[Face], meshes: Sequence[MeshFigures | None], settings: SignalSettings) -> Values:
    """Unknown for faces turned away, which look half covered; known also where the mesh is not trusted."""
    covered = [
        None if mesh is None or face.look is None or abs(mesh.yaw) > settings.visible_yaw else hidden_odds(face.look)
        for face, mesh in zip(faces, meshes, strict=True)
    ]
    return curve(-np.array(covered, np.float64), settings.visible)


def _facing(faces: Sequence[Face], mesh: Meshes, settings: SignalSettings) -> Values:
    """Without a mesh, known only for faces that the detector's points show in profile."""
    tilt = np.maximum(0.0, abs(mesh.pitch) - settings.free_pitch)
    facing = curve(np.hypot(mesh.yaw, tilt), settings.facing)
    unknown = np.flatnonzero(np.isnan(facing))
    turns = _turns([faces[number] for number in unknown.tolist()])
    facing[unknown] = np.where(turns >= _PROFILE, curve(turns, settings.facing), nan)
    return facing


_PROFILE, _NOSE = 45.0, 0.45
"""Degrees from which a face is in profile, and how far a nose stands out, as a share of eyes to mouth.

Of 3,012 faces in 13 albums whose turn a mesh tells, those at 45 to 60 degrees have 55 by their points, and those at
60 to 75 have 65.
"""


def _turns(faces: Sequence[Face]) -> Values:
    """By how many degrees faces are turned to a side, from the points of the eyes, the nose and the mouth."""
    left, right, nose, *mouth = np.array([face.points for face in faces], np.float64).reshape(-1, 5, 2).swapaxes(0, 1)
    eyes = (left + right) / 2
    down = (mouth[0] + mouth[1]) / 2 - eyes
    length = np.maximum(np.hypot(*down.T), _LEAST)[:, None]
    across = np.stack([down[:, 1], -down[:, 0]], axis=1) / length**2
    off, apart = (abs((one * across).sum(axis=1)) for one in (nose - eyes, right - left))
    turns: Values = np.degrees(np.arctan2(off / _NOSE, apart))
    return turns


def _size(faces: Sequence[tuple[Face, PhotoRecord]], settings: SignalSettings) -> Values:
    """Large in the picture, and made of enough pixels: the mean of both."""
    pixels = np.array([face.size_px for face, _ in faces])
    longer = np.array([max(face.box[2:]) for face, _ in faces])
    of_photos = np.array([min(record.width, record.height) or nan for _, record in faces])
    return (ratio_curve(pixels, settings.size_px) + ratio_curve(longer / of_photos, settings.size)) / 2


def _clear(faces: Sequence[Face], settings: SignalSettings) -> Values:
    found = curve(np.array([face.detection for face in faces]), settings.clear_detection)
    clarity = curve(np.array([face.clarity for face in faces], np.float64), settings.clear_identity)
    return np.where(np.isnan(clarity), found, (found + clarity) / 2)


def _stored_looks(faces: Sequence[Face]) -> Values:
    """The look of each face, from the mesh network's inner maps; a face without one counts as usual."""
    return np.array([0.0 if face.look is None else look_of(face.look) for face in faces])


# From a raw value to a score.


@np.errstate(over="ignore")  # the two ends may be nearly equal
def curve(values: Values | float, ends: Curve) -> Values:
    """Where raw values lie between the one that scores 0 and the one that scores 1; flat beyond."""
    zero, one = ends
    if zero == one:
        return _step(values, one)
    places: Values = np.clip((values - zero) / (one - zero), 0.0, 1.0)
    return places


@np.errstate(over="ignore")
def soft_curve(values: Values | float, ends: Curve) -> Values:
    """Like :func:`curve`, but never flat: the ends score 0.05 and 0.95, so that better stays better beyond them."""
    zero, one = ends
    if zero == one:
        return _step(values, one)
    scores: Values = 1 / (1 + np.exp(np.minimum(700.0, -6 * ((values - zero) / (one - zero) - 0.5))))
    return scores


def _step(values: Values | float, at: float) -> Values:
    return np.where(np.isnan(values), nan, values >= at)


def ratio_curve(values: Values | float, ends: Curve) -> Values:
    """Like :func:`curve`, but equal ratios score equal steps, as the eye compares sizes."""
    zero, one = (log(max(end, _LEAST)) for end in ends)
    return curve(np.log(np.maximum(values, _LEAST)), (zero, one))


_LEAST = 1e-3


def _exposure(figures: Columns, settings: SignalSettings) -> Values:
    """The worst of too dark, too bright, and no detail at either end; of faces or of whole pictures."""
    curves = {
        "bright_end": settings.light,
        "brightness": settings.glare,
        "white": settings.white,
        "black": settings.black,
    }
    worst: Values = np.minimum.reduce([curve(figures[name], ends) for name, ends in curves.items()])
    return worst


# What a picture is worth as a picture.


class PhotoSignals(msgspec.Struct, frozen=True, gc=False):
    """The signals of a picture, each in [0, 1]."""

    sharpness: float | None = None
    """Of its sharpest part."""
    exposure: float | None = None
    """1 = neither too dark nor too bright, nothing clipped."""
    composition: float | None = None
    """Of the main faces: near a third or the middle, eyes at the upper third, room above the head."""
    resolution: float | None = None
    """1 = enough pixels for a large print."""


def photo_signals(record: PhotoRecord, settings: Settings) -> PhotoSignals:
    """The signals of a photo itself."""
    return signals_of_photos([record], settings)[0]


def signals_of_photos(records: Sequence[PhotoRecord], settings: Settings) -> list[PhotoSignals]:
    """The signals of photos themselves."""
    figures = _figures_of([record.picture for record in records], PictureFigures)
    millions = np.array([record.width * record.height / 1e6 if record.width else nan for record in records])
    found = {
        "sharpness": soft_curve(figures["sharpness"], settings.signals.picture_sharpness),
        "exposure": _exposure(figures, settings.signals),
        "composition": _composition(records, settings.signals),
        "resolution": curve(millions, settings.signals.resolution),
    }
    return list(map(PhotoSignals, *_field_columns(found, PhotoSignals)))


def _composition(records: Sequence[PhotoRecord], settings: SignalSettings) -> Values:
    places = [_place_of_faces(record, settings.group_min_face) for record in records]
    middles, eyes, rooms = np.array(places, np.float64).reshape(-1, 3).T
    across = np.minimum.reduce([abs(middles - line) for line in (1 / 3, 1 / 2, 2 / 3)])
    return (
        curve(across, settings.thirds_across)
        + curve(abs(eyes - 1 / 3), settings.thirds_down)
        + curve(rooms, settings.headroom)
    ) / 3


def _place_of_faces(record: PhotoRecord, smallest: float) -> tuple[float, float, float]:
    """Of the main faces: their middle from the left, their eyes from the top, the room above; shares of the picture."""
    main = _main_faces(record, smallest)
    if not main or not record.width or not record.height:
        return nan, nan, nan
    points = [face.points for face in main]
    middle = sum(face.box[0] + face.box[2] / 2 for face in main) / len(main) / record.width
    eyes = sum(left[1] + right[1] for left, right, *_ in points) / len(main) / 2 / record.height
    # Hair rises about a third of the box above it.
    room = min(face.box[1] - face.box[3] / 3 for face in main) / record.height
    return middle, eyes, room


def _main_faces(record: PhotoRecord, smallest: float) -> list[Face]:
    """The faces that the picture is about: at least half as large as the largest."""
    sizes = [face.size_px for face in record.faces]
    least = max(smallest, max(sizes, default=0.0) / 2)
    return [face for face, size in zip(record.faces, sizes, strict=True) if size >= least]
