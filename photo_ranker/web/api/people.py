"""Everyone in an album: names, corrections, doubtful pairs. The library decides; nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from photo_ranker.people.book import Book, Decision, Person
from photo_ranker.people.corrections import deny, give_name, merge, move, say_different, say_same, set_fact, split
from photo_ranker.people.undoing import undo
from photo_ranker.web.description import may_fail
from photo_ranker.web.everyone import Everyone
from photo_ranker.web.people_schemas import (
    AnswerAsk,
    DecisionOut,
    FacesAsk,
    MergeAsk,
    Pair,
    PairsOut,
    PeopleOut,
    PersonChange,
    PersonDetail,
    PersonFace,
    PersonOut,
)
from photo_ranker.web.problems import NotHere
from photo_ranker.web.schemas import JobOut, PersonId
from photo_ranker.web.telling import job_out
from photo_ranker.web.workplace import AlbumHere, EntryHere, Place

__all__ = ["router"]

router = APIRouter(prefix="/api/albums/{album_id}/people", tags=["people"], responses=may_fail(404, 409))

CHANGES = may_fail(400, 507)
"""The book may not allow it, and it is written."""

PAIRS_AT_ONCE = 50


def _everyone(place: Place, album: AlbumHere) -> Everyone:
    return place.everyone(album)


Here = Annotated[Everyone, Depends(_everyone)]
PersonPath = Annotated[PersonId, Path()]


@router.post("/find", status_code=202, responses=may_fail(507))
def find_people(entry: EntryHere, place: Place) -> JobOut:
    """Group all faces into people: a job. What a user has said holds."""
    return job_out(place.count_people(entry), place)


@router.get("")
def list_people(
    everyone: Here,
    hidden: bool = False,
    named: Annotated[bool, Query(description="only those who have a name")] = False,
    search: Annotated[str, Query(max_length=100, description="part of a name, or a number")] = "",
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 100_000,
) -> PeopleOut:
    """Everyone in the album, those in most photos first; all, or a part of them."""
    people, unassigned = everyone.album.remembered(("people", everyone.version), lambda: _everybody(everyone))
    shown = [
        person
        for person in people
        if (hidden or not person.hidden) and (person.name or not named) and _is_like(person, search.casefold())
    ]
    return PeopleOut(people=shown[offset : offset + limit], total=len(shown), offset=offset, unassigned=unassigned)


def _everybody(everyone: Everyone) -> tuple[list[PersonOut], int]:
    people = [_person_out(everyone, person) for person in everyone.book.present() if everyone.here(person)]
    owned = everyone.owners()
    unassigned = sum(face not in owned for face in everyone.table.ids)
    return sorted(people, key=lambda person: (-person.photos, person.number)), unassigned


def _is_like(person: PersonOut, search: str) -> bool:
    return search in (person.name or "").casefold() or search == str(person.number)


@router.get("/doubtful")
def list_doubtful(everyone: Here) -> PairsOut:
    """Pairs of faces that may be one person, the most helpful answer first."""
    questions = everyone.questions()
    return PairsOut(
        total=len(questions),
        pairs=[
            Pair(one=_face_out(everyone, one), other=_face_out(everyone, other))
            for one, other in (question.faces for question in questions[:PAIRS_AT_ONCE])
        ],
    )


@router.post("/answer", responses=CHANGES)
def answer_pair(ask: AnswerAsk, everyone: Here) -> DecisionOut:
    """Say whether two faces are one person."""
    for face in (ask.one, ask.other):
        everyone.album.face(face)
    say = say_same if ask.same else say_different
    return _decided(everyone, lambda book: say(book, ask.one, ask.other))


@router.post("/merge", responses=CHANGES)
def merge_people(ask: MergeAsk, everyone: Here) -> DecisionOut:
    """Make one person of several."""
    return _decided(everyone, lambda book: merge(book, _in(book, ask.into), [_in(book, other) for other in ask.others]))


@router.post("/undo", responses=CHANGES)
def undo_decision(everyone: Here, decision: int | None = None) -> DecisionOut:
    """Take a decision back, the last one by default."""
    with everyone.edit() as book:
        taken, held = undo(book, decision)
    return DecisionOut(id=taken.id, text=taken.text, held=len(held))


@router.get("/{person_id}")
def read_person(person_id: PersonPath, everyone: Here) -> PersonDetail:
    """One person with all faces."""
    person = everyone.person(person_id)
    said = {face for decision in everyone.book.active() for same in decision.same for face in same.faces}
    faces = [_face_out(everyone, face, confirmed=face in said) for face in everyone.here(person)]
    return PersonDetail(person=_person_out(everyone, person), faces=faces)


@router.patch("/{person_id}", responses=CHANGES)
def change_person(person_id: PersonPath, ask: PersonChange, everyone: Here) -> DecisionOut:
    """Name a person (the name of another one makes them one), hide, or choose category, role or the face to show."""

    def change(book: Book) -> Decision:
        person = _in(book, person_id)
        if ask.name is not None:
            return give_name(book, person, ask.name)
        facts: dict[str, Any] = ask.model_dump(exclude_none=True)
        if len(facts) != 1:
            raise NotHere("one fact at a time can be changed", "send name, hidden, category, role or representative")
        ((field, value),) = facts.items()
        return set_fact(book, person, field, value)  # type: ignore[arg-type]

    return _decided(everyone, change)


@router.post("/{person_id}/not", responses=CHANGES)
def not_this_person(person_id: PersonPath, ask: FacesAsk, everyone: Here) -> DecisionOut:
    """These faces are not this person."""
    return _decided(everyone, lambda book: deny(book, ask.faces, _in(book, person_id)))


@router.post("/{person_id}/split", responses=CHANGES)
def split_person(person_id: PersonPath, ask: FacesAsk, everyone: Here) -> DecisionOut:
    """Make a new person of these faces."""
    return _decided(everyone, lambda book: split(book, _in(book, person_id), ask.faces))


@router.post("/{person_id}/confirm", responses=CHANGES)
def confirm_faces(person_id: PersonPath, ask: FacesAsk, everyone: Here) -> DecisionOut:
    """These faces are this person, whoever had them."""
    return _decided(everyone, lambda book: move(book, ask.faces, _in(book, person_id)))


def _decided(everyone: Everyone, work: Callable[[Book], Decision]) -> DecisionOut:
    decision = everyone.decide(work)
    return DecisionOut(id=decision.id, text=decision.text)


def _in(book: Book, person_id: str) -> Person:
    found = next((person for person in book.present() if person.id == person_id), None)
    if found is None:
        raise NotHere("there is no such person", "reload the page")
    return found


def _person_out(everyone: Everyone, person: Person) -> PersonOut:
    return PersonOut(
        id=person.id,
        number=person.number,
        name=person.name,
        category=person.category,
        role=person.role,
        hidden=person.hidden,
        faces=len(everyone.here(person)),
        photos=len(everyone.photos(person)),
        cover=everyone.cover(person) if everyone.here(person) else None,
    )


def _face_out(everyone: Everyone, face: str, *, confirmed: bool = False) -> PersonFace:
    photo = everyone.table.photos(face)[0]
    facts = everyone.album.album.photos[photo]
    owner = everyone.owners().get(face)
    return PersonFace(
        id=face,
        photo=everyone.album.ids[photo],
        photo_name=facts.name.encode("utf-8", "replace").decode(),
        version=facts.record.stamp.hash[:12],
        name=owner.name if owner else None,
        confirmed=confirmed,
    )
