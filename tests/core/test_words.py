"""The catalogues of texts: nothing missing in any language, and whatever the app may say is translated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

import photo_ranker
from photo_ranker.core.words import LANGUAGES, Catalogue, Text, words_of
from photo_ranker.images.sniff import IN_ZIP, OTHERS
from photo_ranker.ranker.expression import TRAITS
from photo_ranker.ranker.reasons import COMPARED, TOGETHER, WORDS
from photo_ranker.ranker.signals import SIGNALS
from photo_ranker.web.preferences import PREFERENCES
from photo_ranker.web.questions import WEIGHTS

PACKAGE = Path(photo_ranker.__file__).parent
ENGLISH = words_of("en")
OTHER_LANGUAGES = sorted(LANGUAGES.keys() - {"en"})

SAME = {
    "app.name", "best.person", "faces.name", "film.title", "guest.titleOf", "jobs.begins", "language.de", "language.en",
    "language.es", "machine.changed", "person.isNow", "viewer.seconds",
}  # fmt: skip
"""Texts that are the same in one of the languages: names, pure values, words that they share."""

ENGLISH_WORDS = re.compile(
    r"\b(the|of|is|are|and|with|photos?|faces?|not|this|your|you|which|folder|file)\b", re.IGNORECASE
)


def forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else [text["one"], text["other"]]


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
class TestPages:
    def test_it_has_every_text_and_no_other(self, language: str) -> None:
        assert words_of(language).texts.keys() == ENGLISH.texts.keys()

    def test_texts_have_the_same_values_and_forms(self, language: str) -> None:
        wrong = []
        for key, english in ENGLISH.texts.items():
            ours = forms(words_of(language).texts[key])
            named = [set(re.findall(r"\{(\w+)\}", form)) for form in forms(english)]
            if [set(re.findall(r"\{(\w+)\}", form)) for form in ours] != named:
                wrong.append(key)
        assert wrong == []

    def test_texts_are_translated(self, language: str) -> None:
        texts = words_of(language).texts
        assert {key for key, text in ENGLISH.texts.items() if texts[key] == text} <= SAME
        said = {key: re.sub(r"\{\w+\}|Photo Ranker", "", " ".join(forms(text))) for key, text in texts.items()}
        words = {key: ENGLISH_WORDS.findall(text) for key, text in said.items()}
        assert {key: found for key, found in words.items() if found} == {}

    def test_spaces_at_the_ends_are_kept(self, language: str) -> None:
        """Some texts are parts of a line."""
        ends = {
            key: [(form[:1] == " ", form[-1:] == " ") for form in forms(text)] for key, text in ENGLISH.texts.items()
        }
        ours = words_of(language).texts
        assert {
            key for key, sides in ends.items() if [(f[:1] == " ", f[-1:] == " ") for f in forms(ours[key])] != sides
        } == set()


def test_quotation_marks_are_those_of_the_language() -> None:
    for language, foreign in (("en", '"„«»'), ("de", '"”«»'), ("es", '"„“”')):
        words = words_of(language)
        texts = [form for text in words.texts.values() for form in forms(text)]
        translated = list(words.sentences.values())
        assert [text for text in texts + translated if any(sign in text for sign in foreign)] == [], language


# What the code says in English.

SAYS = {
    "UserError", "MetadataError", "ModelUnavailable", "NotSaved", "PhotoUnreadable", "ReferenceUnusable", "RunFailed",
    "NotHere", "NotAllowed", "TooLarge", "TooOften", "Conflict", "_Damaged", "PhotoOutOfReach", "FormatNotInstalled",
    "problem", "Preference",
}  # fmt: skip
"""Called with sentences that the app shows."""

ROOMS = ("web", "images", "exporters/albums", "exporters/xmp", "metadata", "indexing")
FILES = ("people/corrections.py", "people/constraints.py", "workspace/people.py", "models/store.py")
"""What the app may call: a failure there reaches a page."""

FOR_PROGRAMMERS = re.compile(
    r"--\w|/docs|GET /|POST /|photo-ranker|pip install|apt install|people list|Authorization|true$|sha256|^send one of|"
    r"the People page|^(--)?\{\} (lists|makes|holds)|^give it in quotes|^see \{\}"
)
"""Advice to those who use the commands or write programs."""

OF_OTHERS = {"exiftool: {}", "not a photo{}"}
"""The words of another program; and what is completed from a table, which has a test of its own."""


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence that our code may show, and where it is said; ``{}`` stands for what is filled in."""
    paths = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    for path in [*paths, *(PACKAGE / name for name in FILES)]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in SAYS:
                for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                    for sentence in _texts(argument):
                        yield sentence, f"{path.relative_to(PACKAGE)}:{node.lineno}"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _texts(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else _hole(part) for part in node.values)]
    return []


