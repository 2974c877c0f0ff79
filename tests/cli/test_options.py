"""The options that several commands share."""

from __future__ import annotations

import pytest

from photo_ranker.cli import main
from photo_ranker.cli.options import add_album_options
from photo_ranker.cli.parsing import Parser


@pytest.mark.parametrize("places", [{"first": True}, {"here": True}, {"library": True}, {}])
def test_photos_may_be_given_several_times(places: dict[str, bool]) -> None:
    parser = Parser()
    add_album_options(parser, **places)
    assert parser.parse_args(["--photos", "a", "b", "--photos", "c"]).photos == ["a", "b", "c"]
    assert parser.parse_args(["--photos", "d"]).photos == ["d"]


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
        (["inspect", "a.jpg", "--draw", ""], "--draw"),
    ],
    ids=" ".join,
)
def test_an_empty_path_is_not_the_current_folder(
    words: list[str], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith(f"error: {what} is empty\n")
