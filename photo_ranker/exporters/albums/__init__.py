"""Puts photos into a folder of their own, with all files that belong to them; no other file is ever replaced."""

from __future__ import annotations

from photo_ranker.exporters.albums.carrying import Carried, carry, check
from photo_ranker.exporters.albums.choosing import Context, by_event, into_folders, with_context
from photo_ranker.exporters.albums.planning import Plan, Step, Wanted, Way, archive_names, plan_album

__all__ = [
    "Carried",
    "Context",
    "Plan",
    "Step",
    "Wanted",
    "Way",
    "archive_names",
    "by_event",
    "carry",
    "check",
    "into_folders",
    "plan_album",
    "with_context",
]
