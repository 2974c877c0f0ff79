"""No name of a file, a person or a camera, and no content of a file, can do anything to the terminal."""

from __future__ import annotations

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from fakes import write_photo
from people.folk import WHO, a_photo_of
from photo_ranker.cli import main

EVIL = "\x1b[31mred\x1b]0;title\x07\r\x9b5m\u202egpj\u2066\n\x7f"
"""Colours, a title of the window, a carriage return, C1, turned text, a new line."""

BYTES = os.fsdecode(b"\xff\xfe")
"""A name that is no text."""

Binary = pytest.CaptureFixture[bytes]


@pytest.fixture(autouse=True)
def pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The invented photos hold no picture to show."""
    jpeg = cv2.imencode(".jpg", np.full((224, 224, 3), 90, np.uint8))[1].tobytes()
    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.face", lambda *_: jpeg)
    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.whole", lambda *_: jpeg)


@pytest.fixture
def evil(tmp_path: Path, capfdbinary: Binary) -> Path:
    """An album whose every name is hostile, and whose first person has such a name and role."""
    folder = tmp_path / f"album{EVIL}"
    for name in WHO:
        for number in range(3):
            a_photo_of(folder / f"{name}{number}{EVIL}{BYTES}.jpg", name, number=number)
    a_photo_of(folder / f"all{EVIL}.jpg", *WHO)
    write_photo(folder / f"broken{EVIL}.jpg", "unreadable")
    (folder / f"empty{EVIL}.mov").touch()
    (folder / f"sub{EVIL}").mkdir()
    words = ["--role", f"bride{EVIL}", "--category", "main", "--photos", str(folder)]
    assert main(["people", "name", "0", f"Anna{EVIL}", *words]) == 0
    (tmp_path / "evil.json").write_text(json.dumps({"0": {"category": EVIL}}))
    (tmp_path / "evil.py").write_text(f"THRESHOLD = {EVIL!r}\n{EVIL!a} = 1\n")
    capfdbinary.readouterr()
    return folder


ALBUM, OUT, HERE = "ALBUM", "OUT", "HERE"
"""Stand for folders in the commands below."""

NAMES = [
    ["people", "list", ALBUM],
    ["people", "list", ALBUM, "--algorithm", "dbscan"],
    ["people", "show", "0", ALBUM],
    ["people", "show", "--decisions", ALBUM],
    ["people", "name", "0", f"Ann{EVIL}", "--photos", ALBUM],
    ["people", "merge", "0", "1", "--photos", ALBUM],
    ["people", "hide", "0", "--photos", ALBUM],
    ["people", "undo", "--photos", ALBUM],
    ["people", "suggest", ALBUM],
    ["people", "export-faces", "--photos", ALBUM, "--to", OUT],
    ["people", "copy", "--person", "0", "--photos", ALBUM, "--to", OUT],
    ["people", "copy", "--person", "0", "--photos", ALBUM, "--to", OUT, "--dry-run"],
    ["best", ALBUM],
    ["best", ALBUM, "--with", "0", "--with", "1"],
    ["best", ALBUM, "--cover", "0"],
    ["event", ALBUM, "--output", OUT],
    ["rank", "--person", "0", "--photos", ALBUM, "--format", "table"],
    ["rank", "--person", "0", "--photos", ALBUM, "--explain", f"all{EVIL}.jpg"],
    ["rank", "--person", "0", "--photos", ALBUM, "--explain", f"broken{EVIL}.jpg"],
    ["export", "--photos", ALBUM, "--to", OUT],
    ["export", "--photos", ALBUM, "--to", OUT, "--dry-run"],
    ["export", "--photos", ALBUM, "--zip", f"{OUT}.zip", "--dry-run"],
    ["export", "--photos", ALBUM, "--gallery", OUT],
    ["export", "--photos", ALBUM, "--faces", f"{OUT}.csv"],
    ["export", "xmp", "--photos", ALBUM, "--dry-run"],
    ["export", "xmp", "--photos", ALBUM],
    ["index", ALBUM],
    ["index", ALBUM, "--dry-run", "--retry-failed"],
    ["library", HERE, "--people", "5"],
    ["forget", ALBUM, "--dry-run"],
    ["forget", ALBUM, "--names", "--yes"],
]
ERRORS = [
    ["people", "show", f"Zoe{EVIL}", ALBUM],
    ["people", "split", "0", f"nowhere{EVIL}.jpg", "--photos", ALBUM],
    ["people", "copy", "--person", f"Zoe{EVIL}", "--photos", ALBUM, "--to", OUT],
    ["people", "import", ALBUM, "--labels", "LABELS"],
    ["people", "import", ALBUM, "--guests", f"{OUT}{EVIL}"],
    ["event", ALBUM, "--labels", "LABELS", "--output", OUT],
    ["rank", "--ref", f"a{EVIL}.jpg", "--photos", f"{ALBUM}{EVIL}"],
    ["rank", "--person", "0", "--photos", ALBUM, "--output", f"{OUT}/{EVIL}/a.txt"],
    ["rank", "--person", "0", "--photos", ALBUM, "--explain", f"none{EVIL}"],
    ["rank", "--person", "0", "--photos", ALBUM, "--since", EVIL],
    ["rank", "--person", "0", "--photos", ALBUM, "--config", "CONFIG"],
    ["index", f"{ALBUM}{EVIL}"],
    ["index", ALBUM, "--engine", EVIL],
    ["library", f"{HERE}{EVIL}"],
    ["inspect", f"a{EVIL}.jpg"],
    ["forget", f"{ALBUM}{EVIL}"],
    ["models", "prune", EVIL, ALBUM],
    ["export", "--photos", ALBUM, "--to", OUT, f"--{EVIL}"],
    [EVIL],
]


def filled(words: list[str], album: Path) -> list[str]:
    here = album.parent
    places = {ALBUM: album, OUT: here / "out", HERE: here, "LABELS": here / "evil.json", "CONFIG": here / "evil.py"}
    for stands_for, place in places.items():
        words = [word.replace(stands_for, str(place)) for word in words]
    return words


def said(capfdbinary: Binary) -> str:
    found = capfdbinary.readouterr()
    return (found.out + found.err).decode("utf-8")


@pytest.mark.parametrize("words", NAMES, ids=lambda words: " ".join(words[:2] + words[3:]).encode("ascii", "ignore"))
def test_names_are_cleaned(evil: Path, words: list[str], capfdbinary: Binary) -> None:
    code = main(filled(words, evil))
    told = said(capfdbinary)
    assert code == 0, told
    assert [line for line in told.split("\n") if not line.isprintable()] == []


@pytest.mark.parametrize("words", ERRORS, ids=lambda words: " ".join(words[:2] + words[3:]).encode("ascii", "ignore"))
def test_errors_are_two_clean_lines(evil: Path, words: list[str], capfdbinary: Binary) -> None:
    code = main(filled(words, evil))
    told = said(capfdbinary)
    assert code == 2, told
    assert [line for line in told.split("\n") if not line.isprintable()] == []
    assert sum(line.startswith("error: ") for line in told.split("\n")) == 1


def test_json_and_plain_paths_are_exact(evil: Path, capfdbinary: Binary) -> None:
    rank = ["rank", "--person", "0", "--photos", str(evil), "--quiet"]
    assert main([*rank, "--print0"]) == 0
    paths = capfdbinary.readouterr().out.split(b"\0")[:-1]
    assert {path for path in paths if os.path.exists(path)} == set(paths)  # noqa: PTH110 - names as bytes
    assert len(paths) == 4
    assert main(rank) == 0
    assert capfdbinary.readouterr().out == b"".join(path + b"\n" for path in paths)
    assert main(["people", "list", str(evil), "--json", "--quiet"]) == 0
    told = capfdbinary.readouterr().out.decode()
    assert json.loads(told)["people"][0]["name"] == " ".join(f"Anna{EVIL}".split())
    assert all(line.isprintable() for line in told.split("\n")), "escaped, which JSON reads as the same"
    assert main([*rank, "--json"]) == 0
    assert all(line.isprintable() for line in capfdbinary.readouterr().out.decode().split("\n"))
