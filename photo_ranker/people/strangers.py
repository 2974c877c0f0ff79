"""How alike strangers are, and from where on two groups of faces are taken for one person.

The cosine of two strangers is close to normal (measured on SFace to the tail of 1 in 100,000), or known with its tail.
Of the P * P / 2 pairs of people in an album some are as alike as that by chance. The threshold allows the more of them
the more people were met more than once, because then more is won by bringing faces together. So it rises
with the number of people, not of photos, and rises further where hardly anyone appears twice.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.populations import Population

__all__ = ["lowest_threshold", "seen_strangers", "threshold"]

ALLOWED, POWER = 0.01, 0.6
"""Pairs of strangers that may be as alike: ``ALLOWED * (people * people met again) ** POWER``.

Fitted to where the best threshold lay in albums of 5 to 1,400 people, some with everyone seen often and
some with hardly anyone seen twice. It is flat there: twice as much, or half, moves the threshold by 0.015.
"""

TRUSTED_PEOPLE = 50
"""So many people of the album weigh as much as what is known of people in general."""

MOST_COMPARED = 1000
"""People of the album that are compared with each other."""


def threshold(people: int, repeated: int, strangers: Population) -> float:
    """The average similarity that makes one person of two groups.

    ``people`` is the number of groups, ``repeated`` of those with more than one face.
    """
    people = max(1, people)
    pairs = max(1.0, people * people / 2)
    # One unseen repetition keeps a tiny album, or one without any, from asking for the impossible.
    chance = min(0.5, ALLOWED * (people * (repeated + 1)) ** POWER / pairs)
    return strangers.likeness(chance)


def lowest_threshold(faces: int, strangers: Population) -> float:
    """The least that :func:`threshold` may come to ask for in an album of so many faces."""
    # All of them taken from few people, each seen often; the spread of an album may also be narrower than usual.
    fewest = max(5.0, faces**0.5)
    return threshold(int(fewest), int(fewest), strangers) - 0.5 * strangers.stranger_spread


def seen_strangers(faces: Floats, known: Population) -> Population:
    """What is known of strangers, corrected by one face each of the people in an album.

    The middle and the lower side are looked at: the upper one may hold a person's face taken for two people.
    """
    if len(faces) < 3:
        return known
    faces = faces[:: -(-len(faces) // MOST_COMPARED)]
    cosine = (faces @ faces.T)[np.triu_indices(len(faces), 1)]
    low, middle = np.percentile(cosine, [15.87, 50])
    trust = len(faces) / (len(faces) + TRUSTED_PEOPLE)
    return replace(
        known,
        stranger_mean=known.stranger_mean + trust * (float(middle) - known.stranger_mean),
        stranger_spread=known.stranger_spread + trust * (float(middle - low) - known.stranger_spread),
    )
