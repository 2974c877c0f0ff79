"""All kinds of files with face data that we write, and how to find those of a folder, for ``photo-ranker forget``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from photo_ranker.core import files
from photo_ranker.core.files import app_home
from photo_ranker.errors import FileRefused, MetadataError
from photo_ranker.web.storage import ENTRY_NAME, heal_entry

__all__ = [
    "KINDS",
    "Finding",
    "ForgetTarget",
    "Kind",
    "contents_of",
    "find_all",
    "is_facts",
    "measured",
    "remembered",
    "uploads",
]

# Finds face data that the app in the browser keeps, for ``photo-ranker forget``.


_BY_HAND = ("marks.json", "event/moments.json", "album.json")
"""Files with picks and stars, names of moments, and titles; their damaged copies count too."""

_GUESTS = "guests"
"""Folder of an album with its links for guests and their favourites."""

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
    return name.parts[0] == _GUESTS or name.as_posix().partition(".damaged-")[0] in _BY_HAND


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


_FACTS_NAME = ".photo_ranker_metadata.json"
_PEOPLE_NAME = ".photo_ranker_people.json"


class ForgetTarget(msgspec.Struct, frozen=True):
    """The folder to forget."""

    root: Path
    """The folder; those below it are forgotten too."""
    contents: frozenset[str] = frozenset()
    """Content hashes of its photos, computed before anything is removed."""


class Kind(msgspec.Struct, frozen=True):
    """One kind of file with face data."""

    name: str
    """Words for the list that the command prints."""
    find: Callable[[ForgetTarget], Iterator[Path]]
    """Finds all files of this kind that belong to the folder and those below it."""
    of_all: bool = False
    """Includes files of other folders, so finding one does not mean that the folder is known."""
    option: Literal["", "names", "sessions", "others"] = ""
    """Only this option removes them; empty = always removed."""

    @property
    def is_precious(self) -> bool:
        """Whether the user made or uploaded it, so that it cannot be made again."""
        return self.option in {"names", "sessions"}


Finding = tuple[Kind, Path]
"""A file and its kind."""


def _beside_photos(prefix: str) -> Callable[[ForgetTarget], Iterator[Path]]:
    def find(subject: ForgetTarget) -> Iterator[Path]:
        for folder, _, names in os.walk(subject.root):
            yield from (Path(folder, name) for name in sorted(names) if name.startswith(prefix))

    return find


def _in_cache(subject: ForgetTarget) -> Iterator[Path]:
    for place in _places_in_cache(subject.root):
        by_hand = _names_at(place)
        yield from (path for path in sorted(place.iterdir()) if path.is_file() and path not in by_hand)


def _names_in_cache(subject: ForgetTarget) -> Iterator[Path]:
    for place in _places_in_cache(subject.root):
        yield from _names_at(place)


def _places_in_cache(root: Path) -> Iterator[Path]:
    from photo_ranker.metadata import cache_places

    root = Path(os.path.realpath(root))
    for place, folder in cache_places().items():
        if folder == root or root in folder.parents:
            yield place


def _names_at(place: Path) -> list[Path]:
    """Books of people, with the notes that say which folder and photos they belong to."""
    from photo_ranker.metadata.places import NOTES

    books = sorted(place.glob(f"{_PEOPLE_NAME}*"))
    return [*books, *(place / name for name in NOTES if (place / name).exists())] if books else []


def _remembered(subject: ForgetTarget) -> Iterator[Path]:
    return (path for path in remembered() if path.name.partition("-")[0] in subject.contents)


def _remembered_of_others(subject: ForgetTarget) -> Iterator[Path]:
    return (path for path in remembered() if path.name.partition("-")[0] not in subject.contents)


def _columns(subject: ForgetTarget) -> Iterator[Path]:
    from photo_ranker.indexing.columns import columns_of

    yield from columns_of(subject.root)


def _counts(subject: ForgetTarget) -> Iterator[Path]:
    from photo_ranker.people.last_count import counts_of

    yield from counts_of(subject.root)


def _libraries(subject: ForgetTarget) -> Iterator[Path]:
    """Libraries of this folder and of those above and below: all may hold its faces, and can be made again."""
    from photo_ranker.library.layout import LIBRARY_NAME, ROOT_NAME, libraries_of
    from photo_ranker.library.store import files_of

    for place in libraries_of(subject.root):
        yield from files_of(place)
        if place.name != LIBRARY_NAME:
            yield place / ROOT_NAME


KINDS: tuple[Kind, ...] = (
    Kind("measured faces", _beside_photos(_FACTS_NAME)),
    Kind("measured faces of folders that cannot be written", _in_cache),
    Kind("columns of measured faces, damaged ones of any folder too", _columns, of_all=True),
    Kind("last counts of people, damaged ones of any folder too", _counts, of_all=True),
    Kind("libraries of this folder, of folders above and below", _libraries, of_all=True),
    Kind("remembered references and thumbnails of photos in it", _remembered),
    Kind("remembered references and thumbnails of other photos", _remembered_of_others, of_all=True, option="others"),
    Kind("references, events and measured faces of the app", lambda it: measured(it.root), of_all=True),
    Kind("records of the app's jobs", lambda it: job_records(it.root), of_all=True),
    Kind("names and decisions", _beside_photos(_PEOPLE_NAME), option="names"),
    Kind("names and decisions of folders that cannot be written", _names_in_cache, option="names"),
    Kind(
        "picks, stars, titles, names and links for guests in the app",
        lambda it: made_by_hand(it.root),
        of_all=True,
        option="names",
    ),
    Kind("uploaded photos of the app's sessions", lambda it: uploads(it.root), of_all=True, option="sessions"),
)
"""All kinds of face data that we write. A new kind must be added here."""


def find_all(subject: ForgetTarget) -> list[Finding]:
    """All files about a folder and those below it; a file of two kinds counts as the first."""
    kind_of: dict[Path, Kind] = {}
    for kind in KINDS:
        for path in kind.find(subject):
            kind_of.setdefault(path, kind)
    return [(kind, path) for path, kind in kind_of.items()]


def is_facts(path: Path) -> bool:
    """Whether an index run writes this file: the metadata, its journal and its lock."""
    return path.name.startswith(_FACTS_NAME)


def contents_of(root: Path) -> frozenset[str]:
    """Content hashes of all photos in a folder and below it; empty if the cache has no files named by hashes."""
    if not any(remembered()):
        return frozenset()
    return frozenset(digest for folder, _, names in os.walk(root) for digest in _contents(Path(folder), names))


def remembered() -> Iterator[Path]:
    """All files in the user's cache whose name begins with the hash of a photo."""
    from photo_ranker.images.thumbnails import thumbnails_folder
    from photo_ranker.workspace.references import references_folder

    for place in (references_folder(), thumbnails_folder()):
        yield from (path for path in sorted(place.glob("*")) if path.is_file())


def _contents(folder: Path, names: list[str]) -> Iterator[str]:
    """Hashes from the folder's records; photos without a record are hashed, since they may be references."""
    from photo_ranker.images import PHOTO_SUFFIXES, content_hash
    from photo_ranker.images.sniff import suffix_of
    from photo_ranker.metadata import load

    try:
        records = load(folder)
    except MetadataError:  # from a newer version or not readable: hash the photos
        records = {}
    for record in records.values():
        yield record.stamp.hash
        if record.former is not None:
            yield record.former.hash
    for name in names:
        known = records.get(name)
        if suffix_of(name) in PHOTO_SUFFIXES and not (known and known.stamp.hash):
            try:
                yield content_hash(files.read(folder / name))
            except (FileRefused, OSError):  # it was never a reference and has no thumbnail
                continue
