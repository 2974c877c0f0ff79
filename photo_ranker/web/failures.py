"""Every failure of the app as an answer: problem+json."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from photo_ranker.errors import PhotoRankerError
from photo_ranker.web.problems import Problem, problem, problem_of

__all__ = ["install", "problem_response"]

log = logging.getLogger(__name__)


def problem_response(told: Problem) -> JSONResponse:
    """A problem as an answer."""
    return JSONResponse(told.model_dump(), told.status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Let every failure of the app come out as a problem."""
    app.add_exception_handler(PhotoRankerError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    ours, without_paths = problem_of(error), request.app.state.workplace.without_paths
    ours.detail, ours.advice = without_paths(ours.detail), without_paths(ours.advice)
    return problem_response(ours)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return problem_response(problem(422, f"{place}: {first['msg']}", "see /docs for what is expected"))


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = problem_response(problem(error.status_code, str(error.detail)))
    answer.headers.update(error.headers or {})
    return answer


async def _unexpected(_: Request, error: Exception) -> JSONResponse:
    log.error("unexpected failure", exc_info=error)
    return problem_response(problem_of(error))
