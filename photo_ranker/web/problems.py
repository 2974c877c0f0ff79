"""Errors as problem+json (RFC 9457), with the words that the commands use."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from photo_ranker.errors import (
    MetadataError,
    ModelUnavailable,
    NotSaved,
    PhotoRankerError,
    PhotoUnreadable,
    ReferenceUnusable,
    UserError,
)

__all__ = ["Conflict", "NotAllowed", "NotHere", "Problem", "TooLarge", "install", "problem_of", "problem_response"]

log = logging.getLogger(__name__)


class NotHere(UserError):
    """What is asked for does not exist, or no longer."""


class NotAllowed(UserError):
    """The request is refused."""


class TooLarge(UserError):
    """An upload goes beyond a limit."""


class Conflict(UserError):
    """The request does not fit the present state."""


_STATUS: dict[type[Exception], int] = {
    NotHere: 404,
    NotAllowed: 403,
    TooLarge: 413,
    Conflict: 409,
    ReferenceUnusable: 422,
    PhotoUnreadable: 422,
    ModelUnavailable: 503,
    NotSaved: 507,
    MetadataError: 409,
    PhotoRankerError: 400,
}
"""The first that fits decides."""


class Problem(BaseModel):
    """What went wrong and what to do, for a person to read."""

    type: str = "about:blank"
    title: str
    """The kind of failure."""
    status: int
    detail: str
    """What is the matter, in one line."""
    advice: str = ""
    """What to do, in one line."""


def problem_of(error: Exception) -> Problem:
    """An error as a problem; one that is not ours says nothing of the inside."""
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    if isinstance(error, UserError):
        return _problem(status, error.message, error.advice)
    if isinstance(error, PhotoRankerError):
        return _problem(status, str(error))
    return _problem(500, "unexpected failure", "the server's terminal shows what happened; please report it")


def problem_response(problem: Problem) -> JSONResponse:
    """A problem as an answer."""
    return JSONResponse(problem.model_dump(), problem.status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Let every failure of the app come out as a problem."""
    app.add_exception_handler(PhotoRankerError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _problem(status: int, detail: str, advice: str = "") -> Problem:
    # A file name may hold bytes that are no text; an answer may not.
    shown = detail.encode("utf-8", "replace").decode()
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=shown, advice=advice)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    problem, without_paths = problem_of(error), request.app.state.workplace.without_paths
    problem.detail, problem.advice = without_paths(problem.detail), without_paths(problem.advice)
    return problem_response(problem)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return problem_response(_problem(422, f"{place}: {first['msg']}", "see /docs for what is expected"))


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = problem_response(_problem(error.status_code, str(error.detail)))
    answer.headers.update(error.headers or {})
    return answer


async def _unexpected(_: Request, error: Exception) -> JSONResponse:
    log.error("unexpected failure", exc_info=error)
    return problem_response(problem_of(error))
