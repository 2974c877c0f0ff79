"""What all commands about people begin with: an album, measured, and its book of people, counted."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.console import say_to_stderr
from photo_ranker.cli.engine_options import spec_of
from photo_ranker.cli.options import check_photos, open_album, settings_of
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.cli.console import Say
    from photo_ranker.people.book import Book, Person
    from photo_ranker.people.faces import FaceTable
    from photo_ranker.people.recount import Counted
    from photo_ranker.settings import Settings

__all__ = ["Everyone", "counted", "face_of"]


@dataclass(frozen=True, slots=True)
class Everyone:
    """An album and its people."""

    book: Book
    table: FaceTable
    counted: Counted
    settings: Settings
    root: Path
    say: Say

    def people(self, *, hidden: bool = False) -> list[Person]:
        """Those who are in this album, in the order of their numbers."""
        here = self.table.places
        shown = (person for person in self.book.present() if hidden or not person.hidden)
        return sorted((p for p in shown if any(face in here for face in p.faces)), key=lambda person: person.number)


@contextmanager
def counted(args: argparse.Namespace) -> Iterator[Everyone]:
    """The album of ``--photos`` with its people; what is changed in the book is kept, unless it is a dry run."""
    from photo_ranker.people.faces import FaceTable
    from photo_ranker.people.recount import recount_if_needed
    from photo_ranker.people.store import edit_book, find_root, load_book

    args.photos = args.photos or getattr(args, "folders", None) or ["."]
    check_photos(args.photos)
    say = say_to_stderr(quiet=args.quiet)
    settings = settings_of(args)
    album = open_album(args, spec_of(args, settings, say))
    table, root = FaceTable(album, settings), find_root(args.photos)
    threshold = getattr(args, "threshold", None)
    if args.no_cache or getattr(args, "dry_run", False):
        book = load_book(root)
        yield Everyone(book, table, recount_if_needed(book, table, threshold), settings, root, say)
        return
    with edit_book(root, say) as book:
        everyone = Everyone(book, table, recount_if_needed(book, table, threshold), settings, root, say)
        for item in everyone.counted.overruled:
            say(f"note: decision {item.decision} ({item.text}) is overruled by newer ones for {len(item.faces)} faces")
        yield everyone


def face_of(word: str, everyone: Everyone, among: Sequence[str] | None = None) -> str:
    """The id of a face, given as such or as PHOTO or PHOTO#2 (its second face from the left).

    ``among`` are the faces that can be meant; a photo with only one of them needs no number.
    """
    table = everyone.table
    if word in table.places:
        return word
    path, _, number = word.rpartition("#") if "#" in word and word.rpartition("#")[2].isdecimal() else (word, "", "")
    photo = next((n for n, item in enumerate(table.album.photos) if path in {item.path, item.name}), None)
    if photo is None:
        raise UserError(f"there is no face or photo {word} in the album", "people show PERSON lists faces and photos")
    faces = sorted(table.album.photos[photo].record.faces_by(table.album.engine), key=lambda face: face.box[0])
    ids = [face.id for face in faces]
    if number:
        if not 1 <= int(number) <= len(ids):
            raise UserError(f"{path} shows {len(ids)} faces, there is no number {number}", "they count from the left")
        return ids[int(number) - 1]
    meant = [face for face in ids if among is None or face in among]
    if len(meant) != 1:
        raise UserError(f"{path} shows {len(meant)} such faces", f"say which one: {path}#1 is the first from the left")
    return meant[0]
