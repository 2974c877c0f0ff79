"""Same person or not, on pairs inside faces_lfw, in the manner of LFW: ten folds that share no person."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure
from bench.measured import central, engine, records_of
from photo_ranker.core.codec import decode_unit_rows

__all__ = ["accuracy_of", "measure"]

FOLDS = 10
PAIRS_OF_ONE = 10
"""At most so many pairs of the same person come from one person."""

Row = NDArray[np.float32]
Scored = list[tuple[float, bool]]


def measure(data: Path) -> Iterator[Figure]:
    """Accuracy with the threshold of the other nine folds."""
    value, error, pairs = accuracy_of(_embeddings(data))
    yield Figure("verification", "pairs of faces_lfw, accuracy", value, error, 0.995, note=f"{pairs} pairs")


def accuracy_of(people: dict[str, list[Row]]) -> tuple[float, float, int]:
    """Accuracy over ten folds, its standard error, and the number of pairs."""
    folds = [_pairs(fold, random.Random(number)) for number, fold in enumerate(_folds(people))]
    right = [_accuracy(fold, _threshold(_joined(folds, without=fold))) for fold in folds]
    error = float(np.std(right, ddof=1)) / sqrt(FOLDS)
    return float(np.mean(right)), error, sum(len(fold) for fold in folds)


def _joined(folds: list[Scored], *, without: Scored) -> Scored:
    return [pair for fold in folds if fold is not without for pair in fold]


def _embeddings(data: Path) -> dict[str, list[Row]]:
    """Person -> an embedding for each photo in which a face was found."""
    photos = sorted((data / "faces_lfw").glob("*/*.jpg"))
    records = records_of(photos)
    people: dict[str, list[Row]] = {}
    for photo in photos:
        face = central(records[photo])
        identity = face.identity(engine()) if face is not None else None
        if identity is not None:
            people.setdefault(photo.parent.name, []).append(decode_unit_rows([identity])[0])
    return people


def _folds(people: dict[str, list[Row]]) -> list[dict[str, list[Row]]]:
    names = sorted(people)
    random.Random(0).shuffle(names)
    return [{name: people[name] for name in names[number::FOLDS]} for number in range(FOLDS)]


def _pairs(people: dict[str, list[Row]], rng: random.Random) -> Scored:
    """As many pairs of two people as of one."""
    same = [pair for rows in people.values() for pair in _some(list(combinations(rows, 2)), rng)]
    names = sorted(people)
    other = [[rng.choice(people[name]) for name in rng.sample(names, 2)] for _ in same]
    return [(float(one @ two), True) for one, two in same] + [(float(one @ two), False) for one, two in other]


def _some(pairs: list[tuple[Row, Row]], rng: random.Random) -> list[tuple[Row, Row]]:
    return pairs if len(pairs) <= PAIRS_OF_ONE else rng.sample(pairs, PAIRS_OF_ONE)


def _threshold(pairs: Scored) -> float:
    """The threshold that decides most pairs correctly."""
    scores = np.array([score for score, _ in pairs])
    same = np.array([is_same for _, is_same in pairs])
    order = np.argsort(scores)
    # Pairs above the threshold count as the same person, so different ones below it and same ones above it are right.
    right = np.concatenate([[0], np.cumsum(~same[order])]) + np.concatenate([np.cumsum(same[order][::-1])[::-1], [0]])
    best = int(np.argmax(right))
    ends = np.concatenate([[-1.0], scores[order], [1.0]])
    return float((ends[best] + ends[best + 1]) / 2)


def _accuracy(pairs: Scored, threshold: float) -> float:
    return sum((score >= threshold) == is_same for score, is_same in pairs) / len(pairs)
