"""The REST API: one router an area."""

from __future__ import annotations

from fastapi import APIRouter

from photo_ranker.web.api import (
    albums,
    event,
    exports,
    files,
    films,
    find_me,
    folders,
    guest,
    guests,
    jobs,
    machine,
    pages,
    people,
    photos,
    ranking,
    settings,
)

__all__ = ["ROUTERS"]

ROUTERS: tuple[APIRouter, ...] = (
    pages.router,
    albums.router,
    files.router,
    folders.router,
    jobs.router,
    photos.router,
    films.router,
    photos.marks_router,
    ranking.router,
    people.router,
    event.router,
    exports.router,
    settings.router,
    machine.router,
    guests.router,
    find_me.router,
    guest.router,  # the last: it answers whatever else a guest asks for
)
