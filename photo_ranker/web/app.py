"""The app: the same library behind HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from photo_ranker import __version__
from photo_ranker.web import WebOptions, problems
from photo_ranker.web.api import ROUTERS
from photo_ranker.web.problems import DescribedApp
from photo_ranker.web.security import Guard
from photo_ranker.web.workplace import Workplace

__all__ = ["create_app"]


def create_app(options: WebOptions) -> FastAPI:
    """Put the app together; its jobs begin to work when it is started."""
    app = DescribedApp(
        title="Photo Ranker",
        version=__version__,
        lifespan=_lifespan,
        docs_url=None,  # ours needs no foreign script
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.workplace = Workplace(options)
    problems.install(app)
    app.state.routers = ROUTERS
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=str(files("photo_ranker.web") / "static")))
    app.add_middleware(Guard, options=options, access=app.state.workplace.access)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    place: Workplace = app.state.workplace
    place.start()
    yield
    place.close()
