"""Files that belong together: a photo, its RAW, the video of a live photo, its sidecars."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable

from photo_ranker.core.names import folded
from photo_ranker.images.suffixes import RAW_SUFFIXES, VIDEO_SUFFIXES, suffix_of

__all__ = ["SIDECAR_SUFFIXES", "pair_up"]

SIDECAR_SUFFIXES = frozenset([".aae", ".dop", ".json", ".on1", ".pp3", ".thm", ".xmp"])
"""Edits, ratings and names beside a photo: Apple, DxO, Google Takeout, ON1, RawTherapee, cameras, Adobe and others."""

_NO_PHOTOS = VIDEO_SUFFIXES | SIDECAR_SUFFIXES

LIVE_PHOTOS = frozenset([".heic", ".heif", ".jpeg", ".jpg"])
LIVE_VIDEOS = frozenset([".mov", ".mp4"])


def pair_up(names: Iterable[str]) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Photo or video -> its companions; and what is neither and belongs to none.

    Of photos with one stem (``IMG_1`` of ``IMG_1.jpg``) a RAW belongs to the first that is not RAW; a video to the
    first that a phone writes as a live photo. A sidecar is called like its photo, with or without the suffix.
    """
    photos: list[str] = []
    others: list[str] = []
    has_raw = False
    for name in names:
        suffix = suffix_of(name)
        # Names that say nothing are here because their content did.
        (others if suffix in _NO_PHOTOS else photos).append(name)
        has_raw = has_raw or suffix in RAW_SUFFIXES
    if not others and not has_raw:
        return dict.fromkeys(photos, ()), []
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(photos, key=_preference):
        groups[_stem(name)].append(name)
    owners = {name: _owner(name, group) for group in groups.values() for name in group}
    companions: dict[str, list[str]] = {owner: [] for owner in owners.values()}
    for name, owner in owners.items():
        if owner != name:
            companions[owner].append(name)
    for name in [name for name in others if suffix_of(name) in VIDEO_SUFFIXES]:
        group = groups[_stem(name)]
        live = next((photo for photo in group if suffix_of(photo) in LIVE_PHOTOS), None)
        if live is not None and suffix_of(name) in LIVE_VIDEOS:
            companions[live].append(name)
        else:
            group.append(name)
            owners[name], companions[name] = name, []
    alone: list[str] = []
    called = {folded(name): owner for name, owner in reversed(owners.items())}  # of twins the first
    for name in [name for name in others if suffix_of(name) not in VIDEO_SUFFIXES]:
        found = _owner_of_other(name, groups.get(_stem(name), []), called)
        (companions[found] if found else alone).append(name)
    return {owner: tuple(sorted(its)) for owner, its in companions.items()}, alone


def _owner(photo: str, group: list[str]) -> str:
    return group[0] if suffix_of(photo) in RAW_SUFFIXES and suffix_of(group[0]) not in RAW_SUFFIXES else photo


def _owner_of_other(name: str, group: list[str], called: dict[str, str]) -> str | None:
    if suffix_of(name) not in SIDECAR_SUFFIXES:
        return None
    base = os.path.splitext(name)[0]
    # Google Takeout: IMG_1.jpg.supplemental-metadata.json, cut short for long names.
    shorter, last = os.path.splitext(base)
    for photo in (base, shorter if ".supplemental-metadata".startswith(last.lower()) else base):
        if owner := called.get(folded(photo)):
            return owner
    return group[0] if group else None


def _preference(name: str) -> tuple[bool, bool, str]:
    """Of several photos with one stem the first is the one to show."""
    suffix = suffix_of(name)
    return suffix in RAW_SUFFIXES, suffix not in LIVE_PHOTOS, name


def _stem(name: str) -> str:
    return folded(os.path.splitext(name)[0])
