"""What pages say, in every language that has a catalogue.

A catalogue is a file in ``languages/``: texts by key and, in all but the English one, a table ``said``, which
translates the sentences that our code says in English, such as errors and reasons. The command line prints those as
they are; pages, reports and answers to a browser put them through :meth:`Catalogue.said`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache, cached_property
from importlib.resources import files

__all__ = ["CURRENT", "LANGUAGES", "Catalogue", "Text", "current_words", "words_of"]

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
"""Code of a language -> what its speakers call it."""

Text = str | dict[str, str]
"""A text, or its two forms: "one" where ``n`` is 1, "other" for all other numbers."""

HOLE = re.compile(r"\{\}")
NAMED_HOLE = re.compile(r"\{(\w+)\}")


class Catalogue:
    """The catalogue of one language."""

    def __init__(self, language: str, tables: Mapping[str, Mapping[str, Text]]) -> None:
        self.language = language
        self.texts = {
            f"{area}.{name}": text for area, texts in tables.items() if area != "said" for name, text in texts.items()
        }
        """Key -> text: ``{name}`` is filled in."""
        self.sentences = {english: str(text) for english, text in tables.get("said", {}).items()}
        """English sentence with ``{}`` as holes -> its translation with ``{1}``, ``{2}``, numbered as in English."""

    def text(self, key: str, /, **values: object) -> str:
        """A text of the catalogue with its values."""
        text = self.texts[key]
        form = text if isinstance(text, str) else text["one" if values.get("n") == 1 else "other"]
        return NAMED_HOLE.sub(lambda hole: str(values[hole[1]]), form)

    def said(self, sentence: str) -> str:
        """A sentence of our code in this language; one that the catalogue does not know stays as it is."""
        if sentence in self.sentences:
            return self.sentences[sentence]
        for pattern, translated in self._patterns:
            found = pattern.fullmatch(sentence)
            if found is not None:
                # What is filled in may be a sentence too: why a photo cannot be read.
                parts = [self.sentences.get(part, part) for part in found.groups()]
                return NAMED_HOLE.sub(lambda hole, parts=parts: parts[int(hole[1]) - 1], translated)  # type: ignore[misc]
        return sentence

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        """Sentences with holes, the longest first: of several that fit, it is the most specific."""
        with_holes = sorted((text for text in self.sentences if "{}" in text), key=lambda text: (-len(text), text))
        return [
            (re.compile("(.*?)".join(map(re.escape, HOLE.split(text))), re.DOTALL), self.sentences[text])
            for text in with_holes
        ]


@cache
def words_of(language: str) -> Catalogue:
    """The catalogue of a language of :data:`LANGUAGES`."""
    text = files("photo_ranker.core").joinpath("languages", f"{language}.toml").read_text("utf-8")
    return Catalogue(language, tomllib.loads(text))


CURRENT: ContextVar[str] = ContextVar("language", default="en")
"""The language of whoever is being answered; the app sets it for each request."""


def current_words() -> Catalogue:
    """The catalogue of whoever is being answered; English outside the app."""
    return words_of(CURRENT.get())
