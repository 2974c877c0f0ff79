"""The app: the same library behind HTTP. This file holds its options; :func:`app.create_app` takes them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from photo_ranker.settings import Settings

__all__ = ["LOOPBACK", "UploadLimits", "WebOptions"]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class UploadLimits(msgspec.Struct, frozen=True):
    """Limits of uploads; anything larger is refused before a byte of it is kept."""

    file_bytes: int = 1_000_000_000
    """One photo; the largest RAW files have about 0.2 GB."""
    reference_bytes: int = 250_000_000
    """One photo of the person to look for, read as a whole; MAX_FILE_BYTES may lower it."""
    guest_photo_bytes: int = 30_000_000
    """A guest's photo of themselves, which is held in memory."""
    archive_bytes: int = 8_000_000_000
    """One ZIP."""
    session_bytes: int = 64_000_000_000
    """All photos of a session, unpacked."""
    files: int = 200_000
    """Photos of a session."""
    body_bytes: int = 1_000_000
    """Any request that is not an upload."""
    unpacked_ratio: float = 40.0
    """A file of a ZIP that unpacks to more than this many times its size is left out; photos hardly shrink in a ZIP."""


class WebOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the app."""

    home: Path
    """Where sessions, jobs and picks are kept."""
    folders: tuple[Path, ...] = ()
    """Albums that are open from the start."""
    recursive: bool = False
    settings: Settings = msgspec.field(default_factory=Settings)
    token: str | None = None
    """Every request must carry this token; None = none (the command makes one up unless the user asks for none)."""
    local: bool = True
    """Whether only users of this machine can reach the server; they may then open any folder that they can read."""
    hosts: frozenset[str] = LOOPBACK
    """Host names by which a browser may reach the server; if not ``local``, also any IP address."""
    zone: str | None = None
    """Time zone of films, whose clocks are in UTC: Europe/Lisbon, +02:00; None = that of the photos beside them."""
    workers: int = 0
    """Measuring processes; 0 = one per processor."""
    limits: UploadLimits = UploadLimits()
