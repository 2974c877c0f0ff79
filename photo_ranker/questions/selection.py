"""Which photos of an answer are listed: one of identical files, and the best of each moment. Opens no photo.

Near-duplicates and bursts are one moment: their pictures look alike, or they were taken
within seconds of each other with the same faces in the same places. (Embeddings only
tell other people in the same places: all photos of one person have similar ones.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import exp, nan
from typing import Literal, NamedTuple, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import decode_unit_rows
from photo_ranker.errors import UserError
from photo_ranker.metadata.face_ids import OTHER_PERSON
from photo_ranker.questions.edits import Frames
from photo_ranker.ranker import RankedPhoto, in_order
from photo_ranker.ranker.expression import Values, expression_traits, eyes_open_score, mesh_columns
from photo_ranker.records import Face, Match, PhotoRecord, overlap
from photo_ranker.settings import MomentSettings

__all__ = [
    "Copies",
    "Folded",
    "Norm",
    "check_copies",
    "content_of",
    "distinct",
    "fold_matches",
    "leaders",
    "mark_close",
    "moments",
    "norm_of",
    "one_of_each",
    "seconds_taken",
    "spread",
    "unusual",
]


def distinct(ranked: Sequence[RankedPhoto], top: int, settings: MomentSettings) -> list[RankedPhoto]:
    """The best of each moment, with its alternates; when there are more than asked for, spread over the event."""
    norm = norm_of(ranked)
    leaders = in_order(_best_of(moment, norm, settings) for moment in moments(ranked, settings))
    return in_order(spread(leaders, top, settings)) if 0 < top < len(leaders) else leaders


def _best_of(moment: list[RankedPhoto], norm: Norm, settings: MomentSettings) -> RankedPhoto:
    """The best photo of a moment, judged by the person's usual face too; the others are its alternates."""
    if len(moment) == 1:
        return moment[0]

    worth = [item.score - settings.unusual * odd for item, odd in zip(moment, unusual(moment, norm), strict=True)]
    order = sorted(range(len(moment)), key=lambda place: (moment[place].match.doubtful, -worth[place]))
    best, *others = (moment[place] for place in order)
    return msgspec.structs.replace(best, alternates=tuple(item.photo for item in others))


class HasPhoto(Protocol):
    """Anything that represents a photo in an order."""

    @property
    def photo(self) -> AlbumPhoto:
        """The photo."""
        ...


Item = TypeVar("Item", bound=HasPhoto)

Flags = NDArray[np.bool_]


def moments(ranked: Sequence[Item], settings: MomentSettings) -> list[list[Item]]:
    """Groups photos by moment, the best photo of each moment first.

    Every photo is compared with the leaders alone, so that a long series does not chain into one moment.
    """
    found: list[list[Item]] = []
    leaders = _Leaders([item.photo.record for item in ranked], settings)
    for place, item in enumerate(ranked):
        number = leaders.of_same_moment(place)
        if number is None:
            leaders.add(place)
            found.append([item])
        else:
            found[number].append(item)
    return found


class _Leaders:
    """The best photo of each moment; hashes and times as arrays, so that nearly all are ruled out at once."""

    def __init__(self, records: Sequence[PhotoRecord], settings: MomentSettings) -> None:
        most = len(records)
        self._hashes, self._times = np.zeros(most, np.uint64), np.full(most, np.nan)
        self._is_hashed = np.zeros(most, np.bool_)
        self._faces: list[Sequence[Face]] = []
        self._records, self._frames, self._settings = records, Frames(records), settings

    def add(self, place: int) -> None:
        """Make the record at this place one more leader."""
        record, count = self._records[place], len(self._faces)
        if (phash := _hash(record)) is not None:
            self._hashes[count], self._is_hashed[count] = phash, True
        self._times[count] = _time(record)
        self._faces.append(record.faces)
        self._frames.add(place, count)

    def of_same_moment(self, place: int) -> int | None:
        """The number of the first leader that shows the same moment as the record at this place."""
        record = self._records[place]
        is_sure, can_be = self._near(record)
        apart = np.abs(self._times[: len(self._faces)] - _time(record))
        is_soon = apart <= self._settings.burst_seconds
        is_sure[self._frames.edits(place, is_soon | np.isnan(apart))] = True
        for number in np.flatnonzero(is_sure | can_be).tolist():
            faces = self._faces[number]
            if is_sure[number] or _same_faces(record.faces, faces, self._settings, are_soon=bool(is_soon[number])):
                return int(number)
        return None

    def _near(self, record: PhotoRecord) -> tuple[Flags, Flags]:
        """Which leaders surely show the same moment, by time and picture, and which only if the faces are the same."""
        count, settings, phash = len(self._faces), self._settings, _hash(record)
        apart = np.abs(self._times[:count] - _time(record))
        is_soon = apart <= settings.burst_seconds
        if phash is None:
            return np.zeros(count, np.bool_), is_soon
        bits = np.bitwise_count(self._hashes[:count] ^ np.uint64(phash))
        is_alike = (bits <= settings.alike_bits) & self._is_hashed[:count]
        is_copy = (bits <= settings.duplicate_bits) & self._is_hashed[:count]
        return is_copy | (is_soon & is_alike), is_soon | (np.isnan(apart) & is_alike)


