"""The options that several commands share."""

from __future__ import annotations

import pytest

from photo_ranker.cli.options import add_album_options
from photo_ranker.cli.parsing import Parser


@pytest.mark.parametrize("places", [{"first": True}, {"here": True}, {"library": True}, {}])
def test_photos_may_be_given_several_times(places: dict[str, bool]) -> None:
    parser = Parser()
    add_album_options(parser, **places)
    assert parser.parse_args(["--photos", "a", "b", "--photos", "c"]).photos == ["a", "b", "c"]
    assert parser.parse_args(["--photos", "d"]).photos == ["d"]
