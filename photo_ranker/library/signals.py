"""The signals of every face as columns: what its photo would score for the person whose face it is.

They are what the terms and defects of the ranker are made of, so that weights still apply when asked. Curves are
in them: a library that was made under other curves still answers, only more slowly, by the records themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import blake2b

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.ranker import counted_others, weigh
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.settings import Settings
from photo_ranker.signals import FaceSignals, face_signals
from photo_ranker.terms import Penalty, Term

__all__ = ["SLACK", "quick_scores", "signal_names", "signal_rows", "weighing_key"]

SLACK = 0.001
"""By so much a score from float32 columns, not rounded, may be off."""

_GROUP = "is_group"

Values = NDArray[np.float64]


def signal_rows(record: PhotoRecord, faces: Sequence[Face], settings: Settings) -> list[list[float]]:
    """For each of these faces of a photo its values in the order of :func:`signal_names`."""
    signals = {face.id: face_signals(face, record, settings) for face in record.faces if face.engine == faces[0].engine}
    return [_row(face, record, signals, settings) for face in faces]


def _row(face: Face, record: PhotoRecord, signals: dict[str, FaceSignals], settings: Settings) -> list[float]:
    others = [signals[other.id] for other in counted_others(face, record, settings)]
    terms, defects = weigh(signals[face.id], others, settings)
    values: dict[str, float | None] = {term.name: term.value for term in terms}
    values |= {defect.name: defect.value for defect in defects}
    values[_GROUP] = float(bool(others))
    found = (values.get(name) for name in signal_names())
    return [np.nan if value is None else value for value in found]


@cache
def signal_names() -> tuple[str, ...]:
    """The columns: whether others are in the photo, every term, every defect."""
    terms, defects = _sample(group=True, value=0.0, settings=Settings())
    return (_GROUP, *(term.name for term in terms), *(defect.name for defect in defects))


def weighing_key(settings: Settings) -> str:
    """Hash of what the values of the columns depend on; any other setting leaves them as good as they were."""
    curves, solid, smile = settings.signals, settings.people, settings.measure.smile_by_deepface
    defects = settings.weights.heavy_blur, settings.weights.bad_light
    return blake2b(f"3 {signal_names()} {curves} {solid} {smile} {defects}".encode(), digest_size=8).hexdigest()


def quick_scores(column: Callable[[str], NDArray[np.float32]], settings: Settings) -> Values:
    """The score of each face's photo, within ``SLACK``; ``column`` gives the values of a name."""
    is_group = column(_GROUP) > 0
    scores = np.zeros(len(is_group))
    for group in (False, True):
        terms, _ = _sample(group=group, value=1.0, settings=settings)
        total, weights = np.zeros(len(scores)), np.zeros(len(scores))
        for term in terms:
            value = column(term.name).astype(np.float64)
            known = ~np.isnan(value)
            total += np.where(known, value, 0.0) * term.weight
            weights += known * term.weight
        mean = np.divide(total, weights, out=np.zeros(len(scores)), where=weights > 0)
        scores = np.where(is_group == group, mean, scores)
    _, defects = _sample(group=False, value=0.0, settings=settings)
    for defect in defects:
        value = np.nan_to_num(column(defect.name).astype(np.float64), nan=1.0)
        scores *= 1 - defect.strength * (1 - value)
    return scores


def _sample(*, group: bool, value: float, settings: Settings) -> tuple[tuple[Term, ...], tuple[Penalty, ...]]:
    """What the ranker makes of a face all of whose signals are known."""
    signals = FaceSignals(**{field.name: value for field in msgspec.structs.fields(FaceSignals)})
    return weigh(signals, [signals] if group else [], settings)