def spread(ranked: Sequence[RankedPhoto], top: int, settings: MomentSettings) -> list[RankedPhoto]:
    """Choose good photos far from each other in time: nearness to those already chosen counts against a photo."""
    times = [seconds_taken(item.photo.record) for item in ranked]
    known = sorted(time for time in times if time is not None)
    # The time between two choices if they were spread evenly over the event.
    reach = max(_length(known) / top, 1.0)
    nearness = [0.0] * len(ranked)
    left = list(range(len(ranked)))
    chosen: list[RankedPhoto] = []
    while left and len(chosen) < top:
        best = max(left, key=lambda index: (ranked[index].score - settings.spread * nearness[index], -index))
        left.remove(best)
        chosen.append(ranked[best])
        for index in left:
            one, other = times[index], times[best]
            if one is not None and other is not None:
                nearness[index] = max(nearness[index], exp(-abs(one - other) / reach))
    return chosen


_FAR = 300
"""A time further from the middle of an event than this many times the middle's length is from an unset clock."""


def _length(times: Sequence[float]) -> float:
    """Seconds from the first of these sorted times to the last, without a few that are far from all others."""
    if not times:
        return 0.0
    aside = len(times) // 5
    first, last = times[aside], times[-1 - aside]
    far = (last - first) * _FAR
    near = [time for time in times if first - far <= time <= last + far] if far else times
    return near[-1] - near[0]


def mark_close(ranked: Sequence[RankedPhoto], limit: float, first_rank: int = 1) -> list[RankedPhoto]:
    """The same results, each with the rank of the one before if the order of the two is within the noise.

    ``limit`` is the difference in score from which the order is meaningful; ``first_rank`` is the first result's rank.
    """
    return [
        msgspec.structs.replace(item, close_to=first_rank + place - 1)
        if place and _is_close(ranked[place - 1], item, limit)
        else item
        for place, item in enumerate(ranked)
    ]


def _is_close(one: RankedPhoto, other: RankedPhoto, limit: float) -> bool:
    # Scores have four digits: rounding keeps binary errors out of their difference.
    return one.match.doubtful == other.match.doubtful and round(abs(one.score - other.score), 4) < limit


def seconds_taken(record: PhotoRecord) -> float | None:
    """The camera's wall clock in seconds, for differences only."""
    if record.taken_at is None:
        return None
    # Wall clocks have no zone: any zone will do, as long as it has no summer time.
    return datetime.fromisoformat(record.taken_at).replace(tzinfo=UTC).timestamp()


def _hash(record: PhotoRecord) -> int | None:
    return int(record.picture.phash, 16) if record.picture is not None and record.picture.phash else None


def _time(record: PhotoRecord) -> float:
    seconds = seconds_taken(record)
    return nan if seconds is None else seconds


def _same_faces(one: Sequence[Face], other: Sequence[Face], settings: MomentSettings, *, are_soon: bool) -> bool:
    """Whether the same faces are in the same places; without times, such as in portraits of a class, of one person."""
    if not one or len(one) != len(other):
        return False
    by_place = sorted(one, key=lambda face: face.box), sorted(other, key=lambda face: face.box)
    pairs = list(zip(*by_place, strict=True))
    if not all(overlap(a.box, b.box) >= settings.same_place for a, b in pairs):
        return False
    return are_soon or not any(_are_two_people(a, b) for a, b in pairs)


def _are_two_people(one: Face, other: Face) -> bool:
    if one.embedding is None or other.embedding is None or len(one.embedding) != len(other.embedding):
        return False
    first, second = decode_unit_rows([one.embedding, other.embedding])
    return float(first @ second) < OTHER_PERSON


# Files with identical bytes are one result that lists the others.

Copies = Literal["one", "all"]
"""``one`` = one result for all files with the same bytes, ``all`` = one per file."""

Content = tuple[int, str, str]
"""Size, hash of the picture data, hash of the rest: equal for identical files."""


