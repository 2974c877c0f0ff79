"""What counts as a photo or a video by its name; the content has the last word."""

from __future__ import annotations

__all__ = ["PHOTO_SUFFIXES", "RAW_SUFFIXES", "VIDEO_SUFFIXES", "suffix_of"]

# fmt: off
RAW_SUFFIXES = frozenset((
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".gpr", ".iiq", ".kdc", ".mef", ".mos",
    ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
))
"""Camera RAW, read by the embedded preview."""

PHOTO_SUFFIXES = RAW_SUFFIXES | frozenset((
    ".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jpe", ".jpeg", ".jpg", ".mpo", ".png", ".tif",
    ".tiff", ".webp",
))
"""Lower case; compare with :func:`suffix_of`."""
# fmt: on

VIDEO_SUFFIXES = frozenset([".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"])


def suffix_of(name: str) -> str:
    """In lower case with its dot; empty for names without one and for ``.hidden`` ones."""
    dot = name.rfind(".")  # os.path.splitext takes ten times as long, and folders are large
    return name[dot:].lower() if dot > 0 else ""
