from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from builders import a_face, a_ranked_photo
from photo_ranker.errors import UserError
from photo_ranker.questions import Filters, check_threshold, check_top, check_year, is_in_time, keep
from photo_ranker.records import Face, Match
from photo_ranker.settings import Settings

SETTINGS = Settings()
NOON = a_ranked_photo("noon.jpg", taken_at="2024-06-01T12:00:00.5")
UNDATED = a_ranked_photo("undated.jpg")


def kept(filters: Filters, *items: object) -> list[str]:
    return [item.path for item in keep(items, filters, SETTINGS)]  # type: ignore[arg-type]


def test_the_default_keeps_all() -> None:
    assert kept(Filters(), NOON, UNDATED) == ["noon.jpg", "undated.jpg"]


def test_by_kind() -> None:
    group = a_ranked_photo("group.jpg", kind="group")
    assert kept(Filters(kind="group"), NOON, group) == ["group.jpg"]
    assert kept(Filters(kind="single"), NOON, group) == ["noon.jpg"]


def test_by_score() -> None:
    assert kept(Filters(min_score=0.95), a_ranked_photo(score=0.95), a_ranked_photo(score=0.9499)) == ["album/a.jpg"]


@pytest.mark.parametrize(
    ("since", "until", "stays"),
    [
        ("2024-06-01", None, True),
        ("2024-06-02", None, False),
        ("2024-06-01T12:00:01", None, False),
        (None, "2024-06-01", True),
        (None, "2024-05-31", False),
        (None, "2024-06-01T12:00", True),
        (None, "2024-06-01T11:59", False),
        ("2024-06-01", "2024-06-01", True),
        ("2024-06-01 12:00:01", None, False),
        (None, "2024-06-01 12:00", True),
    ],
)
def test_by_time(since: str | None, until: str | None, stays: bool) -> None:
    assert bool(kept(Filters(since=since, until=until), NOON)) is stays


@pytest.mark.parametrize(
    "time",
    ["20240601", "2024-W22-6", "2024-06-01T1500", "2024-06-01T15:00Z", "2024-06-01T15:00+02:00", "2024-13-01", ""],
)
def test_a_time_that_does_not_compare_with_those_of_photos_is_refused(time: str) -> None:
    with pytest.raises(UserError, match="is not a date like 2024-06-01"):
        Filters(since=time)


def test_a_time_that_is_no_text_is_told_from_a_date() -> None:
    with pytest.raises(UserError, match=r"until: datetime\.date\(2024, 6, 1\) is not a date like 2024-06-01"):
        Filters(until=date(2024, 6, 1))  # type: ignore[arg-type]


def test_a_photo_without_a_time_is_in_no_span() -> None:
    assert kept(Filters(since="1900-01-01"), UNDATED) == []


def test_together_with_somebody_else() -> None:
    items = [a_ranked_photo(f"{number}.jpg", match=Match(number, 0, 0.7, 0.7, None)) for number in range(3)]
    assert kept(Filters(together=({0, 2}, {2})), *items) == ["2.jpg"]


def test_only_means_not_even_a_passer_by() -> None:
    person, small = a_face("f1"), a_face("f2", (2000.0, 0.0, 30.0, 30.0))
    item = a_ranked_photo(face=person)
    record = msgspec.structs.replace(item.photo.record, faces=(person, small))
    crowded = msgspec.structs.replace(item, photo=msgspec.structs.replace(item.photo, record=record))
    assert kept(Filters(only=True), item) == ["album/a.jpg"]
    assert kept(Filters(only=True), crowded) == []


def test_passers_by_are_company_only_if_they_are_sure_faces_of_the_same_engine() -> None:
    person = a_face("f1", engine="sface")
    sure = SETTINGS.signals.sure_detection

    def kept_beside(*others: Face) -> bool:
        item = a_ranked_photo(face=person)
        record = msgspec.structs.replace(item.photo.record, faces=(person, *others))
        crowded = msgspec.structs.replace(item, photo=msgspec.structs.replace(item.photo, record=record))
        assert kept(Filters(), crowded), "who is beside the person matters only when asked"
        return bool(kept(Filters(only=True), crowded))

    assert not kept_beside(a_face("f2", detection=sure))
    assert kept_beside(a_face("f2", detection=sure - 0.01))
    assert kept_beside(a_face("f2", engine="buffalo_l"))
    assert not kept_beside(a_face("f2", detection=0.1), a_face("f3"))


@pytest.mark.parametrize("check", [lambda value: Filters(min_score=value), check_threshold, check_top, check_year])
def test_what_is_no_number_is_refused(check: Callable[[Any], object]) -> None:
    for value in (True, "1", float("nan")):
        with pytest.raises(UserError):
            check(value)


@pytest.mark.parametrize(
    ("check", "fine", "wrong", "advice"),
    [
        (lambda value: Filters(min_score=value), (0, 0.0, 1, 1.0), (-0.01, 1.01), "0 = all"),
        (check_threshold, (None, -1, 0.4, 1), (-1.01, 1.01), "None = set"),
        (check_top, (0, 1, 10**6), (-1, 1.5), "0 = all"),
        (check_year, (1800, 2009, 2200), (1799, 2201, 2009.5), "from 1800 to 2200"),
    ],
)
def test_limits_belong_to_what_may_be_asked(
    check: Callable[[Any], object], fine: tuple[Any, ...], wrong: tuple[Any, ...], advice: str
) -> None:
    for value in fine:
        check(value)
    for value in wrong:
        with pytest.raises(UserError) as raised:
            check(value)
        assert advice in raised.value.advice


def test_a_kind_and_a_date_are_checked() -> None:
    for wrong in ({"kind": "pair"}, {"since": "yesterday"}, {"until": "2024-13-01"}):
        with pytest.raises(UserError, match=next(iter(wrong))):
            Filters(**wrong)  # type: ignore[arg-type]


def test_a_time_at_the_ends_of_a_span_lies_in_it() -> None:
    noon = "2024-06-01T12:00:00"
    assert is_in_time(noon, Filters(since=noon, until=noon))
    assert not is_in_time(noon, Filters(since="2024-06-01T12:00:01", until="2024-06-02"))
    assert not is_in_time(noon, Filters(since="2024-05-01", until="2024-05-31"))
    assert is_in_time(None, Filters())
    assert not is_in_time(None, Filters(until="2024-06-02"))
