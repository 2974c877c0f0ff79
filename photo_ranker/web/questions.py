"""A client's question -> the library's, its answer -> a page. Nothing is ranked here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from photo_ranker.album import AlbumPhoto
from photo_ranker.answer import Counts, Found, Question, companions_of, found_in, summary
from photo_ranker.codec import Floats, decode_unit_rows
from photo_ranker.exporters.document import result_object
from photo_ranker.filters import Filters, keep
from photo_ranker.person_finder import Finding, find_person
from photo_ranker.ranker import Lineup, RankedPhoto, line_up
from photo_ranker.records import Face, Match
from photo_ranker.selection import distinct, mark_close
from photo_ranker.settings import Settings
from photo_ranker.web.everyone import CachedPeople
from photo_ranker.web.library import OpenAlbum
from photo_ranker.web.marks import Mark, Marks
from photo_ranker.web.photos import Grid
from photo_ranker.web.problems import NotHere
from photo_ranker.web.ranking_schemas import RankAsk, RankPage
from photo_ranker.web.references import References
from photo_ranker.web.weights import weighed

__all__ = ["Asked", "Asking", "cache_keys"]

OF_A_PAGE = {"offset", "limit"}
OF_THE_ORDER = OF_A_PAGE | {"weights", "min_score", "distinct", "top"}
OF_THE_CHOICE = OF_THE_ORDER | {"kind", "only", "since", "until", "show"}
"""Fields of a request on which the whole answer, its photos, and who was found do not depend.

