"""What all commands about people begin with: an album, measured, and its book of people, counted."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from photo_ranker.cli.console import say_to_stderr
from photo_ranker.cli.engine_options import spec_of
from photo_ranker.cli.options import check_photos, open_album, settings_of, sources_of

if TYPE_CHECKING:
    from photo_ranker.cli.console import Say
    from photo_ranker.people.book import Book, Person
    from photo_ranker.people.faces import FaceTable
    from photo_ranker.people.recount import Counted
    from photo_ranker.settings import Settings

__all__ = ["Everyone", "counted"]


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
    from photo_ranker.people.constraints import constraints_of
    from photo_ranker.people.faces import FaceTable
    from photo_ranker.people.recount import recount_if_needed
    from photo_ranker.people.store import edit_book, find_root, load_book

    args.photos = sources_of(args)
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
        before = {item.decision: set(item.faces) for item in everyone.counted.overruled}
        yield everyone
        # Said once, by the command that overrules; `people show --decisions` tells it ever after.
        for item in constraints_of(book).overruled:
            if many := len(set(item.faces) - before.get(item.decision, set())):
                say(f"note: decision {item.decision} ({item.text}) is overruled by this for {many} faces")
