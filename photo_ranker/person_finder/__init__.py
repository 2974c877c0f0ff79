"""Finds the faces of a person in an album, sure or doubtful, from embeddings alone: no photo is opened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import Album
from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.false_faces import is_solid
from photo_ranker.person_finder.judging import all_solid, judge
from photo_ranker.person_finder.looks import Crowd, Numbers, best_of_each_photo
from photo_ranker.person_finder.populations import population_of
from photo_ranker.person_finder.relatives import REFERENCE_ITSELF, Solid
from photo_ranker.person_finder.years import LIKE, UNDATED, Dated, before_birth, carried, spans_years, years_of_faces
from photo_ranker.records import Match
from photo_ranker.settings import Settings

__all__ = ["Finding", "Meant", "Told", "find_in_crowd", "find_person", "meant"]


_MOST_KNOWN = 30
"""Most confirmed faces that are used as further references; more would only take time."""


class Finding(msgspec.Struct, frozen=True):
    """Where a person was found."""

    matches: tuple[Match, ...]
    """Most similar first, at most one per photo; those below the threshold are marked as doubtful."""
    threshold: float
    """Similarity from which a match is sure."""
    engine: str
    """The engine whose embeddings were compared."""

    @property
    def sure(self) -> tuple[Match, ...]:
        """The matches that are not doubtful."""
        return tuple(match for match in self.matches if not match.doubtful)


def find_person(
    album: Album,
    references: Sequence[Floats],
    *,
    settings: Settings,
    threshold: float | None = None,
    not_references: Sequence[Floats] = (),
    told: Sequence[Told] = (),
    dated: Dated = UNDATED,
) -> Finding:
    """Find the person whom ``references`` show, one embedding of unit length each; different looks stay separate.

    Without a ``threshold`` the album sets it. ``not_references`` show look-alikes who are not the person.
    ``told`` are a user's decisions about faces of the album, ``dated`` what is known about the years of the references.
    """
    years, usable = years_of_faces(album), album.sizes >= settings.match.min_face
    if dated.born is not None:
        usable = usable & ~before_birth(years, dated.born)
    crowd = Crowd(album.embeddings, album.owners, usable, clarity=album.clarity, frames=album.frames)
    faces = album.faces

    def solid(numbers: Numbers) -> NDArray[np.bool_]:
        return np.array([is_solid(faces[number], settings) for number in numbers.tolist()], np.bool_)

    def find(crowd: Crowd, references: Sequence[Floats], certain: NDArray[np.bool_] | None = None) -> Finding:
        return find_in_crowd(
            crowd,
            album.engine,
            references,
            settings=settings,
            threshold=threshold,
            not_references=not_references,
            solid=solid,
            certain=certain,
        )

    # A first search finds out which of the people with decisions is meant; the second uses their decisions.
    finding = find(crowd, references)
    decisions = meant(album, finding.matches, references, told) if told else None
    if decisions is not None:
        born = decisions.born if dated.born is None else dated.born
        excluded = decisions.excluded if born is None else decisions.excluded | before_birth(years, born)
        crowd = msgspec.structs.replace(crowd, usable=(crowd.usable | decisions.certain) & ~excluded)
        known = np.flatnonzero(decisions.certain & ~excluded)
        known = known[np.argsort(-album.sizes[known], kind="stable")][:_MOST_KNOWN]
        finding = find(crowd, [*references, *album.embeddings[known]], decisions.certain)
    if threshold is not None or not spans_years(years):
        return finding
    return _carried_on(finding, crowd, years, np.stack(references), dated, not_references)


def _carried_on(
    finding: Finding,
    crowd: Crowd,
    years: NDArray[np.float64],
    references: Floats,
    dated: Dated,
    not_references: Sequence[Floats],
) -> Finding:
    """The finding plus the photos of other years that it leads to; these count as barely sure."""
    if not_references:
        alike = (crowd.rows @ np.stack(not_references).T).max(axis=1) >= LIKE
        crowd = msgspec.structs.replace(crowd, usable=crowd.usable & ~alike)
    sure = np.array([match.face for match in finding.sure], np.int64)
    same_mean = population_of(finding.engine).same_mean
    cosine = crowd.rows @ references.T
    dates = [*dated.references, *[None] * len(references)][: len(references)]
    for number in np.flatnonzero([date is None for date in dates]).tolist():
        # If a reference is also a photo of the album, that photo's date is known.
        face = int(cosine[:, number].argmax())
        if cosine[face, number] >= REFERENCE_ITSELF and not np.isnan(years[face]):
            dates[number] = float(years[face])
    more = carried(crowd, years, references, dates, sure, same_mean)
    photos = set(crowd.owners[more].tolist())
    added = [
        Match(
            photo=int(crowd.owners[face]),
            face=face,
            similarity=max(finding.threshold, float(cosine[face].max())),
            cosine=float(cosine[face].max()),
            runner_up=None,
        )
        for face in more.tolist()
    ]
    others = [match for match in finding.matches if match.photo not in photos]
    ordered = sorted([*others, *added], key=lambda match: -match.similarity)
    return Finding(tuple(ordered), finding.threshold, finding.engine)


Flags = NDArray[np.bool_]


class Told(msgspec.Struct, frozen=True):
    """Decisions about one person: ids of the person's faces, and of faces of somebody else."""

    faces: frozenset[str]
    """Faces that belong to the person."""
    others: frozenset[str]
    """Faces that belong to somebody else by a user's decision."""
    is_confirmed: bool = True
    """Whether a user has confirmed that ``faces`` are one person; else they were only counted as one."""
    born: int | None = None
    """The year in which the person was born, if a user has given it."""


