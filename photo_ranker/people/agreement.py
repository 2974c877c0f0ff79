"""How well groups of faces agree with labels: the usual measures, each 1 for perfect agreement. Pure."""

from __future__ import annotations

from math import lgamma, sqrt
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Agreement", "Share", "agreement"]

Labels = NDArray[np.int64]
Counts = NDArray[np.int64]


class Share(NamedTuple):
    """How much of what was grouped belongs together, how much of what belongs together was grouped, and both in one."""

    precision: float
    recall: float
    f: float


class Agreement(msgspec.Struct, frozen=True):
    """How well two groupings of the same faces agree."""

    ami: float
    """Adjusted mutual information: 0 is what chance gives."""
    ari: float
    """Adjusted Rand index: the same over pairs of faces."""
    homogeneity: float
    """1 = no group holds two people."""
    completeness: float
    """1 = no person is in two groups."""
    v_measure: float
    """The harmonic mean of these two."""
    fowlkes_mallows: float
    """The geometric mean of precision and recall over pairs of faces."""
    bcubed: Share
    """Each face counts once."""
    pairwise: Share
    """Each pair of faces counts once, so that people who are seen often count most."""


def agreement(found: Labels, true: Labels) -> Agreement:
    """Compare groups with labels, one number for each face."""
    if not len(true):
        whole = Share(1.0, 1.0, 1.0)
        return Agreement(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, whole, whole)
    groups, people = (np.unique(labels, return_inverse=True)[1] for labels in (found, true))
    cells, cell_of, shared = np.unique(groups * (people.max() + 1) + people, return_inverse=True, return_counts=True)
    sizes, wanted = np.bincount(groups), np.bincount(people)
    mutual = _mutual_information(shared, sizes[cells // len(wanted)], wanted[cells % len(wanted)])
    group_entropy, person_entropy = _entropy(sizes), _entropy(wanted)
    homogeneity = mutual / person_entropy if person_entropy else 1.0
    completeness = mutual / group_entropy if group_entropy else 1.0
    together, said, real = shared[cell_of], sizes[groups], wanted[people]
    pairs = _pairwise(_pairs(shared), _pairs(sizes), _pairs(wanted))
    return Agreement(
        ami=_adjusted(mutual, _expected_information(sizes, wanted), (group_entropy + person_entropy) / 2),
        ari=_adjusted_rand(_pairs(shared), _pairs(sizes), _pairs(wanted), len(true)),
        homogeneity=homogeneity,
        completeness=completeness,
        v_measure=_harmonic(homogeneity, completeness),
        fowlkes_mallows=sqrt(pairs.precision * pairs.recall),
        bcubed=_share(float((together / said).mean()), float((together / real).mean())),
        pairwise=pairs,
    )


def _share(precision: float, recall: float) -> Share:
    return Share(precision, recall, _harmonic(precision, recall))


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _pairs(counts: Counts) -> int:
    """The number of pairs within sets of these sizes."""
    return int((counts * (counts - 1) // 2).sum())


def _pairwise(right: int, said: int, real: int) -> Share:
    return _share(right / said if said else 1.0, right / real if real else 1.0)


def _adjusted_rand(right: int, said: int, real: int, count: int) -> float:
    every = count * (count - 1) // 2
    chance = said * real / every if every else 0.0
    most = (said + real) / 2
    return 1.0 if most == chance else (right - chance) / (most - chance)


def _adjusted(mutual: float, chance: float, most: float) -> float:
    """Information beyond chance, as a share of the possible maximum; 1 if both groupings are trivial and equal."""
    rest = most - chance
    return 1.0 if abs(rest) < 1e-12 else (mutual - chance) / rest


def _entropy(sizes: Counts) -> float:
    shares = sizes / sizes.sum()
    return float(-(shares * np.log(shares)).sum())


def _mutual_information(shared: Counts, sizes: Counts, wanted: Counts) -> float:
    """In nats; for each group and person that share faces, ``sizes`` and ``wanted`` are their numbers of faces."""
    count = shared.sum()
    return max(0.0, float((shared / count * np.log(shared * count / (sizes * wanted))).sum()))


def _expected_information(sizes: Counts, wanted: Counts) -> float:
    """The mean mutual information of random groupings into sets of these sizes (Vinh, Epps, Bailey 2010)."""
    count = int(sizes.sum())
    factorial = np.array([lgamma(number + 1) for number in range(count + 1)])
    total = 0.0
    # Sets of equal size add the same, so each pair of sizes is computed once.
    for one, ones in zip(*np.unique(sizes, return_counts=True), strict=True):
        for other, others in zip(*np.unique(wanted, return_counts=True), strict=True):
            total += int(ones) * int(others) * _expected_share(int(one), int(other), count, factorial)
    return total


def _expected_share(one: int, other: int, count: int, factorial: NDArray[np.float64]) -> float:
    """What two sets of these sizes add to the mean: the sum over all numbers of faces that they may share."""
    shared = np.arange(max(1, one + other - count), min(one, other) + 1)
    fixed = factorial[one] + factorial[other] + factorial[count - one] + factorial[count - other] - factorial[count]
    chance = np.exp(
        fixed
        - factorial[shared]
        - factorial[one - shared]
        - factorial[other - shared]
        - factorial[count - one - other + shared]
    )
    return float((shared / count * np.log(count * shared / (one * other)) * chance).sum())
