"""Facts of the app in the words of the API."""

from __future__ import annotations

from typing import Any

import msgspec

from photo_ranker.web.jobs import Job
from photo_ranker.web.schemas import JobOut
from photo_ranker.web.workplace import Workplace

__all__ = ["job_out"]


def job_out(job: Job, place: Workplace) -> JobOut:
    """A job; its parameters hold paths and stay here."""
    facts = msgspec.to_builtins(job)
    return JobOut(**{name: _private(facts[name], place) for name in JobOut.model_fields})


def _private(value: Any, place: Workplace) -> Any:
    """The same without paths of this machine, for users of other machines."""
    if isinstance(value, str):
        return place.without_paths(value)
    if isinstance(value, list):
        return [_private(item, place) for item in value]
    if isinstance(value, dict):
        return {name: _private(item, place) for name, item in value.items()}
    return value