class Meant(msgspec.Struct, frozen=True):
    """Decisions about the person of a search, per face of the album."""

    certain: Flags
    """Faces that are the person by a user's decision."""
    excluded: Flags
    """Faces that are somebody else by a user's decision."""
    born: int | None = None
    """The year in which the person was born."""


def meant(album: Album, matches: Sequence[Match], references: Sequence[Floats], told: Sequence[Told]) -> Meant | None:
    """The decisions about the person whom a search has found; None if there are none.

    A person of the book is meant if the reference is one of their faces, or if most of their faces were found. Faces
    of which it is only known that they are not somebody's give way to confirmed ones, and are not meant if more of that
    person's faces were found: a rejected look-alike may be nearer to the reference than the person's own faces.
    """
    numbers = _numbers_of(told, album)
    found = {match.face for match in matches if not match.doubtful}
    confirmed = frozenset[str]().union(*(one.faces for one in told if one.is_confirmed))
    rows = np.stack(references)

    def in_album(faces: Iterable[str]) -> list[int]:
        return [number for face in faces for number in numbers.get(face, ())]

    chosen: list[tuple[tuple[bool, bool, float], Told]] = []
    for one in told:
        theirs = in_album(one.faces)
        cosines = album.embeddings[theirs] @ rows.T
        is_reference = bool(cosines.size and cosines.max() >= REFERENCE_ITSELF)
        count = len(found.intersection(theirs))
        rivals = 0 if one.is_confirmed else len(found.intersection(in_album(one.others)))
        is_outdone = rivals > count or (rivals == count and not one.others.isdisjoint(confirmed))
        if is_reference or (count * 2 > len(theirs) and not is_outdone):
            chosen.append(((is_reference, one.is_confirmed, float(cosines.mean())), one))
    if not chosen:
        return None
    certain, excluded = np.zeros(len(album.faces), np.bool_), np.zeros(len(album.faces), np.bool_)
    faces: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    born: int | None = None
    # Of two people whom a decision keeps apart, only the likelier one can be meant.
    for _, one in sorted(chosen, key=lambda item: item[0], reverse=True):
        if one.faces & others or one.others & faces:
            continue
        faces, others = faces | one.faces, others | one.others
        certain[in_album(one.faces)] |= one.is_confirmed
        born = one.born if born is None else born
    excluded[in_album(others)] = True
    return Meant(certain, excluded & ~certain, born)


def _numbers_of(told: Sequence[Told], album: Album) -> dict[str, list[int]]:
    """Id of a face with a decision -> its numbers in the album: copies of a photo have the same faces."""
    wanted = frozenset[str]().union(*(one.faces | one.others for one in told))
    numbers: dict[str, list[int]] = {}
    for number, name in enumerate(album.ids) if wanted else ():
        if name in wanted:
            numbers.setdefault(name, []).append(number)
    return numbers


def find_in_crowd(
    crowd: Crowd,
    engine: str,
    references: Sequence[Floats],
    *,
    settings: Settings,
    threshold: float | None = None,
    not_references: Sequence[Floats] = (),
    solid: Solid = all_solid,
    certain: NDArray[np.bool_] | None = None,
) -> Finding:
    """Find a person among given faces, of an album or a library; matches use the crowd's numbers.

    Faces that are ``certain`` are the person, however dissimilar.
    """
    people = population_of(engine)
    judged = judge(
        crowd,
        references,
        people,
        not_references=not_references,
        certainty=settings.match.sure_certainty,
        solid=solid,
    )
    # A threshold of the user replaces the derived one; similarities stay the same.
    line = judged.threshold if threshold is None else threshold
    similarity = judged.similarity if certain is None else np.where(certain, np.float32(1), judged.similarity)
    best = best_of_each_photo(similarity, crowd.owners)
    best = best[crowd.usable[best] & (similarity[best] >= line - settings.match.doubt_margin)]
    best = best[np.argsort(-similarity[best], kind="stable")]
    others = _runners_up(similarity, crowd, best)
    matches = (
        Match(
            photo=int(crowd.owners[face]),
            face=int(face),
            similarity=float(similarity[face]),
            cosine=float(judged.cosine[face]),
            runner_up=other,
            doubtful=bool(similarity[face] < line),
        )
        for face, other in zip(best, others, strict=True)
    )
    return Finding(tuple(matches), line, engine)


def _runners_up(similarity: Floats, crowd: Crowd, best: Numbers) -> list[float | None]:
    """The similarity of the second face of each photo; None if no other is large enough."""
    rest = crowd.usable.copy()
    rest[best] = False
    numbers = np.flatnonzero(rest)
    second = numbers[best_of_each_photo(similarity[numbers], crowd.owners[numbers])]
    known = dict(zip(crowd.owners[second].tolist(), similarity[second].tolist(), strict=True))
    return [known.get(photo) for photo in crowd.owners[best].tolist()]
