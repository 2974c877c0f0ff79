"""An album and the names that its people have, as far as a user has given any."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from photo_ranker.cli.engine_options import spec_of
from photo_ranker.cli.options import open_album
from photo_ranker.errors import UserError
from photo_ranker.terminal import command

if TYPE_CHECKING:
    from photo_ranker.album import Album
    from photo_ranker.cli.people_count import Everyone
    from photo_ranker.ranker import RankedPhoto
    from photo_ranker.settings import Settings

__all__ = ["Known", "known_people"]


@dataclass(frozen=True, slots=True)
class Known:
    """An album with its names."""

    album: Album
    settings: Settings
    names: dict[str, str] = field(default_factory=dict)
    """Id of a face -> the name that a user has given to the person; hidden people are left out."""
    everyone: Everyone | None = None

    def best_of(self, words: Sequence[str], top: int, *, only_distinct: bool) -> list[tuple[str, list[RankedPhoto]]]:
        """The photos of each of these people, best first."""
        from photo_ranker.people.best import best_of
        from photo_ranker.people.corrections import shown_name

        if self.everyone is None:
            advice = f"name people first: {command('people', 'name', 'N', 'NAME', '--photos', 'DIR')}"
            raise UserError("nobody in this album has a name", advice)
        if list(words) == ["all"]:
            people = [person for person in self.everyone.people() if person.name]
        else:
            people = [self.everyone.book.find(word) for word in words]
        table = self.everyone.table
        return [
            (shown_name(person), best_of(person, table, top, self.settings, only_distinct=only_distinct))
            for person in people
        ]


@contextmanager
def known_people(args: argparse.Namespace, settings: Settings) -> Iterator[Known]:
    """The album of ``--photos``; its people are counted only where there is a book of them."""
    from photo_ranker.people.store import find_root, load_book

    if not load_book(find_root(args.photos)).people and not args.person:
        yield Known(open_album(args, spec_of(args, settings)), settings)
        return
    from photo_ranker.cli.people_count import counted

    with counted(args) as everyone:
        owners = everyone.book.owners()
        names = {face: person.name for face, person in owners.items() if person.name and not person.hidden}
        yield Known(everyone.table.album, settings, names, everyone)
