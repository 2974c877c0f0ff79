"""In which language somebody is answered, and the texts that a page is sent with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from markupsafe import Markup
from starlette.requests import cookie_parser

from photo_ranker.core.words import LANGUAGES, current_words
from photo_ranker.ranker.signals import SIGNALS

__all__ = ["COOKIE", "language_of", "page_words"]

COOKIE = "photo_ranker_language"
"""Set by the settings page, which is why scripts may read it; every other choice is the browser's."""


def language_of(headers: Mapping[str, str]) -> str:
    """The language that was chosen in the settings, else the first that the browser wants and we have, else English."""
    chosen = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    wanted = sorted(_wanted(headers.get("accept-language", "")), key=lambda item: -item[1])
    return next((language for language, much in wanted if language in LANGUAGES and much > 0), "en")


def _wanted(header: str) -> list[tuple[str, float]]:
    """Languages without their country, and how much each is wanted: ``de-AT,en;q=0.5``."""
    found = []
    for item in header[:1000].split(","):
        match = re.fullmatch(r"\s*([a-zA-Z]{2,3})(?:-[\w-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?", item)
        if match is not None:
            found.append((match[1].lower(), float(match[2] or 1)))
    return found


def page_words() -> Markup:
    """All texts of the pages, as JSON that cannot end the element that it stands in."""
    words = current_words()
    labels = {f"signal.{signal.name}": words.said(signal.label) for signal in SIGNALS if signal.shown == "viewer"}
    text = json.dumps({**words.texts, **labels}, ensure_ascii=False)
    return Markup(re.sub(r"[<>&\u2028\u2029]", lambda sign: f"\\u{ord(sign[0]):04x}", text))  # noqa: S704 - escaped here
