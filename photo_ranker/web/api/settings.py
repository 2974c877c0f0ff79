"""The settings page: what a user may change for all albums, and what measures photos on this machine."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from photo_ranker.core.words import current_words
from photo_ranker.web.answers import may_fail
from photo_ranker.web.preferences import PREFERENCES, What
from photo_ranker.web.schemas import Strict
from photo_ranker.web.workplace import Place, Workplace

__all__ = ["machine_router", "router"]

router = APIRouter(prefix="/api/settings", tags=["settings"])

machine_router = APIRouter(prefix="/api/machine", tags=["settings"])


class PreferenceOut(BaseModel):
    """A setting that can be changed here."""

    name: str
    label: str
    about: str
    unit: str
    value: float
    usual: float = Field(description="its value without a change")
    low: float
    high: float
    step: float


class PreferenceAsk(Strict):
    """A new value; null takes the change back."""

    value: float | None = None


@router.get("")
def list_settings(place: Place) -> list[PreferenceOut]:
    """The settings that can be changed here, with their values."""
    return [_preference_out(place, name) for name in PREFERENCES]


@router.put("/{name}", responses=may_fail(400, 507))
def change_setting(
    name: Annotated[str, Path(pattern="^[a-z_]{1,64}$")], ask: PreferenceAsk, place: Place
) -> PreferenceOut:
    """Change one setting for all albums; it is kept."""
    place.prefer(name, ask.value)
    return _preference_out(place, name)


def _preference_out(place: Workplace, name: str) -> PreferenceOut:
    one, said = PREFERENCES[name], current_words().said
    return PreferenceOut(
        name=name,
        label=said(one.label),
        about=said(one.about),
        unit=said(one.unit),
        value=place.settings.values()[name],
        usual=place.preferences.usual(name),
        low=one.low,
        high=one.high,
        step=one.step,
    )


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class ChoiceOut(BaseModel):
    """Something of which one is used."""

    value: str | None = Field(description="what the user has chosen; null = the usual one")
    usual: str
    here: list[str] = Field(description="what there is on this machine")


class MachineOut(BaseModel):
    """What measures photos."""

    engine: ChoiceOut
    device: ChoiceOut


class ChoiceAsk(Strict):
    """Another one; null takes the choice back."""

    value: Name | None = None


class CostOut(BaseModel):
    """What another engine costs, over all albums."""

    again: int = Field(description="photos that it has to look at")
    photos: int


@machine_router.get("")
def read_machine(place: Place) -> MachineOut:
    """The engines and devices of this machine, and which is used."""
    return _machine_out(place)


@machine_router.get("/cost", responses=may_fail(400))
def read_cost(
    place: Place,
    engine: Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="none = the usual one")] = None,
) -> CostOut:
    """What would have to be measured anew. A device costs nothing: all give the same."""
    cost = place.machine.cost(engine, place.albums.entries())
    return CostOut(again=cost.again, photos=cost.photos)


@machine_router.put("/{what}", responses=may_fail(400, 507))
def change_machine(what: Annotated[What, Path()], ask: ChoiceAsk, place: Place) -> MachineOut:
    """Use another engine or device for all albums; what an engine does not know yet is measured by jobs."""
    place.use(what, ask.value)
    return _machine_out(place)


def _machine_out(place: Workplace) -> MachineOut:
    machine, chosen = place.machine, place.machine.chosen
    return MachineOut(
        engine=ChoiceOut(value=chosen.engine or None, usual=machine.usual("engine"), here=machine.engines()),
        device=ChoiceOut(
            value=None if chosen.device == "auto" else chosen.device,
            usual=machine.usual("device"),
            here=machine.devices(),
        ),
    )
