"""What a user has said of the faces of an album, as a search uses it: it goes before any likeness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import Album
from photo_ranker.codec import Floats
from photo_ranker.records import Match

__all__ = ["Meant", "Told", "meant"]

Flags = NDArray[np.bool_]

_ITSELF = 0.98
"""Cosine from which on a face is the reference photo itself."""


@dataclass(frozen=True, slots=True)
class Told:
    """Faces of one person by their ids, and faces that are somebody else."""

    faces: frozenset[str]
    others: frozenset[str]
    is_confirmed: bool = True
    """Whether a user has said that ``faces`` are one person; else they were only counted as one."""
    born: int | None = None
    """The year in which the person was born, if a user has said it."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What is known of the person of a search, for each face of an album."""

    certain: Flags
    """Faces that a user has said to be the person."""
    excluded: Flags
    """Faces that a user has said to be somebody else."""
    born: int | None = None
    """The year in which the person was born."""


def meant(album: Album, matches: Sequence[Match], references: Sequence[Floats], told: Sequence[Told]) -> Meant | None:
    """What was said of the person whom a search has found; None if nothing was.

    People are the person when the reference is one of their faces, or when most of their faces were found.
    """
    numbers = {face.id: number for number, face in enumerate(album.faces)} if told else {}
    found = {match.face for match in matches if not match.doubtful}
    rows = np.stack(references)
    chosen: list[tuple[float, Told, list[int]]] = []
    for one in told:
        here = [numbers[face] for face in one.faces if face in numbers]
        if not here:
            continue
        cosines = album.embeddings[here] @ rows.T
        if cosines.max() >= _ITSELF or sum(number in found for number in here) * 2 > len(here):
            chosen.append((float(cosines.mean()) + float(cosines.max() >= _ITSELF), one, here))
    if not chosen:
        return None
    certain, excluded = np.zeros(len(album.faces), np.bool_), np.zeros(len(album.faces), np.bool_)
    faces: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    born: int | None = None
    # Of two who were said to be two people only the nearer one can be meant.
    for _, one, here in sorted(chosen, key=lambda item: -item[0]):
        if one.faces & others or one.others & faces:
            continue
        faces, others = faces | one.faces, others | one.others
        certain[here] |= one.is_confirmed
        born = one.born if born is None else born
    excluded[[numbers[face] for face in others if face in numbers]] = True
    return Meant(certain, excluded & ~certain, born)
