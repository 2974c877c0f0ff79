from __future__ import annotations

import json
import os
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_face, a_ranked_photo, a_ranking, some_signals
from photo_ranker.exporters.document import render_json, render_jsonl
from photo_ranker.questions.answer import Ranking, Unreadable

PROMISED = [
    "rank", "path", "kind", "score", "similarity", "cosine", "runner_up", "taken_at", "at_seconds",
    "people_in_photo", "face", "signals", "reasons", "against",
]  # fmt: skip
"""Fields of a result under schema 1, in their order; scripts of others rely on them."""

PROMISED_SIGNALS = [
    "sharpness", "smile", "eyes_open", "facing", "exposure", "yaw_degrees", "pitch_degrees", "roll_degrees",
]  # fmt: skip


def document_of(ranking: Ranking) -> Any:
    return json.loads(b"".join(render_json(ranking)))


def test_the_document_of_schema_1_in_full() -> None:
    face = a_face("f3k9", (100.04, 50.0, 212.0, 260.0), detection=0.97124, at_seconds=None)
    photo = a_ranked_photo(
        "album/IMG_1.jpg",
        face=face,
        taken_at="2024-06-01T15:04:05",
        score=0.93,
        signals=some_signals(smile=0.81234567, eyes_open=None, yaw_degrees=-0.04),
        against=("slightly soft",),
    )
    document = document_of(a_ranking(photo, unreadable=(Unreadable("album/b.jpg", "empty file"),), photos=812))
    [result] = document.pop("results")
    assert document == {
        "schema": 1,
        "engine": "sface",
        "threshold": 0.42,
        "counts": {"photos": 812, "matched": 1, "doubtful": 0, "no_face": 1, "unreadable": 1, "copies": 0},
        "unreadable": [{"path": "album/b.jpg", "reason": "empty file"}],
    }
    assert list(document) == ["schema", "engine", "threshold", "counts", "unreadable"]
    assert list(result)[: len(PROMISED)] == PROMISED
    assert list(result["signals"])[: len(PROMISED_SIGNALS)] == PROMISED_SIGNALS
    assert list(result["face"]) == ["id", "box", "points", "detection", "size_px"]
    expected = {
        "rank": 1,
        "path": "album/IMG_1.jpg",
        "kind": "single",
        "score": 0.93,
        "similarity": 0.7,
        "cosine": 0.68,
        "runner_up": None,
        "taken_at": "2024-06-01T15:04:05",
        "at_seconds": None,
        "people_in_photo": 1,
        "reasons": ["sharp", "smiling"],
        "against": ["slightly soft"],
    }
    assert {name: result[name] for name in expected} == expected
    assert result["face"]["box"] == [100.0, 50.0, 212.0, 260.0]
    assert (result["face"]["id"], result["face"]["detection"], result["face"]["size_px"]) == ("f3k9", 0.9712, 212.0)
    assert len(result["face"]["points"]) == 5
    signals = result["signals"]
    assert (signals["smile"], signals["eyes_open"], signals["sharpness"]) == (0.8123, None, 0.9)
    assert str(signals["yaw_degrees"]) == "0.0", "never -0.0: equal values are written equally"
    assert "doubtful" not in result
    assert "path_bytes" not in result


def test_doubtful_results_say_so() -> None:
    sure, doubtful = document_of(a_ranking(a_ranked_photo(), a_ranked_photo("b.jpg", doubtful=True)))["results"]
    assert "doubtful" not in sure
    assert doubtful["doubtful"] is True
    assert (sure["rank"], doubtful["rank"]) == (1, 2)


def test_an_empty_answer_is_a_document_too() -> None:
    assert document_of(a_ranking())["results"] == []
    assert b"".join(render_jsonl(a_ranking())) == b""


def test_each_line_of_jsonl_is_a_result_of_the_document() -> None:
    ranking = a_ranking(a_ranked_photo("a\nb.jpg"), a_ranked_photo('"quoted".jpg'))
    lines = b"".join(render_jsonl(ranking)).splitlines()
    assert [json.loads(line) for line in lines] == document_of(ranking)["results"]


def test_the_document_has_one_line_a_result() -> None:
    text = b"".join(render_json(a_ranking(a_ranked_photo("a\n.jpg"), a_ranked_photo("b.jpg"))))
    assert [b'"rank"' in line for line in text.splitlines()] == [False, True, True, False]


@pytest.mark.skipif(os.name == "nt", reason="names are text on Windows")
def test_names_that_are_no_text_keep_their_bytes() -> None:
    name = b"album/caf\xe9.jpg"
    [result] = document_of(a_ranking(a_ranked_photo(os.fsdecode(name))))["results"]
    assert result["path"] == "album/caf\ufffd.jpg"
    assert b64decode(result["path_bytes"]) == name


@given(st.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name))
def test_any_file_name_comes_back(name: bytes) -> None:
    [result] = document_of(a_ranking(a_ranked_photo(os.fsdecode(name))))["results"]
    back = b64decode(result["path_bytes"]) if "path_bytes" in result else result["path"].encode()
    assert back == name
