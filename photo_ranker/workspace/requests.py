"""What can be asked of the workspace: frozen values, each made once at the edge of an adapter.

A request that contradicts itself, or names a file that is not there, is refused when it is made, so before anything
is measured or written, and alike for commands, the Python API and the app. Messages name the options of the
command line, which the documents use as names.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from photo_ranker.errors import UserError
from photo_ranker.filters import Filters, check_threshold, check_top, check_year

if TYPE_CHECKING:
    from photo_ranker.clocks import Correction
    from photo_ranker.copies import Copies
    from photo_ranker.exporters.albums import Way

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
]

LABELS_NAME = "cluster_labels.json"
"""The file of an event in which a user names its people by number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRequest:
    """What finds and knows faces, and what it runs on."""

    engine: str = ""
    """The name of an engine, or a folder with a pack of models; empty = the usual one."""
    device: str = "auto"
    accept_license: bool = False
    """Models for non-commercial research may be downloaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumRequest:
    """The photos of one question, and how those are measured that are not yet."""

    photos: tuple[str, ...] = ()
    """Folders and single photos as typed: the paths in an answer begin with them."""
    library: Path | None = None
    """Instead of ``photos``: all photos of a library, as they were last indexed."""
    exact: bool = False
    """Compare with every face of the library, however many there are."""
    recursive: bool = False
    workers: int = 0
    """Processes that measure; 0 = one for each processor."""
    no_cache: bool = False
    retry_failed: bool = False
    zone: str | None = None
    """Where films were taken, whose clocks count in UTC; None = found out from the photos beside them."""
    clocks: tuple[Correction, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an album that is nowhere."""
        if self.library is not None and self.photos:
            raise UserError("--photos and --library are two albums", "give one of them")
        if self.library is not None:
            _check_sources([str(self.library)], "--library")
        elif self.photos:
            _check_sources(self.photos, "--photos")
        else:
            raise UserError("no album is given", "say which folder: --photos DIR (. is the current folder)")


def _check_sources(sources: Iterable[str], option: str) -> None:
    """Every folder and photo must be there, and open."""
    for source in sources:
        if not Path(source).exists():
            raise UserError(f"there is no folder or photo {source}", f"check the path given with {option}")
        if Path(source).is_dir():
            try:
                os.scandir(source).close()
            except OSError as error:
                raise UserError(f"{source} cannot be opened: {error.strerror}", "check its permissions") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRequest:
    """Folders that are to be measured, here or on a cluster."""

    folders: tuple[str, ...]
    """Or their addresses, such as ``s3://bucket/photos``."""
    recursive: bool = False
    workers: int = 0
    """Processes that measure; 0 = one for each processor."""
    retry_failed: bool = False
    dry_run: bool = False
    cluster: str | None = None
    """The address of a Ray cluster; None = this machine."""
    thumbnails: bool = False
    """Keep a small picture of each photo that is measured, for the pages of the app."""

    def __post_init__(self) -> None:
        """Refuse what is no folder."""
        for folder in self.folders:
            if "://" not in folder and not Path(folder).is_dir():
                what = "is not a folder" if Path(folder).exists() else "does not exist"
                raise UserError(f"{folder} {what}", "give folders with photos")


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryRequest:
    """A library that is to be made or brought up to date."""

    folder: Path
    """All folders in it that are indexed belong to the library."""
    engine: str = ""
    """Whose faces; empty = those of the usual engine."""
    rebuild: bool = False
    """Read every folder again, not only what has changed."""
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class AlbumFace:
    """A face of the album."""

    id: str


@dataclass(frozen=True, slots=True)
class SentFace:
    """A face of a reference photo that was sent to the app."""

    reference: str
    """The id of the photo, which depends on its content alone."""
    number: int
    """From the left, from 0."""


