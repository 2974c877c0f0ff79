"""Engines side by side: what one cannot measure, it does not take from the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pytest

from fakes import FakeMeasurer, FakeSpec, InlinePool, write_photo
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.indexing import IndexOptions, index, refresh
from photo_ranker.metadata import METADATA_NAME, load
from photo_ranker.records import PhotoRecord

REASON = "cannot be measured: no memory left on the card"


class WeakSpec(FakeSpec, frozen=True):
    """Another engine, which fails at photos that are heavy."""

    engine: str = "weak"
    parts: dict[str, str] = msgspec.field(default_factory=lambda: {"detect:weak": "weak.1", "picture": "fake.1"})

    def open(self) -> FakeMeasurer:
        return _WeakMeasurer(self)


class _WeakMeasurer(FakeMeasurer):
    def measure(self, photo: Any, known: PhotoRecord | None = None) -> PhotoRecord:
        if "heavy" in photo.orders:
            raise PhotoUnreadable(REASON)
        return super().measure(photo, known)


def run(folder: Path, spec: FakeSpec) -> tuple[int, list[tuple[str, str]]]:
    """How many photos were measured, and which could not be."""
    report = index([str(folder)], spec, IndexOptions(workers=1), make_pool=InlinePool)
    return report.analysed, report.unreadable


@pytest.fixture
def album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    (tmp_path / "album").mkdir()
    write_photo(tmp_path / "album" / "light.jpg", "faces=1 light")
    write_photo(tmp_path / "album" / "heavy.jpg", "faces=1 heavy")
    return tmp_path / "album"


def test_what_one_engine_fails_at_stays_as_the_other_measured_it(album: Path) -> None:
    assert run(album, FakeSpec()) == (2, [])
    before = load(album)["heavy.jpg"]
    failed = [(str(album / "heavy.jpg"), REASON)]
    assert run(album, WeakSpec()) == (1, failed)
    assert load(album)["heavy.jpg"] == before
    kept = (album / METADATA_NAME).read_bytes()
    assert run(album, FakeSpec()) == (0, [])
    assert run(album, WeakSpec()) == (0, failed), "tried again: the reason may have gone"
    assert (album / METADATA_NAME).read_bytes() == kept


def test_the_answer_of_the_engine_that_failed_says_so(album: Path) -> None:
    run(album, FakeSpec())
    seen, report = refresh([str(album)], WeakSpec(), IndexOptions(workers=1), make_pool=InlinePool)
    assert {photo.name: photo.record.unreadable for photo in seen.photos} == {"light.jpg": None, "heavy.jpg": REASON}
    assert report.found == 2


def test_a_file_that_has_changed_is_nobodys(album: Path) -> None:
    run(album, FakeSpec())
    write_photo(album / "heavy.jpg", "faces=1 heavy and another picture")
    run(album, WeakSpec())
    assert load(album)["heavy.jpg"].unreadable == REASON


def test_a_failure_of_the_only_engine_is_recorded_and_not_tried_again(album: Path) -> None:
    assert run(album, WeakSpec())[0] == 1
    assert load(album)["heavy.jpg"].unreadable == REASON
    assert len(run(album, WeakSpec())[1]) == 1


class DuoSpec(WeakSpec, frozen=True):
    """Looks at the faces of the usual engine once more, and fails at the same photos."""

    engine: str = "duo"
    parts: dict[str, str] = msgspec.field(
        default_factory=lambda: {"detect": "fake.1", "picture": "fake.1", "embed:duo": "duo.1", "video": "1"}
    )


def test_what_a_second_network_fails_at_stays_as_it_was(album: Path) -> None:
    run(album, FakeSpec())
    before = load(album)["heavy.jpg"]
    waiting = [(str(album / "heavy.jpg"), REASON)]
    seen, report = refresh([str(album)], DuoSpec(), IndexOptions(workers=1), make_pool=InlinePool)
    assert (report.analysed, report.unreadable, report.waiting, report.found) == (1, [], waiting, 2)
    noted = msgspec.structs.replace(before, parts={**before.parts, "embed:duo": "failed:duo.1"})
    assert load(album)["heavy.jpg"] == noted
    assert {photo.name: photo.record for photo in seen.photos}["heavy.jpg"] == noted, "what is known is still told"


def no_pool(spec: object, size: int, photo_seconds: float) -> NoReturn:
    raise AssertionError("the models are loaded again")


def test_what_a_second_network_fails_at_is_not_tried_at_every_question(album: Path) -> None:
    run(album, FakeSpec())
    run(album, DuoSpec())
    seen, report = refresh([str(album)], DuoSpec(), IndexOptions(workers=1), make_pool=no_pool)
    assert (len(seen.photos), report.fresh, report.waiting) == (2, 2, [])
    assert run(album, FakeSpec()) == (0, []), "the first network has seen it"
    again = index([str(album)], DuoSpec(), IndexOptions(workers=1, retry_failed=True), make_pool=InlinePool)
    assert [path for path, _ in again.waiting] == [str(album / "heavy.jpg")]
    other = DuoSpec(parts={**DuoSpec().parts, "embed:duo": "duo.2"})
    assert len(index([str(album)], other, IndexOptions(workers=1), make_pool=InlinePool).waiting) == 1
