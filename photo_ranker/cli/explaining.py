"""``rank --explain``: how the score of one photo is computed, or why it is not among the results."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from photo_ranker.cli.console import write_json, write_line
from photo_ranker.errors import UserError

if TYPE_CHECKING:
    from photo_ranker.album import Album
    from photo_ranker.questions.answer import Question, Ranking
    from photo_ranker.ranker import RankedPhoto
    from photo_ranker.settings import Settings
    from photo_ranker.workspace import AlbumRequest, RankAnswer

__all__ = ["explain_photo"]


def explain_photo(wanted: str, answer: RankAnswer, request: AlbumRequest, settings: Settings, *, as_json: bool) -> None:
    """Print the explanation of a photo; for a library only of photos that are listed."""
    ranking, album = answer.ranking, answer.album
    for rank, item in enumerate(ranking.results, 1):
        if any(wanted in {photo.path, photo.name} for photo in (item.photo, *item.copies)):
            _explain_listed(rank, item, ranking, as_json=as_json)
            return
    if request.library is not None:
        raise UserError(f"{wanted} is not among the results", "ask its folder, which tells more: --photos DIR")
    photo = next((number for number, one in enumerate(album.photos) if wanted in {one.path, one.name}), None)
    if photo is not None:
        why, figures = _why_not(photo, album, answer.question, ranking.threshold, settings)
        _explain_missing(album.photos[photo].path, why, figures, as_json=as_json)
    elif skipped := _skipped(wanted, request):
        _explain_missing(*skipped, {}, as_json=as_json)
    else:
        raise UserError(f"{wanted} is not among the photos", "give its name, or its path as the results show it")


def _skipped(wanted: str, request: AlbumRequest) -> tuple[str, str] | None:
    """The path of a skipped file, or of one in a skipped folder, and why; None if it was not skipped."""
    from photo_ranker.indexing.discovery import gather
    from photo_ranker.indexing.file_kinds import Skipped, why_no_photo

    for listing in gather(request.photos, recursive=request.recursive):
        for why, name in listing.skipped:
            path = listing.path_of(name)
            if wanted in {path, name}:
                return path, why_no_photo(path) if why is Skipped.NO_PHOTO else f"it is skipped: {why.value}"
            if wanted.startswith(path + os.sep):
                return wanted, f"{path} is skipped: {why.value}"
    return None


def _explain_listed(rank: int, item: RankedPhoto, ranking: Ranking, *, as_json: bool) -> None:
    from photo_ranker.exporters.document import result_object
    from photo_ranker.ranker.reasons import explain

    if as_json:
        terms = [{"name": term.name, "value": term.value, "weight": term.weight} for term in item.terms]
        penalties = [{"name": one.name, "value": one.value, "factor": one.factor} for one in item.penalties]
        known = {"schema": 1, "listed": True, "threshold": ranking.threshold, **result_object(item, rank)}
        write_json({**known, "terms": terms, "penalties": penalties})
        return
    write_line(f"{item.path}: rank {rank} of {len(ranking.results)}, {item.kind}")
    for copy in item.copies:
        write_line(f"  the same bytes: {copy.path}")
    write_line(f"  similarity {item.match.similarity:.3f}, sure from {ranking.threshold:.3f}")
    for line in explain(item.terms, item.penalties, item.score).splitlines():
        write_line(line)


def _explain_missing(path: str, why: str, figures: dict[str, Any], *, as_json: bool) -> None:
    from photo_ranker.exporters.document import path_fields

    if as_json:
        write_json({"schema": 1, "listed": False, **path_fields(path), "why": why, **figures})
        return
    write_line(f"{path}: not among the results: {why}")
    if "similarity" in figures:
        write_line(f"  best similarity of a face {figures['similarity']:.3f}, sure from {figures['threshold']:.3f}")


def _why_not(
    number: int, album: Album, question: Question, threshold: float, settings: Settings
) -> tuple[str, dict[str, Any]]:
    """The reason in words, and the figures where faces were compared."""
    from photo_ranker.person_finder.years import year_of

    record = album.photos[number].record
    if record.unreadable is not None:
        return f"it could not be read: {record.unreadable}", {}
    if not record.faces:
        return "no face was found in it", {}
    if question.dated.born is not None and (year_of(record.taken_at) or question.dated.born) < question.dated.born:
        return f"it was taken before the person was born in {question.dated.born}", {}
    if not question.references:
        return "none of its faces counts as the person's, or a filter leaves it out", {}
    return _compared(number, album, question, threshold, settings)


def _compared(
    number: int, album: Album, question: Question, threshold: float, settings: Settings
) -> tuple[str, dict[str, Any]]:
    from photo_ranker.person_finder import find_person

    finding = find_person(
        album,
        question.references,
        settings=settings,
        threshold=-1.0,  # low enough that every face is a match
        not_references=question.not_references,
        told=question.told,
    )
    match = next((match for match in finding.matches if match.photo == number), None)
    if match is None and any(one.born is not None for one in question.told):
        return "its faces are too small, or older than the year of birth that the book of people has", {}
    if match is None:
        return f"its faces are smaller than {settings.match.min_face} px (--min-face)", {}
    sure = match.similarity >= threshold
    doubtful = not sure and match.similarity >= threshold - settings.match.doubt_margin
    figures = {"similarity": round(match.similarity, 4), "threshold": threshold, "sure": sure, "doubtful": doubtful}
    if sure or (doubtful and question.doubtful):
        return "the person is in it, but a filter or --distinct leaves it out", figures
    if doubtful:
        return "the match is doubtful (--doubtful lists it)", figures
    return "no face in it is similar enough, not even for a doubtful match", figures
