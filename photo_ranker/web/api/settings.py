"""The settings page: what a user may change for all albums."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from photo_ranker.core.words import current_words
from photo_ranker.web.preferences import PREFERENCES
from photo_ranker.web.problems import may_fail
from photo_ranker.web.schemas import Strict
from photo_ranker.web.workplace import Place, Workplace

__all__ = ["router"]

router = APIRouter(prefix="/api/settings", tags=["settings"])


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
    return [_out(place, name) for name in PREFERENCES]


@router.put("/{name}", responses=may_fail(400, 507))
def change_setting(
    name: Annotated[str, Path(pattern="^[a-z_]{1,64}$")], ask: PreferenceAsk, place: Place
) -> PreferenceOut:
    """Change one setting for all albums; it is kept."""
    place.prefer(name, ask.value)
    return _out(place, name)


def _out(place: Workplace, name: str) -> PreferenceOut:
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
