"""Everyone in an album: names, corrections, doubtful pairs. The workspace checks and makes all changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, Field

from photo_ranker.core.names import folded
from photo_ranker.errors import UserError
from photo_ranker.people.book import Decision, Person
from photo_ranker.web.answers import may_fail
from photo_ranker.web.api.jobs import job_out
from photo_ranker.web.open_albums import CachedPeople, known_person
from photo_ranker.web.problems import Conflict
from photo_ranker.web.schemas import FaceId, JobOut, Many, PersonId, PhotoId, Strict
from photo_ranker.web.storage import AlbumEntry
from photo_ranker.web.workplace import AlbumHere, EntryHere, Place
from photo_ranker.workspace.people import AlbumPeople

__all__ = [
    "AnswerAsk",
    "DecisionOut",
    "DrawAsk",
    "FaceOrNot",
    "FacesAsk",
    "MergeAsk",
    "NewPerson",
    "OverruledOut",
    "Pair",
    "PairsOut",
    "PeopleOut",
    "PersonChange",
    "PersonDetail",
    "PersonFace",
    "PersonOut",
    "router",
]

# What requests and responses look like.


class PersonOut(BaseModel):
    """One person."""

    id: str
    number: int
    name: str | None
    category: str
    role: str | None
    born: int | None = Field(description="the year of birth")
    hidden: bool
    faces: int
    photos: int
    cover: str | None = Field(description="the face to show; null if none is in this album")


class PeopleOut(BaseModel):
    """Everyone in an album."""

    people: list[PersonOut]
    total: int = Field(description="people that fit the query; these are a part of them")
    offset: int
    unassigned: int = Field(description="unrecognised faces: they belong to no person")
    faces: int = Field(description="all faces of the album, of copies once")
    pending: int = Field(description="photos of the album that are not measured yet, and may show faces")


class PersonFace(BaseModel):
    """A face and the photo that shows it."""

    id: str
    photo: str
    photo_name: str
    version: str
    name: str | None
    confirmed: bool = False


class PersonDetail(BaseModel):
    """One person with all faces."""

    person: PersonOut
    faces: list[PersonFace]


class Pair(BaseModel):
    """Two faces that may be one person."""

    one: PersonFace
    other: PersonFace
    people: tuple[PersonId, PersonId] = Field(description="whose faces they are so far")


class PairsOut(BaseModel):
    """Doubtful pairs."""

    total: int
    pairs: list[Pair]


class PersonChange(Strict):
    """One fact of a person."""

    name: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    seen: Annotated[
        list[FaceId] | None,
        Field(max_length=20_000, description="with a name: the faces that it confirms; null = all of the person"),
    ] = None
    another: Annotated[
        bool | None, Field(description="with a name that somebody has: this is another person; else it is refused")
    ] = None
    instead_of: Annotated[
        str | None,
        Field(
            max_length=100,
            description="with a name: the one that it replaces, null for none; refused if the person has yet another",
        ),
    ] = None
    hidden: bool | None = None
    category: Literal["main", "important", "other"] | None = None
    role: Annotated[str | None, Field(max_length=100)] = None
    representative: FaceId | None = None
    born: Annotated[int | None, Field(ge=0, le=2200, description="the year of birth; 0 takes it away")] = None


class MergeAsk(Strict):
    """People who are merged."""

    into: PersonId
    others: Annotated[list[PersonId], Field(min_length=1, max_length=Many)]


class FacesAsk(Strict):
    """Some faces."""

    faces: Annotated[list[FaceId], Field(min_length=1, max_length=20_000)]


class NewPerson(FacesAsk):
    """Somebody whom nobody has named yet."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    another: Annotated[bool, Field(description="for a name that somebody has: this is another person")] = False


class FaceOrNot(FacesAsk):
    """Whether what was found is a face at all."""

    is_face: bool = Field(default=False, description="true: these are faces after all")


Pixels = Annotated[float, Field(ge=-100_000, le=100_000)]


class DrawAsk(Strict):
    """A face that was missed."""

    photo: PhotoId
    box: tuple[Pixels, Pixels, Pixels, Pixels] = Field(description="x, y, width, height in the upright photo")


class AnswerAsk(Strict):
    """Whether two faces are one person."""

    one: FaceId
    other: FaceId
    same: bool


