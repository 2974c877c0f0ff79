"""Which faces are the person."""

from __future__ import annotations

from dataclasses import dataclass

from photo_ranker.settings.declaring import Section, setting

__all__ = ["MatchSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchSettings(Section):
    """Which faces are compared at all, and how similar one must be to be a sure or a doubtful match."""

    min_face: int = setting(
        12,
        8,
        2000,
        "px",
        "smaller faces are counted but never matched (shorter side, full picture)",
        chapter="Who",
    )
    sure_certainty: float = setting(
        0.5, 0.01, 0.99, "0..1", "a match is sure from this probability on; higher finds fewer and errs less"
    )
    doubt_margin: float = setting(
        0.08, 0.0, 1.0, "similarity", "matches no further below the threshold are listed as doubtful"
    )
