"""Requests to the workspace: frozen values that each adapter makes once, at its edge.

A request that contradicts itself, or names a file that does not exist, is refused when it is made: before anything is
measured or written, and with the same words for commands, the Python API and the app. Messages name options of the
command line, since the documents use those names everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from photo_ranker.core.files import remove_leftovers
from photo_ranker.core.terminal import counted
from photo_ranker.errors import UserError
from photo_ranker.questions import Filters, check_threshold, check_top, check_year

if TYPE_CHECKING:
    from photo_ranker.exporters.albums import Way
    from photo_ranker.questions.clocks import Correction
    from photo_ranker.questions.selection import Copies

__all__ = [
    "LABELS_NAME",
    "AlbumFace",
    "AlbumRequest",
    "EngineRequest",
    "EventRequest",
    "ExportRequest",
    "IndexRequest",
    "LibraryRequest",
    "PersonRequest",
    "PhotosRequest",
    "SentFace",
    "ShownFace",
    "XmpRequest",
    "is_there",
]

LABELS_NAME = "cluster_labels.json"
"""The file of an event in which a user names its people by number."""


class EngineRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which engine finds and identifies faces, and on which device."""

    engine: str = ""
    """An engine's name, or a folder with a pack of models; empty = the default engine."""
    device: str = "auto"
    """``auto`` = the fastest that is installed."""
    accept_license: bool = False
    """The user accepts models for non-commercial research, which may then be downloaded."""


class AlbumRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The photos of one question, and how to measure those that are new or changed."""

    photos: tuple[str, ...] = ()
    """Folders and single photos as typed; paths in an answer begin with them."""
    library: Path | None = None
    """In place of ``photos``: all photos of a library, as last indexed."""
    exact: bool = False
    """Compare with every face of the library instead of searching by sketches."""
    recursive: bool = False
    """Take subfolders too."""
    workers: int = 0
    """Processes that measure; 0 = one per processor."""
    no_cache: bool = False
    """Neither read nor write metadata."""
    retry_failed: bool = False
    """Measure photos again that were unreadable."""
    zone: str | None = None
    """Time zone of films, whose clocks run in UTC; None = derived from the photos beside them."""
    clocks: tuple[Correction, ...] = ()
    """Corrections of cameras whose clocks were wrong."""

    def __post_init__(self) -> None:
        """Refuse an album without photos, or with two sources."""
        if self.exact and self.library is None:
            raise UserError("--exact is for a library", "leave it out: in folders every face is compared anyway")
        if self.library is not None and self.retry_failed:
            raise UserError("--retry-failed measures, and a library is asked as it was indexed", "give it to index")
        if self.library is not None and self.photos:
            raise UserError("--photos and --library are two albums", "give one of them")
        if self.library is not None:
            _check_sources([str(self.library)], "--library")
        elif self.photos:
            _check_sources(self.photos, "--photos")
        else:
            raise UserError("no album is given", "say which folder: --photos DIR (. is the current folder)")


def is_there(path: str | Path) -> bool:
    """Whether there is a file or folder of this name; one that cannot be reached is an error of its own."""
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        raise UserError(f"{path} cannot be opened: {error.strerror}", "check its permissions") from error
    return True


def _check_sources(sources: Iterable[str], option: str) -> None:
    """Refuse a folder or photo that does not exist or cannot be opened."""
    for source in sources:
        if not is_there(source):
            raise UserError(f"there is no folder or photo {source}", f"check the path given with {option}")
        if Path(source).is_dir():
            try:
                os.scandir(source).close()
            except OSError as error:
                raise UserError(f"{source} cannot be opened: {error.strerror}", "check its permissions") from error


class IndexRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Folders to measure, on this machine or a cluster."""

    folders: tuple[str, ...]
    """Paths, or addresses such as ``s3://bucket/photos``."""
    recursive: bool = False
    """Take subfolders too."""
    workers: int = 0
    """Processes that measure; 0 = one for each processor."""
    retry_failed: bool = False
    """Measure photos again that were unreadable."""
    dry_run: bool = False
    cluster: str | None = None
    """The address of a Ray cluster; None = this machine."""
    thumbnails: bool = False
    """Keep a small picture of each photo that is measured, for the pages of the app."""

    def __post_init__(self) -> None:
        """Refuse a path that is not a folder."""
        for folder in self.folders:
            if "://" in folder:
                continue
            if not (is_found := is_there(folder)) or not Path(folder).is_dir():
                what = "is not a folder" if is_found else "does not exist"
                raise UserError(f"{folder} {what}", "give folders with photos")


class LibraryRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A library to create or update."""

    folder: Path
    """All indexed folders in it belong to the library."""
    engine: str = ""
    """The engine whose faces it holds; empty = the default engine."""
    rebuild: bool = False
    """Read every folder again, not only what has changed."""
    dry_run: bool = False


class AlbumFace(msgspec.Struct, frozen=True):
    """A face of the album, by its id."""

    id: str


class SentFace(msgspec.Struct, frozen=True):
    """A face of a reference photo that was sent to the app."""

    reference: str
    """The id of the uploaded photo, a hash of its content."""
    number: int
    """Number of the face from the left, from 0."""


ShownFace = AlbumFace | SentFace
"""A measured face by which to look for a person."""


class PersonRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to look for: the person that references or faces show, or a person of the album by name or number."""

    references: tuple[Path, ...] = ()
    """Photos, or folders of photos."""
    reference_face: int | None = None
    """Number of the face in references that show several, from the left; None = the largest.

    Of equally large faces, it is the one in most photos of the album.
    """
    reference_years: tuple[int, ...] = ()
    """When the references were taken, where their photos do not tell: one for each of them, or one for all."""
    born: int | None = None
    """The year in which the person was born: no older photo shows the person."""
    not_references: tuple[Path, ...] = ()
    """References of look-alikes who are not meant."""
    together: tuple[Path, ...] = ()
    """References of other people who must be in the photo too."""
    faces: tuple[ShownFace, ...] = ()
    """Measured faces, in place of references; with a ``name`` they find further photos of that person."""
    not_faces: tuple[ShownFace, ...] = ()
    """Faces of look-alikes who are not meant."""
    together_faces: tuple[ShownFace, ...] = ()
    """Each is another person who must be in the photo too."""
    together_names: tuple[str, ...] = ()
    """People of the album who must be in the photo too."""
    name: str | None = None
    """A person of the album: name, number or id."""
    threshold: float | None = None
    """Similarity from which a match is sure; None = derived from the album."""

    def __post_init__(self) -> None:
        """Refuse a request for nobody or for two people, and an impossible threshold."""
        if not (self.references or self.faces or self.name):
            raise UserError("no reference photo", "show whom to look for: --ref person.jpg")
        if self.references and self.name:
            raise UserError("--ref and --person both say whom to look for", "give one of them")
        if len(self.reference_years) not in {0, 1, len(self.references)}:
            refs, years = (counted(len(given), "time") for given in (self.references, self.reference_years))
            raise UserError(
                f"{refs} --ref and {years} --ref-year",
                "give --ref-year once for all references, or once for each, in the same order",
            )
        for year in (*self.reference_years, *([] if self.born is None else [self.born])):
            check_year(year)
        check_threshold(self.threshold)


class PhotosRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the person's photos, and how many."""

    filters: Filters = msgspec.field(default_factory=Filters)
    """What a photo must be to be listed."""
    doubtful: bool = False
    """List doubtful matches after the sure ones."""
    distinct: bool = False
    """List only the best photo of each moment."""
    top: int = 20
    """Most photos in the answer; 0 = all."""
    copies: Copies = "one"
    """``one`` = one result for all copies of a photo, ``all`` = one per file."""

    def __post_init__(self) -> None:
        """Refuse a negative number of photos, and a time span that ends before it begins."""
        check_top(self.top)
        since, until = self.filters.since, self.filters.until
        # An ``until`` that is a day includes all of it, so a time on that day is not after it.
        if since and until and since[: len(until)] > until:
            raise UserError(f"--since {since} is after --until {until}", "swap them")


class ExportRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Where to copy chosen photos, and how; without ``to``, ``zip`` and ``frames`` nothing is exported."""

    to: Path | None = None
    """The folder for them."""
    way: Way = "copy"
    """Copy, link or move."""
    zip: Path | None = None
    """A new ZIP file; ``-`` is stdout."""
    ordered: bool = False
    """Number the names, so that they sort as the ranking."""
    per_event: bool = False
    """Make a folder per event."""
    with_context: Literal["near", "all"] | None = None
    """Export photos without faces too: those near the chosen ones in time, else in file order, or all."""
    frames: Path | None = None
    """A folder for the best frames of films."""
    dry_run: bool = False

    def __post_init__(self) -> None:
        """Refuse two targets, a way without a folder, and a ZIP file that exists or has no folder."""
        if self.to is not None and self.zip is not None:
            raise UserError("--to and --zip are two albums", "make one after the other")
        if self.way != "copy" and self.to is None:
            raise UserError(f"--way {self.way} says how photos come into a folder, but none is named", "add --to DIR")
        if self.zip is not None and not self.is_to_stdout:
            _check_new_file(self.zip, "--zip")

    @property
    def makes_album(self) -> bool:
        """Whether photos go into a folder or a ZIP file."""
        return self.to is not None or self.zip is not None

    @property
    def is_to_stdout(self) -> bool:
        """Whether the ZIP file is written to stdout."""
        return str(self.zip) == "-"

    def check_has_place(self) -> None:
        """Refuse options of an export if nothing is exported."""
        words = {
            "--ordered": self.ordered,
            "--per-event": self.per_event,
            "--with-context": self.with_context is not None,
        }
        option = next((word for word, is_given in words.items() if is_given), None)
        if option and not self.makes_album:
            raise UserError(f"{option} says how an album is made, but none is", "add --to DIR or --zip FILE")


class XmpRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What to write beside or into photos for other programs, or to remove again."""

    label: str | None = None
    """A label for the photos, such as "Select"."""
    keywords: tuple[str, ...] = ()
    naming: Literal["full", "stem"] = "full"
    """Name of new sidecars: ``IMG_1.jpg.xmp`` (full) or ``IMG_1.xmp`` (stem)."""
    embed: bool = False
    """Write into the photos themselves, with an installed exiftool."""
    remove: bool = False
    """Remove what was written before, and write nothing."""
    dry_run: bool = False

    def __post_init__(self) -> None:
        """Refuse to remove and write at once, and to embed without exiftool."""
        if self.remove and (self.label or self.keywords):
            raise UserError("--remove takes out all that was written", "leave the other options out")
        if self.embed:
            from photo_ranker.exporters.xmp import find_exiftool

            find_exiftool()


class EventRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An event to score: its album, and where its files go."""

    album: AlbumRequest
    output: Path
    """The folder for the event's files."""
    labels: Path | None = None
    """None = :data:`LABELS_NAME` in the output or the album, if there is one."""
    moments: Mapping[int, str] = msgspec.field(default_factory=dict)
    """Number of a moment -> its name."""
    best: int = 5
    """Most photos listed per person."""
    copies: Copies = "one"
    dry_run: bool = False

    def __post_init__(self) -> None:
        """Refuse an output that is a file, or is called like one of the files that go into it."""
        if os.path.lexists(self.output) and not self.output.is_dir():
            raise UserError(f"{self.output} is a file", "give the name of a folder with --output")
        if self.output.suffix.lower() in {".json", ".csv"} and not self.output.is_dir():
            raise UserError(
                f"{self.output} is called like a file, and an event has several",
                "give the name of a folder with --output; its event.json holds all of the event",
            )


def _check_new_file(path: Path, option: str) -> None:
    if os.path.lexists(path):
        remove_leftovers(path.parent)  # an export that was killed may have left its temporary name beside the file
        raise UserError(f"{path} exists; it is left as it is", f"choose another name for {option}")
    if not path.parent.is_dir():
        raise UserError(f"there is no folder {path.parent}", "make it first, or write somewhere else")
