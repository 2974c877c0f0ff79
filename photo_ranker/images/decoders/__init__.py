"""Decoders, one file per library; registry.py says which reads what."""

from __future__ import annotations

from photo_ranker.images.decoders.base import Decoder, Limits
from photo_ranker.images.decoders.registry import decoder_for

__all__ = ["Decoder", "Limits", "decoder_for"]
