"""Raw figures and the curves of the settings -> signals in [0, 1], higher is better; None = not known.

Pure arithmetic: no photo is opened and no model is loaded.
"""

from __future__ import annotations

from photo_ranker.signals.curves import curve
from photo_ranker.signals.face import FaceSignals, face_signals
from photo_ranker.signals.photo import PhotoSignals, photo_signals

__all__ = ["FaceSignals", "PhotoSignals", "curve", "face_signals", "photo_signals"]
