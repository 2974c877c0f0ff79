"""Parses command lines: argparse with our form of errors, and the options that several commands share."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from photo_ranker.core.terminal import command
from photo_ranker.errors import UserError
from photo_ranker.questions import date_or_time
from photo_ranker.records import DEFAULT_ENGINE, DUO

if TYPE_CHECKING:
    from photo_ranker.questions.clocks import Correction

__all__ = [
    "Parser",
    "add_album_options",
    "add_common",
    "add_copies_option",
    "add_engine_options",
    "add_export_options",
    "add_recursive",
    "add_retry_failed",
    "add_workers",
    "add_zone",
    "camera_time",
    "correction",
    "number_between",
    "path_for",
    "place_for",
    "whole_number",
]


_BELOW_ZERO = re.compile(r"-(\d+|\d*\.\d+|\d\d:\d\d)$")
"""Values that begin like an option: negative numbers and offsets from UTC."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors look like all others of the program."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)
        # Read an offset such as -05:00 (for --tz) as a value and not as an option, like the number -5.
        self._negative_number_matcher = _BELOW_ZERO

    def error(self, message: str) -> NoReturn:
        """Raise a wrong option as a one-line error with advice."""
        raise UserError(message, f"see {self.prog} --help")


def add_common(parser: argparse.ArgumentParser) -> None:
    """Declare the options that every command has."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--quiet", action="store_true", help="no progress and no notes on stderr")
    parser.add_argument(
        "--config", type=place_for("--config"), metavar="FILE", help="your tuning, a file like config.py"
    )


def place_for(option: str) -> Callable[[str], str]:
    """A reader of paths as typed. An empty path is refused: Python would take it for the current folder."""

    def read(text: str) -> str:
        if not text:
            raise UserError(f"{option} is empty", "say what it is, or leave it out; . is the current folder")
        return text

    return read


def path_for(option: str) -> Callable[[str], Path]:
    """The same as :func:`place_for`, but gives a ``Path``."""
    read = place_for(option)
    return lambda text: Path(read(text))


Add = Callable[..., argparse.Action]
"""The method ``add_argument`` of a parser or of a group of its options."""


def add_album_options(parser: argparse.ArgumentParser, *, first: bool = False, library: bool = False) -> None:
    """Declare which photos to use, and how to measure them.

    With ``first``, folders may be plain arguments too. With ``library``, the photos may be those of a library.
    """
    album = parser.add_argument_group("album")
    _add_sources(album, first=first, library=library)
    add = album.add_argument
    add_recursive(add)
    add_workers(add)
    add("--no-cache", action="store_true", help="read and write no metadata file; measure everything again")
    add_retry_failed(add)
    add_zone(add)
    add(
        "--clock",
        action="append",
        default=[],
        type=correction,
        metavar="CAMERA=TIME",
        help="correct a camera's clock, like 'EOS R5=+1h30m' (d, h, m, s; part of its name will do); repeatable",
    )
    add_engine_options(parser)


def add_recursive(add: Add) -> None:
    """Declare ``--recursive``."""
    add("--recursive", action="store_true", help="take subfolders too (default: this folder only)")


def add_workers(add: Add) -> None:
    """Declare ``--workers``."""
    add("--workers", type=whole_number, default=0, metavar="N", help="measuring processes (default: one per processor)")


def add_retry_failed(add: Add) -> None:
    """Declare ``--retry-failed``."""
    add("--retry-failed", action="store_true", help="try photos again that could not be read")


def add_zone(add: Add) -> None:
    """Declare ``--tz``."""
    add("--tz", metavar="ZONE", help="time zone of films, for those that store UTC: Europe/Lisbon, +02:00")


def _add_sources(album: argparse._ArgumentGroup, *, first: bool, library: bool) -> None:
    if first:
        album.add_argument(
            "folders",
            nargs="*",
            type=place_for("DIR"),
            metavar="DIR",
            help="folders, or single photos; . is the current folder",
        )
    which = album.add_mutually_exclusive_group(required=True) if library else album
    is_required = not (first or library)
    which.add_argument(
        "--photos",
        nargs="+",
        action="extend",
        type=place_for("--photos"),
        required=is_required,
        metavar="DIR",
        help="folders, or single photos",
    )
    if library:
        which.add_argument(
            "--library",
            type=path_for("--library"),
            metavar="DIR",
            help="all photos of a library, as they were last indexed",
        )
        album.add_argument(
            "--exact", action="store_true", help="compare with every face of the library, however many there are"
        )


def add_engine_options(parser: argparse.ArgumentParser) -> None:
    """Declare which models measure, and on which device."""
    group = parser.add_argument_group("models")
    add = group.add_argument
    add(
        "--engine",
        default="",
        metavar="NAME",
        help=f"what finds and recognises faces: {DUO} (two networks; the default if both are installed), "
        f"{DEFAULT_ENGINE} (the first alone), buffalo_l or another pack of insightface, "
        "or a folder with one; results of several engines are kept side by side",
    )
    add(
        "--accept-license",
        action="store_true",
        help="download the models of such a pack, which are for non-commercial research only",
    )
    add(
        "--smile",
        choices=["own", "deepface"],
        help="what judges smiles: our own measure (default), or deepface's emotion happy, measured once in addition",
    )
    add(
        "--device",
        default="auto",
        metavar="NAME",
        help=f"auto (default), cpu, cuda, coreml, openvino or directml; {command('doctor')} says which can be used",
    )


def add_copies_option(add: Callable[..., object]) -> None:
    """Declare ``--copies``."""
    add(
        "--copies",
        choices=["one", "all"],
        default="one",
        help="files with identical bytes: one of them with the paths of the others (default), or all",
    )


def add_export_options(parser: argparse.ArgumentParser) -> None:
    """Declare where and how to export photos."""
    group = parser.add_argument_group("export")
    add = group.add_argument
    add(
        "--to",
        type=path_for("--to"),
        metavar="DIR",
        help="put the photos into this folder, with all files that belong to them",
    )
    add(
        "--way",
        choices=["copy", "hardlink", "symlink", "move"],
        default="copy",
        help="how they come into it (default: copy)",
    )
    add("--zip", type=path_for("--zip"), metavar="FILE", help="pack them into this new ZIP file; - writes it to stdout")
    add("--ordered", action="store_true", help="names in the order of the ranking: 001_IMG_7.jpg")
    add("--per-event", action="store_true", help="a folder for each event; a pause of MOMENT_GAP begins a new one")
    add(
        "--with-context",
        nargs="?",
        choices=("near", "all"),
        const="near",
        help="also photos without faces, the place and the cake: near the chosen ones in time, or in file order where "
        "there is no time (near, the default if no value is given), or all",
    )
    add(
        "--frames",
        type=path_for("--frames"),
        metavar="DIR",
        help="save the best moment of each film as a photo in this folder",
    )
    add("--dry-run", action="store_true", help="only show what would be done")


def whole_number(text: str) -> int:
    """Read a whole number, 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 up")
    return int(text)


def number_between(low: float, high: float) -> Callable[[str], float]:
    """A reader of numbers in a range."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"'{text}' is not a number from {low:g} to {high:g}")
        return value

    return read


def camera_time(text: str) -> str:
    """Read a date or a time of a camera's clock, as ISO text."""
    found = date_or_time(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date like 2024-06-01 or 2024-06-01T15:00")
    return found


def correction(text: str) -> Correction:
    """Read the correction of a camera's clock."""
    from photo_ranker.questions.clocks import correction_of

    return correction_of(text)
