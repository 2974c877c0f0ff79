"""Finds the faces of a person in an album, sure or doubtful, from embeddings alone: no photo is opened."""

from __future__ import annotations

from photo_ranker.person_finder.finder import Finding, find_person

__all__ = ["Finding", "find_person"]
