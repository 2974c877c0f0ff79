"""Writes a result to a file, completely or not at all, and never over a photo."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from photo_ranker.core import files
from photo_ranker.errors import UserError
from photo_ranker.exporters import FILE_EXPORTERS
from photo_ranker.exporters.document import shown

__all__ = ["OUR_SUFFIXES", "refuse_photo", "replace_file", "write"]

OUR_SUFFIXES = frozenset({"", ".htm", *(exporter.suffix for exporter in FILE_EXPORTERS.values())})
"""Only files with these suffixes are ever replaced: ``--output photo.jpg`` is a mistake."""


def write(target: Path, pieces: Iterable[bytes], photos: Iterable[str] = (), *, private: bool = False) -> None:
    """Write the pieces to ``target``; ``photos`` are files that must not be overwritten.

    ``private`` says that it holds data about faces: a new file is then readable by the user only.
    """
    refuse_photo(target, photos)
    try:
        if target.exists() and not target.is_file():
            # A pipe or /dev/stdout, which cannot be replaced.
            with files.open_stream(target) as stream:
                stream.writelines(pieces)
        else:
            replace_file(target.resolve(), pieces, private=private)
    except OSError as error:
        raise UserError(
            f"cannot write {shown(str(target))}: {error.strerror or error}", "choose another place with --output"
        ) from error


def refuse_photo(target: Path, photos: Iterable[str]) -> None:
    """Refuse a target that is one of the photos, also through a link, or a file that cannot be ours."""
    if not target.is_file():
        return
    if target.resolve().suffix.lower() not in OUR_SUFFIXES:
        raise UserError(
            f"{shown(str(target))} exists and is no list of ours; it is left as it is",
            "choose another file name for --output, such as ranked.txt",
        )
    there = target.stat()
    for photo in photos:
        # A photo that is gone cannot be overwritten, so errors do not matter.
        with suppress(OSError):
            if os.path.samestat(there, os.stat(photo)):  # noqa: PTH116 - ten thousand Path objects take their time
                raise UserError(f"{shown(str(target))} is one of the photos", "choose another file name for --output")


def replace_file(target: Path, pieces: Iterable[bytes], *, private: bool = False) -> None:
    """Replace a file completely or not at all, keeping its mode; a new ``private`` file gets 0600."""
    files.remove_leftovers(target.parent)
    files.replace(target, pieces, mode=files.PRIVATE if private and not target.exists() else None)
