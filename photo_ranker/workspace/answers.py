"""Answers questions about an album in memory, and caches each step for the next question.

A question consists of frozen requests. Each step is cached under the part of them that it depends on, with the
version of the people and the settings. Keys are whole requests less a few fields, so that a new field of a request is
part of every key from the start.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import fields
from typing import Protocol, TypeVar

import msgspec

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats, decode_unit_rows
from photo_ranker.people.book import Book, Person
from photo_ranker.people.constraints import constraints_of
from photo_ranker.people.told import told_by
from photo_ranker.person_finder import Finding, find_person
from photo_ranker.person_finder.years import Dated, before_birth, years_of_faces
from photo_ranker.questions import keep
from photo_ranker.questions.answer import Counts, Found, Question, Ranking, arrange, found_in, photos_of_others, summary
from photo_ranker.questions.selection import distinct, mark_close
from photo_ranker.ranker import Lineup, RankedPhoto, line_up
from photo_ranker.records import Face, Match
from photo_ranker.settings import Settings
from photo_ranker.workspace.people import AlbumPeople
from photo_ranker.workspace.requests import PersonRequest, PhotosRequest, ShownFace

__all__ = ["AlbumAnswers", "Memory", "OrderedPhotos", "RankRequest", "cache_keys", "rank_known"]

T = TypeVar("T")


class Memory(Protocol):
    """Caches results."""

    def remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of this key; ``make`` is called the first time."""
        ...


class RankRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One question about an album: who, which photos, and a further choice that the adapter makes."""

    person: PersonRequest
    photos: PhotosRequest
    choice: Hashable = None
    """A key for the ``choice`` passed to :meth:`AlbumAnswers.order`; None = all photos."""


def cache_keys(request: RankRequest) -> tuple[Hashable, Hashable, Hashable]:
    """Cache keys of three steps: the whole answer, the photos to be scored, and who was found."""
    photos = request.photos
    # Fields that only change the order are made neutral; all others, also future ones, stay part of the key.
    unordered = msgspec.structs.replace(
        photos, filters=msgspec.structs.replace(photos.filters, min_score=0.0), distinct=False, top=0
    )
    return request, msgspec.structs.replace(request, photos=unordered), (request.person, photos.copies)


class OrderedPhotos(msgspec.Struct, frozen=True):
    """An answer whose reasons are not worked out yet: a page of results needs only some."""

    order: Sequence[int]
    """Numbers in the lineup, best first."""
    among: Sequence[int]
    """All photos that pass the filters; reasons compare a photo with these."""
    lineup: Lineup
    """All photos of the question as columns."""
    counts: Counts
    threshold: float
    """Similarity from which a match is sure."""
    settings: Settings
    """With the weights of this question."""
    alternates: Mapping[Match, tuple[AlbumPhoto, ...]]
    """With ``distinct``: the other photos of each result's moment."""

    def explained(self, first: int = 0, last: int | None = None) -> list[RankedPhoto]:
        """Results ``first`` to ``last`` with their reasons."""
        start = max(0, first - 1)  # with the one before, to which the first is compared
        weights = self.settings.weights
        found = self.lineup.explained(self.order[start:last], weights, self.among, self.alternates)
        return mark_close(found, weights.as_good, start + 1)[first - start :]