A cache key is the whole request but for these: a field that is added later is part of every key.
"""

SHOWN: dict[str, Callable[[Mark], bool]] = {
    "all": lambda _: True,
    "picks": lambda mark: mark.flag == "pick",
    "unrejected": lambda mark: mark.flag != "reject",
    "rejects": lambda mark: mark.flag == "reject",
    "starred": lambda mark: mark.stars > 0,
}


def cache_keys(ask: RankAsk) -> tuple[str, str, str]:
    """The keys of the whole answer, of its photos before they are weighed, and of who was found."""
    whole, which, who = (ask.model_dump_json(exclude=out) for out in (OF_A_PAGE, OF_THE_ORDER, OF_THE_CHOICE))
    return whole, which, who


@dataclass(frozen=True, slots=True)
class Asked:
    """A ranking, before its reasons are worked out."""

    order: Sequence[int]
    """Numbers in the lineup, best first."""
    among: Sequence[int]
    """All photos that pass the filters, with which those are compared."""
    lineup: Lineup
    counts: Counts
    threshold: float
    settings: Settings
    alternates: Mapping[Match, tuple[AlbumPhoto, ...]]
    """Other photos of the moment of each, where only the best of each is listed."""

    def explained(self, first: int = 0, last: int | None = None) -> list[RankedPhoto]:
        """Some of the results, with their reasons."""
        start = max(0, first - 1)  # the one before says whether the first is as good
        weights = self.settings.weights
        found = self.lineup.explained(self.order[start:last], weights, self.among, self.alternates)
        return mark_close(found, weights.as_good, start + 1)[first - start :]


@dataclass(frozen=True, slots=True)
class Asking:
    """All that a question is put to."""

    album: OpenAlbum
    everyone: CachedPeople
    references: References
    marks: Marks
    settings: Settings
    tells_paths: bool = True
    """Whether the client may know where on this machine the photos are; else it is told names within the album."""

    def page(self, ask: RankAsk) -> RankPage:
        """A part of the answer."""
        asked = self.all(ask)
        grid = Grid(self.album, self.marks)
        shown = asked.explained(ask.offset, ask.offset + ask.limit)
        if not self.tells_paths:
            shown = [self.album.within_result(item) for item in shown]
        return RankPage(
            total=len(asked.order),
            offset=ask.offset,
            engine=self.album.album.engine,
            threshold=asked.threshold,
            counts=msgspec.to_builtins(asked.counts),
            photos=[
                grid.photo(item.match.photo, item.face, result_object(item, rank))
                for rank, item in enumerate(shown, ask.offset + 1)
            ],
        )

    def all(self, ask: RankAsk) -> Asked:
        """The whole answer; put together from what was worked out before as far as that is the same."""
        settings = weighed(self.settings, ask.weights)
        book, marks = self.everyone.version, self.marks.version if ask.show != "all" else None
        whole, which, who = cache_keys(ask)
        key: Hashable = ("ranked", book, marks, whole)
        return self.album.remembered(key, lambda: self._weigh(ask, settings, (book, who), (book, marks, which)))

    def _weigh(self, ask: RankAsk, settings: Settings, who: Hashable, which: Hashable) -> Asked:
        question = self._question(ask)
        found = self.album.remembered(("found", who), lambda: self._find(ask, question))
        lineup = self.album.remembered(("lineup", which), lambda: self._lineup(found, question, ask.show))
        alternates: dict[Match, tuple[AlbumPhoto, ...]] = {}
        order = among = lineup.order(settings.weights, ask.min_score)
        if ask.distinct:
            chosen = distinct(lineup.ranked(settings.weights, ask.min_score), ask.top, settings.moments)
            order = lineup.numbers_of(chosen)
            alternates = {item.match: item.alternates for item in chosen if item.alternates}
        counts = self.album.remembered(("counts", who), lambda: summary(self.album.album, found))
        threshold = round(found.finding.threshold, 4)
        return Asked(order[: ask.top] if ask.top else order, among, lineup, counts, threshold, settings, alternates)

    def _find(self, ask: RankAsk, question: Question) -> Found:
        album, everyone = self.album.album, self.everyone
        together = tuple(frozenset(everyone.people.photos(everyone.person(person))) for person in ask.with_people)
        together += companions_of(album, question, self.settings)
        return found_in(album, self._finding(ask, question), together, question)

    def _finding(self, ask: RankAsk, question: Question) -> Finding:
        """A person of the book is where the book says, and where the photos given besides show the same person."""
        person = self.everyone.person(ask.people[0]) if ask.people else None
        if person is not None and not question.references:
            return self.everyone.finding(person)
        looked_for = find_person(
            self.album.album,
            question.references,
            settings=self.settings,
            threshold=question.threshold,
            not_references=question.not_references,
        )
        return self.everyone.widened(person, looked_for) if person is not None else looked_for

    def _lineup(self, found: Found, question: Question, show: str) -> Lineup:
        """The photos that pass all filters but that on the score: no weight has a say in which they are."""
        wanted = [match for match in found.finding.matches if question.doubtful or not match.doubtful]
        filters = msgspec.structs.replace(question.filters, together=found.companions, min_score=0.0)
        lineup = line_up(self.album.album, wanted, self.settings, found.copies)
        kept = keep(lineup.ranked(self.settings.weights), filters, self.settings)
        return lineup.only(lineup.numbers_of(item for item in kept if SHOWN[show](self.marks.of(item.photo))))

    def _question(self, ask: RankAsk) -> Question:
        references = [
            *map(self._album_face, ask.faces),
            *(self._sent(item.reference, item.face) for item in ask.references),
        ]
        if not references and not ask.people:
            raise NotHere("nobody is asked for", "drop a photo of the person, or click a face")
        engine = self.album.album.engine
        return Question(
            references=_rows(references, engine),
            not_references=_rows([self._album_face(face) for face in ask.not_faces], engine),
            together_with=[_rows([self._album_face(face)], engine) for face in ask.with_faces],
            threshold=ask.threshold,
            filters=Filters(kind=ask.kind, only=ask.only, since=ask.since, until=ask.until, min_score=ask.min_score),
            doubtful=ask.doubtful,
            copies=ask.copies,
        )

    def _album_face(self, face_id: str) -> Face:
        return self.album.face(face_id)[1]

    def _sent(self, reference_id: str, number: int) -> Face:
        faces = self.references.get(self.album.entry.id, reference_id).faces
        if number >= len(faces):
            raise NotHere(f"the reference shows {len(faces)} faces", "choose one of them")
        return faces[number]


def _rows(faces: Sequence[Face], engine: str) -> list[Floats]:
    return list(decode_unit_rows([row for face in faces if (row := face.identity(engine)) is not None]))
