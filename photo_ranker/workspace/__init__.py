"""The interface for all adapters: commands, the Python API and the app make requests and pass them to a workspace.

Imports nothing heavy, so that a command can refuse a request before NumPy is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from photo_ranker.core.terminal import SILENT, Listener, Silent, counted
from photo_ranker.records import DEFAULT_ENGINE
from photo_ranker.settings import Settings
from photo_ranker.workspace.requests import (
    AlbumRequest,
    EngineRequest,
    ExportRequest,
    IndexRequest,
    LibraryRequest,
    PersonRequest,
    PhotosRequest,
    XmpRequest,
)

if TYPE_CHECKING:
    from photo_ranker.album import Album
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.core.codec import Floats
    from photo_ranker.indexing import Report
    from photo_ranker.library import Changes
    from photo_ranker.library.answering import LibraryPerson
    from photo_ranker.questions.answer import Question, Ranking
    from photo_ranker.workspace.exports import NamedAlbum
    from photo_ranker.workspace.people import AlbumPeople
    from photo_ranker.workspace.references import ReferenceReader

__all__ = [
    "SILENT",
    "AlbumRequest",
    "EngineRequest",
    "ExportRequest",
    "Listener",
    "PersonRequest",
    "PhotosRequest",
    "RankAnswer",
    "Silent",
    "Workspace",
    "XmpRequest",
]


class RankAnswer(msgspec.Struct, frozen=True):
    """A ranking, with its album and question."""

    ranking: Ranking
    """The results with counts and reasons."""
    album: Album
    """For a library only the photos that were read for the answer."""
    question: Question
    """With the embeddings of the references; none if the person was given by name."""


class Workspace:
    """The interface of every adapter: settings, an engine, and a listener for notes and progress."""

    def __init__(
        self,
        settings: Settings | None = None,
        engine: EngineRequest | None = None,
        listener: Listener = SILENT,
        *,
        spec: AnalyserSpec | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.listener = listener
        self._engine = engine or EngineRequest()
        self._spec = spec
        self._readers: dict[bool, ReferenceReader] = {}

    @cached_property
    def engine(self) -> str:
        """The requested engine, by name or folder, else the default one."""
        from photo_ranker.models.engines import usual_engine

        return self._engine.engine or usual_engine(self.listener.say)

    @cached_property
    def spec(self) -> AnalyserSpec:
        """What measures photos; missing models of the engine are fetched."""
        if self._spec is not None:
            return self._spec
        from photo_ranker.analysis import AnalyserSpec
        from photo_ranker.models.sessions import check_device

        asked = self._engine
        check_device(asked.device)
        if self.engine == DEFAULT_ENGINE:
            return AnalyserSpec(self.settings.measure, device=asked.device)
        from photo_ranker.models.engines import named_engine

        if asked.accept_license:
            from photo_ranker.models.insightface_engine import ACCEPTED

            os.environ[ACCEPTED] = "1"
        engine, models = named_engine(self.engine)
        spec = AnalyserSpec(self.settings.measure, engine=engine, models=models, device=asked.device)
        spec.keys()  # fetches missing models now, once, and not in each worker
        return spec

    def index(self, request: IndexRequest) -> Report:
        """Measure new and changed photos of folders, on this machine or a cluster."""
        from photo_ranker.indexing import IndexOptions, index, local_pool
        from photo_ranker.people.store import edited_of

        options = IndexOptions(
            recursive=request.recursive,
            workers=request.workers,
            retry_failed=request.retry_failed,
            dry_run=request.dry_run,
            edited=edited_of(request.folders),
        )
        if request.cluster is None and not any("://" in folder for folder in request.folders):
            spec = msgspec.structs.replace(self._spec_for(request.folders), thumbnails=request.thumbnails)
            report = index(request.folders, spec, options, self.listener)
        else:
            from photo_ranker.scaleout import index_anywhere, ray_pool

            gpu, address = self._engine.device == "cuda", request.cluster
            make_pool = local_pool if address is None else ray_pool(address, request.workers, gpu=gpu)
            report = index_anywhere(
                request.folders, self._spec_for(request.folders), options, self.listener, make_pool=make_pool
            )
        self.listener.unreadable([reason for _, reason in report.unreadable], report.found)
        return report

    def _spec_for(self, sources: Sequence[str]) -> AnalyserSpec:
        """What measures the photos of an album, including the faces that a user has drawn in them."""
        from photo_ranker.people.store import drawn_of

        drawn = drawn_of(sources)
        return msgspec.structs.replace(self.spec, drawn=drawn) if drawn else self.spec

    def update_library(self, request: LibraryRequest) -> Changes:
        """Make or update the library of a folder."""
        from photo_ranker.library import update_library, update_usual_library

        update = update_library if request.engine else update_usual_library
        with self.listener.progress("folders") as step:
            return update(
                request.folder,
                request.engine or self.engine,
                self.settings,
                self.listener.say,
                step,
                dry_run=request.dry_run,
                rebuild=request.rebuild,
            )

    def group_library(self, request: LibraryRequest, top: int) -> tuple[int, list[LibraryPerson]]:
        """The number of people whom a library shows more than once, and those who are in most photos."""
        from photo_ranker.library import open_library, open_usual_library
        from photo_ranker.library.answering import group_library

        open_one = open_library if request.engine else open_usual_library
        return group_library(open_one(request.folder, request.engine or self.engine, self.settings), top)

    def album(self, request: AlbumRequest, *, by_columns: bool = False) -> Album:
        """All photos of an album with their records and corrected times; changed photos are measured first.

        ``by_columns`` suits one question, which reads few records.
        """
        from photo_ranker.indexing import IndexOptions, refresh
        from photo_ranker.people.store import edited_of

        options = IndexOptions(
            recursive=request.recursive,
            workers=request.workers,
            retry_failed=request.retry_failed,
            no_cache=request.no_cache,
            edited=edited_of(request.photos),
        )
        in_time = _in_time(request)
        album, report = refresh(
            request.photos, self._spec_for(request.photos), options, self.listener, by_columns=by_columns
        )
        self._tell(report, has_photos=bool(album.photos), recursive=request.recursive)
        album = in_time(self._known_to_all(album))
        album.sources = request.photos
        return album

    def _known_to_all(self, album: Album) -> Album:
        """The album by the default engine, or by its first network alone while the second has not seen all faces.

        Cosines of the two cannot be compared, and leaving out faces that the second has not seen would lose photos.
        """
        from photo_ranker.album import Album

        if self._engine.engine or not album.waiting:
            return album
        self.listener.say(f"note: only the engine {DEFAULT_ENGINE} is used; the second network has not seen all faces")
        return Album(album.photos, DEFAULT_ENGINE)

    def true_album(self, request: AlbumRequest, *, by_columns: bool = False) -> Album:
        """The album without false faces, otherwise as :meth:`album` gives it."""
        from photo_ranker.people.told import true_album

        return true_album(self.album(request, by_columns=by_columns), request.photos, self.settings, self.listener.say)

    def _tell(self, report: Report, *, has_photos: bool, recursive: bool) -> None:
        say = self.listener.say
        if report.unreadable:
            self.listener.unreadable([reason for _, reason in report.unreadable], report.found)
        if report.waiting:
            why = f"{report.waiting[0][0]}: {report.waiting[0][1]}"
            say(f"note: {counted(len(report.waiting), 'photo')} cannot be shown to the second network now ({why})")
        if not has_photos:
            say("note: there are no photos here" + ("" if recursive else " (--recursive takes subfolders)"))
        if left_out := report.left_out_counts():
            counts = (f"{count:,} {reason}" for reason, count in left_out.items())
            say(f"note: skipped {sum(left_out.values()):,}: {', '.join(counts)}")
        for folder, place in report.kept_elsewhere:
            say(f"note: {folder} cannot be written to; its results are kept in {place}")

    def embeddings(
        self, paths: Iterable[Path], *, album: Album | None = None, no_cache: bool = False, engine: str = ""
    ) -> list[Floats]:
        """The face of the person in each reference photo, as a unit row.

        The rows are compared with ``album``; ``engine`` is its engine, empty = the one that measures.
        """
        from photo_ranker.workspace.references import embeddings_of

        return embeddings_of(self._reader(no_cache=no_cache).read(paths, album=album), engine)

    def check_references(self, person: PersonRequest, *, no_cache: bool = False) -> None:
        """Refuse a reference that shows nobody: an error should not come after an hour of measuring."""
        reader = self._reader(no_cache=no_cache)
        reader.check(person.references, person.reference_face)
        reader.check((*person.not_references, *person.together))

    def _reader(self, *, no_cache: bool) -> ReferenceReader:
        """One reader for all references, so that models are loaded once."""
        from photo_ranker.workspace.references import ReferenceReader

        if no_cache not in self._readers:
            self._readers[no_cache] = ReferenceReader(self.spec, self.listener.say, remember=not no_cache)
        return self._readers[no_cache]

    def question(
        self,
        person: PersonRequest,
        photos: PhotosRequest,
        *,
        album: Album | None = None,
        no_cache: bool = False,
        sources: Sequence[str] = (),
        engine: str = "",
    ) -> Question:
        """The question of two requests, with measured references; with ``no_cache`` they are not cached.

        ``sources`` are the album's folders and photos: their book of people holds what a user has said about faces.
        ``engine`` is the library's, if the question is put to one; an ``album`` has its own.
        """
        from photo_ranker.people.told import told_of
        from photo_ranker.person_finder.years import Dated
        from photo_ranker.questions.answer import Question
        from photo_ranker.workspace.references import dated, different_people, embeddings_of

        reader, engine = self._reader(no_cache=no_cache), engine if album is None else album.engine
        shown = dated(
            (reader.read([path], person.reference_face, album) for path in person.references),
            person.reference_years,
        )
        if two := different_people(shown, engine):
            self.listener.say(
                f"note: {two[0]} and {two[1]} seem to show two people; photos of either are found "
                "(--with finds those of both)"
            )
        embeddings = partial(self.embeddings, album=album, no_cache=no_cache, engine=engine)
        return Question(
            references=embeddings_of(shown, engine),
            dated=Dated(tuple(reference.year for reference in shown), person.born),
            not_references=embeddings(person.not_references),
            together_with=[embeddings([path]) for path in person.together],
            threshold=person.threshold,
            filters=photos.filters,
            doubtful=photos.doubtful,
            distinct=photos.distinct,
            top=photos.top,
            copies=photos.copies,
            told=told_of(sources, self.listener.say),
        )

    def rank(
        self, request: AlbumRequest, person: PersonRequest, photos: PhotosRequest, *, keep_people: bool = True
    ) -> RankAnswer:
        """The best photos of a person, best first.

        A person given by name is looked up in the album's book of people, for which people may have to be counted;
        ``keep_people`` says whether that count is saved.
        """
        if person.name:
            return self._rank_named(request, person, photos, keep_people=keep_people)
        if request.library is not None:
            return self._rank_library(request, person, photos)
        from photo_ranker.questions.answer import answer

        self.check_references(person, no_cache=request.no_cache)
        album = self.true_album(request, by_columns=True)
        question = self.question(person, photos, album=album, no_cache=request.no_cache, sources=request.photos)
        return RankAnswer(answer(album, question, self.settings), album, question)

    def _rank_named(
        self, request: AlbumRequest, person: PersonRequest, photos: PhotosRequest, *, keep_people: bool
    ) -> RankAnswer:
        """Rank the photos with faces that belong to the person in the book."""
        from photo_ranker.workspace.answers import rank_known

        with self.people(request, keep=keep_people) as people:
            known = people.find(person.name or "")
        question = self.question(person, photos, album=people.album, no_cache=request.no_cache)
        return RankAnswer(rank_known(people, known, question), people.album, question)

    def _rank_library(self, request: AlbumRequest, person: PersonRequest, photos: PhotosRequest) -> RankAnswer:
        from photo_ranker.library import open_library, open_usual_library
        from photo_ranker.library.answering import answer_from
        from photo_ranker.questions.clocks import without_photos

        assert request.library is not None
        open_one = open_library if self._engine.engine else open_usual_library
        library = open_one(request.library, self.spec.engine, self.settings, self.listener.say)
        in_time = _in_time(request, is_part=True)
        question = self.question(person, photos, no_cache=request.no_cache, engine=library.manifest.engine)
        exact = True if request.exact else None
        album, ranking = answer_from(library, question, self.settings, exact=exact, in_time=in_time)
        self.listener.unreadable([file.reason for file in ranking.unreadable], ranking.counts.photos)
        for camera in without_photos(album, request.clocks):
            self.listener.say(f"note: no photo of the answer was taken with a camera called {camera}")
        return RankAnswer(ranking, album, question)

    @contextmanager
    def people(self, request: AlbumRequest, *, keep: bool, threshold: float | None = None) -> Iterator[AlbumPeople]:
        """The people of an album with their book; with ``keep`` changes are saved at the end."""
        from photo_ranker.workspace.people import open_people

        album, keep = self.album(request), keep and not request.no_cache
        say = self.listener.say
        with open_people(album, self.settings, request.photos, keep=keep, threshold=threshold, say=say) as people:
            yield people

    @contextmanager
    def named_album(self, request: AlbumRequest, *, keep: bool, count: bool = False) -> Iterator[NamedAlbum]:
        """An album with its names; people are counted if there is a book of them, or with ``count``."""
        from photo_ranker.people.store import find_root, load_book
        from photo_ranker.workspace.exports import NamedAlbum

        if not count and not load_book(find_root(request.photos)).people:
            yield NamedAlbum(self.true_album(request), None)
            return
        with self.people(request, keep=keep) as people:
            yield NamedAlbum(people.album, people)


def _in_time(request: AlbumRequest, *, is_part: bool = False) -> Callable[[Album], Album]:
    """A function that corrects the times of an album; ``is_part`` says that it gets only some of the photos."""
    from photo_ranker.questions.clocks import corrected, in_camera_time, zone_of

    zone = zone_of(request.zone) if request.zone else None
    return lambda album: in_camera_time(corrected(album, request.clocks, is_part=is_part), zone)