class Folded(NamedTuple):
    """Matches with one file for each content."""

    matches: tuple[Match, ...]
    """In the order in which they were given."""
    copies: Mapping[int, tuple[AlbumPhoto, ...]]
    """Number of a photo -> the other files with its bytes, by path."""


def check_copies(copies: object) -> None:
    """Refuse any other value."""
    if copies not in {"one", "all"}:
        raise UserError(f"copies: '{copies}' is neither one nor all", "all lists every file with the same bytes")


def content_of(record: PhotoRecord) -> Content | None:
    """A value that is equal for files with identical bytes; None if it is not known.

    The content hash alone is not enough: it leaves out metadata, and of a film all but the two ends.
    """
    stamp = record.stamp
    return (stamp.size, stamp.hash, stamp.rest) if stamp.rest and record.unreadable is None else None


def fold_matches(album: Album, matches: Iterable[Match], copies_as: Copies = "one") -> Folded:
    """One match per content, in the same order; with ``all`` every match."""
    matches = tuple(matches)
    if copies_as == "all":
        return Folded(matches, {})
    leader_of = leaders(album.photos, [match.photo for match in matches])
    copies: dict[int, list[AlbumPhoto]] = {}
    for photo, leader in leader_of.items():
        if photo != leader:
            copies.setdefault(leader, []).append(album.photos[photo])
    kept = tuple(match for match in matches if leader_of[match.photo] == match.photo) if copies else matches
    return Folded(kept, {leader: tuple(sorted(others, key=_by_name)) for leader, others in copies.items()})


def leaders(photos: Sequence[AlbumPhoto], numbers: Iterable[int]) -> dict[int, int]:
    """Number of each photo -> number of the photo that represents its copies: the one with the shortest path."""
    groups: dict[Content | int, list[int]] = {}
    for number in numbers:
        content = content_of(photos[number].record)
        groups.setdefault(number if content is None else content, []).append(number)
    found: dict[int, int] = {}
    for group in groups.values():
        # "IMG_1.jpg" is shorter than "IMG_1 (1).jpg" and "Copy of IMG_1.jpg".
        leader = group[0] if len(group) == 1 else min(group, key=lambda number: _by_name(photos[number]))
        found |= dict.fromkeys(group, leader)
    return found


def one_of_each(photos: Sequence[AlbumPhoto]) -> list[AlbumPhoto]:
    """The photos, only one of each set of copies, in the same order."""
    return [photos[number] for number, leader in leaders(photos, range(len(photos))).items() if number == leader]


def _by_name(photo: AlbumPhoto) -> tuple[int, str]:
    return len(photo.path), photo.path


# A person's usual face: how open their eyes and mouth are in most photos, and how far one photo is from that.
#
# Narrow eyes are not a blink, and some people's mouths are never quite closed: frames of one moment are compared with
# the person's own norm.

LOOKED_AT = 200
"""Photos that a norm is computed from; more would hardly change a median."""

LEAST = 4
"""With fewer photos it is not known what is usual."""


class Norm(NamedTuple):
    """The medians of what is known about a person; None = too few photos."""

    eyes: float | None
    """0 = shut, 1 = wide open."""
    mouth: float | None
    """How far the jaw is open: 0 to 1."""


def norm_of(ranked: Sequence[RankedPhoto]) -> Norm:
    """The norm of the person whose photos these are."""
    step = max(1, len(ranked) // LOOKED_AT)
    eyes, mouths = (column[~np.isnan(column)] for column in _eyes_and_mouths(ranked[::step]))
    return Norm(
        float(np.median(eyes)) if len(eyes) >= LEAST else None,
        float(np.median(mouths)) if len(mouths) >= LEAST else None,
    )


def unusual(items: Sequence[RankedPhoto], norm: Norm) -> list[float]:
    """How much narrower the eyes are than usual plus how much wider the mouth is open; 0 = as usual, each at most 1."""
    eyes, mouths = _eyes_and_mouths(items)
    narrower = np.zeros(len(items)) if norm.eyes is None else np.fmax(0.0, norm.eyes - eyes)
    wider = np.zeros(len(items)) if norm.mouth is None else np.fmax(0.0, mouths - norm.mouth)
    odd: list[float] = (narrower + wider).tolist()
    return odd


def _eyes_and_mouths(items: Sequence[RankedPhoto]) -> tuple[Values, Values]:
    """How open eyes and mouths are; NaN if not known, or not trusted for signals."""
    meshes = mesh_columns([None if item.signals.expression is None else item.face.mesh for item in items])
    seen = np.array([item.signals.eyes_open is not None for item in items], np.bool_)
    return np.where(seen, eyes_open_score(meshes), np.nan), expression_traits(meshes)["jaw_open"]
