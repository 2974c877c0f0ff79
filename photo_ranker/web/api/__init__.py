"""The REST API: one file per area, with one router or several."""

from __future__ import annotations

from fastapi import APIRouter

from photo_ranker.web.api import (
    albums,
    exports,
    guest,
    guest_downloads,
    guests,
    jobs,
    people,
    photos,
    ranking,
    settings,
)

__all__ = ["ROUTERS"]

ROUTERS: tuple[APIRouter, ...] = (
    albums.router,
    albums.files_router,
    albums.folders_router,
    jobs.router,
    photos.router,
    photos.marks_router,
    ranking.router,
    people.router,
    ranking.event_router,
    exports.router,
    settings.router,
    settings.machine_router,
    guests.router,
    guest_downloads.router,
    guest.router,  # last, since it answers whatever else a guest asks for
)
