"""Every kind of file with face data that we write, and how those of a folder are found: for ``photo-ranker forget``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from photo_ranker.cli import forget_app
from photo_ranker.core import files
from photo_ranker.errors import FileRefused, MetadataError

__all__ = ["KINDS", "Finding", "ForgetTarget", "Kind", "contents_of", "find_all", "is_facts", "remembered"]


_FACTS_NAME = ".photo_ranker_metadata.json"
_PEOPLE_NAME = ".photo_ranker_people.json"


@dataclass(frozen=True, slots=True)
class ForgetTarget:
    """What is to be forgotten."""

    root: Path
    contents: frozenset[str] = frozenset()
    """Content hashes of the photos there, taken before anything is removed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file that we write and that tells of faces."""

    name: str
    find: Callable[[ForgetTarget], Iterator[Path]]
    """All of them that belong to a folder and those below it."""
    of_all: bool = False
    """Also of other folders, so it says nothing of whether there is this one."""
    option: Literal["", "names", "sessions", "others"] = ""
    """Removed only with this option."""

    @property
    def is_precious(self) -> bool:
        """Whether a user has made or sent it, so that it cannot be made again."""
        return self.option in {"names", "sessions"}


Finding = tuple[Kind, Path]


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
    """What a user has said, and with it the notes of which folder and photos it is about."""
    from photo_ranker.metadata.places import NOTES

    books = sorted(place.glob(f"{_PEOPLE_NAME}*"))
    return [*books, *(place / name for name in NOTES if (place / name).exists())] if books else []


def _remembered(subject: ForgetTarget) -> Iterator[Path]:
    return (path for path in remembered() if path.name.partition("-")[0] in subject.contents)


def _remembered_of_others(subject: ForgetTarget) -> Iterator[Path]:
    return (path for path in remembered() if path.name.partition("-")[0] not in subject.contents)


def _libraries(subject: ForgetTarget) -> Iterator[Path]:
    """Also those of folders above: they hold faces of this one, and can be made again."""
    from photo_ranker.library.layout import LIBRARY_NAME, ROOT_NAME, libraries_of
    from photo_ranker.library.store import files_of

    for place in libraries_of(subject.root):
        yield from files_of(place)
        if place.name != LIBRARY_NAME:
            yield place / ROOT_NAME


KINDS: tuple[Kind, ...] = (
    Kind("measured faces", _beside_photos(_FACTS_NAME)),
    Kind("measured faces of folders that cannot be written", _in_cache),
    Kind("libraries of this folder, of folders above and below", _libraries, of_all=True),
    Kind("remembered references and thumbnails of photos in it", _remembered),
    Kind("remembered references and thumbnails of other photos", _remembered_of_others, of_all=True, option="others"),
    Kind("references, events and measured faces of the app", lambda it: forget_app.measured(it.root), of_all=True),
    Kind("records of the app's jobs", lambda it: forget_app.job_records(it.root), of_all=True),
    Kind("names and decisions", _beside_photos(_PEOPLE_NAME), option="names"),
    Kind("names and decisions of folders that cannot be written", _names_in_cache, option="names"),
    Kind(
        "picks, stars, titles and names in the app",
        lambda it: forget_app.made_by_hand(it.root),
        of_all=True,
        option="names",
    ),
    Kind(
        "uploaded photos of the app's sessions", lambda it: forget_app.uploads(it.root), of_all=True, option="sessions"
    ),
)
"""Every kind of face data that we ever write; who adds one adds it here."""


def find_all(subject: ForgetTarget) -> list[Finding]:
    """Every file of a folder and those below it; a file of two kinds is of the first."""
    kind_of: dict[Path, Kind] = {}
    for kind in KINDS:
        for path in kind.find(subject):
            kind_of.setdefault(path, kind)
    return [(kind, path) for path, kind in kind_of.items()]


def is_facts(path: Path) -> bool:
    """Whether a run writes this file: the metadata, and what lies beside it while the run is at work."""
    return path.name.startswith(_FACTS_NAME)


def contents_of(root: Path) -> frozenset[str]:
    """The content hashes of all photos of a folder and those below it; empty where nothing is kept by them."""
    if not any(remembered()):
        return frozenset()
    return frozenset(digest for folder, _, names in os.walk(root) for digest in _contents(Path(folder), names))


def remembered() -> Iterator[Path]:
    """Every file in the user's cache whose name begins with the hash of a photo."""
    from photo_ranker.images.thumbnails import thumbnails_folder
    from photo_ranker.workspace.references import references_folder

    for place in (references_folder(), thumbnails_folder()):
        yield from (path for path in sorted(place.glob("*")) if path.is_file())


def _contents(folder: Path, names: list[str]) -> Iterator[str]:
    """As the facts of the folder say; photos that they do not know are read, as a reference may be one of them."""
    from photo_ranker.images import PHOTO_SUFFIXES, content_hash
    from photo_ranker.images.sniff import suffix_of
    from photo_ranker.metadata import load

    try:
        records = load(folder)
    except MetadataError:  # a newer version's, or closed to us: the photos themselves tell
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
            except (FileRefused, OSError):  # a pipe, a link, or closed: it was no reference and has no thumbnail
                continue
