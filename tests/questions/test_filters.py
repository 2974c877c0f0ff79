from __future__ import annotations

import msgspec
import pytest

from builders import a_face, a_ranked_photo
from photo_ranker.questions.filters import Filters, keep
from photo_ranker.records import Match
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
    ],
)
def test_by_time(since: str | None, until: str | None, stays: bool) -> None:
    assert bool(kept(Filters(since=since, until=until), NOON)) is stays


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
