"""Long work: its progress, as a list and as events; cancel and resume."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import StreamingResponse

from photo_ranker.core.words import current_words
from photo_ranker.web.answers import may_fail
from photo_ranker.web.job_runner import Job
from photo_ranker.web.problems import NotHere
from photo_ranker.web.schemas import JobList, JobOut
from photo_ranker.web.workplace import Place, Workplace

__all__ = ["job_out", "router"]

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

JobId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]

LOOK_EVERY_SECONDS = 0.1
SIGN_OF_LIFE_SECONDS = 15.0

FOR_USERS_HERE = frozenset({"copy"})
"""Kinds of jobs that only users of this machine may start."""


@router.get("")
def list_jobs(place: Place) -> JobList:
    """All jobs of the albums that are shown, oldest first; the ended ones for a while."""
    return _jobs(place)


@router.get("/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def job_events(request: Request, place: Place) -> StreamingResponse:
    """Server-sent events: the list of jobs now and after every change."""
    return StreamingResponse(_events(request, place), media_type="text/event-stream")


def _job(job_id: JobId, place: Place) -> Job:
    job = place.jobs.get(job_id)
    if not _is_shown(job, _albums(place), place):
        raise NotHere("there is no such job", "its album may have been deleted")
    return job


JobHere = Annotated[Job, Depends(_job)]


@router.get("/{job_id}", responses=may_fail(404))
def read_job(job: JobHere, place: Place) -> JobOut:
    """One job with its progress and its result."""
    return job_out(job, place)


@router.post("/{job_id}/cancel", responses=may_fail(404, 409, 507))
def cancel_job(job: JobHere, place: Place) -> JobOut:
    """Stop a job; what it has done is kept."""
    return job_out(place.jobs.cancel(job.id), place)


@router.post("/{job_id}/resume", responses=may_fail(404, 409, 507))
def resume_job(job: JobHere, place: Place) -> JobOut:
    """Go on with a job that was cancelled or failed."""
    return job_out(place.jobs.resume(job.id), place)


def _jobs(place: Workplace) -> JobList:
    albums = _albums(place)
    return JobList(jobs=[job_out(job, place) for job in place.jobs.all() if _is_shown(job, albums, place)])


def _albums(place: Workplace) -> frozenset[str]:
    return frozenset(entry.id for entry in place.albums.entries())


def _is_shown(job: Job, albums: frozenset[str], place: Workplace) -> bool:
    """Whether a client may see a job: users of other machines see no jobs of closed albums and no copies to folders."""
    return job.album in albums and (place.options.local or job.kind not in FOR_USERS_HERE)


async def _events(request: Request, place: Workplace) -> AsyncIterator[str]:
    sent: tuple[int, frozenset[str]] | None = None
    sent_at = time.monotonic()
    while not place.is_closing and not await request.is_disconnected():
        now = (place.jobs.version, _albums(place))  # jobs come and go with their albums too
        if now != sent:
            sent, sent_at = now, time.monotonic()
            yield f"event: jobs\ndata: {_jobs(place).model_dump_json()}\n\n"
        elif time.monotonic() - sent_at > SIGN_OF_LIFE_SECONDS:
            sent_at = time.monotonic()
            yield ": still here\n\n"
        await asyncio.sleep(LOOK_EVERY_SECONDS)


OF_FILES = frozenset({"left_out", "problems", "failed"})
"""Results of jobs that name files, each with the reason why it was not processed."""


def job_out(job: Job, place: Workplace) -> JobOut:
    """A job for a client, without its parameters, which hold paths."""
    facts = msgspec.to_builtins(job)
    out = JobOut(**{name: _private(facts[name], place) for name in JobOut.model_fields})
    for part, name in ((out.progress, "words"), (out.problem, "detail"), (out.problem, "advice")):
        if part and part.get(name):
            part[name] = current_words().said(part[name])
    if out.result:
        reasons = {name: _translated(out.result[name]) for name in OF_FILES & out.result.keys()}
        out.result = {**out.result, **reasons}
    return out


def _translated(reasons: list[list[str]]) -> list[list[str]]:
    return [[name, current_words().said(why)] for name, why in reasons]


def _private(value: Any, place: Workplace) -> Any:
    """A value without paths of this machine, for users of other machines."""
    if isinstance(value, str):
        return place.without_paths(value)
    if isinstance(value, list):
        return [_private(item, place) for item in value]
    if isinstance(value, dict):
        return {name: _private(item, place) for name, item in value.items()}
    return value
