"""Matches and weights -> scored photos with reasons. Pure arithmetic on records; nothing is ever rejected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.reasons import reasons_for
from photo_ranker.records import Face, Match, PhotoRecord
from photo_ranker.settings import Settings
from photo_ranker.signals import FaceSignals, face_signals
from photo_ranker.signals.curves import curve
from photo_ranker.terms import Penalty, Term, total_score

__all__ = ["Kind", "RankedPhoto", "counted_others", "in_order", "rank", "score_photo", "weigh"]

Kind = Literal["single", "group"]


class RankedPhoto(msgspec.Struct, frozen=True):
    """One photo of the person, with its score and where it comes from."""

    photo: AlbumPhoto
    match: Match
    face: Face
    kind: Kind
    score: float
    signals: FaceSignals
    people_in_photo: int
    terms: tuple[Term, ...]
    penalties: tuple[Penalty, ...]
    reasons: tuple[str, ...]
    against: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where the photo is, as the user named the folder."""
        return self.photo.path


def rank(album: Album, matches: Iterable[Match], settings: Settings) -> list[RankedPhoto]:
    """Score every match and put the best first; ties always fall the same way."""
    return in_order(score_photo(album, match, settings) for match in matches)


def in_order(ranked: Iterable[RankedPhoto]) -> list[RankedPhoto]:
    """Sure before doubtful, then the best score, the surest match, and the path."""
    return sorted(ranked, key=lambda item: (item.match.doubtful, -item.score, -item.match.similarity, item.path))


def score_photo(album: Album, match: Match, settings: Settings) -> RankedPhoto:
    """Score one photo of the person."""
    photo, face = album.photos[match.photo], album.faces[match.face]
    others = counted_others(face, photo.record, settings)
    signals = face_signals(face, photo.record, settings)
    terms, penalties = weigh(signals, [face_signals(other, photo.record, settings) for other in others], settings)
    reasons, against = reasons_for(terms, penalties)
    return RankedPhoto(
        photo=photo,
        match=match,
        face=face,
        kind="group" if others else "single",
        score=total_score(terms, penalties),
        signals=signals,
        people_in_photo=1 + len(others),
        terms=terms,
        penalties=penalties,
        reasons=reasons,
        against=against,
    )


def weigh(
    person: FaceSignals, others: Sequence[FaceSignals], settings: Settings
) -> tuple[tuple[Term, ...], tuple[Penalty, ...]]:
    """What the score of a photo of a person, alone or with others, is made of."""
    terms = _group_terms(person, others, settings) if others else _single_terms(person, settings)
    return terms, _penalties(person, settings)


def counted_others(person: Face, record: PhotoRecord, settings: Settings) -> list[Face]:
    """The other faces that make a photo a group: sure, large enough, and no mere passers-by."""
    least_height = settings.signals.group_face_height * person.box[3]
    return [
        face
        for face in record.faces
        if face.id != person.id
        and face.engine == person.engine
        and face.detection >= settings.signals.sure_detection
        and face.size_px >= settings.signals.group_min_face
        and face.box[3] >= least_height
    ]


def _single_terms(signals: FaceSignals, settings: Settings) -> tuple[Term, ...]:
    return (
        Term("sharpness", signals.sharpness, settings.weights.single_sharpness),
        Term("size", signals.size, settings.weights.single_size),
        Term("facing", signals.facing, settings.weights.single_facing),
        Term("eyes_open", signals.eyes_open, settings.weights.single_eyes),
        Term("smile", signals.smile, settings.weights.single_smile),
        Term("exposure", signals.exposure, settings.weights.single_exposure),
        Term("clear", signals.clear, settings.weights.single_clear),
    )


def _group_terms(signals: FaceSignals, others: Sequence[FaceSignals], settings: Settings) -> tuple[Term, ...]:
    everyone = [signals, *others]
    return (
        Term("good_faces", _mean(_is_good(each, settings) for each in everyone), settings.weights.group_good_faces),
        Term("group_sharpness", _mean(each.sharpness for each in everyone), settings.weights.group_sharpness),
        Term("sharpness", signals.sharpness, settings.weights.group_person_sharpness),
        Term("size", signals.size, settings.weights.group_person_size),
        Term("facing", signals.facing, settings.weights.group_person_facing),
        Term("eyes_open", signals.eyes_open, settings.weights.group_person_eyes),
        Term("smile", signals.smile, settings.weights.group_person_smile),
        Term("exposure", signals.exposure, settings.weights.group_person_exposure),
        Term("clear", signals.clear, settings.weights.group_person_clear),
    )


def _is_good(signals: FaceSignals, settings: Settings) -> float:
    facing = signals.facing is None or signals.facing >= settings.signals.good_facing
    eyes = signals.eyes_open is None or signals.eyes_open >= settings.signals.good_eyes
    return float(facing and eyes)


def _penalties(signals: FaceSignals, settings: Settings) -> tuple[Penalty, ...]:
    """What no other merit makes up for; slight blur and poor light cost only their weight."""
    found = (
        ("hidden", signals.visible, settings.weights.penalty_hidden),
        ("cut", signals.not_cut, settings.weights.penalty_cut),
        ("heavy_blur", curve(signals.sharpness, (0.0, settings.weights.heavy_blur)), settings.weights.penalty_blur),
        ("bad_light", curve(signals.exposure, (0.0, settings.weights.bad_light)), settings.weights.penalty_light),
    )
    return tuple(Penalty(name, value, strength) for name, value, strength in found if value is not None and value < 1)


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
