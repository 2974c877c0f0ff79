"""What a count of everyone leaves for the next one, in the user's cache: pairs of faces, and how groups formed.

It holds no embeddings: only the id of each face and a number computed from its embedding. It is derived, may be
deleted at any time, and never makes a run fail; one that is damaged, planted, or of another version is ignored.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Collection, Sequence
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import DTypeLike, NDArray

from photo_ranker.core import files
from photo_ranker.errors import FileRefused
from photo_ranker.metadata.places import count_file, derived_of
from photo_ranker.people.merging import Trace
from photo_ranker.people.neighbours import Ints, KeptPairs, Keys, Pairs, Rows, renewed_pairs

__all__ = ["CountedFaces", "LastCount", "TakenOver", "counts_of", "load_count", "save_count", "take_over"]

_VERSION = b"photo-ranker count 2\n"
"""Raised with every change of how pairs are chosen and groups are merged."""

_MOST_BYTES = 1 << 27
"""Larger than the file of any count."""

_NEAR = 0.6
"""A new face this much like another one will probably be merged with its group."""

Flags = NDArray[np.bool_]


class CountedFaces(msgspec.Struct, frozen=True):
    """The faces of a count, and what was known about them before it."""

    ids: Sequence[str]
    keys: Keys
    """Equal only where the embeddings are equal."""
    start: Ints
    """For each face the one that represents all that a user has grouped with it."""
    founding: Flags
    """Which faces count in the mean of a group."""
    tokens: Sequence[Collection[int]]

    def clashes(self, circle: Ints) -> frozenset[tuple[int, ...]]:
        """Sets of faces of one circle with a token in common; without those of circle -1."""
        counts = np.fromiter(map(len, self.tokens), np.int64, len(self.tokens))
        face = np.repeat(np.arange(len(counts)), counts)
        token = np.fromiter(chain.from_iterable(self.tokens), np.int64, len(face))
        face, token = face[circle[face] >= 0], token[circle[face] >= 0]
        _, group, size = np.unique(
            circle[face] * (1 + token.max(initial=0)) + token, return_inverse=True, return_counts=True
        )
        shared = np.flatnonzero(size[group] > 1)
        shared = shared[np.argsort(group[shared], kind="stable")]
        bounds = np.flatnonzero(np.diff(group[shared])) + 1
        return frozenset(tuple(part.tolist()) for part in np.split(face[shared], bounds) if len(part))


class LastCount(msgspec.Struct, frozen=True):
    """What the next count takes over."""

    floor: float
    """Pairs below it were not looked for."""
    faces: CountedFaces
    """Without tokens when read from a file: the clashes hold what matters of them."""
    pairs: KeptPairs
    clashes: frozenset[tuple[int, ...]]
    trace: Trace | None
    """None where the groups cannot be taken over."""


class TakenOver(msgspec.Struct, frozen=True):
    """What the last count tells about an album, in the numbers of the album."""

    pairs: KeptPairs
    follows: Flags
    """Which faces belong to circles in which nothing has changed."""
    trace: Trace | None


def take_over(last: LastCount, faces: CountedFaces, rows: Rows, floor: float) -> TakenOver | None:
    """What an album can take over from the last count; None where little is the same."""
    places = _places(last.faces, faces)
    stayed = np.flatnonzero(places >= 0)
    if last.floor != floor or 2 * len(stayed) < len(faces.ids) or (np.diff(places[stayed]) <= 0).any():
        return None
    pairs, gained, lost = renewed_pairs(last.pairs, places, rows, floor, faces.keys)
    if last.trace is None:
        return TakenOver(pairs, np.zeros(len(faces.ids), np.bool_), None)
    former = np.full(len(faces.ids), -1)
    former[places[stayed]] = stayed
    circle = np.where(former >= 0, last.trace.circle[former], -1)
    is_changed = _changed(last.faces, faces, places, former)
    is_changed[former[gained.first]] = is_changed[former[gained.second]] = True
    # A lost pair between two circles had no effect: otherwise it would have tied them.
    lost = lost.chosen(circle[lost.first] == circle[lost.second])
    is_changed[former[lost.first]] = True
    # Merging would start again for each circle that turns out to be disturbed.
    near = np.searchsorted(-pairs.pairs.cosine, -np.float32(_NEAR), side="right")
    one, other = former[pairs.pairs.first[:near]], former[pairs.pairs.second[:near]]
    is_changed[np.concatenate([one[(one >= 0) & (other < 0)], other[(other >= 0) & (one < 0)]])] = True
    for clash in _moved(last.clashes, places) ^ faces.clashes(circle):
        here = np.array(clash)
        is_changed[former[here[here >= 0]]] = True
    bad = np.zeros(len(places), np.bool_)
    bad[last.trace.circle[is_changed]] = True
    follows = np.zeros(len(faces.ids), np.bool_)
    follows[places[stayed]] = ~bad[last.trace.circle[stayed]]
    return TakenOver(pairs, follows, _renumbered(last.trace, places, former))


def _places(before: CountedFaces, now: CountedFaces) -> Ints:
    """The present number of each former face; -1 where it is gone, or its embedding has changed."""
    numbers = {face: number for number, face in enumerate(now.ids)}
    places = np.fromiter((numbers.get(face, -1) for face in before.ids), np.int64, len(before.ids))
    places[(places >= 0) & (now.keys[places] != before.keys)] = -1
    return places


def _changed(before: CountedFaces, now: CountedFaces, places: Ints, former: Ints) -> Flags:
    """Which former faces are gone, count differently in a mean, or were grouped with others."""
    is_changed: Flags = (
        (places < 0) | (places[before.start] != now.start[places]) | (before.founding != now.founding[places])
    )
    # The face that represents others does not change when one more is grouped with it, but its group does.
    heads = former[now.start[(former < 0) | is_changed[former]]]
    is_changed[heads[heads >= 0]] = True
    return is_changed


def _moved(clashes: frozenset[tuple[int, ...]], places: Ints) -> frozenset[tuple[int, ...]]:
    return frozenset(tuple(places[list(clash)].tolist()) for clash in clashes)


def _renumbered(trace: Trace, places: Ints, former: Ints) -> Trace:
    """The trace in new numbers; its values for new faces mean nothing."""
    here = np.maximum(former, 0)
    return Trace(trace.steps, trace.step[here], places[trace.into[here]], places[trace.circle[here]])


# The file: a line that says what it is, a checksum, and the columns as one MessagePack message.


class _File(msgspec.Struct, frozen=True, array_like=True):
    """Columns are views: those of a large album are not copied out of the message."""

    root: str
    """The real path of the folder of the book, as hex digits."""
    floor: float
    ids: str
    keys: memoryview
    start: memoryview
    founding: memoryview
    first: memoryview
    second: memoryview
    cosine: memoryview
    is_crowded: memoryview
    clashes: frozenset[tuple[int, ...]]
    steps: list[float]
    """Empty where there is no trace."""
    step: memoryview
    into: memoryview
    circle: memoryview


def counts_of(folder: Path) -> list[Path]:
    """The files of the counts of a folder and of those below it; damaged ones of any folder too."""
    return derived_of(folder, "*.count", lambda path: stored.root if (stored := _read(path)) else None)


def load_count(root: Path, engine: str) -> LastCount | None:
    """What the last count of a folder's people left; None if nothing of it can be used."""
    stored = _read(count_file(root, engine))
    if stored is None or stored.root != _name_of(root):
        return None
    try:
        return _opened(stored)
    except ValueError:
        return None


