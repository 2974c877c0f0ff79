from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photo_ranker.metadata.names import from_key, to_key

NAMES = st.binary(min_size=1, max_size=255).map(lambda name: os.fsdecode(name.replace(b"/", b"").replace(b"\0", b"")))


@given(NAMES)
def test_every_name_comes_back(name: str) -> None:
    assert from_key(to_key(name)) == name
    to_key(name).encode("utf-8")


@given(st.sets(NAMES))
def test_no_two_names_share_a_key(names: set[str]) -> None:
    assert len({to_key(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["IMG_1.jpg", "Größe 女.jpg", "a\nb.jpg", "e\u0301.jpg", "\u00e9.jpg", "x" * 255])
def test_ordinary_names_are_their_own_keys(name: str) -> None:
    assert to_key(name) == name


def test_a_byte_that_is_no_text_is_written_as_a_slash_and_its_code() -> None:
    assert to_key(os.fsdecode(b"caf\xe9.jpg")) == "caf/dce9.jpg"


def test_windows_lone_surrogates_come_back() -> None:
    assert from_key(to_key("a\ud83d.jpg")) == "a\ud83d.jpg"
