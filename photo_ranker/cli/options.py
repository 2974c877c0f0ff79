"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.engine_options import add_engine_options
from photo_ranker.cli.parsing import path_for, place_for
from photo_ranker.errors import UserError
from photo_ranker.terminal import path_word

if TYPE_CHECKING:
    from photo_ranker.album import Album
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.clocks import Correction
    from photo_ranker.settings import Settings

__all__ = [
    "add_album_options",
    "album_words",
    "check_photos",
    "correction",
    "in_true_time",
    "moment",
    "number_between",
    "open_album",
    "settings_of",
    "sources_of",
    "whole_number",
]


def add_album_options(parser: argparse.ArgumentParser, *, first: bool = False, library: bool = False) -> None:
    """Which photos, and how they are measured.

    With ``first``, folders are plain words of the command too. With ``library``, they may also be those of a library.
    """
    album = parser.add_argument_group("album")
    _add_sources(album, first=first, library=library)
    add = album.add_argument
    add("--recursive", action="store_true", help="take subfolders too (default: this folder only)")
    add(
        "--workers", type=whole_number, default=0, metavar="N", help="processes that measure (default: one a processor)"
    )
    add("--no-cache", action="store_true", help="read and write no metadata file; measure everything again")
    add("--retry-failed", action="store_true", help="try photos again that could not be read")
    add("--tz", metavar="ZONE", help="where films were taken, whose clocks count in UTC: Europe/Lisbon, +02:00")
    add(
        "--clock",
        action="append",
        default=[],
        type=correction,
        metavar="CAMERA=TIME",
        help="correct a camera's clock, like 'EOS R5=+1h30m' (d, h, m, s; part of its name will do); repeatable",
    )
    add_engine_options(parser)


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
    must = not (first or library)
    which.add_argument(
        "--photos",
        nargs="+",
        action="extend",
        type=place_for("--photos"),
        required=must,
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


def sources_of(args: argparse.Namespace) -> list[str]:
    """The folders and photos of a command, wherever they stand in it; unasked, no folder is measured."""
    sources = [*(getattr(args, "folders", None) or ()), *(args.photos or ())]
    if not sources:
        raise UserError("no album is given", "say which folder: --photos DIR (. is the current folder)")
    return sources


def album_words(args: argparse.Namespace) -> list[str]:
    """The words that ask the same album in another command."""
    words = ["--photos", *map(path_word, dict.fromkeys(sources_of(args)))]
    if args.recursive:
        words.append("--recursive")
    for option in ("engine", "config"):
        value = getattr(args, option)
        if value is not None:
            words += [f"--{option}", path_word(value)]
    return words


def settings_of(args: argparse.Namespace) -> Settings:
    """The user's tuning, with what the command line says on top."""
    from photo_ranker.tuning import load_settings

    settings = load_settings(Path(args.config) if args.config else None)
    if smile := getattr(args, "smile", None):
        settings = settings.changed(smile_by_deepface=smile == "deepface")
    if getattr(args, "min_face", None) is None:
        return settings
    return settings.changed(min_face=args.min_face)


def whole_number(text: str) -> int:
    """A whole number from 0 up."""
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


def moment(text: str) -> str:
    """A date or a time of a camera's wall clock, as ISO text."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date like 2024-06-01 or 2024-06-01T15:00") from None
    return text.strip().replace(" ", "T")


def check_photos(sources: Sequence[str | Path], option: str = "--photos") -> None:
    """Every folder and photo must be there, and open."""
    for source in sources:
        if not Path(source).exists():
            raise UserError(f"there is no folder or photo {source}", f"check the path given with {option}")
        if Path(source).is_dir():
            try:
                os.scandir(source).close()
            except OSError as error:
                raise UserError(f"{source} cannot be opened: {error.strerror}", "check its permissions") from error


def open_album(args: argparse.Namespace, spec: AnalyserSpec) -> Album:
    """The photos of ``--photos``, measured where they are not yet."""
    from photo_ranker.cli.progress import Progress
    from photo_ranker.indexing import IndexOptions, refresh

    options = IndexOptions(
        recursive=args.recursive, workers=args.workers, retry_failed=args.retry_failed, no_cache=args.no_cache
    )
    watcher, in_time = Progress(quiet=args.quiet), in_true_time(args)
    album, report = refresh(args.photos, spec, options, watcher)
    if report.unreadable:
        from photo_ranker.cli.warning import note_unreadable

        note_unreadable(args, [reason for _, reason in report.unreadable], report.found)
    if not album.photos:
        watcher.say("note: there are no photos here" + ("" if args.recursive else " (--recursive takes subfolders)"))
    if left_out := report.left_out_counts():
        counts = (f"{count:,} {reason}" for reason, count in left_out.items())
        watcher.say(f"note: skipped {sum(left_out.values()):,}: {', '.join(counts)}")
    for folder, place in report.kept_elsewhere:
        watcher.say(f"note: {folder} cannot be written; its facts are kept in {place}")
    return in_time(album)


def in_true_time(args: argparse.Namespace, *, is_part: bool = False) -> Callable[[Album], Album]:
    """What ``--clock`` and ``--tz`` make of an album; ``is_part`` where only some of its photos are at hand."""
    from photo_ranker.clocks import corrected, in_camera_time, zone_of

    zone = zone_of(args.tz) if args.tz else None
    return lambda album: in_camera_time(corrected(album, args.clock, is_part=is_part), zone)


def correction(text: str) -> Correction:
    """A camera and how far its clock is to be moved."""
    from photo_ranker.clocks import correction_of

    return correction_of(text)
