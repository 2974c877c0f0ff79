"""What is done with each file of a folder, by what is stored of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from builders import a_record
from photo_ranker.indexing.discovery import Item
from photo_ranker.indexing.plan import VERDICT, Known, KnownPhotos, is_measured, make_plan
from photo_ranker.records import PhotoRecord, Stamp

KEYS = {"detect": "d.1", "picture": "p.1"}


def item(name: str, size: int = 10, mtime_ns: int = 1, companions: tuple[str, ...] = ()) -> Item:
    return Item(name, size, mtime_ns, companions)


def record(**facts: Any) -> PhotoRecord:
    return msgspec.structs.replace(a_record(), **({"parts": KEYS} | facts))


def planned(one: Item, known: PhotoRecord | None = None, **options: Any) -> str:
    """In which of the lists the file is."""
    records = {} if known is None else {one.name: known}
    plan = make_plan([one], records, KEYS, **({"retry_failed": False} | options))
    lists = [name for name in ("fresh", "failed", "todo") if getattr(plan, name)]
    assert plan.is_all_fresh == (lists != ["todo"] and not plan.regrouped)
    return " ".join([*lists, *(["regrouped"] if plan.regrouped else [])])


@pytest.mark.parametrize(
    ("one", "known", "where"),
    [
        (item("a.jpg"), None, "todo"),
        (item("a.jpg"), record(), "fresh"),
        (item("a.jpg", size=11), record(), "todo"),
        (item("a.jpg", mtime_ns=2), record(), "todo"),
        (item("a.jpg"), record(parts=KEYS | {"other": "x.1"}), "fresh"),
        (item("a.jpg"), record(parts={"detect": "d.1"}), "todo"),
        (item("a.jpg"), record(parts=KEYS | {"picture": "p.0"}), "todo"),
        (item("a.jpg", companions=("a.xmp",)), record(), "fresh regrouped"),
        (item("a.jpg", companions=("a.xmp",)), record(companions=("a.xmp",)), "fresh"),
        (item("a.jpg"), record(unreadable="broken"), "todo"),
    ],
)
def test_where_a_file_belongs(one: Item, known: PhotoRecord | None, where: str) -> None:
    assert planned(one, known) == where


def test_a_file_that_failed_is_tried_again_only_if_asked_for() -> None:
    failed = record(unreadable="broken", parts=VERDICT)
    assert planned(item("a.jpg"), failed) == "failed"
    assert planned(item("a.jpg"), failed, retry_failed=True) == "todo"
    assert planned(item("a.jpg", companions=("a.xmp",)), failed) == "failed regrouped"


def test_what_has_gone_has_a_record_and_no_file() -> None:
    records = {name: record() for name in ("a.jpg", "b.jpg", "c.jpg")}
    plan = make_plan([item("a.jpg")], records, KEYS, retry_failed=False, unseen=["b.jpg"])
    assert plan.gone == ["c.jpg"]
    assert not plan.is_all_fresh


def test_photos_need_no_parts_of_films() -> None:
    keys = KEYS | {"video.frames": "v.1"}
    assert is_measured(record(), keys)
    assert not is_measured(record(format="mp4"), keys)
    assert is_measured(record(format="mp4", parts=keys), keys)
    assert not is_measured(record(unreadable="broken"), KEYS)


def test_known_photos_are_found_by_their_content() -> None:
    known = KnownPhotos()

    def add(digest: str, size: int, name: str, **facts: Any) -> None:
        stamp = Stamp(size, 1, digest, "")
        known.add(Known(record(stamp=stamp, **facts), msgspec.Raw(b"{}"), ("album", name)))

    add("aa", 10, "first.jpg")
    add("aa", 10, "copy.jpg")
    add("bb", 20, "broken.jpg", unreadable="broken")
    add("", 30, "unhashed.jpg")
    found = known.by_hash("aa")
    assert found is not None
    assert found.origin == ("album", "first.jpg")
    assert (known.by_hash("bb"), known.by_hash("")) == (None, None)
    assert [known.may_know(item("x.jpg", size)) for size in (10, 20, 30)] == [True, False, False]
