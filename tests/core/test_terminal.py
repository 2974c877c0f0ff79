"""What is printed for a person can do nothing to the terminal, and a printed command means what it says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_ranker.core.terminal import command, counted, escaped, printable


@pytest.mark.parametrize(
    "name",
    [
        "\x1b[2Jgone.jpg",
        "a\rb.jpg",
        "a\nb.jpg",
        "a\tb.jpg",
        "\x9b31mred.jpg",
        "\x7f.jpg",
        "\u202egpj.exe",
        "\u2066a\u2069.jpg",
        "\u200ea.jpg",
        "a\u2028b.jpg",
        "\udcff.jpg",
        "\ufeffa.jpg",
    ],
    ids=ascii,
)
def test_a_name_cannot_command_the_terminal(name: str) -> None:
    shown = printable(name)
    assert shown.isprintable()
    assert len(shown) == len(name)
    assert "\N{REPLACEMENT CHARACTER}" in shown


@pytest.mark.parametrize("name", ["Zoë", "山田", "a\u3000b", "👩\u200d👧", "نمی\u200cدانم", "أحمد", "it's"])
def test_names_of_people_stay_as_they_are(name: str) -> None:
    assert printable(name) == name


def test_json_is_the_same_document_without_raw_escapes() -> None:
    signs = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x10000)]))
    text = escaped(msgspec.json.encode({"path": signs})).decode()
    assert printable(text) == text
    assert json.loads(text) == {"path": signs}
    assert json.loads(escaped(b'{"a": "\x7f"}')) == {"a": "\x7f"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=5))
def test_a_command_can_be_pasted(words: list[str]) -> None:
    line = command(*words)
    assert printable(line) == line
    shown = f"photo-ranker() {{ printf '%s\\0' \"$@\"; }}\n{line}\n"
    done = subprocess.run(["bash", "-c", shown], capture_output=True, check=True)
    assert done.stdout.split(b"\0")[:-1] == [os.fsencode(word) for word in words] or not words


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [(1, ("photo",), "1 photo"), (0, ("photo",), "0 photos"), (1200, ("match", "matches"), "1,200 matches")],
)
def test_a_number_comes_with_its_noun(number: int, words: tuple[str, ...], said: str) -> None:
    assert counted(number, *words) == said
