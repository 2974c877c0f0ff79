"""The book of people on disk: ``.photo_ranker_people.json``, as safe as the measured facts.

It lies in the nearest folder upwards that has one, else in the folder asked for; where that cannot be written,
in the user's cache. It is written whole or not at all, under the folder's lock; keys that we do not know are kept.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from photo_ranker.errors import MetadataError, NewerSchema, NotSaved
from photo_ranker.metadata import FolderLock, cache_place, keep_unknown_of, put_aside, write_file
from photo_ranker.metadata.places import FOLDER_NAME
from photo_ranker.people.book import SCHEMA, Book
from photo_ranker.terminal import command, path_word

__all__ = ["PEOPLE_NAME", "edit_book", "find_root", "load_book"]

PEOPLE_NAME = ".photo_ranker_people.json"


class _Head(msgspec.Struct):
    schema: int


def find_root(sources: Sequence[str]) -> Path:
    """The folder whose book speaks for these folders and photos."""
    first = Path(os.path.realpath(sources[0]))
    folder = first if first.is_dir() else first.parent
    for place in (folder, *folder.parents):
        if (place / PEOPLE_NAME).exists():
            return place
    return folder


def load_book(root: Path) -> Book:
    """The book as stored last, an empty one if there is none; changes nothing."""
    text = _read(_newest(root))
    try:
        return Book() if text is None else _decode(text, root)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MetadataError(
            f"{root / PEOPLE_NAME} is damaged: {error}", f"{command('people', 'list', path_word(root))} sets it aside"
        ) from error


@contextmanager
def edit_book(root: Path, say: Callable[[str], None]) -> Iterator[Book]:
    """The book, to be changed; written at the end, unless something went wrong or nothing has changed."""
    with _lock(root, say) as place:
        source = _newest(root)
        text = _read(source)
        try:
            book = Book() if text is None else _decode(text, root)
        except (msgspec.DecodeError, UnicodeDecodeError):
            aside = put_aside(source / PEOPLE_NAME)
            say(f"note: {source / PEOPLE_NAME} was damaged; it is kept as {aside.name}, and names begin anew")
            text, book = None, Book()
        before = msgspec.json.encode(book)
        yield book
        if msgspec.json.encode(book) != before or (source != place and text is not None):
            write_file(place / PEOPLE_NAME, _encode(book, text))
            if source != place and place == root:
                (source / PEOPLE_NAME).unlink(missing_ok=True)


@contextmanager
def _lock(root: Path, say: Callable[[str], None]) -> Iterator[Path]:
    """The place to write, locked."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(FolderLock(root, say))
        except OSError as error:
            place = cache_place(root)
            say(f"note: cannot write in {root} ({error.strerror}); names and decisions are kept in {place}")
            try:
                place.mkdir(mode=0o700, parents=True, exist_ok=True)
                (place / FOLDER_NAME).write_bytes(os.fsencode(root))
                stack.enter_context(FolderLock(place, say))
            except OSError as failure:
                raise NotSaved(f"{place} cannot be written: {failure.strerror}", "check its permissions") from failure
            yield place
        else:
            yield root


def _newest(root: Path) -> Path:
    """Where the book was written last."""
    return max(root, cache_place(root), key=_last_written)


def _last_written(place: Path) -> int:
    try:
        return (place / PEOPLE_NAME).stat().st_mtime_ns
    except OSError:
        return 0


def _read(place: Path) -> bytes | None:
    path = place / PEOPLE_NAME
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MetadataError(f"{path} cannot be read: {error.strerror}", "check its permissions") from error


def _decode(text: bytes, root: Path) -> Book:
    schema = msgspec.json.decode(text, type=_Head).schema
    if schema > SCHEMA:
        raise NewerSchema(
            f"{root / PEOPLE_NAME}: the names have schema {schema}; this version knows up to {SCHEMA}",
            "update Photo Ranker; the file is left as it is",
        )
    return msgspec.json.decode(text, type=Book)


def _encode(book: Book, over: bytes | None) -> bytes:
    new: dict[str, Any] = msgspec.to_builtins(book)
    if over is not None:
        new = keep_unknown_of(Book, msgspec.json.decode(over), new)
    # One person or decision a line: to be read, compared and mended by hand.
    encoder = msgspec.json.Encoder()
    parts = []
    for key, value in new.items():
        text = encoder.encode(value)
        if isinstance(value, list):
            text = b"[\n%b]" % b",\n".join(map(encoder.encode, value))
        parts.append(b"%b:%b" % (encoder.encode(key), text))
    return b"{%b}\n" % b",\n".join(parts)
