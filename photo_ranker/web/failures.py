"""Turns every failure of the app into an answer: problem+json for programs, a page for browsers."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from jinja2 import Environment, PackageLoader
from starlette.exceptions import HTTPException
from starlette.responses import Response

from photo_ranker.errors import PhotoRankerError
from photo_ranker.web.problems import Problem, problem, problem_of

__all__ = ["TEMPLATES", "install", "problem_answer"]


log = logging.getLogger(__name__)


def problem_answer(told: Problem, headers: Mapping[str, str]) -> Response:
    """A problem as the client wants it: only a browser that opens a page asks for HTML."""
    if "text/html" in headers.get("accept", ""):
        return HTMLResponse(TEMPLATES.get_template("problem.html").render(problem=told), told.status)
    return JSONResponse(told.model_dump(), told.status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Register a handler for every kind of failure."""
    app.add_exception_handler(PhotoRankerError, _ours)
    app.add_exception_handler(OSError, _of_the_system)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(request: Request, error: Exception) -> Response:
    ours, without_paths = problem_of(error), request.app.state.workplace.without_paths
    ours.detail, ours.advice = without_paths(ours.detail), without_paths(ours.advice)
    return problem_answer(ours, request.headers)


async def _of_the_system(request: Request, error: Exception) -> Response:
    """A full or failing disk is no fault of the code, but the terminal should tell where it was met."""
    log.error("the system refuses", exc_info=error)
    return await _ours(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return problem_answer(problem(422, f"{place}: {first['msg']}", "see /docs for what is expected"), request.headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = problem_answer(problem(error.status_code, str(error.detail)), request.headers)
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        answer.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return answer


def _methods(request: Request) -> set[str]:
    """All methods of an address; the route that was found knows only its own."""
    routes = [route for router in request.app.state.routers for route in router.routes]
    met = next((route.path for route in routes if route.path_regex.match(request.scope["path"])), None)
    return {method for route in routes if route.path == met for method in route.methods or ()}


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected failure", exc_info=error)
    return problem_answer(problem_of(error), request.headers)


TEMPLATES = Environment(loader=PackageLoader("photo_ranker.web"), autoescape=True)
