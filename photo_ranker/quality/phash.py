"""A perceptual hash: near-duplicates differ in few of its 64 bits."""

from __future__ import annotations

import cv2
import numpy as np

from photo_ranker.quality.chip import Grey

__all__ = ["perceptual_hash"]

_SIDE = 32
_KEPT = 8
"""The 8 x 8 slowest waves of the cosine transform."""


def perceptual_hash(grey: Grey) -> str:
    """16 hex digits: which of the 64 slowest waves are stronger than their median; size and brightness cancel out."""
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    waves = cv2.dct(small)[:_KEPT, :_KEPT].ravel()
    bits = waves > np.median(waves[1:])  # the first is the mean brightness
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"
