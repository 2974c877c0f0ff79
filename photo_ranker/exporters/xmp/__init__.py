"""Writes ratings, names and face regions as XMP for other programs; what a user wrote is never lost."""

from __future__ import annotations

from photo_ranker.exporters.xmp.document import Facts, NamedFace, NotXmp, facts_of, stars
from photo_ranker.exporters.xmp.merging import cleaned, merged
from photo_ranker.exporters.xmp.sidecars import (
    EMBEDDABLE,
    Change,
    Naming,
    apply,
    embed,
    find_exiftool,
    plan_removal,
    plan_sidecar,
)

__all__ = [
    "EMBEDDABLE",
    "Change",
    "Facts",
    "NamedFace",
    "Naming",
    "NotXmp",
    "apply",
    "cleaned",
    "embed",
    "facts_of",
    "find_exiftool",
    "merged",
    "plan_removal",
    "plan_sidecar",
    "stars",
]