class OverruledOut(BaseModel):
    """An earlier decision that a newer one contradicts."""

    id: int
    text: str
    faces: int = Field(description="faces that it no longer decides about")


class DecisionOut(BaseModel):
    """A decision that was saved; it can be undone by its id."""

    id: int
    text: str
    held: int = Field(default=0, description="when undone: faces that newer decisions hold")
    job: str | None = Field(default=None, description="the job that measures a drawn face, or takes it out again")
    overruled: list[OverruledOut] = Field(default=[], description="earlier decisions that this one overrules")


# The addresses.


router = APIRouter(prefix="/api/albums/{album_id}/people", tags=["people"], responses=may_fail(404, 409))

CHANGES = may_fail(400, 507)
"""Problems of every change: the book may refuse it, and the disk may be full."""

PAIRS_AT_ONCE = 50

FACTS = ("name", "hidden", "category", "role", "representative")
"""What can be changed about a person."""


def _everyone(place: Place, album: AlbumHere) -> CachedPeople:
    return place.everyone(album)


Here = Annotated[CachedPeople, Depends(_everyone)]
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
    """The people of the album, or a part: by role, the named before the others, those in most photos first."""
    people, unassigned = everyone.album.remembered(("people", everyone.version), lambda: _everybody(everyone))
    shown = [
        person
        for person in people
        if (hidden or not person.hidden) and (person.name or not named) and _is_like(person, folded(search))
    ]
    return PeopleOut(
        people=shown[offset : offset + limit],
        total=len(shown),
        offset=offset,
        unassigned=unassigned,
        faces=len(everyone.people.table.ids),
        pending=everyone.album.pending,
    )


def _everybody(everyone: CachedPeople) -> tuple[list[PersonOut], int]:
    people = everyone.people
    return [_person_out(people, person) for person in people.shown(hidden=True)], len(people.unrecognised())


def _is_like(person: PersonOut, search: str) -> bool:
    return search in folded(person.name or "") or search == str(person.number)


@router.post("", responses=CHANGES)
def introduce_person(ask: NewPerson, everyone: Here) -> DecisionOut:
    """Make a new person of faces, whoever had them. Two people share a name only where you say so."""

    def introduce(people: AlbumPeople) -> Decision:
        if not ask.another and people.namesakes(None, ask.name):
            raise Conflict(f"there is another {ask.name}", "confirm the face as theirs, else send another: true")
        return people.introduce(ask.faces, ask.name)

    return _decided(everyone, introduce)


@router.get("/doubtful")
def list_doubtful(everyone: Here) -> PairsOut:
    """Pairs of faces that may be one person; first those whose answer changes most photos."""
    questions = everyone.questions()
    return PairsOut(
        total=len(questions),
        pairs=[
            Pair(one=_face_out(everyone, one), other=_face_out(everyone, other), people=question.people)
            for question in questions[:PAIRS_AT_ONCE]
            for one, other in [question.faces]
        ],
    )


@router.post("/answer", responses=CHANGES)
def answer_pair(ask: AnswerAsk, everyone: Here) -> DecisionOut:
    """Say whether two faces are one person."""
    return _decided(everyone, lambda people: people.answer(ask.one, ask.other, same=ask.same))


@router.post("/not-a-face", responses=CHANGES)
def not_a_face(ask: FaceOrNot, everyone: Here) -> DecisionOut:
    """Say that what was found is no face, or that it is one after all."""
    return _decided(everyone, lambda people: people.say_true(ask.faces) if ask.is_face else people.say_false(ask.faces))


@router.post("/drawn", responses=CHANGES)
def draw_face(ask: DrawAsk, everyone: Here, entry: EntryHere, place: Place) -> DecisionOut:
    """Say that a photo shows a face that was not found; a job measures it."""
    decided = _decided(everyone, lambda people: people.draw(everyone.album.photo(ask.photo), ask.box))
    return decided.model_copy(update={"job": _measured_again(entry, place, decided.id)})


def _measured_again(entry: AlbumEntry, place: Place, decision: int) -> str:
    """The job that brings an album up to date after a decision; a job that already runs may miss the decision."""
    return place.index(entry, after=f"decision {decision}").id


