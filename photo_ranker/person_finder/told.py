"""The user's decisions about faces, as a search uses them: they overrule every similarity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import Album
from photo_ranker.core.codec import Floats
from photo_ranker.records import Match

__all__ = ["Meant", "Told", "meant"]

Flags = NDArray[np.bool_]

_ITSELF = 0.98
"""Cosine from which a face is the reference photo itself."""


@dataclass(frozen=True, slots=True)
class Told:
    """Decisions about one person: ids of the person's faces, and of faces of somebody else."""

    faces: frozenset[str]
    """Faces that belong to the person."""
    others: frozenset[str]
    """Faces that the user has said belong to somebody else."""
    is_confirmed: bool = True
    """Whether a user has said that ``faces`` are one person; else they were only counted as one."""
    born: int | None = None
    """The year in which the person was born, if a user has said it."""


@dataclass(frozen=True, slots=True)
class Meant:
    """Decisions about the person of a search, per face of the album."""

    certain: Flags
    """Faces that the user has said are the person."""
    excluded: Flags
    """Faces that a user has said to be somebody else."""
    born: int | None = None
    """The year in which the person was born."""


def meant(album: Album, matches: Sequence[Match], references: Sequence[Floats], told: Sequence[Told]) -> Meant | None:
    """The decisions about the person whom a search has found; None if there are none.

    A person of the book is meant if the reference is one of their faces, or if most of their faces were found.
    """
    numbers = {name: number for number, name in enumerate(album.ids)} if told else {}
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
