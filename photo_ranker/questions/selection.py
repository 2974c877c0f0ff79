"""Moments, and the best of each. Pure arithmetic on records.

Near-duplicates and bursts are one moment: their pictures look alike, or they were taken
within seconds of each other with the same faces in the same places. (Embeddings say
nothing here: the same person is always similar to herself.)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from math import exp, nan
from typing import Protocol, TypeVar

import msgspec
import numpy as np

from photo_ranker.album import AlbumPhoto
from photo_ranker.ranker import RankedPhoto, in_order
from photo_ranker.ranker.norm import Norm, norm_of, unusual
from photo_ranker.records import Face, PhotoRecord, overlap
from photo_ranker.settings import MomentSettings

__all__ = ["HasPhoto", "distinct", "is_same_moment", "mark_close", "moments", "seconds_taken", "spread"]


def distinct(ranked: Sequence[RankedPhoto], top: int, settings: MomentSettings) -> list[RankedPhoto]:
    """The best of each moment, with its alternates; when there are more than asked for, spread over the event."""
    norm = norm_of(ranked)
    leaders = in_order(_led(moment, norm, settings) for moment in moments(ranked, settings))
    return in_order(spread(leaders, top, settings)) if 0 < top < len(leaders) else leaders


def _led(moment: list[RankedPhoto], norm: Norm, settings: MomentSettings) -> RankedPhoto:
    """The best photo of a moment, measured by the person's own usual face too; the others are its alternates."""
    if len(moment) == 1:
        return moment[0]

    def order(item: RankedPhoto) -> tuple[bool, float]:
        return item.match.doubtful, settings.unusual * unusual(item, norm) - item.score

    best, *others = sorted(moment, key=order)
    return msgspec.structs.replace(best, alternates=tuple(item.photo for item in others))


class HasPhoto(Protocol):
    """Whatever stands for a photo in an order."""

    @property
    def photo(self) -> AlbumPhoto:
        """The photo."""
        ...


Item = TypeVar("Item", bound=HasPhoto)


def moments(ranked: Sequence[Item], settings: MomentSettings) -> list[list[Item]]:
    """Photos of one moment together, each moment led by its best photo.

    Every photo is compared with the leaders alone, so that a long series does not chain into one moment.
    """
    found: list[list[Item]] = []
    leaders = _Leaders(len(ranked), settings)
    for item in ranked:
        record = item.photo.record
        near = (found[number] for number in leaders.near(record))
        moment = next((moment for moment in near if is_same_moment(record, moment[0].photo.record, settings)), None)
        if moment is None:
            found.append([item])
            leaders.add(record)
        else:
            moment.append(item)
    return found


class _Leaders:
    """Hashes and times of the leaders as arrays, so that nearly all are ruled out at once."""

    def __init__(self, most: int, settings: MomentSettings) -> None:
        self._hashes, self._times = np.zeros(most, np.uint64), np.full(most, np.nan)
        self._is_hashed = np.zeros(most, np.bool_)
        self._count, self._settings = 0, settings

    def add(self, record: PhotoRecord) -> None:
        """One more leader."""
        phash = _hash(record)
        if phash is not None:
            self._hashes[self._count], self._is_hashed[self._count] = phash, True
        self._times[self._count] = _time(record)
        self._count += 1

    def near(self, record: PhotoRecord) -> list[int]:
        """Numbers of the leaders that can be of the same moment, the best first."""
        apart = np.abs(self._times[: self._count] - _time(record))
        can_be = apart <= self._settings.burst_seconds
        phash = _hash(record)
        if phash is not None:
            bits = np.bitwise_count(self._hashes[: self._count] ^ np.uint64(phash))
            is_alike = bits <= max(self._settings.duplicate_bits, self._settings.alike_bits)
            can_be |= is_alike & self._is_hashed[: self._count]
        numbers: list[int] = np.flatnonzero(can_be).tolist()
        return numbers


def is_same_moment(one: PhotoRecord, other: PhotoRecord, settings: MomentSettings) -> bool:
    """Whether two photos show one moment."""
    bits = _differing_bits(one, other)
    if bits is not None and bits <= settings.duplicate_bits:
        return True
    apart = _seconds_apart(one, other)
    if apart is None:
        return bits is not None and bits <= settings.alike_bits and _same_faces(one.faces, other.faces, settings)
    if apart > settings.burst_seconds:
        return False
    return (bits is not None and bits <= settings.alike_bits) or _same_faces(one.faces, other.faces, settings)


def spread(ranked: Sequence[RankedPhoto], top: int, settings: MomentSettings) -> list[RankedPhoto]:
    """Choose good photos far from each other in time: each choice counts its nearness to those chosen before."""
    times = [seconds_taken(item.photo.record) for item in ranked]
    known = sorted(time for time in times if time is not None)
    # One choice per equal share of the event would be an even spread.
    reach = max((known[-1] - known[0]) / top, 1.0) if known else 1.0
    nearness = [0.0] * len(ranked)
    left = list(range(len(ranked)))
    chosen: list[RankedPhoto] = []
    while left and len(chosen) < top:
        best = max(left, key=lambda index: (ranked[index].score - settings.spread * nearness[index], -index))
        left.remove(best)
        chosen.append(ranked[best])
        for index in left:
            mine, its = times[index], times[best]
            if mine is not None and its is not None:
                nearness[index] = max(nearness[index], exp(-abs(mine - its) / reach))
    return chosen


def mark_close(ranked: Sequence[RankedPhoto], limit: float, first_rank: int = 1) -> list[RankedPhoto]:
    """The same results, with the rank of the one before where the order of the two is within the noise.

    ``limit`` is the difference of scores from which the order says something; ``first_rank`` that of the first.
    """
    return [
        msgspec.structs.replace(item, close_to=first_rank + place - 1)
        if place and _is_close(ranked[place - 1], item, limit)
        else item
        for place, item in enumerate(ranked)
    ]


def _is_close(one: RankedPhoto, other: RankedPhoto, limit: float) -> bool:
    # Scores have four digits: their difference must not depend on how those are stored.
    return one.match.doubtful == other.match.doubtful and round(abs(one.score - other.score), 4) < limit


def seconds_taken(record: PhotoRecord) -> float | None:
    """The camera's wall clock in seconds, for differences only."""
    if record.taken_at is None:
        return None
    # Wall clocks have no zone: any one will do, as long as it has no summer time.
    return datetime.fromisoformat(record.taken_at).replace(tzinfo=UTC).timestamp()


def _seconds_apart(one: PhotoRecord, other: PhotoRecord) -> float | None:
    first, second = seconds_taken(one), seconds_taken(other)
    return None if first is None or second is None else abs(first - second)


def _differing_bits(one: PhotoRecord, other: PhotoRecord) -> int | None:
    first, second = _hash(one), _hash(other)
    return None if first is None or second is None else (first ^ second).bit_count()


def _hash(record: PhotoRecord) -> int | None:
    return int(record.picture.phash, 16) if record.picture is not None and record.picture.phash else None


def _time(record: PhotoRecord) -> float:
    seconds = seconds_taken(record)
    return nan if seconds is None else seconds


def _same_faces(one: Sequence[Face], other: Sequence[Face], settings: MomentSettings) -> bool:
    if not one or len(one) != len(other):
        return False
    by_place = sorted(one, key=lambda face: face.box), sorted(other, key=lambda face: face.box)
    return all(overlap(a.box, b.box) >= settings.same_place for a, b in zip(*by_place, strict=True))