class AlbumAnswers(msgspec.Struct, frozen=True):
    """An album in memory with its people and the settings, ready for questions."""

    album: Album
    people: Callable[[], AlbumPeople]
    """Opens the people when a question first needs them."""
    version: Hashable
    """Changes with every change of the people; part of every cache key."""
    face: Callable[[ShownFace], Face]
    """The facts of a face that a request names."""
    settings: Settings
    """With the weights of the question."""
    memory: Memory
    year: Callable[[ShownFace], float | None] = lambda _: None
    """When the photo of such a face was taken; not needed for faces of the album."""

    def order(self, request: RankRequest, choice: Callable[[int], bool] | None = None) -> OrderedPhotos:
        """The whole answer; steps whose part of the request is unchanged come from the cache."""
        keys = [(self.version, key) for key in cache_keys(request)]
        return self.memory.remembered(
            ("order", self.settings, keys[0]), lambda: self._order(request, choice, keys[1], keys[2])
        )

    def _order(
        self, request: RankRequest, choice: Callable[[int], bool] | None, which: Hashable, who: Hashable
    ) -> OrderedPhotos:
        settings, question = _without_weights(self.settings), self._question(request)
        finding = self.memory.remembered(("finding", settings, who), lambda: self._finding(request.person, question))
        found = self.memory.remembered(("found", settings, who), lambda: self._found(request.person, finding, question))
        lineup = self.memory.remembered(
            ("lineup", settings, which), lambda: self._lineup(self._chosen(found, finding, question, choice), question)
        )
        counts = self.memory.remembered(("counts", settings, who), lambda: summary(self.album, found))
        weights, filters = self.settings.weights, question.filters
        # Everything from here on depends on the weights, so it is cached only under the key of the whole answer.
        order = among = lineup.order(weights, filters.min_score)
        alternates: dict[Match, tuple[AlbumPhoto, ...]] = {}
        if question.distinct:
            chosen = distinct(lineup.ranked(weights, filters.min_score), question.top, self.settings.moments)
            order = lineup.numbers_of(chosen)
            alternates = {item.match: item.alternates for item in chosen if item.alternates}
        order = order[: question.top] if question.top else order
        threshold = round(found.finding.threshold, 4)
        return OrderedPhotos(order, among, lineup, counts, threshold, self.settings, alternates)

    def _found(self, person: PersonRequest, finding: Finding, question: Question) -> Found:
        people = [self.people().find(word) for word in person.together_names]
        together = tuple(frozenset(self.people().photos(other)) for other in people)
        together += photos_of_others(self.album, question, self.settings)
        return found_in(self.album, finding, together, question)

    def _chosen(
        self, found: Found, finding: Finding, question: Question, choice: Callable[[int], bool] | None
    ) -> Found:
        """What was found in the chosen photos; a copy of a photo may be chosen though the photo is not."""
        if choice is None:
            return found
        wanted = tuple(match for match in finding.matches if choice(match.photo))
        return found_in(self.album, msgspec.structs.replace(finding, matches=wanted), found.together, question)

    def _finding(self, request: PersonRequest, question: Question) -> Finding:
        """Where the person is, by the book and by a search for faces."""
        person = self.people().find(request.name) if request.name else None
        if person is not None and not question.references:
            return finding_of(self.people(), person)
        looked_for = find_person(
            self.album,
            question.references,
            settings=self.settings,
            threshold=question.threshold,
            not_references=question.not_references,
            told=told_by(self.people().book),
            dated=question.dated if person is None else msgspec.structs.replace(question.dated, born=person.born),
        )
        return looked_for if person is None else widened(self.people(), person, looked_for)

    def _lineup(self, found: Found, question: Question) -> Lineup:
        """The photos that pass all filters except the one on the score, which a slider changes."""
        wanted = [match for match in found.finding.matches if question.doubtful or not match.doubtful]
        filters = msgspec.structs.replace(question.filters, together=found.together, min_score=0.0)
        lineup = line_up(self.album, wanted, self.settings, found.copies)
        return lineup.only(lineup.numbers_of(keep(lineup.ranked(self.settings.weights), filters, self.settings)))

    def _question(self, request: RankRequest) -> Question:
        person, photos = request.person, request.photos
        return Question(
            references=self._rows(person.faces),
            dated=Dated(tuple(map(self.year, person.faces)), person.born),
            not_references=self._rows(person.not_faces),
            together_with=[self._rows([face]) for face in person.together_faces],
            threshold=person.threshold,
            filters=photos.filters,
            doubtful=photos.doubtful,
            distinct=photos.distinct,
            top=photos.top,
            copies=photos.copies,
        )

    def _rows(self, faces: Sequence[ShownFace]) -> list[Floats]:
        rows = (self.face(face).identity(self.album.engine) for face in faces)
        return list(decode_unit_rows([row for row in rows if row is not None]))


def _without_weights(settings: Settings) -> tuple[Hashable, ...]:
    """All sections except the weights, which change neither who is found nor which photos are scored."""
    return tuple(getattr(settings, item.name) for item in fields(settings) if item.name != "weights")


def finding_of(people: AlbumPeople, person: Person) -> Finding:
    """The photos with one of a person's faces, as the book says."""
    matches = people.matches(person)
    return Finding(matches, min((match.similarity for match in matches), default=0.0), people.album.engine)


def rank_known(people: AlbumPeople, person: Person, question: Question) -> Ranking:
    """Rank the photos of a person in the book; counting people has decided on the faces, so no threshold applies."""
    album, matches = people.album, people.matches(person)
    if question.dated.born is not None:
        too_old = before_birth(years_of_faces(album), question.dated.born)
        matches = tuple(match for match in matches if not too_old[match.face])
    finding = Finding(matches, -1.0, album.engine)
    found = found_in(album, finding, photos_of_others(album, question, people.settings), question)
    return arrange(album, found, question, people.settings)


def widened(people: AlbumPeople, person: Person, looked_for: Finding) -> Finding:
    """The photos that the book knows, and further ones where a search has found the same person.

    Decisions of the user overrule the search.
    """
    known = finding_of(people, person)
    there, others = {match.photo for match in known.matches}, _faces_of_others(person, people.book)
    more = [
        match
        for match in looked_for.matches
        if match.photo not in there and people.album.faces[match.face].id not in others
    ]
    return Finding((*known.matches, *more), looked_for.threshold, known.engine)


def _faces_of_others(person: Person, book: Book) -> set[str]:
    """Faces of other named people, and faces that the user said are not this person."""
    constraints, mine = constraints_of(book), set(person.faces)
    others = {face for one in book.present() if one.name and one.id != person.id for face in one.faces}
    others |= {face for face, owner in constraints.pinned.items() if owner != person.id}
    return (others | constraints.barred_from(person) | constraints.apart_from(person)) - mine
