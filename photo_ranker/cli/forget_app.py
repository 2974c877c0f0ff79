"""What the app in the browser keeps and that tells of faces: for ``photo-ranker forget``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from photo_ranker.core import files
from photo_ranker.core.folders import app_home
from photo_ranker.errors import FileRefused

__all__ = ["app_places", "job_records", "made_by_hand", "measured", "uploads"]

_BY_HAND = ("marks.json", "event/moments.json", "album.json")
"""Picks and stars, what moments were, and titles."""

_UPLOADED = ("photos", "archives")


def app_places(root: Path) -> Iterator[Path]:
    """The app's folder for each album of a folder and those below it, and for every session: those have no other."""
    root = Path(os.path.realpath(root))
    for place in sorted((app_home() / "albums").glob("*")):
        entry = _read(place / "album.json")
        folder = Path(str(entry.get("folder", "")))
        if not entry or entry.get("kind") == "session" or folder == root or root in folder.parents:
            yield place


def measured(root: Path) -> Iterator[Path]:
    """Reference photos, scored events, facts about uploaded photos: all that can be made anew."""
    for place in app_places(root):
        for path in _files(place):
            name = path.relative_to(place)
            is_upload = name.parts[0] in _UPLOADED
            if name.as_posix() in _BY_HAND or path.name.startswith(".photo_ranker_people.json"):
                continue
            if not is_upload or path.name.startswith(".photo_ranker_metadata.json"):
                yield path


def job_records(root: Path) -> Iterator[Path]:
    """What jobs of these albums did and said; those that are unfinished too."""
    albums = {place.name for place in app_places(root)}
    for path in sorted((app_home() / "jobs").glob("*.json")):
        if _read(path).get("album") in albums:
            yield from (one for one in (path, path.with_suffix(".log")) if one.is_file())


def made_by_hand(root: Path) -> Iterator[Path]:
    """Picks, stars, labels and titles of albums, and the names of people in sessions."""
    for place in app_places(root):
        is_session = _read(place / "album.json").get("kind") == "session"
        for path in _files(place):
            name = path.relative_to(place).as_posix()
            if path.name.startswith(".photo_ranker_people.json") or (
                name in _BY_HAND and not (is_session and name == "album.json")
            ):
                yield path


def uploads(root: Path) -> Iterator[Path]:
    """Photos and ZIPs of sessions, and the sessions themselves."""
    for place in app_places(root):
        if _read(place / "album.json").get("kind") == "session":
            for path in _files(place):
                first, *_ = path.relative_to(place).parts
                if first == "album.json" or (first in _UPLOADED and not path.name.startswith(".photo_ranker_")):
                    yield path


def _files(place: Path) -> list[Path]:
    return [path for path in sorted(place.rglob("*")) if path.is_file() or path.is_symlink()]


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(files.read(path))
    except (OSError, FileRefused, ValueError):
        return {}  # damaged: what lies beside it belongs to nobody any more
    return found if isinstance(found, dict) else {}
