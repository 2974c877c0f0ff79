"""Exchanges names and ratings with other programs.

Imports names that exist already: from folders of photos, XMP, a file of labels, or a guest list. Writes ratings, names
and face regions into sidecars or photos, and removes them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from photo_ranker.core import files
from photo_ranker.core.names import NO_ACCESS
from photo_ranker.errors import FileRefused, PhotoUnreadable, UserError

if TYPE_CHECKING:
    from photo_ranker.album import Album, AlbumPhoto
    from photo_ranker.core.terminal import Listener
    from photo_ranker.exporters.xmp import Change, Facts
    from photo_ranker.people.book import Decision
    from photo_ranker.workspace import Workspace
    from photo_ranker.workspace.people import AlbumPeople
    from photo_ranker.workspace.requests import AlbumRequest, XmpRequest

__all__ = ["NamesRequest", "XmpFile", "XmpReport", "export_xmp", "import_names", "remove_xmp"]


class NamesRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The sources of names to import."""

    references: Path | None = None
    """A folder with one folder of photos per person, named like the person."""
    xmp: bool = False
    """Face regions in the photos and in sidecars beside them."""
    labels: Path | None = None
    """``cluster_labels.json``: number -> category, or name and category."""
    guests: Path | None = None
    """A guest list with one line per person: ``name, role``."""

    def __post_init__(self) -> None:
        """Refuse a request that names no source."""
        if not (self.references or self.xmp or self.labels or self.guests):
            raise UserError("no source of names is given", "give --references, --xmp, --labels or --guests")


_Taken = tuple[list["Decision"], list[str]]
"""Decisions, and notes about names that were not taken."""


