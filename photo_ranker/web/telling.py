"""Facts of the app in the words of the API."""

from __future__ import annotations

import msgspec

from photo_ranker.web.jobs import Job
from photo_ranker.web.schemas import JobOut

__all__ = ["job_out"]


def job_out(job: Job) -> JobOut:
    """A job; its parameters hold paths and stay here."""
    facts = msgspec.to_builtins(job)
    return JobOut(**{name: facts[name] for name in JobOut.model_fields})
