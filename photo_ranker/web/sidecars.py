"""XMP sidecars of an album: what they are to say, and a look at the first of them before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.progress import SILENT
from photo_ranker.people.book import Book
from photo_ranker.settings import Settings
from photo_ranker.web.exports import unpacked
from photo_ranker.web.ranking_schemas import XmpFileOut
from photo_ranker.workspace import XmpRequest
from photo_ranker.workspace.exports import names_of
from photo_ranker.workspace.xmp import export_xmp

__all__ = ["PREVIEWED", "first_sidecars", "names_in", "ratings_in"]

PREVIEWED = 20
"""Photos of a preview: each is read as a whole, for the stars that it may hold itself."""


def names_in(book: Book, *, all_names: bool) -> dict[str, str]:
    """Id of a face -> the name that a sidecar tells: of confirmed faces, or of all recognised ones."""
    return names_of(book.owners(), None if all_names else book.confirmed())


def ratings_in(told: Iterable[Mapping[str, Any]], settings: Settings) -> dict[str, int | None]:
    """Path of a photo -> stars: the user's own, else those of its score; ``told`` are packed photos with stars."""
    from photo_ranker.exporters.xmp import stars

    ratings: dict[str, int | None] = {}
    for item in told:
        wanted = unpacked(dict(item))
        scored = None if wanted.score is None else stars(wanted.score, settings)
        ratings[wanted.path] = item["stars"] or scored
    return ratings


def first_sidecars(album: Album, names: Mapping[str, str], ratings: Mapping[str, int | None]) -> list[XmpFileOut]:
    """What the sidecars of the first photos would say; those that say it already are left out."""
    photos = [photo for photo in album.photos if photo.path in ratings][:PREVIEWED]
    few = {photo.path: ratings[photo.path] for photo in photos}
    report = export_xmp(Album(photos, album.engine), names, few, XmpRequest(dry_run=True), SILENT)
    return [_told(Path(file.path), file.reason, photos, names, few) for file in report.files]


def _told(
    sidecar: Path, problem: str, photos: list[AlbumPhoto], names: Mapping[str, str], ratings: Mapping[str, int | None]
) -> XmpFileOut:
    photo = next((one for one in photos if sidecar.name.startswith(Path(one.path).stem)), None)
    faces = photo.record.faces if photo else ()
    shown = sidecar.name.encode("utf-8", "replace").decode()
    said = sorted({names[face.id] for face in faces if face.id in names})
    return XmpFileOut(name=shown, stars=ratings[photo.path] if photo else None, names=said, problem=problem)
