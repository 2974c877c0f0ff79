"""The page itself, the login, and the documentation of the API."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, PackageLoader

from photo_ranker import __version__
from photo_ranker.web.security import COOKIE, cookie_for, is_same
from photo_ranker.web.workplace import Place, Workplace

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

TEMPLATES = Jinja2Templates(env=Environment(loader=PackageLoader("photo_ranker.web"), autoescape=True))

COOKIE_SECONDS = 30 * 24 * 3600


@router.get("/")
def page(request: Request) -> Response:
    """The app."""
    return TEMPLATES.TemplateResponse(request, "app.html", {"version": __version__})


@router.get("/docs")
def docs(request: Request) -> Response:
    """The API, made from its own description; no foreign script."""
    return TEMPLATES.TemplateResponse(
        request, "docs.html", {"version": __version__, "api": request.app.openapi(), "schemas": _schemas(request)}
    )


@router.get("/login")
def login_page(request: Request, place: Place, token: str = "") -> Response:
    """Ask for the token; the address that the server printed brings it along."""
    return _let_in(place, token) or TEMPLATES.TemplateResponse(request, "login.html", {"wrong": bool(token)})


@router.post("/login")
def login(request: Request, place: Place, token: Annotated[str, Form(max_length=200)] = "") -> Response:
    """Take the token."""
    return _let_in(place, token) or TEMPLATES.TemplateResponse(request, "login.html", {"wrong": True}, 401)


def _let_in(place: Workplace, token: str) -> Response | None:
    wanted = place.options.token
    if wanted is None:
        return RedirectResponse("/", 303)
    if not is_same(token, wanted):
        return None
    answer = RedirectResponse("/", 303)
    # Not "strict": after a link in a mail a browser would leave it out on the way to the page, and ask for the token.
    answer.set_cookie(COOKIE, cookie_for(wanted), max_age=COOKIE_SECONDS, httponly=True, samesite="lax")
    return answer


def _schemas(request: Request) -> dict[str, object]:
    found: dict[str, object] = request.app.openapi().get("components", {}).get("schemas", {})
    return found
