"""The templates of the pages."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader

__all__ = ["TEMPLATES"]

TEMPLATES = Environment(loader=PackageLoader("photo_ranker.web"), autoescape=True)
