"""The options that several commands share."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from permissions import obeyed
from photo_ranker.cli import main
from photo_ranker.cli.options import Parser, add_album_options, camera_time


@pytest.mark.parametrize("places", [{"first": True}, {"library": True}, {}])
def test_photos_may_be_given_several_times(places: dict[str, bool]) -> None:
    parser = Parser()
    add_album_options(parser, **places)
    assert parser.parse_args(["--photos", "a", "b", "--photos", "c"]).photos == ["a", "b", "c"]
    assert parser.parse_args(["--photos", "d"]).photos == ["d"]


@pytest.mark.parametrize("zone", ["-05:00", "+05:30", "Europe/Lisbon"])
def test_a_zone_west_of_greenwich_is_no_option(zone: str) -> None:
    parser = Parser()
    add_album_options(parser)
    assert parser.parse_args(["--photos", "a", "--tz", zone, "--recursive"]).tz == zone


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["rank", "--ref", "", "--photos", "."], "--ref"),
        (["rank", "--ref", "a.jpg", "--not-ref=", "--photos", "."], "--not-ref"),
        (["rank", "--ref", "a.jpg", "--with", "", "--photos", "."], "--with"),
        (["rank", "--ref", "a.jpg", "--photos", ".", ""], "--photos"),
        (["rank", "--ref", "a.jpg", "--library", ""], "--library"),
        (["rank", "--ref", "a.jpg", "--photos", ".", "--output", ""], "--output"),
        (["rank", "--ref", "a.jpg", "--photos", ".", "--to", ""], "--to"),
        (["rank", "--ref", "a.jpg", "--photos", ".", "--zip", ""], "--zip"),
        (["rank", "--ref", "a.jpg", "--photos", ".", "--config", ""], "--config"),
        (["export", "--photos", ".", "--frames", ""], "--frames"),
        (["export", "--photos", ".", "--gallery", ""], "--gallery"),
        (["export", "--photos", ".", "--faces", ""], "--faces"),
        (["best", ""], "DIR"),
        (["index", ""], "DIR"),
        (["library", ""], "DIR"),
        (["serve", ""], "DIR"),
        (["inspect", ""], "PHOTO"),
        (["forget", ""], "DIR"),
        (["event", ".", "--output", ""], "--output"),
        (["people", "export-faces", "--to", ""], "--to"),
        (["people", "import", "--references", ""], "--references"),
        (["inspect", "a.jpg", "--draw", ""], "--draw"),
    ],
    ids=" ".join,
)
def test_an_empty_path_is_not_the_current_folder(
    words: list[str], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith(f"error: {what} is empty\n")


def test_a_folder_that_cannot_be_opened_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    words = ["--photos", str(closed)]
    with obeyed():
        assert main(["rank", "--ref", str(closed / "a.jpg"), *words]) == 2
        assert main(["export", *words, "--zip", "-"]) == 2
        assert main(["inspect", str(closed / "a.jpg")]) == 2
    said = capsys.readouterr().err.splitlines()
    opened = f"error: {closed} cannot be opened: Permission denied"
    assert said[::2] == [opened, opened, f"error: cannot open {closed / 'a.jpg'}: Permission denied"]
    closed.chmod(0o700)


def test_a_port_is_a_number_up_to_65535(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--port", "99999"]) == 2
    assert "'99999' is not a port" in capsys.readouterr().err


@pytest.mark.parametrize("time", ["20240601", "2024-06-01T15:00Z", "yesterday"])
def test_a_time_that_does_not_compare_with_those_of_photos_is_refused(time: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is not a date like 2024-06-01 or 2024-06-01T15:00"):
        camera_time(time)


def test_a_space_may_stand_before_the_time() -> None:
    assert camera_time("2024-06-01 15:00") == "2024-06-01T15:00"
