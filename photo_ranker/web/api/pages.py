"""The page itself, the login, and the documentation of the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates

from photo_ranker import __version__
from photo_ranker.core.words import current_words
from photo_ranker.web.problems import TEMPLATES
from photo_ranker.web.workplace import Place

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

PAGES = Jinja2Templates(env=TEMPLATES)

WRONG, SPENT = "login.wrong", "login.spent"
"""Texts of the catalogue: what is said above the form."""

FORM_MAY_NAME_US = {"Referrer-Policy": "strict-origin"}
"""With no-referrer, the policy of all other pages, browsers send a form with ``Origin: null``, which we refuse.

This one tells the origin and nothing more: the address of the login page may hold a token.
"""


@router.get("/")
def page(request: Request) -> Response:
    """The app."""
    return PAGES.TemplateResponse(request, "app.html", {"version": __version__})


@router.get("/docs")
def docs(request: Request) -> Response:
    """The documentation of the API, made from its description without any script of others."""
    return PAGES.TemplateResponse(
        request, "docs.html", {"version": __version__, "api": request.app.openapi(), "schemas": _schemas(request)}
    )


@router.get("/login")
def login_page(request: Request, place: Place, token: str = "", code: str = "") -> Response:
    """Ask for the token, unless the link brings it along, or a code that works once."""
    access = place.access
    if access.is_token(token) or access.redeem(code):
        return _let_in(request, place)
    if access.is_allowed(request.scope):
        return RedirectResponse("/", 303)
    return _form(request, WRONG if token else SPENT if code else "", 200)


@router.post("/login")
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
