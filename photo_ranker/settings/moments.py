"""Which photos show one moment, and how a selection spreads over the moments."""

from __future__ import annotations

from dataclasses import dataclass

from photo_ranker.settings.declaring import Section, setting

__all__ = ["MomentSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentSettings(Section):
    """When photos count as near-duplicates or one burst, and how --distinct and --with-context use that."""

    duplicate_bits: int = setting(
        6,
        0,
        64,
        "bits of 64",
        "pictures that differ in no more bits are near-duplicates",
        chapter="Which: one moment or two",
    )
    alike_bits: int = setting(18, 0, 64, "bits of 64", "pictures of a burst differ in no more bits")
    burst_seconds: float = setting(10.0, 0.0, 3600.0, "seconds", "photos of one moment are no further apart")
    same_place: float = setting(0.4, 0.0, 1.0, "overlap", "faces of one moment overlap at least so much")
    unusual: float = setting(
        0.1,
        0.0,
        1.0,
        "of the score",
        "among the photos of a moment: what eyes shut or a mouth open, against the person's usual ones, costs",
    )
    spread: float = setting(0.15, 0.0, 1.0, "of the score", "--distinct: what standing beside a chosen photo costs")
    context_seconds: float = setting(
        120.0, 0.0, 86400.0, "seconds", "--with-context: photos without faces no further from a chosen one go along"
    )
    context_files: int = setting(
        3, 0, 1000, "files", "the same where a photo has no time: no further in the order of the files of a folder"
    )
