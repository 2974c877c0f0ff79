"""The face to show for a person: the one that shows best who that is, in the words of the score. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.people.appearances import faces_here
from photo_ranker.people.best import look
from photo_ranker.people.book import Book, Person
from photo_ranker.people.faces import FaceTable
from photo_ranker.ranker import face_signals

__all__ = ["best_face", "chosen_covers", "cover_of"]

_MOST_JUDGED = 40
"""Signals of this many faces of a person are worked out, at most: of the largest, and so of the plainest."""


def cover_of(person: Person, table: FaceTable) -> str | None:
    """The face to show for a person; None if the album shows none."""
    here = faces_here(person, table)
    if not here or person.representative in here:
        return person.representative if here else None
    return best_face(here, table)


def chosen_covers(book: Book) -> set[str]:
    """Ids of the people whose face a user has chosen."""
    return {
        change.person
        for decision in book.active()
        for change in decision.changed
        if change.field == "representative" and change.new is not None
    }


def best_face(faces: Sequence[str], table: FaceTable) -> str:
    """The face that shows a person best: never a blurred one, where there is another.

    It is plain, sharp and large, with open eyes, turned to us, and like the others: one that got here by mistake
    must not stand for the person.
    """
    numbers = [table.number_of[face] for face in faces]
    mean = table.rows[numbers].mean(axis=0)
    like: NDArray[np.float32] = table.rows[numbers] @ (mean / max(float(np.linalg.norm(mean)), 1e-12))
    largest = sorted(
        zip(faces, numbers, like.tolist(), strict=True),
        key=lambda item: (bool(table.solid[item[1]]), table.face(item[0]).size_px),
        reverse=True,
    )[:_MOST_JUDGED]
    return max(largest, key=lambda item: _worth(item[0], item[2], table, is_solid=bool(table.solid[item[1]])))[0]


def _worth(face: str, likeness: float, table: FaceTable, *, is_solid: bool) -> tuple[bool, bool, float]:
    record = table.album.photos[table.photos(face)[0]].record
    signals = face_signals(table.face(face), record, table.settings)
    is_blurred = signals.sharpness is not None and signals.sharpness < table.settings.weights.heavy_blur
    looks = look(msgspec.structs.replace(signals, eyes_open=_known(signals.eyes_open), facing=_known(signals.facing)))
    return not is_blurred, is_solid, looks + (_known(signals.clear) + _known(signals.size) + likeness) / 2


def _known(value: float | None) -> float:
    """Eyes behind dark glasses are worth less here than open ones: they do not show who it is."""
    return 0.5 if value is None else value
