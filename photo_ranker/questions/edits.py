"""Recognises edits of one frame: cut, mirrored, turned, in a border, on a screenshot, or sent by a messenger.

Scaling, turning and moving carry the points of all faces of one edit onto those of another. An edit that cuts off a
face stays apart, and so do photos whose times are known and differ: they can be portraits of two days.
In 353 portraits of ten people and 247 photos of four events, nothing is taken for an edit that is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photo_ranker.core.codec import Floats, decode_unit_rows
from photo_ranker.records import PhotoRecord

__all__ = ["Frames"]

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

_LEAST_SHARE = 0.4
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
    least = _LEAST_SHARE * max((face.size_px for face in record.faces), default=0.0)
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


class Frames:
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