@router.post("/merge", responses=CHANGES)
def merge_people(ask: MergeAsk, everyone: Here) -> DecisionOut:
    """Make one person of several."""

    def merge(people: AlbumPeople) -> Decision:
        return people.merge(known_person(people, ask.into), [known_person(people, other) for other in ask.others])

    return _decided(everyone, merge)


@router.post("/undo", responses=CHANGES)
def undo_decision(everyone: Here, entry: EntryHere, place: Place, decision: int | None = None) -> DecisionOut:
    """Take a decision back, the last one by default."""
    with everyone.edit() as people:
        taken, held = people.undo(decision)
    job = _measured_again(entry, place, taken.id) if taken.drawn else None
    return DecisionOut(id=taken.id, text=taken.text, held=len(held), job=job)


@router.get("/{person_id}")
def read_person(
    person_id: PersonPath,
    everyone: Here,
    heir: Annotated[bool, Query(description="whoever this person has been merged into since")] = False,
) -> PersonDetail:
    """One person with all faces."""
    person = everyone.heir(person_id) if heir else everyone.person(person_id)
    confirmed = everyone.people.book.confirmed()
    faces = [_face_out(everyone, face, confirmed=face in confirmed) for face in everyone.people.faces(person)]
    return PersonDetail(person=_person_out(everyone.people, person), faces=faces)


@router.patch("/{person_id}", responses=CHANGES)
def change_person(person_id: PersonPath, ask: PersonChange, everyone: Here) -> DecisionOut:
    """Change one fact of a person. Two people share a name only where you say so: the same person is merged."""

    def change(people: AlbumPeople) -> Decision:
        person = known_person(people, person_id)
        facts: dict[str, Any] = ask.model_dump(exclude_none=True, exclude={"seen", "another", "instead_of"})
        if len(facts) != 1:
            # Each is a separate decision, and a response reports one, so that it can be undone.
            raise UserError("only one fact can be changed at a time", f"send one of {', '.join(FACTS)}")
        ((field, value),) = facts.items()
        if field == "born":
            return people.set_born(person, value)
        if field != "name":
            return people.set_fact(person, field, value)  # type: ignore[arg-type]
        if "instead_of" in ask.model_fields_set and person.name not in (None, ask.instead_of, value):
            raise Conflict(
                f"this person is now called {person.name}", "look at the people again, then give the name once more"
            )
        if not ask.another and people.namesakes(person, value):
            raise Conflict(f"there is another {value}", "merge the two if they are one person, else send another: true")
        return people.name(person, value, seen=ask.seen, merges=False)

    return _decided(everyone, change)


@router.post("/{person_id}/not", responses=CHANGES)
def not_this_person(person_id: PersonPath, ask: FacesAsk, everyone: Here) -> DecisionOut:
    """Say that faces are not this person."""
    return _decided(everyone, lambda people: people.deny(known_person(people, person_id), ask.faces))


@router.post("/{person_id}/split", responses=CHANGES)
def split_person(person_id: PersonPath, ask: FacesAsk, everyone: Here) -> DecisionOut:
    """Make a new person of some faces of this one."""
    return _decided(everyone, lambda people: people.split(known_person(people, person_id), ask.faces))


@router.post("/{person_id}/confirm", responses=CHANGES)
def confirm_faces(person_id: PersonPath, ask: FacesAsk, everyone: Here) -> DecisionOut:
    """Say that faces are this person, whoever they belonged to."""
    return _decided(everyone, lambda people: people.move(ask.faces, known_person(people, person_id)))


def _decided(everyone: CachedPeople, change: Callable[[AlbumPeople], Decision]) -> DecisionOut:
    decision, overruled = everyone.decide(change)
    return DecisionOut(
        id=decision.id,
        text=decision.text,
        overruled=[OverruledOut(id=item.decision, text=item.text, faces=len(item.faces)) for item in overruled],
    )


def _person_out(people: AlbumPeople, person: Person) -> PersonOut:
    return PersonOut(
        id=person.id,
        number=person.number,
        name=person.name,
        category=person.category,
        role=person.role,
        born=person.born,
        hidden=person.hidden,
        faces=len(people.faces(person)),
        photos=people.photo_count(person),
        cover=people.cover(person),
    )


def _face_out(everyone: CachedPeople, face: str, *, confirmed: bool = False) -> PersonFace:
    photo = everyone.people.table.photos(face)[0]
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
