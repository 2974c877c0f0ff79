"""Turns problems into responses, as JSON or a page, and lists them in the description of the API.

The problems themselves are in another file, since jobs report them too and need not wait for FastAPI to load.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, PackageLoader
from markupsafe import Markup
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from photo_ranker.core.words import current_words
from photo_ranker.errors import PhotoRankerError
from photo_ranker.ranker.signals import SIGNALS
from photo_ranker.web.problems import Problem, problem, problem_of

__all__ = ["JPEG", "PAGES", "UPLOAD", "DescribedApp", "install", "may_fail", "page_words", "problem_answer"]

log = logging.getLogger(__name__)


def problem_answer(told: Problem, headers: Mapping[str, str]) -> Response:
    """A problem in the format and language that the client asks for; only a browser that opens a page wants HTML."""
    said = current_words().said
    told = replace(told, detail=said(told.detail), advice=said(told.advice))
    if "text/html" in headers.get("accept", ""):
        return HTMLResponse(TEMPLATES.get_template("problem.html").render(problem=told), told.status)
    return JSONResponse(asdict(told), told.status, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Register a handler for every kind of failure."""
    app.add_exception_handler(PhotoRankerError, _ours)
    app.add_exception_handler(OSError, _system_failure)
    app.add_exception_handler(ClientDisconnect, _cut_off)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(request: Request, error: Exception) -> Response:
    ours, without_paths = problem_of(error), request.app.state.workplace.without_paths
    ours.detail, ours.advice = without_paths(ours.detail), without_paths(ours.advice)
    return problem_answer(ours, request.headers)


async def _system_failure(request: Request, error: Exception) -> Response:
    """A full or failing disk is no fault of the code, but the terminal should show where it happened."""
    log.error("the system refuses", exc_info=error)
    return await _ours(request, error)


async def _cut_off(_: Request, error: Exception) -> Response:
    """The client cancelled an upload or closed the page: no failure for the terminal, and nobody gets the answer."""
    log.debug("cut off", exc_info=error)
    return Response(status_code=HTTPStatus.BAD_REQUEST)


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
    """All methods of an address; the route that matched knows only its own."""
    routes = [route for router in request.app.state.routers for route in router.routes]
    matched = next((route.path for route in routes if route.path_regex.match(request.scope["path"])), None)
    return {method for route in routes if route.path == matched for method in route.methods or ()}


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected failure", exc_info=error)
    return problem_answer(problem_of(error), request.headers)


def page_words() -> Markup:
    """All texts of the pages, as JSON that cannot close the element that it is in."""
    words = current_words()
    labels = {f"signal.{signal.name}": words.said(signal.label) for signal in SIGNALS if signal.shown == "viewer"}
    text = json.dumps({**words.texts, **labels}, ensure_ascii=False)
    return Markup(re.sub(r"[<>&\u2028\u2029]", lambda sign: f"\\u{ord(sign[0]):04x}", text))  # noqa: S704 - escaped here


TEMPLATES = Environment(loader=PackageLoader("photo_ranker.web"), autoescape=True)
TEMPLATES.globals |= {"words": current_words, "page_words": page_words}
PAGES = Jinja2Templates(env=TEMPLATES)


# The OpenAPI description: what FastAPI cannot know about our responses is added here.


Described = dict[str, Any]

EVERYWHERE = (401, 403, 413, 500)
"""Problems of every operation: no token, a page of another site, a body that is too large, an unexpected failure."""

WITH_PARAMETERS = 422

NOT_TEXT = 400
"""A problem of operations that take JSON: the body is not even text."""

UPLOAD: Described = {
    "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
"""The body of a request that sends a file, or a piece of one."""

JPEG: dict[int | str, Described] = {
    200: {"description": "The picture", "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
}

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def may_fail(*statuses: int) -> dict[int | str, Described]:
    """The problems that an operation may answer with, besides those that all operations have."""
    return {status: {"description": HTTPStatus(status).phrase, "content": _PROBLEM} for status in statuses}


class DescribedApp(FastAPI):
    """An app whose description includes its problems and its token."""

    def openapi(self) -> Described:
        """The description, made once and kept."""
        if self.openapi_schema is None:
            described = super().openapi()
            parts = described["components"]
            parts["schemas"]["Problem"] = TypeAdapter(Problem).json_schema()
            for unused in ("HTTPValidationError", "ValidationError"):
                parts["schemas"].pop(unused, None)
            parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            described["security"] = [{"token": []}]
            for operation in _operations(described):
                _add_problems(operation)
        return super().openapi()


def _operations(described: Described) -> Iterator[Described]:
    for path in described["paths"].values():
        yield from path.values()


def _add_problems(operation: Described) -> None:
    statuses = list(EVERYWHERE)
    body = operation.get("requestBody", {"content": {}})
    if operation.get("parameters") or body["content"]:
        statuses.append(WITH_PARAMETERS)
    if "application/json" in body["content"]:
        statuses.append(NOT_TEXT)
    responses = operation["responses"] | {str(status): answer for status, answer in may_fail(*statuses).items()}
    operation["responses"] = dict(sorted(responses.items()))
