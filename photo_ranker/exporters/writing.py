"""Writing a result to a file: whole or not at all, and never over a photo."""

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
"""Only a file with such a name is ever replaced."""


def write(target: Path, pieces: Iterable[bytes], photos: Iterable[str] = (), *, private: bool = False) -> None:
    """Put the pieces into ``target``; ``photos`` are files that must stay as they are.

    A new file that is ``private``, since it holds facts about faces, is readable by the user alone.
    """
    refuse_photo(target, photos)
    try:
        if target.exists() and not target.is_file():
            # A pipe or /dev/stdout: there is nothing to replace.
            with files.open_stream(target) as stream:
                stream.writelines(pieces)
        else:
            replace_file(target.resolve(), pieces, private=private)
    except OSError as error:
        raise UserError(
            f"cannot write {shown(str(target))}: {error.strerror or error}", "choose another place with --output"
        ) from error


def refuse_photo(target: Path, photos: Iterable[str]) -> None:
    """Stop if ``target`` is a photo, by whatever name or link, or any file that does not look like ours."""
    if not target.is_file():
        return
    if target.resolve().suffix.lower() not in OUR_SUFFIXES:
        raise UserError(
            f"{shown(str(target))} exists and is no list of ours; it is left as it is",
            "choose another file name for --output, such as ranked.txt",
        )
    there = target.stat()
    for photo in photos:
        # A photo that is gone cannot be overwritten.
        with suppress(OSError):
            if os.path.samestat(there, os.stat(photo)):  # noqa: PTH116 - ten thousand Path objects take their time
                raise UserError(f"{shown(str(target))} is one of the photos", "choose another file name for --output")


def replace_file(target: Path, pieces: Iterable[bytes], *, private: bool = False) -> None:
    """Put the pieces into a file, whole or not at all, with the mode that it has; a new ``private`` one gets 0600."""
    files.remove_leftovers(target.parent)
    files.replace(target, pieces, mode=files.PRIVATE if private and not target.exists() else None)
