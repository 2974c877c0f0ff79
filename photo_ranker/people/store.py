"""The book of people on disk: ``.photo_ranker_people.json``, as safe as the measured facts.

It is in the nearest folder upwards that has one, else in the folder asked for; where that cannot be written,
in the user's cache, bound to the photos of the folder (see :mod:`photo_ranker.metadata.places`). Copies that both
hold decisions are merged, and a counter in the file, never a clock, says which of two decisions counts. It is written
whole or not at all, under the folder's lock; unknown keys are kept.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any

import msgspec

from photo_ranker.core import files
from photo_ranker.core.terminal import command, path_word
from photo_ranker.errors import FileRefused, MetadataError, NewerSchema, NotSaved
from photo_ranker.metadata import FolderLock, cache_place, keep_unknown_of
from photo_ranker.metadata.places import bind, copies_of, is_shown_empty, make_cache_place, remove_if_unused
from photo_ranker.metadata.storage import not_saved
from photo_ranker.people.book import SCHEMA, Book
from photo_ranker.people.merge_books import Merged, merge_books
from photo_ranker.records import Drawings, DrawnFace, EditedFace

__all__ = [
    "PEOPLE_NAME",
    "book_version",
    "drawn_of",
    "edit_book",
    "edited_of",
    "find_root",
    "find_roots",
    "load_book",
    "mentions",
]

PEOPLE_NAME = ".photo_ranker_people.json"

Say = Callable[[str], None]


class _Head(msgspec.Struct):
    schema: int


class _Stored(msgspec.Struct):
    """A book as stored in one place, or several merged."""

    path: Path
    book: Book
    text: dict[str, Any]
    """The same with unknown keys."""


def find_root(sources: Sequence[str]) -> Path:
    """The folder whose book applies to these folders and photos, in whatever order: the first that has one."""
    folders = _folders_of(sources) or [Path(os.path.realpath(sources[0])).parent]
    for folder in folders:
        for place in (folder, *folder.parents):
            if (place / PEOPLE_NAME).exists():
                return place
    return folders[0]


def find_roots(sources: Iterable[str]) -> list[Path]:
    """The folders of all books that speak for some of these folders and photos."""
    return list(dict.fromkeys(find_root([str(folder)]) for folder in _folders_of(sources)))


def _folders_of(sources: Iterable[str]) -> list[Path]:
    """The folders of these folders and photos, each once; storage elsewhere has none."""
    paths = (Path(os.path.realpath(source)) for source in sources if "://" not in source)
    return list(dict.fromkeys(path if path.is_dir() else path.parent for path in paths))


def load_book(root: Path) -> Book:
    """The stored book, an empty one if there is none; changes nothing."""
    try:
        stored = [found for place in (root, *copies_of(root)) if (found := _read(place)) is not None]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MetadataError(
            f"{root / PEOPLE_NAME} is damaged: {error}", f"{command('people', 'list', path_word(root))} sets it aside"
        ) from error
    merged, _ = _merge(stored)
    return Book() if merged is None else merged.book


def mentions(root: Path, word: str) -> bool:
    """Whether the book of a folder contains a word anywhere; much faster than reading a book of ten thousand faces."""
    for place in (root, *copies_of(root)):
        with contextlib.suppress(OSError, FileRefused):  # no book there
            if word.encode() in files.read(place / PEOPLE_NAME):
                return True
    return False


def drawn_of(sources: Iterable[str]) -> dict[str, Drawings]:
    """The faces that a user has drawn in these folders and photos.

    An unreadable book does not stop a run: whoever opens the people of the album gets the error.
    """
    books = []
    for root in sorted(find_roots(sources)):
        with contextlib.suppress(MetadataError):
            if mentions(root, '"drawn":'):
                books.append(load_book(root))
    return _drawn_by(books)


def edited_of(sources: Iterable[str]) -> dict[str, list[EditedFace]]:
    """Content hash of an edited picture -> its faces that decisions in these folders are about.

    An unreadable book does not stop a run, as above.
    """
    found: dict[str, list[EditedFace]] = {}
    for root in find_roots(sources):
        with contextlib.suppress(MetadataError):
            for face in load_book(root).edited if mentions(root, '"picture":') else ():
                found.setdefault(face.picture, []).append(face)
    return found


def _drawn_by(books: Iterable[Book]) -> dict[str, Drawings]:
    """Content hash of a picture -> the faces that were drawn in it, and those that were undone."""
    drawn: dict[str, dict[str, DrawnFace]] = {}
    gone: dict[str, dict[str, None]] = {}
    for decision in (decision for book in books for decision in book.decisions):
        for face in decision.drawn:
            if decision.undone is None:
                drawn.setdefault(face.picture, {})[face.id] = face
            else:
                gone.setdefault(face.picture, {})[face.id] = None
    return {
        picture: Drawings(
            tuple(drawn.get(picture, {}).values()),
            tuple(face for face in gone.get(picture, {}) if face not in drawn.get(picture, {})),
        )
        for picture in {**drawn, **gone}
    }


def book_version(root: Path) -> int:
    """A number that differs after every change of the book."""
    seen = []
    for place in (root, *copies_of(root)):
        with contextlib.suppress(OSError):  # no book there
            found = (place / PEOPLE_NAME).lstat()
            seen.append((str(place), found.st_size, found.st_mtime_ns, found.st_ino))
    return hash(tuple(seen))


@contextmanager
def edit_book(root: Path, say: Say) -> Iterator[Book]:
    """The book, to be changed; written at the end, unless something went wrong or nothing has changed."""
    with _locked(root, say) as (place, others):
        own = _read_or_set_aside(place, say)
        found = [own, *(_read_or_set_aside(other, say) for other in others)]
        merged, steps = _merge([stored for stored in found if stored is not None])
        book = Book() if merged is None else merged.book
        before = msgspec.json.encode(book)
        yield book
        is_edited, is_merged = msgspec.json.encode(book) != before, merged is not None and merged != own
        # Only files about to go are copied: that of a folder that cannot be written stays as it is.
        going = {place / PEOPLE_NAME, *(other / PEOPLE_NAME for other in others if place == root)}
        if is_edited or is_merged:
            _keep_what_lost(steps, going, place, say)
            book.revision += 1
            _write(place / PEOPLE_NAME, [_encode(book, merged)])
            if place != root:
                _bind(place, root)
        for path in going - {place / PEOPLE_NAME}:
            path.unlink(missing_ok=True)


def _bind(place: Path, root: Path) -> None:
    try:
        bind(place, root)
    except OSError as error:
        raise not_saved(error, place) from error


def _merge(stored: Sequence[_Stored]) -> tuple[_Stored | None, list[tuple[_Stored, Merged]]]:
    """All books merged into one, and each that was merged into it, with the result."""
    if not stored:
        return None, []
    *rest, last = sorted(stored, key=_rank)
    steps = []
    for lesser in reversed(rest):
        merged = merge_books(lesser.book, last.book)
        steps.append((lesser, merged))
        for decision in lesser.text.get("decisions", []):
            decision["id"] = merged.new_ids[decision["id"]]
        text = keep_unknown_of(Book, lesser.text, msgspec.to_builtins(merged.book))
        last = _Stored(last.path, merged.book, keep_unknown_of(Book, last.text, text))
    return last, steps


def _rank(stored: _Stored) -> tuple[int, int, bytes]:
    """The counter; files of older versions have none, or one that never rises: then more decisions win."""
    return stored.book.revision, len(stored.book.decisions), msgspec.json.encode(stored.book)


def _keep_what_lost(steps: Sequence[tuple[_Stored, Merged]], going: set[Path], place: Path, say: Say) -> None:
    """Report the merging of books with decisions of their own; one that was contradicted is kept whole as a file."""
    for lesser, merged in steps:
        goes = lesser.path in going
        if merged.added or (merged.conflicts and goes):
            say(f"note: {lesser.path} and the other names of these photos were merged; each had its own decisions")
            for conflict in merged.conflicts:
                say(f"note: {conflict}")
        if merged.conflicts and goes:
            kept = _unused_name(place)
            _write(kept, [files.read(lesser.path)])
            say(f"note: that book is kept whole in {kept}")


def _unused_name(place: Path) -> Path:
    name = f"{PEOPLE_NAME}.merged-{time.strftime('%Y%m%d-%H%M%S')}"
    names = chain([place / name], (place / f"{name}-{number}" for number in count(2)))
    return next(path for path in names if not os.path.lexists(path))


@contextmanager
def _locked(root: Path, say: Say) -> Iterator[tuple[Path, list[Path]]]:
    """The place to write, locked; and the others that hold a book of these photos."""
    with ExitStack() as stack:
        try:
            stack.enter_context(FolderLock(root, say))
        except OSError as error:
            place = cache_place(root)
            say(f"note: cannot write in {root} ({error.strerror}); names and decisions are kept in {place}")
            try:
                place = make_cache_place(root)
                stack.enter_context(FolderLock(place, say))
            except OSError as failure:
                raise NotSaved(f"{place} cannot be written: {failure.strerror}", "check its permissions") from failure
            files.remove_leftovers(place)
            yield place, [root, *(copy for copy in copies_of(root) if copy != place)]
            return
        files.remove_leftovers(root)
        # Nothing is brought home to an empty folder: its card may be away.
        copies = [] if is_shown_empty(root) else [copy for copy in copies_of(root) if (copy / PEOPLE_NAME).exists()]
        for copy in copies:
            stack.callback(remove_if_unused, copy)
            with contextlib.suppress(FileNotFoundError):  # another run has just brought it home
                stack.enter_context(FolderLock(copy, say))
        yield root, copies


def _read_or_set_aside(place: Path, say: Say) -> _Stored | None:
    path = place / PEOPLE_NAME
    try:
        return _read(place)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            aside = files.put_aside(path)
        except OSError:
            say(f"note: {path} is damaged; it cannot be moved, and is left as it is")
        else:
            say(f"note: {path} was damaged; it is kept as {aside.name}, and a new book of names begins")
        return None


def _read(place: Path) -> _Stored | None:
    path = place / PEOPLE_NAME
    try:
        text = files.read(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise MetadataError(f"{path} cannot be read: {error.strerror}", "check its permissions") from error
    schema = msgspec.json.decode(text, type=_Head).schema
    if schema > SCHEMA:
        raise NewerSchema(
            f"{path}: the names have schema {schema}; this version knows up to {SCHEMA}",
            "update Photo Ranker; the file is left as it is",
        )
    return _Stored(path, msgspec.json.decode(text, type=Book), msgspec.json.decode(text))


def _write(path: Path, pieces: Sequence[bytes]) -> None:
    try:
        files.replace(path, pieces)
    except OSError as error:
        raise not_saved(error, path) from error


def _encode(book: Book, over: _Stored | None) -> bytes:
    new: dict[str, Any] = msgspec.to_builtins(book)
    if over is not None:
        new = keep_unknown_of(Book, over.text, new)
    # One person or decision per line: to be read, compared and repaired by hand.
    encoder = msgspec.json.Encoder()
    parts = []
    for key, value in new.items():
        text = encoder.encode(value)
        if isinstance(value, list):
            text = b"[\n%b]" % b",\n".join(map(encoder.encode, value))
        parts.append(b"%b:%b" % (encoder.encode(key), text))
    return b"{%b}\n" % b",\n".join(parts)
