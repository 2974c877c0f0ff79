"""One photo -> one record of measured facts."""

from photo_ranker.analysis.spec import AnalyserSpec

__all__ = ["AnalyserSpec"]
