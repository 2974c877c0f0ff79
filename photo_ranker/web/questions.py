"""A client's question as requests to the workspace, and its answer as a page. Nothing is ranked here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from photo_ranker.exporters.document import result_object
from photo_ranker.filters import Filters
from photo_ranker.records import Face
from photo_ranker.settings import Settings
from photo_ranker.web.everyone import CachedPeople
from photo_ranker.web.library import OpenAlbum
from photo_ranker.web.marks import Mark, Marks
from photo_ranker.web.photos import Grid
from photo_ranker.web.problems import NotHere
from photo_ranker.web.ranking_schemas import RankAsk, RankPage
from photo_ranker.web.references import References
from photo_ranker.web.weights import weighed
from photo_ranker.workspace.answers import AlbumAnswers, OrderedPhotos, RankRequest
from photo_ranker.workspace.requests import AlbumFace, PersonRequest, PhotosRequest, SentFace, ShownFace

__all__ = ["SHOWN", "Asking", "person_request", "photos_request"]

SHOWN: dict[str, Callable[[Mark], bool]] = {
    "all": lambda _: True,
    "picks": lambda mark: mark.flag == "pick",
    "unrejected": lambda mark: mark.flag != "reject",
    "rejects": lambda mark: mark.flag == "reject",
    "starred": lambda mark: mark.stars > 0,
}


def person_request(ask: RankAsk) -> PersonRequest:
    """Whom a client looks for."""
    if not ask.asks_for_somebody:
        raise NotHere("nobody is asked for", "drop a photo of the person, or click a face")
    return PersonRequest(
        name=ask.people[0] if ask.people else None,
        faces=(*map(AlbumFace, ask.faces), *(SentFace(item.reference, item.face) for item in ask.references)),
        not_faces=tuple(map(AlbumFace, ask.not_faces)),
        together_faces=tuple(map(AlbumFace, ask.with_faces)),
        together_names=tuple(ask.with_people),
        threshold=ask.threshold,
    )


def photos_request(ask: RankAsk) -> PhotosRequest:
    """Which photos of the person a client wants."""
    return PhotosRequest(
        filters=Filters(kind=ask.kind, only=ask.only, since=ask.since, until=ask.until, min_score=ask.min_score),
        doubtful=ask.doubtful,
        distinct=ask.distinct,
        top=ask.top,
    )


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
        ordered = self.all(ask)
        grid = Grid(self.album, self.marks)
        shown = ordered.explained(ask.offset, ask.offset + ask.limit)
        if not self.tells_paths:
            shown = [msgspec.structs.replace(item, photo=self.album.within(item.photo)) for item in shown]
        return RankPage(
            total=len(ordered.order),
            offset=ask.offset,
            engine=self.album.album.engine,
            threshold=ordered.threshold,
            counts=msgspec.to_builtins(ordered.counts),
            photos=[
                grid.photo(item.match.photo, item.face, result_object(item, rank))
                for rank, item in enumerate(shown, ask.offset + 1)
            ],
        )

    def all(self, ask: RankAsk) -> OrderedPhotos:
        """The whole answer."""
        for person in (*ask.people, *ask.with_people):
            self.everyone.person(person)  # says so where there is no such person
        is_shown = SHOWN[ask.show]
        request = RankRequest(
            person=person_request(ask),
            photos=photos_request(ask),
            choice=None if ask.show == "all" else (ask.show, self.marks.version),
        )
        answers = AlbumAnswers(
            self.album.album,
            lambda: self.everyone.people,
            self.everyone.version,
            self._face,
            weighed(self.settings, ask.weights),
            self.album,
        )
        return answers.order(request, lambda photo: is_shown(self.marks.of(photo)))

    def _face(self, face: ShownFace) -> Face:
        if isinstance(face, AlbumFace):
            return self.album.face(face.id)[1]
        faces = self.references.get(self.album.entry.id, face.reference).faces
        if face.number >= len(faces):
            raise NotHere(f"the reference shows {len(faces)} faces", "choose one of them")
        return faces[face.number]
