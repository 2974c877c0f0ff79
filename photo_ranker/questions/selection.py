"""Which photos of an answer are listed: one of identical files, and the best of each moment. Opens no photo.

Near-duplicates and bursts are one moment: their pictures look alike, or they were taken
within seconds of each other with the same faces in the same places. (Embeddings do not
help: all photos of one person have similar ones.)
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
from photo_ranker.core.codec import Floats, decode_unit_rows
from photo_ranker.errors import UserError
from photo_ranker.metadata.face_ids import OTHER_PERSON
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
Numbers = NDArray[np.int64]


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
        self._records, self._frames, self._settings = records, _Frames(records), settings

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


# Edits of one frame: cut, mirrored, turned, in a border, on a screenshot, or sent by a messenger.
#
# Scaling, turning and moving carry the points of all faces of one edit onto those of another. An edit that cuts off a
# face stays apart, and so do photos whose times are known and differ: they can be portraits of two days.
# In 353 portraits of ten people and 247 photos of four events, nothing is taken for an edit that is none.

LEAST_SHARE = 0.4
"""Smaller faces, as a share of the largest one, are found in one edit and not in another."""
_MIRRORED = [1, 0, 2, 4, 3]
"""The five points of a face after mirroring."""


class _Fit(NamedTuple):
    """From where two arrangements are of one frame."""

    distance: float
    """Mean distance of the points, as a share of a face: 0.01 is usual for edits, 0.02 with several faces."""
    cosine: float
    """Least likeness of the faces."""


_ONE, _SEVERAL = _Fit(0.02, 0.92), _Fit(0.05, 0.5)
"""The points of one face fit those of many others, those of two faces hardly any."""


class _Arranged(NamedTuple):
    """The faces of a photo from left to right, as their eyes see it."""

    points: NDArray[np.complex64]
    """Five a face, around their middle, at unit length."""
    spread: float
    """Mean distance of the points from their middle, in sizes of the faces."""
    embeddings: Sequence[bytes]

    def mirrored(self) -> NDArray[np.complex64]:
        """The points in a mirror, from left to right."""
        points: NDArray[np.complex64] = -self.points.conj().reshape(-1, 5)[::-1][:, _MIRRORED]
        return points.ravel()


def _arranged(record: PhotoRecord) -> _Arranged | None:
    least = LEAST_SHARE * max((face.size_px for face in record.faces), default=0.0)
    faces = [face for face in record.faces if face.size_px >= least]
    embeddings = [face.embedding for face in faces if face.embedding is not None]
    if record.is_video or not faces or len(embeddings) < len(faces) or len({*map(len, embeddings)}) > 1:
        return None
    points = np.array([face.points for face in faces]) @ np.array([1, 1j])
    right = (points[:, 1] - points[:, 0]).sum().conj()
    order = np.argsort((points.mean(axis=1) * right).real)
    points = points[order].ravel() - points.mean()
    length = max(float(np.linalg.norm(points)), 1e-6)
    spread = length / len(points) ** 0.5 / max(1.0, sum(face.size_px for face in faces) / len(faces))
    return _Arranged((points / length).astype(np.complex64), spread, [embeddings[number] for number in order])


class _Frames:
    """Finds leaders that are edits of one frame with a photo; arrays for all photos with as many faces."""

    def __init__(self, records: Sequence[PhotoRecord]) -> None:
        found = {place: arranged for place, record in enumerate(records) if (arranged := _arranged(record))}
        groups: dict[tuple[int, int], dict[int, _Arranged]] = {}
        for place, arranged in found.items():
            key = len(arranged.embeddings), len(arranged.embeddings[0])
            groups.setdefault(key, {})[place] = arranged
        self._group_of = {
            place: group for members in groups.values() for group in [_Group(members)] for place in members
        }

    def add(self, place: int, number: int) -> None:
        """Make the photo at this place the leader of this number."""
        if group := self._group_of.get(place):
            group.add(place, number)

    def edits(self, place: int, is_allowed: Flags) -> Numbers:
        """The numbers of the leaders that are edits of one frame with the photo at this place."""
        group = self._group_of.get(place)
        return np.zeros(0, np.int64) if group is None else group.edits(place, is_allowed)


class _Group:
    """Photos with as many faces; ``_leaders`` are places in its arrays."""

    def __init__(self, members: Mapping[int, _Arranged]) -> None:
        self._members, every = list(members.values()), len(members)
        self._row_of = {place: row for row, place in enumerate(members)}
        faces = len(self._members[0].embeddings)
        self._fit = _ONE if faces == 1 else _SEVERAL
        rows = decode_unit_rows([row for arranged in self._members for row in arranged.embeddings])
        self._identities = rows.reshape(every, faces, -1)
        self._points = np.zeros((every, 5 * faces), np.complex64)
        self._numbers, self._leaders, self._spreads = (np.zeros(every, kind) for kind in (np.int64, np.int64, float))
        self._count = 0

    def add(self, place: int, number: int) -> None:
        """Make a photo a leader."""
        row = self._row_of[place]
        self._points[self._count], self._spreads[self._count], _ = self._members[row]
        self._leaders[self._count], self._numbers[self._count] = row, number
        self._count += 1

    def edits(self, place: int, is_allowed: Flags) -> Numbers:
        """The numbers of the leaders that are edits of one frame with this photo."""
        allowed = np.flatnonzero(is_allowed[self._numbers[: self._count]])
        if not len(allowed):
            return allowed
        one, faces = self._members[self._row_of[place]], self._identities[self._row_of[place]]
        as_it_is = self._alike(allowed, one.points, one.spread, faces)
        mirrored = self._alike(allowed, one.mirrored(), one.spread, faces[::-1])
        numbers: Numbers = self._numbers[np.concatenate([as_it_is, mirrored])]
        return numbers

    def _alike(self, allowed: Numbers, points: NDArray[np.complex64], spread: float, faces: Floats) -> Numbers:
        points_of = self._points[: self._count] if len(allowed) == self._count else self._points[allowed]
        # The best scaling and turning of one unit vector onto another leaves this part of it.
        left = np.sqrt(np.maximum(0, 1 - np.abs(points_of @ points.conj()) ** 2))
        near: Numbers = allowed[left * np.maximum(spread, self._spreads[allowed]) < self._fit.distance]
        others = self._identities[self._leaders[near]]
        is_alike: Flags = (np.matmul(others.swapaxes(0, 1), faces[:, :, None])[:, :, 0] >= self._fit.cosine).all(axis=0)
        return near[is_alike]


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