def save_count(root: Path, engine: str, count: LastCount) -> None:
    """Store a count; a cache that cannot be written is no error."""
    path = count_file(root, engine)
    with contextlib.suppress(OSError, FileRefused):
        files.tidy_cache(files.private_folder(path.parent))
        text = msgspec.msgpack.encode(_closed(root, count))
        files.replace(path, [_VERSION, zlib.crc32(text).to_bytes(4, "little"), text], sync="none")


def _read(path: Path) -> _File | None:
    with contextlib.suppress(OSError, FileRefused, msgspec.DecodeError, UnicodeDecodeError):
        with files.open_read(path) as file:
            text = file.read() if os.fstat(file.fileno()).st_size <= _MOST_BYTES else b""
        start = len(_VERSION) + 4
        mark, check, text = text[: len(_VERSION)], text[len(_VERSION) : start], memoryview(text)[start:]
        if mark == _VERSION and check == zlib.crc32(text).to_bytes(4, "little"):
            return msgspec.msgpack.decode(text, type=_File)
    return None


def _name_of(root: Path) -> str:
    return os.fsencode(os.path.realpath(root)).hex()


def _closed(root: Path, count: LastCount) -> _File:
    faces, pairs, trace = count.faces, count.pairs.pairs, count.trace
    if trace is None:
        trace = Trace([], np.zeros(0, np.int8), np.zeros(0, np.int64), np.zeros(0, np.int64))
    return _File(
        root=_name_of(root),
        floor=count.floor,
        ids="\n".join(faces.ids),
        keys=_packed(faces.keys, "<u8"),
        start=_packed(faces.start, "<i4"),
        founding=_packed(faces.founding, "?"),
        first=_packed(pairs.first, "<i4"),
        second=_packed(pairs.second, "<i4"),
        cosine=_packed(pairs.cosine, "<f4"),
        is_crowded=_packed(count.pairs.is_crowded, "?"),
        clashes=count.clashes,
        steps=trace.steps,
        step=_packed(trace.step, "i1"),
        into=_packed(trace.into, "<i4"),
        circle=_packed(trace.circle, "<i4"),
    )


def _opened(stored: _File) -> LastCount:
    ids = stored.ids.split("\n")
    count = len(ids)
    pairs = Pairs(_unpacked(stored.first, "<i4"), _unpacked(stored.second, "<i4"), np.frombuffer(stored.cosine, "<f4"))
    trace = Trace(
        stored.steps, np.frombuffer(stored.step, "i1"), _unpacked(stored.into, "<i4"), _unpacked(stored.circle, "<i4")
    )
    faces = CountedFaces(
        ids, np.frombuffer(stored.keys, "<u8"), _unpacked(stored.start, "<i4"), np.frombuffer(stored.founding, "?"), ()
    )
    kept = KeptPairs(pairs, np.frombuffer(stored.is_crowded, "?"))
    lengths = {len(faces.keys), len(faces.start), len(faces.founding), len(kept.is_crowded)}
    lengths |= {len(trace.step), len(trace.into), len(trace.circle)} if stored.steps else set()
    if lengths != {count} or len({len(pairs.first), len(pairs.second), len(pairs.cosine)}) != 1:
        raise ValueError("the count is damaged")
    numbers = (
        pairs.first,
        pairs.second,
        faces.start,
        trace.into,
        trace.circle,
        np.array([*chain(*stored.clashes)], int),
    )
    if any(len(some) and not 0 <= some.min() <= some.max() < count for some in numbers):
        raise ValueError("the count speaks of faces that it does not have")
    return LastCount(stored.floor, faces, kept, stored.clashes, trace if stored.steps else None)


def _packed(values: NDArray[np.generic], kind: DTypeLike) -> memoryview:
    return values.astype(kind).view(np.uint8).data


def _unpacked(stored: memoryview, kind: DTypeLike) -> Ints:
    return np.frombuffer(stored, kind).astype(np.int64)
