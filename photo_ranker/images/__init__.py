"""Reads a file as an upright RGB picture with its facts: when and with which camera it was taken, and its size."""

from __future__ import annotations

from photo_ranker.images.decoders import Limits
from photo_ranker.images.hashing import Digests, content_hash, digests
from photo_ranker.images.photo import OpenPhoto, Picture, exif_of, open_photo
from photo_ranker.images.sniff import PHOTO_SUFFIXES, RAW_SUFFIXES, VIDEO_SUFFIXES

__all__ = [
    "PHOTO_SUFFIXES",
    "RAW_SUFFIXES",
    "VIDEO_SUFFIXES",
    "Digests",
    "Limits",
    "OpenPhoto",
    "Picture",
    "content_hash",
    "digests",
    "exif_of",
    "open_photo",
]
