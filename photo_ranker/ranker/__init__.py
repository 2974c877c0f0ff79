"""How good each photo of a person is, and why: signals, one scorer, reasons.

Pure arithmetic on records: no photo is opened and no model is loaded.
"""

from photo_ranker.ranker.lineup import Lineup, RankedPhoto, counted_others, in_order, line_up, score_photo
from photo_ranker.ranker.signals import FaceSignals, PhotoSignals, face_signals, photo_signals

__all__ = [
    "FaceSignals",
    "Lineup",
    "PhotoSignals",
    "RankedPhoto",
    "counted_others",
    "face_signals",
    "in_order",
    "line_up",
    "photo_signals",
    "score_photo",
]
