"""The folders of this machine, to choose one of; for users of the machine alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query

from photo_ranker.errors import UserError
from photo_ranker.indexing.discovery import list_folder
from photo_ranker.web.problems import NotAllowed, may_fail
from photo_ranker.web.schemas import FolderHere, FolderPage
from photo_ranker.web.upload_names import named_folder
from photo_ranker.web.workplace import Place

__all__ = ["router"]

router = APIRouter(prefix="/api/folders", tags=["albums"])


@router.get("", responses=may_fail(400, 403, 404))
def list_folders(
    place: Place, folder: Annotated[str, Query(max_length=4096, description="empty: the user's home folder")] = ""
) -> FolderPage:
    """What lies in a folder: its subfolders, and how many photos."""
    if not place.options.local:
        raise NotAllowed("only users of the machine itself may look at its folders", "upload the photos")
    here = named_folder(folder or "~")
    try:
        listing = list_folder(str(here), os.path.realpath(here))
    except OSError as error:
        raise UserError(f"{here} cannot be opened: {error.strerror}", "choose another folder") from error
    return FolderPage(
        folder=_shown(here),
        parent=None if here.parent == here else _shown(here.parent),
        photos=len(listing.items),
        folders=[FolderHere(name=_shown(name), folder=_shown(here / name)) for name in listing.subfolders],
    )


def _shown(path: Path | str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")
