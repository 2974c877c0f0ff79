"""Names that exist already: in folders of photos, in XMP, in a file of labels, on a guest list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.core import files
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.people.book import Decision
    from photo_ranker.workspace import Workspace
    from photo_ranker.workspace.people import AlbumPeople

__all__ = ["NamesRequest", "import_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesRequest:
    """Where names are to be taken from."""

    references: Path | None = None
    """A folder with a folder for each person, named like the person, with photos."""
    xmp: bool = False
    """Face regions in the photos and in sidecars beside them."""
    labels: Path | None = None
    """``cluster_labels.json``: number -> category, or name and category."""
    guests: Path | None = None
    """A guest list: a line for each person, ``name, role``."""

    def __post_init__(self) -> None:
        """Refuse a request that names no source."""
        if not (self.references or self.xmp or self.labels or self.guests):
            raise UserError("names from where?", "give --references, --xmp, --labels or --guests")


_Taken = tuple[list["Decision"], list[str]]
"""Decisions, and notes on names that were not taken."""


def import_names(
    people: AlbumPeople, request: NamesRequest, workspace: Workspace, *, no_cache: bool = False
) -> list[Decision]:
    """Take names from all sources of the request; what is not taken is noted.

    ``no_cache`` neither reads nor keeps what was measured of references.
    """
    sources: list[Callable[[], _Taken]] = []
    if request.references is not None:
        folder = request.references
        sources.append(lambda: _from_references(people, folder, workspace, no_cache=no_cache))
    if request.xmp:
        sources.append(lambda: _from_regions(people))
    if request.labels is not None:
        labels = request.labels
        sources.append(lambda: _from_labels(people, labels))
    if request.guests is not None:
        guests = request.guests
        sources.append(lambda: _from_guests(people, guests))
    said: list[Decision] = []
    for take in sources:
        decisions, notes = take()
        said += decisions
        for note in notes:
            workspace.listener.say(f"note: {note}")
    return said


def _from_references(people: AlbumPeople, references: Path, workspace: Workspace, *, no_cache: bool) -> _Taken:
    from photo_ranker.people.naming import name_by_references

    folders = sorted(path for path in references.iterdir() if path.is_dir()) if references.is_dir() else []
    if not folders:
        raise UserError(f"{references} holds no folders", "make a folder for each person, with photos of the person")
    engine = people.album.engine
    rows = {folder.name: workspace.embeddings([folder], no_cache=no_cache, engine=engine) for folder in folders}
    return name_by_references(people.book, people.table, rows, people.settings)


def _from_regions(people: AlbumPeople) -> _Taken:
    from photo_ranker.images import Limits
    from photo_ranker.images.regions import read_regions
    from photo_ranker.people.naming import name_by_regions

    limits = Limits.of(people.settings.measure)
    found = {
        number: [(region.name, region.box) for region in read_regions(Path(photo.path), limits)]
        for number, photo in enumerate(people.album.photos)
    }
    return name_by_regions(people.book, people.table, found)


def _from_labels(people: AlbumPeople, path: Path) -> _Taken:
    from photo_ranker.people.labels import name_by_labels, read_labels

    return name_by_labels(people.book, read_labels(_read(path)))


def _from_guests(people: AlbumPeople, path: Path) -> _Taken:
    from photo_ranker.people.naming import name_guests, read_guests

    return name_guests(people.book, read_guests(_read(path).decode("utf-8", "replace")))


def _read(path: Path) -> bytes:
    try:
        return files.read(path, follow=True)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", "check the path") from error