def _hole(part: ast.expr) -> str:
    """What is filled in; a number with its noun is a part of the sentence."""
    assert isinstance(part, ast.FormattedValue)
    if isinstance(part.value, ast.Call) and _name(part.value.func) == "counted":
        noun = part.value.args[1]
        assert isinstance(noun, ast.Constant)
        return f"7 {noun.value!s}s"
    return "{}"


def table_words() -> set[str]:
    """The words of the tables: reasons, labels, settings, what a file is that is no photo."""
    said = {word for words in WORDS.values() for word in words} | {trait.words for trait in TRAITS} | {TOGETHER}
    said |= {word.replace("{}", "7") for compared in COMPARED.values() for word in compared}
    said |= {label for signal in SIGNALS if signal.shown or signal.short for label in (signal.label, signal.short)}
    said |= {text for about in WEIGHTS.values() for text in (about.label, about.meaning.partition(": ")[2])}
    said |= {text for one in PREFERENCES.values() for text in (one.label, one.about, one.unit)}
    said |= {f"not a photo (it is {name})" for name in (*OTHERS.values(), *IN_ZIP.values())}
    said |= {"the only one where all 7 look at the camera", "both look at the camera", "7 faces found", "1 face found"}
    return said - {""}


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_what_the_code_says_is_translated(language: str) -> None:
    said = words_of(language).said
    missing = set()
    for sentence, place in sentences():
        if sentence in OF_OTHERS:
            continue
        filled = sentence.replace("{}", "\N{BLACK STAR}")
        has_words = len(re.findall(r"[a-zA-Z]{2,}", filled)) > 0 and " " in filled
        if has_words and not FOR_PROGRAMMERS.search(sentence) and said(filled) == filled:
            missing.add(f"{place}: {sentence}")
    assert missing == set()


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_words_of_tables_are_translated(language: str) -> None:
    said = words_of(language).said
    assert {word for word in table_words() if said(word) == word} == set()


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_sentences_keep_what_is_filled_in(language: str) -> None:
    for english, translated in words_of(language).sentences.items():
        wanted = {str(number) for number in range(1, english.count("{}") + 1)}
        assert set(re.findall(r"\{(\d)\}", translated)) == wanted, english


def test_the_languages_say_the_same_sentences() -> None:
    said = [words_of(language).sentences.keys() for language in OTHER_LANGUAGES]
    assert all(one == said[0] for one in said)


def test_every_catalogue_is_a_language() -> None:
    found = {path.name.removesuffix(".toml") for path in files("photo_ranker.core").joinpath("languages").iterdir()}
    assert found == LANGUAGES.keys()


class TestSaid:
    words = Catalogue(
        "de",
        {
            "said": {
                "empty file": "leere Datei",
                "cannot read {}: {}": "{1} geht nicht: {2}",
                "{} cannot be read: {}": "nicht lesbar: {1} ({2})",
                "{}: {}": "{1}: {2}",
            }
        },
    )

    def test_a_sentence(self) -> None:
        assert self.words.said("empty file") == "leere Datei"

    def test_what_is_filled_in_is_kept_and_may_be_a_sentence(self) -> None:
        assert self.words.said("cannot read a.jpg: empty file") == "a.jpg geht nicht: leere Datei"

    def test_names_may_hold_anything(self) -> None:
        assert self.words.said("cannot read {1} \\1: x\ny") == "{1} \\1 geht nicht: x\ny"

    def test_the_sentence_with_the_most_words_of_its_own_is_meant(self) -> None:
        assert self.words.said("a cannot be read: b") == "nicht lesbar: a (b)"

    def test_others_stay_as_they_are(self) -> None:
        assert self.words.said("hello world") == "hello world"
        assert words_of("en").said("empty file") == "empty file"


def test_a_text_has_a_form_for_one() -> None:
    words = words_of("de")
    assert [words.text("count.photos", n=number) for number in (0, 1, 2)] == ["0 Fotos", "1 Foto", "2 Fotos"]
