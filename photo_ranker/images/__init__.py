"""A file becomes an upright RGB picture with its facts: taken when, with which camera, how large."""

from __future__ import annotations

from photo_ranker.images.decoders import Limits
from photo_ranker.images.hashing import content_hash
from photo_ranker.images.photo import OpenPhoto, PhotoInfo, Picture, open_photo
from photo_ranker.images.sniff import PHOTO_SUFFIXES, RAW_SUFFIXES, VIDEO_SUFFIXES

__all__ = [
    "PHOTO_SUFFIXES",
    "RAW_SUFFIXES",
    "VIDEO_SUFFIXES",
    "Limits",
    "OpenPhoto",
    "PhotoInfo",
    "Picture",
    "content_hash",
    "open_photo",
]
