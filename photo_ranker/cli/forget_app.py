"""Finds face data that the app in the browser keeps, for ``photo-ranker forget``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from photo_ranker.core import files
from photo_ranker.core.folders import app_home
from photo_ranker.errors import FileRefused
from photo_ranker.web.entries import ENTRY_NAME, heal_entry

__all__ = ["app_places", "job_records", "made_by_hand", "measured", "uploads"]

_BY_HAND = ("marks.json", "event/moments.json", "album.json")
"""Picks and stars, names of moments, and titles; also their damaged copies."""

_UPLOADED = ("photos", "archives")
"""Folders of a session with uploaded files."""


def app_places(root: Path) -> Iterator[Path]:
    """The app's folders of albums in or below a folder, and those of all sessions, which belong to no folder."""
    root = Path(os.path.realpath(root))
    for place in sorted((app_home() / "albums").glob("*")):
        about = _about(place)
        folder = Path(str(about.get("folder", "")))
        if not about or _is_session(about) or folder == root or root in folder.parents:
            yield place


def measured(root: Path) -> Iterator[Path]:
    """Reference photos, scored events and records of uploaded photos: data that can be made again."""
    for place in app_places(root):
        for path in _files(place):
            name = path.relative_to(place)
            is_upload = name.parts[0] in _UPLOADED
            if _is_by_hand(name) or path.name.startswith(".photo_ranker_people.json"):
                continue
            if not is_upload or path.name.startswith(".photo_ranker_metadata.json"):
                yield path


def job_records(root: Path) -> Iterator[Path]:
    """Records and logs of the jobs of these albums, unfinished ones too."""
    albums = {place.name for place in app_places(root)}
    for path in sorted((app_home() / "jobs").glob("*.json")):
        if _read(path).get("album") in albums:
            yield from (one for one in (path, path.with_suffix(".log")) if one.is_file())


def made_by_hand(root: Path) -> Iterator[Path]:
    """Picks, stars, labels and titles of albums, and the names of people in sessions."""
    for place in app_places(root):
        is_session = _is_session(_about(place))
        for path in _files(place):
            name = path.relative_to(place)
            if path.name.startswith(".photo_ranker_people.json") or (
                _is_by_hand(name) and not (is_session and _is_entry(name))
            ):
                yield path


def uploads(root: Path) -> Iterator[Path]:
    """Photos and ZIPs of sessions, and the sessions themselves."""
    for place in app_places(root):
        if _is_session(_about(place)):
            for path in _files(place):
                name = path.relative_to(place)
                if _is_entry(name) or (name.parts[0] in _UPLOADED and not path.name.startswith(".photo_ranker_")):
                    yield path


def _is_by_hand(name: Path) -> bool:
    return name.as_posix().partition(".damaged-")[0] in _BY_HAND


def _is_entry(name: Path) -> bool:
    return name.as_posix().partition(".damaged-")[0] == ENTRY_NAME


def _is_session(about: dict[str, object]) -> bool:
    return about.get("kind") == "session"


def _about(place: Path) -> dict[str, object]:
    """The entry of an album; if it is damaged, what the app would rebuild."""
    about = _read(place / ENTRY_NAME)
    if about.get("kind") in ("folder", "session"):
        return about
    try:
        content = files.read(place / ENTRY_NAME)
    except (OSError, FileRefused):
        content = b""
    healed = heal_entry(place, content)
    return msgspec.structs.asdict(healed) if healed else {}


def _files(place: Path) -> list[Path]:
    return [path for path in sorted(place.rglob("*")) if path.is_file() or path.is_symlink()]


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(files.read(path))
    except (OSError, FileRefused, ValueError):
        return {}  # damaged, so its files belong to no album
    return found if isinstance(found, dict) else {}
