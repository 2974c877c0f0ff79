"""What counts as a photo or a video by its name; the content has the last word."""

from __future__ import annotations

__all__ = ["PHOTO_SUFFIXES", "RAW_SUFFIXES", "VIDEO_SUFFIXES"]

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
"""Lower case; compare with ``path.suffix.lower()``."""
# fmt: on

VIDEO_SUFFIXES = frozenset([".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"])
