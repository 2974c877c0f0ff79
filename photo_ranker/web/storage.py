"""Small JSON files of the app: read typed, written whole or not at all, for the user's eyes alone.

A file that cannot be read is never taken for one that is not there, since the next change would write over it.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from photo_ranker.core import files
from photo_ranker.errors import MetadataError

__all__ = ["Damaged", "read", "read_derived", "read_or_heal", "write"]

log = logging.getLogger(__name__)

T = TypeVar("T")


class Damaged(Exception):
    """A file does not hold what it should."""

    def __init__(self, content: bytes) -> None:
        super().__init__("damaged")
        self.content = content


def read(path: Path, kind: type[T]) -> T | None:
    """What the file holds, None when there is none. Raises :class:`Damaged`, or MetadataError if it is out of reach."""
    try:
        content = files.read(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise MetadataError(
            f"{path} cannot be read: {error.strerror}", "check the disk and its permissions; the file is left as it is"
        ) from error
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Damaged(content) from error


def read_derived(path: Path, kind: type[T]) -> T | None:
    """The same of a file that can be made anew: one that cannot be used counts as none, and the log says so."""
    try:
        return read(path, kind)
    except (Damaged, MetadataError) as error:
        log.warning("%s is left out: %s", path, error)
        return None


def read_or_heal(path: Path, kind: type[T], heal: Callable[[bytes], T | None]) -> tuple[T | None, str]:
    """The same of a file that holds a user's own words: what is left of a damaged one, and a note about it.

    The damaged file is kept beside; ``heal`` makes of its bytes what takes its place.
    """
    try:
        return read(path, kind), ""
    except Damaged as damage:
        healed = heal(damage.content)
        aside = _keep_aside(path, damage.content)
        if healed is None:
            path.unlink()
        else:
            write(path, healed)
        log.warning("%s was damaged: it is kept as %s", path, aside.name)
        return healed, f"{path.name} was damaged: it is kept as {aside}"


def write(path: Path, value: Any) -> None:
    """Replace the file by a value as JSON."""
    files.replace(files.private_folder(path.parent) / path.name, [msgspec.json.encode(value)])


def _keep_aside(path: Path, content: bytes) -> Path:
    """Keep a damaged file under another name. It is copied, so that no kill leaves the user without either."""
    name = f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (path.with_name(name if number == 1 else f"{name}-{number}") for number in count(1))
    aside = next(one for one in names if not os.path.lexists(one))
    files.write_new(aside, [content], mode=files.PRIVATE)
    return aside
