"""Reference photos and an album -> where the person is, surely or perhaps. No photo is opened."""

from __future__ import annotations

from photo_ranker.person_finder.finder import Finding, find_person

__all__ = ["Finding", "find_person"]