def import_names(
    people: AlbumPeople, request: NamesRequest, workspace: Workspace, *, no_cache: bool = False
) -> list[Decision]:
    """Take names from all sources of the request; a note says which names were not taken.

    ``no_cache`` measures references anew and does not store them.
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
    taken: list[Decision] = []
    for take in sources:
        decisions, notes = take()
        taken += decisions
        for note in notes:
            workspace.listener.say(f"note: {note}")
    return taken


def _from_references(people: AlbumPeople, references: Path, workspace: Workspace, *, no_cache: bool) -> _Taken:
    from photo_ranker.people.naming import name_by_references

    folders = sorted(path for path in references.iterdir() if path.is_dir()) if references.is_dir() else []
    if not folders:
        raise UserError(f"{references} holds no folders", "make a folder for each person, with photos of the person")
    album = people.album
    rows = {
        folder.name: workspace.embeddings([folder], album=album, no_cache=no_cache, engine=album.engine)
        for folder in folders
    }
    return name_by_references(people.book, people.table, rows, people.settings)


def _from_regions(people: AlbumPeople) -> _Taken:
    from photo_ranker.images import Limits
    from photo_ranker.images.regions import read_regions
    from photo_ranker.people.naming import name_by_regions

    limits = Limits.of(people.settings.measure)
    found = {
        number: [
            (region.name, region.box) for region in read_regions(Path(photo.path), photo.record.companions, limits)
        ]
        for number, photo in enumerate(people.album.photos)
    }
    return name_by_regions(people.book, people.table, found)


def _from_labels(people: AlbumPeople, path: Path) -> _Taken:
    from photo_ranker.people.naming import name_by_labels, read_labels

    return name_by_labels(people.book, read_labels(_read(path)))


def _from_guests(people: AlbumPeople, path: Path) -> _Taken:
    from photo_ranker.people.naming import name_guests, read_guests

    return name_guests(people.book, read_guests(_read(path).decode("utf-8", "replace")))


def _read(path: Path) -> bytes:
    try:
        return files.read(path, follow=True)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}", "check the path") from error


class XmpFile(msgspec.Struct, frozen=True):
    """What was done with one photo or sidecar."""

    path: str
    """The photo itself if it was written into, else the sidecar."""
    state: Literal["written", "removed", "left", "failed"]
    """``left`` = there is a reason not to touch it; ``failed`` = it could not be written."""
    reason: str = ""
    """Why it was left alone, or could not be written."""
    is_loss: bool = False
    """Whether a rating, label or keyword of an earlier export is dropped."""


class XmpReport(msgspec.Struct, frozen=True):
    """The report of an export or a removal, or of a dry run."""

    files: list[XmpFile]
    photos: int
    """Number of photos examined."""
    inside: int = 0
    """Number of photos that keep what we wrote into them."""


def export_xmp(
    album: Album,
    names: Mapping[str, str],
    ratings: Mapping[str, int | None] | None,
    request: XmpRequest,
    listener: Listener,
) -> XmpReport:
    """Write XMP photo by photo: ``names`` maps ids of faces to names, ``ratings`` maps paths to stars.

    With ``ratings`` only the photos in it are written; a rating of None keeps the stars that a photo has.
    """
    from photo_ranker.exporters.xmp import facts_of
    from photo_ranker.indexing.discovery import companions_now

    photos = [photo for photo in album.photos if photo.record.unreadable is None]
    if ratings is not None:
        photos = [photo for photo in photos if photo.path in ratings]
    folders = _tidied((Path(photo.path) for photo in photos), request)
    now = companions_now(photo.path for photo in photos)
    done: list[XmpFile] = []
    with listener.progress("sidecars") as step:
        for number, photo in enumerate(photos, 1):
            rating = None if ratings is None or _is_rated(photo) else ratings[photo.path]
            facts = facts_of(photo.record, names, rating=rating, label=request.label, keywords=request.keywords)
            done += _written(photo, now.get(photo.path, photo.record.companions), facts, request)
            step(number, len(photos))
    _sync(folders, request)
    return XmpReport(done, len(photos))


def remove_xmp(album: AlbumRequest, request: XmpRequest) -> XmpReport:
    """Remove what we wrote. Nothing is measured, since the user may just have run ``forget``."""
    from photo_ranker.exporters.xmp import OURS
    from photo_ranker.indexing.discovery import gather

    items = [
        (Path(listing.path_of(item.name)), item.companions)
        for listing in gather(album.photos, recursive=album.recursive)
        for item in listing.items
    ]
    folders = _tidied((path for path, _ in items), request)
    done, inside = list[XmpFile](), 0
    for path, companions in items:
        packet = b"" if request.embed else _packet(path)
        done += _removed(path, companions, request, packet)
        inside += OURS in packet
    _sync(folders, request)
    return XmpReport(done, len(items), inside)


def _tidied(photos: Iterable[Path], request: XmpRequest) -> set[Path]:
    """The folders of these photos, after leftovers of killed runs were removed from them."""
    folders = {path.parent for path in photos}
    if not request.dry_run:
        for folder in folders:
            files.remove_leftovers(folder)
    return folders


def _sync(folders: set[Path], request: XmpRequest) -> None:
    """Sync the folders before anything is reported, so that written files survive a power cut."""
    if not request.dry_run:
        for folder in folders:
            files.sync_folder(folder)


def _written(photo: AlbumPhoto, companions: Sequence[str], facts: Facts, request: XmpRequest) -> Iterator[XmpFile]:
    from photo_ranker.exporters.xmp import plan_sidecar

    path = Path(photo.path)
    if request.embed:
        yield from _embedded(path, photo.record.format, facts, companions, request)
        return
    change = plan_sidecar(path, companions, facts, request.naming, _packet(path))
    if change.is_needed or change.problem:
        yield _carry_out(change, request)


def _removed(path: Path, companions: Sequence[str], request: XmpRequest, packet: bytes) -> Iterator[XmpFile]:
    from photo_ranker.exporters.xmp import plan_removal

    if not request.embed:
        for change in plan_removal(path, companions, packet):
            yield _carry_out(change, request)
    elif kind := _format_of(path):
        yield from _embedded(path, kind, None, companions, request)


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
    try:
        if not request.dry_run:
            apply(change)
    except UserError as error:
        # One folder that may not be written must not stop the others; a full disk stops them all.
        if not isinstance(cause := error.__cause__, OSError) or cause.errno not in NO_ACCESS:
            raise
        return XmpFile(str(change.path), "failed", f"cannot be written: {cause.strerror}")
    return _done(change, request)


def _done(change: Change, request: XmpRequest) -> XmpFile:
    """What a change has done; that our values are gone is no loss if they were to be removed."""
    state: Literal["written", "removed"] = "removed" if change.after is None else "written"
    return XmpFile(str(change.path), state, is_loss=not request.remove and change.is_loss)


def _embedded(
    path: Path, kind: str, facts: Facts | None, companions: Sequence[str], request: XmpRequest
) -> Iterator[XmpFile]:
    from photo_ranker.exporters.xmp import embed
    from photo_ranker.images import content_hash

    def picture_hash(path: Path) -> str:
        return content_hash(files.read(path, follow=True))

    try:
        changed = embed(path, kind, facts, picture_hash, companions=companions, dry_run=request.dry_run)
    except (PhotoUnreadable, FileRefused, OSError) as error:
        if isinstance(error, OSError) and error.errno in NO_ACCESS:
            yield XmpFile(str(path), "failed", f"cannot be written: {error.strerror}")
        else:
            yield XmpFile(str(path), "left", str(error))
        return
    if changed:
        yield msgspec.structs.replace(_done(changed, request), state="written")  # the photo itself stays


def _is_rated(photo: AlbumPhoto) -> bool:
    """Whether a JPEG or PNG file has a rating in EXIF, as Windows and some cameras write it."""
    from photo_ranker.images.containers import png_exif
    from photo_ranker.images.exif import PIECE, read_exif
    from photo_ranker.images.layout import exif_block, lay_out

    if photo.record.format not in {"jpeg", "png"}:
        return False
    try:
        head = files.read_head(Path(photo.path), PIECE, follow=True)
    except (OSError, FileRefused):
        return False
    block = png_exif(head) if photo.record.format == "png" else exif_block(head, lay_out(head))
    return read_exif(block).rating is not None


def _packet(path: Path) -> bytes:
    """The XMP block in the photo itself; empty if there is none."""
    from photo_ranker.images.exif import xmp_packet_in

    try:
        with files.open_read(path, follow=True) as file:
            packet = xmp_packet_in(file)
    except (OSError, FileRefused):
        return b""
    return packet + b"</x:xmpmeta>" if packet else b""
