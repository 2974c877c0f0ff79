"""The texts of the pages: one catalogue without holes, and no word that only a programmer knows."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

import photo_ranker
from photo_ranker.core.words import words_of
from photo_ranker.ranker.signals import DEFECTS, SIGNALS
from photo_ranker.settings import WeightSettings
from web_browser import JARGON

SCRIPTS = {
    path.name: path.read_text("utf-8")
    for path in files("photo_ranker.web").joinpath("static", "js").iterdir()
    if path.name.endswith(".js")
}
MAKER = SCRIPTS.pop("words.js")

TEXTS = words_of("en").texts
AREAS = "|".join(sorted({key.split(".")[0] for key in TEXTS} | {"signal"}))
_KEY = re.compile(rf'"((?:{AREAS})\.\w+)"')
_CALL = re.compile(rf'\bt\("((?:{AREAS})\.\w+)"(?:, \{{([^{{}}]*)\}})?\)')

ELSEWHERE = {
    "exporters": re.compile(r'(?:\bt\(|\{\{|text\()f?"?((?:report|gallery|page|cell|count)\.\w+)|"(report\.\w+)"'),
    "web/templates": re.compile(r"words\(\)\.text\([\"'](\w+\.\w+)"),
    "web": re.compile(r'"(login\.\w+)"'),
}
"""Folder of the package -> how its files use texts."""

_COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*$|\s// .*$", re.DOTALL | re.MULTILINE)
_SENTENCE = re.compile(r'"(?:[A-Z][a-z]+ [a-z]|[a-z]+ (?:the|a|of|is|not|photos?)\b)[^"]*"')
_HINT = re.compile(r'(?:aria-label"?|title|placeholder): "[^"]*[a-z]')

FILES = {"event.json", "login.html", "report.css"}
"""Names that look like keys."""


def used_elsewhere() -> set[str]:
    found = {f"gallery.{name}" for name in ("previous", "next", "close")}
    for folder, pattern in ELSEWHERE.items():
        for path in (Path(photo_ranker.__file__).parent / folder).rglob("*.*"):
            if path.suffix in {".py", ".js", ".html"}:
                found |= {key for keys in pattern.findall(path.read_text("utf-8")) for key in _each(keys) if key}
    return found


def _each(keys: str | tuple[str, ...]) -> tuple[str, ...]:
    return (keys,) if isinstance(keys, str) else keys


def test_every_text_that_is_used_is_there_and_none_is_left_over() -> None:
    used = {key for script in SCRIPTS.values() for key in _KEY.findall(script)} | used_elsewhere()
    used -= FILES
    assert used - TEXTS.keys() == set(), "these texts are missing"
    assert TEXTS.keys() - used == set(), "nobody uses these texts"


def test_every_text_gets_the_values_that_it_names() -> None:
    wrong = []
    for name, script in SCRIPTS.items():
        for key, given in _CALL.findall(script):
            values = {part.split(":")[0].strip() for part in given.split(",") if part.strip()}
            text = TEXTS[key]
            wanted = set(re.findall(r"\{(\w+)\}", str(text))) | (set() if isinstance(text, str) else {"n"})
            if not wanted <= values:
                wrong.append(f"{name}: {key} wants {sorted(wanted - values)}")
    assert wrong == []


def test_forms_of_a_text_name_the_same_values() -> None:
    pairs = {key: [text["one"], text["other"]] for key, text in TEXTS.items() if not isinstance(text, str)}
    named = {key: [set(re.findall(r"\{(\w+)\}", form)) for form in forms] for key, forms in pairs.items()}
    assert {key for key, (one, other) in named.items() if one != other} == set()


def test_the_catalogue_is_written_in_plain_words() -> None:
    assert {key: text for key, text in TEXTS.items() if JARGON.search(str(text))} == {}


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_script_holds_no_text_of_its_own(name: str) -> None:
    code = _COMMENT.sub("", SCRIPTS[name])
    assert _SENTENCE.findall(code) + _HINT.findall(code) == []


def test_what_the_server_calls_signals_is_plain() -> None:
    words = [text for signal in SIGNALS for text in (signal.label, signal.short, *(signal.words or ()))]
    words += [text for defect in DEFECTS for text in defect.words]
    words += [about.label for about in WeightSettings.declared().values() if about.label]
    assert [text for text in words if JARGON.search(text)] == []
    assert {"Facing the camera", "Penalty for covered faces"} <= set(words)
