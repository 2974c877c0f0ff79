"""An album with the names that its people have, as far as a user has given any."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photo_ranker.errors import UserError
from photo_ranker.terminal import command

if TYPE_CHECKING:
    from photo_ranker.album import Album
    from photo_ranker.copies import Copies
    from photo_ranker.people.book import Person
    from photo_ranker.ranker import RankedPhoto
    from photo_ranker.workspace.people import AlbumPeople

__all__ = ["NamedAlbum", "best_of_people", "names_of"]


@dataclass(frozen=True, slots=True)
class NamedAlbum:
    """An album, and its people where they were counted."""

    album: Album
    people: AlbumPeople | None
    """None where there is no book of them: to count everyone takes time, and there would be no name."""

    def names(self) -> dict[str, str]:
        """Id of a face -> the name of the person."""
        return {} if self.people is None else names_of(self.people.owners())

    def best_of(
        self, words: Sequence[str], top: int, *, only_distinct: bool, copies: Copies = "one"
    ) -> list[tuple[str, list[RankedPhoto]]]:
        """The photos of each of these people, best first; ``all`` is everyone who has a name."""
        from photo_ranker.people.corrections import shown_name

        if self.people is None:
            advice = f"name people first: {command('people', 'name', 'N', 'NAME', '--photos', 'DIR')}"
            raise UserError("nobody in this album has a name", advice)
        if list(words) == ["all"]:
            people = [person for person in self.people.shown() if person.name]
        else:
            people = [self.people.find(word) for word in words]
        found = best_of_people(self.people, people, top, only_distinct=only_distinct, copies=copies)
        return [(shown_name(person), ranked) for person, ranked in found]


def names_of(owners: Mapping[str, Person], among: Collection[str] | None = None) -> dict[str, str]:
    """Id of a face -> the name that a user has given to the person; hidden people are left out.

    ``among`` are the only faces whose names may be told; None = all.
    """
    return {
        face: person.name
        for face, person in owners.items()
        if person.name and not person.hidden and (among is None or face in among)
    }


def best_of_people(
    people: AlbumPeople, chosen: Sequence[Person], top: int, *, only_distinct: bool, copies: Copies = "one"
) -> list[tuple[Person, list[RankedPhoto]]]:
    """The photos of each of these people, best first; ``top`` 0 is all of them."""
    from photo_ranker.people.best import best_of

    return [
        (person, best_of(person, people.table, top, people.settings, only_distinct=only_distinct, copies=copies))
        for person in chosen
    ]
