from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_ranker.core.names import folded, is_legal_name, legal_name
from photo_ranker.web.problems import NotAllowed
from photo_ranker.web.upload_names import safe_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Anna", "Anna"),
        ("a/b\\c:d", "a_b_c_d"),
        ("..", "_"),
        ("", "_"),
        ("con", "_con"),
        ("Zoë 🎂 ", "Zoë 🎂"),
        ("x" * 500, "x" * 150),
        (".hidden", "hidden"),
    ],
)
def test_names_of_people_as_names_of_folders(text: str, name: str) -> None:
    assert legal_name(text) == name


@given(st.text())
def test_what_is_made_legal_is_legal(text: str) -> None:
    assert is_legal_name(legal_name(text))


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/", "a/b", "a\\b", "a:b", "a.", "a ", "con", "COM1.jpg", "a\nb", "a?"]
)
def test_names_that_some_system_refuses(name: str) -> None:
    assert not is_legal_name(name)
    with pytest.raises(NotAllowed):  # an upload keeps its folders, so a slash alone is no reason there
        safe_name(name if name != "a/b" else "a/..")


def test_other_names_stay() -> None:
    assert all(map(is_legal_name, ["a.jpg", ".hidden", "console.jpg", "Zoë 🎂", "a (1).jpg"]))
    assert safe_name("2024/Zoë 🎂.jpg") == Path("2024/Zoë 🎂.jpg")


def test_case_and_composition_make_no_other_name() -> None:
    assert folded("IMG_1.JPG") == folded("img_1.jpg")
    assert folded(unicodedata.normalize("NFD", "Zoë.JPG")) == folded("zoë.jpg")
    assert folded("a.jpg") != folded("b.jpg")
