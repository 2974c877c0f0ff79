"""Who else is in a photo: people one may look at instead of the camera, and collages, which show the person twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import ALIKE, Album, repeat_people
from photo_ranker.core.codec import Floats
from photo_ranker.records import Face, Match, overlap

__all__ = ["LEAST_SIZE", "are_alike", "are_together", "collages", "shown_twice"]

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Photos in which two people need not look at the camera: a kiss, a hug, a look at each other.
#
# Recognised by what is measured: faces that touch, and faces turned to each other. People who kiss need not keep their
# eyes open either.


TOUCHING = 0.95
"""Heads touch when their middles are nearer than this many face heights."""
NEAR = 2.0
"""Two who look at each other are nearer than this."""
AT_ONE_DISTANCE = 0.6
"""The smaller face has at least this share of the larger one's height: both are at the same distance."""
TOWARDS = 25.0
"""Degrees by which a face is turned towards the other one."""


def are_together(faces: Sequence[Face], ones: Numbers, others: Numbers) -> Flags:
    """Whether the two faces of each pair touch, one turned to the other, or look at each other from nearby."""
    if not len(ones):
        return np.zeros(0, np.bool_)
    boxes = np.array([face.box for face in faces])
    middles, heights = boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 3]
    across, down = (middles[others] - middles[ones]).T
    least, most = np.sort([heights[ones], heights[others]], axis=0)
    apart = np.hypot(across, down) / ((least + most) / 2)
    near = (least >= AT_ONE_DISTANCE * most) & (apart < NEAR)
    yaws = np.full(len(faces), np.nan)
    for face in sorted({*ones[near].tolist(), *others[near].tolist()}):  # few faces, so few meshes are decoded
        if (mesh := faces[face].mesh) is not None:
            yaws[face] = mesh.yaw
    side = np.where(across > 0, 1.0, -1.0)
    one_is_turned, other_is_turned = side * yaws[ones] >= TOWARDS, -side * yaws[others] >= TOWARDS
    touching = (apart < TOUCHING) & (one_is_turned | other_is_turned) & ~np.isnan(yaws[ones] + yaws[others])
    together: Flags = near & (touching | (one_is_turned & other_is_turned))
    for pair in np.flatnonzero(together).tolist():  # few; faces of a film may be seconds apart
        together[pair] = faces[ones[pair]].at_seconds == faces[others[pair]].at_seconds
    return together


# Photos that show the person twice: collages, strips of a photo booth, pictures of pictures.
#
# Raters put them behind plain photos: our order agrees with theirs in 0.95 of 86 such pairs with the penalty for a
# collage, and in 0.88 without it (``taste/orders.csv``, the album of a fiftieth birthday).

LEAST_SIZE = 40.0
"""Pixels: smaller and more blurred faces resemble each other whoever they are."""

OVERLAP, TIMES = 0.1, 2.5
"""Boxes that overlap more are one face found twice; the heights of a collage's faces differ by a smaller factor."""

_BLOCK = 256
"""Photos, or pairs of faces, that are compared at a time: their embeddings stay in the processor's cache."""


def are_alike(rows: Callable[[Numbers], Floats], own: Numbers, others: Numbers) -> Flags:
    """Whether each of the other faces is like the face beside it in ``own``; ``rows`` gives the embeddings of some."""
    alike = np.empty(len(others), np.bool_)
    for start in range(0, len(others), _BLOCK):
        part = slice(start, start + _BLOCK)
        mine, which = np.unique(own[part], return_inverse=True)
        alike[part] = np.einsum("ij,ij->i", rows(mine)[which], rows(others[part])) >= ALIKE
    return alike


def shown_twice(album: Album, matches: Sequence[Match]) -> frozenset[int]:
    """The numbers of the photos that show the matched person a second time."""
    faces = np.array([match.face for match in matches], np.int64)
    photos = np.array([match.photo for match in matches], np.int64)
    first, last = np.searchsorted(album.owners, photos), np.searchsorted(album.owners, photos, "right")
    several = np.flatnonzero((last - first > 1) & (album.sizes[faces] >= LEAST_SIZE))
    counts = (last - first)[several]
    before = np.cumsum(counts) - counts
    others: Numbers = np.arange(int(counts.sum())) + np.repeat(first[several] - before, counts)
    own = np.repeat(faces[several], counts)
    # Few faces are large enough: only those are compared.
    large = (album.sizes[others] >= LEAST_SIZE) & (others != own)
    alike = are_alike(album.embeddings.__getitem__, own[large], others[large])
    return frozenset(_photos(album, own[large][alike], others[large][alike]))


def collages(album: Album) -> frozenset[int]:
    """The numbers of the photos that repeat people: strips of a photo booth, several pictures in one."""
    large = np.flatnonzero(album.sizes >= LEAST_SIZE)
    owners = album.owners[large]
    photos, first, counts = np.unique(owners, return_index=True, return_counts=True)
    found: list[int] = []
    # Photos with the same number of faces at once: few albums have more than a dozen such numbers.
    for count in sorted(set(counts[counts > 2].tolist())):  # two pairs need at least three faces
        of_count = np.flatnonzero(counts == count)
        for start in range(0, len(of_count), _BLOCK):
            some = of_count[start : start + _BLOCK]
            rows = album.embeddings[large[first[some][:, None] + np.arange(count)]]
            repeating = photos[some[repeat_people(rows)]].tolist()
            found += [photo for photo in repeating if not album.photos[photo].record.is_video]
    return frozenset(found)


def _photos(album: Album, own: Numbers, others: Numbers) -> Iterator[int]:
    for one, other in zip(own.tolist(), others.tolist(), strict=True):
        if _are_apart(album.faces[one], album.faces[other]):
            yield int(album.owners[one])


def _are_apart(one: Face, other: Face) -> bool:
    """Whether two faces are not one found twice, or at two times of a film, and neither is in the far background."""
    heights = sorted((one.box[3], other.box[3]))
    return (
        one.at_seconds == other.at_seconds and overlap(one.box, other.box) < OVERLAP and heights[1] < TIMES * heights[0]
    )
