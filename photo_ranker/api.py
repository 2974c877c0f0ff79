"""The library in three calls; everything else is in the modules named after what they do."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from photo_ranker.album import Album
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.answer import Question, Ranking, answer
from photo_ranker.errors import UserError
from photo_ranker.indexing import IndexOptions, refresh
from photo_ranker.models.engines import named_engine
from photo_ranker.models.usual import usual_engine
from photo_ranker.records import PhotoRecord
from photo_ranker.references import ReferenceReader, embeddings_of
from photo_ranker.settings import Settings

__all__ = ["measure", "open_album", "rank"]

AnyPath = str | PathLike[str]


def rank(
    references: AnyPath | Iterable[AnyPath],
    photos: AnyPath | Iterable[AnyPath],
    *,
    settings: Settings | None = None,
    recursive: bool = False,
    engine: str | None = None,
    **question: Any,
) -> Ranking:
    """The best photos of the person in ``references``, best first.

    ``engine`` is what ``photo-ranker --engine`` takes, and None what it does unasked.
    ``question`` takes what :class:`photo_ranker.answer.Question` has: ``top=20``, ``distinct=True``, ``filters=...``.
    """
    settings = settings or Settings()
    reader = ReferenceReader(_spec(settings, engine), lambda _: None)
    shown = _several(references)
    if not shown:
        raise UserError("no reference photo", "show whom to look for")
    Question(references=(), **question)  # says what is wrong with it before anything is measured
    person = embeddings_of(reader.read(map(Path, shown)))
    album = open_album(photos, settings=settings, recursive=recursive, engine=engine)
    return answer(album, Question(references=person, **question), settings)


def open_album(
    photos: AnyPath | Iterable[AnyPath],
    *,
    settings: Settings | None = None,
    recursive: bool = False,
    engine: str | None = None,
) -> Album:
    """All photos of folders with their facts; those that are new or changed are measured first."""
    sources = [fspath(source) for source in _several(photos)]
    album, _ = refresh(sources, _spec(settings, engine), IndexOptions(recursive=recursive))
    return album


def measure(photo: AnyPath, *, settings: Settings | None = None, engine: str | None = None) -> PhotoRecord:
    """The facts of one photo; raises ``PhotoUnreadable``. For many photos, ``open_album`` is faster."""
    return _spec(settings, engine).open().analyse(Path(photo))


def _spec(settings: Settings | None, engine: str | None) -> AnalyserSpec:
    name, models = named_engine(engine or usual_engine())
    return AnalyserSpec((settings or Settings()).measure, engine=name, models=models)


def _several(paths: AnyPath | Iterable[AnyPath]) -> list[AnyPath]:
    several = [paths] if isinstance(paths, (str, PathLike)) else list(paths)
    if "" in several:
        raise UserError("a path is empty", "say what it is; . is the current folder")
    return several
