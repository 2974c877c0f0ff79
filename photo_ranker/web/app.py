"""Assembles the app: the page itself, the login, the documentation of the API, and the routers of the API."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from photo_ranker import __version__
from photo_ranker.core.words import current_words
from photo_ranker.web import WebOptions, answers
from photo_ranker.web.answers import PAGES, DescribedApp
from photo_ranker.web.api import ROUTERS
from photo_ranker.web.security import Guard
from photo_ranker.web.workplace import Place, Workplace

__all__ = ["create_app"]


def create_app(options: WebOptions) -> FastAPI:
    """Assemble the app; its jobs start when it starts."""
    app = DescribedApp(
        title="Photo Ranker",
        version=__version__,
        lifespan=_lifespan,
        docs_url=None,  # ours loads no script from another site
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.workplace = Workplace(options)
    answers.install(app)
    app.state.routers = (pages, *ROUTERS)
    for router in app.state.routers:
        app.include_router(router)
    app.mount("/static", _PageFiles(directory=str(files("photo_ranker.web") / "static")))
    app.add_middleware(Guard, options=options, access=app.state.workplace.access)
    return app


class _PageFiles(StaticFiles):
    """The files that the pages load."""

    def file_response(self, full_path: str | os.PathLike[str], *args: Any, **options: Any) -> Response:
        """The icon of the tab may be cached: a browser asks for it again at each change of the address."""
        answer = super().file_response(full_path, *args, **options)
        if str(full_path).endswith("icon.svg"):
            answer.headers["Cache-Control"] = "private, max-age=86400"
        return answer


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    place: Workplace = app.state.workplace
    place.start()
    yield
    place.close()


pages = APIRouter(include_in_schema=False)

WRONG, SPENT = "login.wrong", "login.spent"
"""Keys of the texts that are shown above the form."""

FORM_MAY_NAME_US = {"Referrer-Policy": "strict-origin"}
"""With no-referrer, the policy of all other pages, browsers send a form with ``Origin: null``, which we refuse.

This policy sends the origin and nothing more, since the address of the login page may hold a token.
"""


@pages.get("/")
def read_page(request: Request) -> Response:
    """The app."""
    return PAGES.TemplateResponse(request, "app.html", {"version": __version__})


@pages.get("/docs")
def read_docs(request: Request) -> Response:
    """The documentation of the API, made from its description without scripts from other sites."""
    return PAGES.TemplateResponse(
        request, "docs.html", {"version": __version__, "api": request.app.openapi(), "schemas": _schemas(request)}
    )


@pages.get("/login")
def login_page(request: Request, place: Place, token: str = "", code: str = "") -> Response:
    """Ask for the token, unless the link carries it or a code that works once."""
    access = place.access
    if access.is_token(token) or access.redeem(code):
        return _let_in(request, place)
    if access.is_allowed(request.scope):
        return RedirectResponse("/", 303)
    return _form(request, WRONG if token else SPENT if code else "", 200)


@pages.post("/login")
def login(request: Request, place: Place, token: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Check the token that was entered, and set the cookie."""
    if place.access.is_token(token):
        return _let_in(request, place)
    if place.access.is_allowed(request.scope):
        return RedirectResponse("/", 303)
    return _form(request, WRONG, 401)


def _let_in(request: Request, place: Place) -> Response:
    answer = RedirectResponse("/", 303)
    place.access.let_in(answer, request.scope)
    return answer


def _form(request: Request, problem: str, status: int) -> Response:
    message = current_words().text(problem) if problem else ""
    return PAGES.TemplateResponse(request, "login.html", {"message": message}, status, FORM_MAY_NAME_US)


def _schemas(request: Request) -> dict[str, object]:
    found: dict[str, object] = request.app.openapi().get("components", {}).get("schemas", {})
    return found
