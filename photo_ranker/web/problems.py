"""Errors as problems (RFC 9457), in the words that the commands use; jobs store them too."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from http import HTTPStatus

from photo_ranker.errors import (
    Explained,
    MetadataError,
    ModelUnavailable,
    NotSaved,
    PhotoRankerError,
    PhotoUnreadable,
    ReferenceUnusable,
    RunFailed,
    UserError,
)
from photo_ranker.workspace.people import NotTheirFace, UnknownFace

__all__ = [
    "Conflict",
    "NotAllowed",
    "NotHere",
    "Problem",
    "TooLarge",
    "TooOften",
    "problem",
    "problem_of",
]


class NotHere(UserError):
    """What was requested does not exist, or no longer does."""


class NotAllowed(UserError):
    """The request is refused."""


class TooLarge(UserError):
    """An upload exceeds a limit."""


class TooOften(UserError):
    """A guest asks for more than is good for the server."""


class Conflict(UserError):
    """The request does not fit the current state."""


_STATUS: dict[type[Exception], int] = {
    NotHere: 404,
    NotAllowed: 403,
    TooLarge: 413,
    TooOften: 429,
    Conflict: 409,
    UnknownFace: 404,
    NotTheirFace: 409,
    ReferenceUnusable: 422,
    PhotoUnreadable: 422,
    ModelUnavailable: 503,
    NotSaved: 507,
    MetadataError: 409,
    RunFailed: 503,
    PhotoRankerError: 400,
}
"""Kind of error -> HTTP status; the first match counts."""


_NO_ROOM = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(kw_only=True)
class Problem:
    """What went wrong and what to do, for a person to read."""

    type: str = "about:blank"
    title: str
    """The kind of failure."""
    status: int
    detail: str
    """What is the matter, in one line."""
    advice: str = ""
    """What to do, in one line."""


def problem_of(error: Exception, status: int | None = None) -> Problem:
    """An error as a problem; an unexpected one reveals no internals."""
    status = status or next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    if isinstance(error, Explained):
        return problem(status, error.message, error.advice)
    if isinstance(error, PhotoRankerError):
        return problem(status, str(error))
    if isinstance(error, OSError) and error.strerror:
        return _system_problem(error)
    return problem(500, "unexpected failure", "the server's terminal shows what happened; please report it")


def problem(status: int, detail: str, advice: str = "") -> Problem:
    """A problem with this status."""
    # A file name may contain bytes that are not valid text; a response may not.
    shown = detail.encode("utf-8", "replace").decode()
    return Problem(title=HTTPStatus(status).phrase, status=status, detail=shown, advice=advice)


def _system_problem(error: OSError) -> Problem:
    what = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)
    if error.errno in _NO_ROOM:
        return problem(507, what, "free some space and try again")
    if error.errno == errno.EIO:
        return problem(507, what, "the disk or the network folder fails; check it")
    return problem(500, what, "check the disk and its permissions; the server's terminal shows more")