ShownFace = AlbumFace | SentFace
"""A face that is measured already, by which a person is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRequest:
    """Whom to look for: the person that references or faces show, or a person of the album by name or number."""

    references: tuple[Path, ...] = ()
    """Photos, or folders of photos."""
    reference_face: int | None = None
    """Number of the face in references that show several, from the left; None = the largest."""
    reference_years: tuple[int, ...] = ()
    """When the references were taken, where their photos do not tell: one for each of them, or one for all."""
    born: int | None = None
    """The year in which the person was born: no older photo shows the person."""
    not_references: tuple[Path, ...] = ()
    """Look-alikes who are not meant."""
    together: tuple[Path, ...] = ()
    """References of other people who must be in the photo too."""
    faces: tuple[ShownFace, ...] = ()
    """Faces that are measured already. Beside a ``name`` they find more photos of the same person."""
    not_faces: tuple[ShownFace, ...] = ()
    """Faces of look-alikes who are not meant."""
    together_faces: tuple[ShownFace, ...] = ()
    """Each is another person who must be in the photo too."""
    together_names: tuple[str, ...] = ()
    """People of the album who must be in the photo too."""
    name: str | None = None
    """A person of the album: name, number or id."""
    threshold: float | None = None
    """None = set from the album itself."""

    def __post_init__(self) -> None:
        """Refuse nobody, two people, and a threshold that no similarity can reach."""
        if not (self.references or self.faces or self.name):
            raise UserError("no reference photo", "show whom to look for: --ref person.jpg")
        if self.references and self.name:
            raise UserError("--ref and --person both say whom to look for", "give one of them")
        if len(self.reference_years) not in {0, 1, len(self.references)}:
            raise UserError(
                f"{len(self.references)} times --ref and {len(self.reference_years)} times --ref-year",
                "give --ref-year once for all references, or once for each, in the same order",
            )
        for year in (*self.reference_years, *([] if self.born is None else [self.born])):
            check_year(year)
        check_threshold(self.threshold)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotosRequest:
    """Which of the person's photos, and how many."""

    filters: Filters = field(default_factory=Filters)
    doubtful: bool = False
    """List doubtful matches after the sure ones."""
    distinct: bool = False
    """Only the best of each moment."""
    top: int = 20
    """0 = all."""
    copies: Copies = "one"
    """One result for files with identical bytes, or one for each file."""

    def __post_init__(self) -> None:
        """Refuse a number that is none, and a time that ends before it begins."""
        check_top(self.top)
        since, until = self.filters.since, self.filters.until
        if since and until and since > until:
            raise UserError(f"--since {since} is after --until {until}", "exchange them")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Where chosen photos are to be copied, and how; without a folder or a ZIP file nothing is exported."""

    to: Path | None = None
    way: Way = "copy"
    zip: Path | None = None
    """A new file; ``-`` is stdout."""
    ordered: bool = False
    """Names in the order of the ranking."""
    per_event: bool = False
    """A folder for each event."""
    with_context: bool = False
    """Photos without faces from the same time too."""
    frames: Path | None = None
    """The folder for the best moments of films as photos."""
    dry_run: bool = False

    def __post_init__(self) -> None:
        """Refuse two albums, none, and a ZIP file that cannot be new."""
        if self.to is not None and self.zip is not None:
            raise UserError("--to and --zip are two albums", "make one after the other")
        if self.zip is not None and not self.is_to_stdout:
            _check_new_file(self.zip, "--zip")

    @property
    def makes_album(self) -> bool:
        """Whether photos are to be put into a folder or a ZIP file."""
        return self.to is not None or self.zip is not None

    @property
    def is_to_stdout(self) -> bool:
        """Whether the ZIP file is written to stdout."""
        return str(self.zip) == "-"

    def check_has_place(self) -> None:
        """Refuse what says how an album is made where none is."""
        words = {"--ordered": self.ordered, "--per-event": self.per_event, "--with-context": self.with_context}
        lonely = next((word for word, is_given in words.items() if is_given), None)
        if lonely and not self.makes_album:
            raise UserError(f"{lonely} says how an album is made, but none is", "add --to DIR or --zip FILE")


@dataclass(frozen=True, slots=True, kw_only=True)
class XmpRequest:
    """What is written beside or into photos for other programs, or taken out again."""

    label: str | None = None
    keywords: tuple[str, ...] = ()
    naming: Literal["full", "stem"] = "full"
    """New sidecars are called ``IMG_1.jpg.xmp`` (full) or ``IMG_1.xmp`` (stem)."""
    embed: bool = False
    """Write into the photos themselves, through an installed exiftool."""
    remove: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        """Refuse to remove and write at once, and to embed without a program for it."""
        if self.remove and (self.label or self.keywords):
            raise UserError("--remove takes out all that was written", "leave the other options out")
        if self.embed:
            from photo_ranker.exporters.xmp import find_exiftool

            find_exiftool()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRequest:
    """An album whose photos are scored for the people who matter, and where the event's files go."""

    album: AlbumRequest
    output: Path
    labels: Path | None = None
    """None = :data:`LABELS_NAME` in the output or the album, if there is one."""
    moments: Mapping[int, str] = field(default_factory=dict, hash=False)
    """Number of a moment -> what it was."""
    best: int = 5
    """Best photos of each person, at most."""
    copies: Copies = "one"
    dry_run: bool = False

    def __post_init__(self) -> None:
        """Refuse a file as the folder of the event's files."""
        if os.path.lexists(self.output) and not self.output.is_dir():
            raise UserError(f"{self.output} is a file", "give the name of a folder with --output")


def _check_new_file(path: Path, option: str) -> None:
    if os.path.lexists(path):
        raise UserError(f"{path} exists; it is left as it is", f"choose another name for {option}")
    if not path.parent.is_dir():
        raise UserError(f"there is no folder {path.parent}", "make it first, or write somewhere else")
