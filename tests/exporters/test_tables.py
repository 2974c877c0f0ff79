from __future__ import annotations

import csv
import io
import os
import re
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_face, a_ranked_photo, a_ranking, a_record, some_signals
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.terminal import printable
from photo_ranker.exporters import (
    EXPORTERS,
    cells,
    colour_wanted,
    render_print0,
    render_table,
    render_txt,
    terminal_width,
)
from photo_ranker.exporters.document import CSV_COLUMNS, render_csv, render_faces
from photo_ranker.questions.answer import Ranking
from photo_ranker.settings import Settings

HOSTILE = [
    "a\nb.jpg",
    "a\rb.jpg",
    'say "cheese".jpg',
    "a,b;c\t.jpg",
    "<script>alert(1)</script>.jpg",
    "\u202egpj.exe",
    "写真.jpg",
]


def rows_of(ranking: Ranking) -> list[dict[str, str]]:
    text = b"".join(render_csv(ranking)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_the_documented_columns() -> None:
    face = a_face("f3k9", (100, 50, 212, 260))
    photo = a_ranked_photo("album/a.jpg", face=face, signals=some_signals(smile=None), against=("slightly soft",))
    [row] = rows_of(a_ranking(photo))
    assert tuple(row) == CSV_COLUMNS
    expected = {
        "schema": "1", "rank": "1", "path": "album/a.jpg", "kind": "single", "score": "0.9", "similarity": "0.7",
        "runner_up": "", "taken_at": "", "people_in_photo": "1", "face_id": "f3k9", "face_x": "100.0",
        "face_width": "212.0", "size_px": "212.0", "sharpness": "0.9", "smile": "", "yaw_degrees": "2.0",
        "reasons": "sharp; smiling", "against": "slightly soft", "doubtful": "0", "width": "4000", "path_bytes": "",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


def test_csv_of_an_empty_answer_is_its_header() -> None:
    assert b"".join(render_csv(a_ranking())).decode().strip() == ",".join(CSV_COLUMNS)


@pytest.mark.parametrize("name", HOSTILE)
def test_csv_brings_hostile_names_back(name: str) -> None:
    [row] = rows_of(a_ranking(a_ranked_photo(f"album/{name}")))
    assert row["path"] == f"album/{name}"


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0.jpg", "+1.jpg", "-1.jpg", "@SUM(1).jpg"])
def test_no_name_becomes_a_formula(name: str) -> None:
    [row] = rows_of(a_ranking(a_ranked_photo(name)))
    assert row["path"] == f"./{name}"


@pytest.mark.parametrize("start", ["=", "+1", "-12", "@", "\t", "\r"])
def test_no_cell_about_faces_becomes_a_formula(start: str) -> None:
    """The names of files, people and cameras come from others; an offset to UTC stays as it is."""
    record = a_record(a_face("f1"), camera=f"{start}camera", utc_offset="+02:00")
    album = Album([AlbumPhoto(f"{start}path.jpg", record)])
    text = b"".join(render_faces(album, {"f1": f"{start}name"}, Settings(), "csv")).decode()
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["path"], row["person"]) == (f"./{start}path.jpg", f"'{start}name")
    assert (row["camera"], row["utc_offset"]) == (f"'{start}camera", "+02:00")


@pytest.mark.skipif(os.name == "nt", reason="names are text on Windows")
def test_csv_keeps_the_bytes_of_names_that_are_no_text() -> None:
    [row] = rows_of(a_ranking(a_ranked_photo(os.fsdecode(b"\xff\xfe.jpg"))))
    assert b64decode(row["path_bytes"]) == b"\xff\xfe.jpg"


@given(st.lists(st.binary(min_size=1, max_size=30).filter(lambda name: b"\0" not in name)))
def test_txt_writes_every_name_byte_for_byte(names: list[bytes]) -> None:
    ranking = a_ranking(*(a_ranked_photo(os.fsdecode(name)) for name in names))
    assert b"".join(render_print0(ranking)) == b"".join(name + b"\0" for name in names)
    assert b"".join(render_txt(ranking)) == b"".join(name + b"\n" for name in names)


def test_the_table_says_what_matters() -> None:
    photos = (
        a_ranked_photo("album/best.jpg", score=0.9312),
        a_ranked_photo(
            "album/soft.jpg", score=0.4, kind="group", people_in_photo=3, doubtful=True, against=("slightly soft",)
        ),
    )
    assert render_table(a_ranking(*photos), 100, colour=False).splitlines() == [
        "#  score   kind     photo           why",
        "1  0.931   single   album/best.jpg  sharp, smiling",
        "2  0.400?  group 3  album/soft.jpg  sharp, smiling but slightly soft",
    ]


def test_the_table_can_be_asked_for_as_a_format() -> None:
    ranking = a_ranking(a_ranked_photo(against=("blurred",)))
    [text] = EXPORTERS["table"].render(ranking, lambda *_: None)
    assert text.decode() == render_table(ranking, terminal_width(), colour=False)


def test_no_results_no_table() -> None:
    assert render_table(a_ranking(), 80, colour=False) == ""


def test_colour_changes_no_letter() -> None:
    ranking = a_ranking(a_ranked_photo(against=("blurred",)), a_ranked_photo("b.jpg"))
    coloured = render_table(ranking, 80, colour=True)
    for sign in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m"):
        assert sign in coloured
        coloured = coloured.replace(sign, "")
    plain = render_table(ranking, 80, colour=False)
    assert [line.rstrip() for line in coloured.splitlines()] == plain.splitlines()


class Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("terminal", "environment", "wanted"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_only_where_it_is_wanted(terminal: bool, environment: dict[str, str], wanted: bool) -> None:
    assert colour_wanted(Stream(terminal), environment) is wanted


@given(
    st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), max_size=4),
    st.lists(st.sampled_from(["sharp", "turned to the camera", "everyone looks good"]), max_size=3),
    st.lists(st.sampled_from(["blurred", "most look away or blink"]), max_size=2),
    st.integers(40, 200),
)
def test_no_line_is_wider_than_the_terminal(names: list[str], good: list[str], bad: list[str], width: int) -> None:
    photos = [a_ranked_photo(name, reasons=tuple(good), against=tuple(bad)) for name in names]
    lines = render_table(a_ranking(*photos), width, colour=False).split("\n")[:-1]
    assert len(lines) == (len(names) + 1 if names else 0)
    assert all(cells(line) <= width for line in lines)
    signs = {sign for line in lines for sign in line}
    assert all(printable(sign) == sign for sign in signs)


def test_the_docs_name_every_column_in_order_and_show_a_row() -> None:
    text = (Path(__file__).parents[2] / "docs" / "FORMATS.md").read_text("utf-8").split("## csv")[1].split("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == CSV_COLUMNS
    [row] = csv.reader(io.StringIO(text.split("```csv\n")[1].split("```")[0]))
    assert len(row) == len(CSV_COLUMNS)
