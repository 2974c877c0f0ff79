"""Writes ratings, names and face regions into sidecars or photos, and removes them again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from photo_ranker.core import files
from photo_ranker.errors import FileRefused, PhotoUnreadable

if TYPE_CHECKING:
    from photo_ranker.album import Album, AlbumPhoto
    from photo_ranker.core.terminal import Listener
    from photo_ranker.exporters.xmp import Change, Facts
    from photo_ranker.workspace.requests import AlbumRequest, XmpRequest

__all__ = ["XmpFile", "XmpReport", "export_xmp", "remove_xmp"]


@dataclass(frozen=True, slots=True)
class XmpFile:
    """What was done with one photo or sidecar."""

    path: str
    """The photo itself if it was written into, else the sidecar."""
    state: Literal["written", "removed", "left"]
    reason: str = ""
    """Why it was left alone."""


@dataclass(frozen=True, slots=True)
class XmpReport:
    """The report of an export or a removal, or of a dry run."""

    files: list[XmpFile]
    photos: int
    """Number of photos examined."""


def export_xmp(
    album: Album,
    names: Mapping[str, str],
    ratings: Mapping[str, int | None] | None,
    request: XmpRequest,
    listener: Listener,
) -> XmpReport:
    """Write XMP photo by photo: ``names`` maps ids of faces to names, ``ratings`` maps paths to stars.

    With ratings only photos that have one are written; a rating of None keeps the stars that a photo has.
    """
    from photo_ranker.exporters.xmp import facts_of

    photos = [photo for photo in album.photos if photo.record.unreadable is None]
    if ratings is not None:
        photos = [photo for photo in photos if photo.path in ratings]
    folders = _tidied((Path(photo.path) for photo in photos), request)
    done: list[XmpFile] = []
    with listener.progress("sidecars") as step:
        for number, photo in enumerate(photos, 1):
            rating = None if ratings is None else ratings[photo.path]
            facts = facts_of(photo.record, names, rating=rating, label=request.label, keywords=request.keywords)
            done += _written(photo, facts, request)
            step(number, len(photos))
    _sync(folders, request)
    return XmpReport(done, len(photos))


def remove_xmp(album: AlbumRequest, request: XmpRequest) -> XmpReport:
    """Remove what we wrote. Nothing is measured, since the user may just have run ``forget``."""
    from photo_ranker.indexing.discovery import gather

    items = [
        (Path(listing.path_of(item.name)), item.companions)
        for listing in gather(album.photos, recursive=album.recursive)
        for item in listing.items
    ]
    folders = _tidied((path for path, _ in items), request)
    done = [each for path, companions in items for each in _removed(path, companions, request)]
    _sync(folders, request)
    return XmpReport(done, len(items))


def _tidied(photos: Iterable[Path], request: XmpRequest) -> set[Path]:
    """The folders of these photos, after leftovers of killed runs were removed from them."""
    folders = {path.parent for path in photos}
    if not request.dry_run:
        for folder in folders:
            files.remove_leftovers(folder)
    return folders


def _sync(folders: set[Path], request: XmpRequest) -> None:
    """Sync the folders, so that written files survive a power cut before they are reported."""
    if not request.dry_run:
        for folder in folders:
            files.sync_folder(folder)


def _written(photo: AlbumPhoto, facts: Facts, request: XmpRequest) -> Iterator[XmpFile]:
    from photo_ranker.exporters.xmp import plan_sidecar

    path = Path(photo.path)
    if request.embed:
        yield from _embedded(path, photo.record.format, facts, request)
        return
    change = plan_sidecar(path, photo.record.companions, facts, request.naming, _packet(path))
    if change.is_needed or change.problem:
        yield _carry_out(change, request)


def _removed(path: Path, companions: Sequence[str], request: XmpRequest) -> Iterator[XmpFile]:
    from photo_ranker.exporters.xmp import plan_removal

    if not request.embed:
        for change in plan_removal(path, companions, _packet(path)):
            yield _carry_out(change, request)
    elif kind := _format_of(path):
        yield from _embedded(path, kind, None, request)


def _format_of(path: Path) -> str | None:
    """The format of a photo that we may write into; None for any other file."""
    from photo_ranker.exporters.xmp import EMBEDDABLE
    from photo_ranker.images.sniff import sniff

    try:
        kind = sniff(files.read_head(path, 4096, follow=True), path.suffix)
    except (PhotoUnreadable, FileRefused, OSError):
        return None
    return kind if kind in EMBEDDABLE else None


def _carry_out(change: Change, request: XmpRequest) -> XmpFile:
    from photo_ranker.exporters.xmp import apply

    if change.problem:
        return XmpFile(str(change.path), "left", change.problem)
    if not request.dry_run:
        apply(change)
    return XmpFile(str(change.path), "removed" if change.after is None else "written")


def _embedded(path: Path, kind: str, facts: Facts | None, request: XmpRequest) -> Iterator[XmpFile]:
    from photo_ranker.exporters.xmp import embed
    from photo_ranker.images import content_hash

    try:
        changed = embed(
            path, kind, facts, lambda path: content_hash(files.read(path, follow=True)), dry_run=request.dry_run
        )
    except (PhotoUnreadable, FileRefused, OSError) as error:
        yield XmpFile(str(path), "left", str(error))
        return
    if changed:
        yield XmpFile(str(path), "written")


def _packet(path: Path) -> bytes:
    """The XMP block in the photo itself; empty if there is none."""
    from photo_ranker.images.exif import xmp_packet

    try:
        packet = xmp_packet(files.read(path, follow=True))
    except (OSError, FileRefused):
        return b""
    return packet + b"</x:xmpmeta>" if packet else b""
