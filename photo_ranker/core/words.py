"""What pages say, in the languages that there is a catalogue for.

A catalogue is a file in ``languages/``: texts by keys, and, in all but the English one, a table ``said``: sentences
that our code says in English, such as errors and reasons, with their translation. Code keeps saying them in English,
which is what the command line prints; pages, reports and answers to a browser put them through :meth:`Catalogue.said`.
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
"""Code of a language -> how its speakers call it."""

Text = str | dict[str, str]
"""A text, or one with a form for one and one for other numbers of ``n``."""

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
        """English sentence with ``{}`` for what is filled in -> the same with ``{1}``, ``{2}``, as English counts."""

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
        """Sentences with holes, those with the most words of their own first."""
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
"""The language of whoever is answered just now; the app sets it for each request."""


def current_words() -> Catalogue:
    """The catalogue of whoever is answered just now; English outside of the app."""
    return words_of(CURRENT.get())
