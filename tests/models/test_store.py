from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import subprocess
import sys
import textwrap
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from photo_ranker.errors import FileRefused, ModelUnavailable
from photo_ranker.models.sources import SourceFailed
from photo_ranker.models.store import (
    MODELS,
    StoredFile,
    get,
    is_fetched,
    keep_sent,
    look,
    model_path,
    models_folder,
    sha256_of,
)

CONTENT = b"weights" * 1000


@dataclass
class FakeSource:
    """Gives bytes, or fails; counts how often it was asked."""

    content: bytes = CONTENT
    failure: str = ""
    asked: int = 0
    gate: threading.Event | None = None
    entered: threading.Event = field(default_factory=threading.Event)

    def __str__(self) -> str:
        return "fake source"

    def fetch(self, target: Path) -> None:
        self.asked += 1
        self.entered.set()
        if self.gate:
            assert self.gate.wait(20)
        if self.failure:
            raise SourceFailed(self.failure)
        target.write_bytes(self.content)


def stored(*sources: FakeSource) -> StoredFile:
    return StoredFile("weights.bin", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), "tests", "none", sources)


@pytest.fixture(autouse=True)
def nothing_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PHOTO_RANKER_MODELS", raising=False)


def test_a_missing_file_is_fetched_once(tmp_path: Path) -> None:
    source = FakeSource()
    path = get(stored(source), tmp_path / "models")
    assert path == tmp_path / "models" / "weights.bin"
    assert path.read_bytes() == CONTENT
    assert get(stored(source), tmp_path / "models") == path
    assert source.asked == 1


@pytest.mark.parametrize("left", [b"", CONTENT[:-1], b"another file"])
def test_a_half_written_or_damaged_file_is_fetched_again(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "weights.bin").write_bytes(left)
    source = FakeSource()
    assert look(stored(source), tmp_path).state == "damaged"
    assert get(stored(source), tmp_path).read_bytes() == CONTENT


def test_the_first_source_that_answers_wins(tmp_path: Path) -> None:
    first, second, third = FakeSource(failure="no route"), FakeSource(), FakeSource()
    get(stored(first, second, third), tmp_path)
    assert (first.asked, second.asked, third.asked) == (1, 1, 0)


def test_a_wrong_hash_means_the_next_source(tmp_path: Path) -> None:
    wrong, right = FakeSource(content=b"an error page"), FakeSource()
    assert get(stored(wrong, right), tmp_path).read_bytes() == CONTENT
    assert wrong.asked == right.asked == 1


def test_the_last_failure_names_every_source_the_file_and_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable) as raised:
        get(stored(FakeSource(failure="github.com cannot be reached"), FakeSource(content=b"an error page")), tmp_path)
    assert raised.value.message == (
        "weights.bin could not be fetched (github.com cannot be reached; "
        f"fake source gave another file (sha256 {hashlib.sha256(b'an error page').hexdigest()[:12]}...))"
    )
    assert f"put the file into {tmp_path} by hand" in raised.value.advice
    assert [path.name for path in tmp_path.iterdir()] == [".weights.bin.lock"]


def test_a_failed_fetch_leaves_no_half_written_file(tmp_path: Path) -> None:
    class Breaking(FakeSource):
        def fetch(self, target: Path) -> None:
            target.write_bytes(CONTENT[:100])
            raise SourceFailed("connection lost")

    with pytest.raises(ModelUnavailable):
        get(stored(Breaking()), tmp_path)
    assert look(stored(), tmp_path).state == "missing"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelUnavailable) as raised:
        get(stored(FakeSource()), tmp_path / "file" / "models")
    assert raised.value.message.startswith(f"weights.bin cannot be kept in {tmp_path / 'file' / 'models'}: ")
    assert "PHOTO_RANKER_CACHE" in raised.value.advice


def test_whoever_waits_is_told_why_and_fetches_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    gate = threading.Event()
    slow, late = FakeSource(gate=gate), FakeSource()
    first = threading.Thread(target=get, args=(stored(slow), tmp_path))
    first.start()
    assert slow.entered.wait(20)
    with caplog.at_level(logging.INFO, logger="photo_ranker"):
        second = threading.Thread(target=get, args=(stored(late), tmp_path))
        second.start()
        while "waiting" not in caplog.text and second.is_alive():
            second.join(0.01)
        gate.set()
        first.join(20)
        second.join(20)
    assert "waiting: another run fetches weights.bin" in caplog.text
    assert (slow.asked, late.asked) == (1, 0)
    assert (tmp_path / "weights.bin").read_bytes() == CONTENT


def test_two_processes_fetch_once(tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import hashlib, sys, time
        from pathlib import Path
        from photo_ranker.models.store import StoredFile, get

        class Slow:
            def fetch(self, target):
                with open(sys.argv[1] + "/log", "a") as log:
                    log.write("fetched\\n")
                time.sleep(0.5)
                target.write_bytes(b"weights")

        get(StoredFile("w", hashlib.sha256(b"weights").hexdigest(), 7, "", "", (Slow(),)), Path(sys.argv[1]))
    """)
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert (tmp_path / "log").read_text() == "fetched\n"
    assert (tmp_path / "w").read_bytes() == b"weights"


def test_a_file_put_there_by_hand_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand = tmp_path / "by hand"
    by_hand.mkdir()
    (by_hand / "weights.bin").write_bytes(CONTENT)
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(by_hand))
    source = FakeSource()
    assert get(stored(source), tmp_path / "cache") == by_hand / "weights.bin"
    assert source.asked == 0


def test_a_wrong_file_put_there_by_hand_is_the_users_to_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weights.bin").write_bytes(b"wrong")
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(tmp_path))
    with pytest.raises(ModelUnavailable) as raised:
        get(stored(FakeSource()), tmp_path / "cache")
    assert raised.value.message == f"{tmp_path / 'weights.bin'} is damaged or another version"
    assert raised.value.advice == f"its sha256 must be {hashlib.sha256(CONTENT).hexdigest()}"
    assert (tmp_path / "weights.bin").read_bytes() == b"wrong"


def test_a_folder_by_hand_without_the_file_does_not_stand_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTO_RANKER_MODELS", str(tmp_path / "nowhere"))
    assert get(stored(FakeSource()), tmp_path / "cache") == tmp_path / "cache" / "weights.bin"


def test_the_cache_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path))
    assert models_folder() == tmp_path / "models"


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_here_and_whole(name: str) -> None:
    file = MODELS[name]
    path = model_path(name)
    assert sha256_of(path) == file.sha256
    assert path.stat().st_size == file.size_bytes


def test_the_pack_is_small_and_free() -> None:
    assert sum(file.size_bytes for file in MODELS.values()) < 15_000_000
    assert {file.licence for file in MODELS.values()} == {"MIT", "Apache-2.0"}
    assert all(len(file.sources) == 2 for file in MODELS.values())


def test_a_quick_look_tells_whether_anything_is_to_be_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_fetched()
    monkeypatch.delenv("PHOTO_RANKER_MODELS", raising=False)
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path))
    assert not is_fetched()
    models_folder().mkdir()
    for name, file in MODELS.items():
        (models_folder() / name).touch()
        assert not is_fetched(), "half a file is none"
        os.truncate(models_folder() / name, file.size_bytes)
    assert is_fetched()


def test_what_a_killed_run_has_left_goes_with_the_next_fetch(tmp_path: Path) -> None:
    left = tmp_path / ".fetch-abcd_123"
    left.mkdir()
    (left / "weights.bin").write_bytes(CONTENT[:99])
    os.utime(left, (0, 0))
    get(stored(FakeSource()), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"weights.bin", ".weights.bin.lock"}


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")
@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["weights.bin", ".weights.bin.lock"])
def test_what_was_planted_in_place_of_a_model_is_left_as_it_is(name: str, tmp_path: Path) -> None:
    folder, photo = tmp_path / "models", tmp_path / "photo.jpg"
    folder.mkdir()
    photo.write_bytes(b"a photo")
    for plant in ("symlink_to", "hardlink_to"):
        getattr(folder / name, plant)(photo)
        with contextlib.suppress(FileRefused):
            assert get(stored(FakeSource()), folder).read_bytes() == CONTENT
        (folder / name).unlink()
        assert photo.read_bytes() == b"a photo"
    os.mkfifo(folder / name)
    with pytest.raises(FileRefused, match="is a pipe"):
        get(stored(FakeSource()), folder)


def test_what_another_machine_has_sent_is_kept_if_it_is_the_right_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path))
    content = b"the weights"
    file = StoredFile("sent.bin", hashlib.sha256(content).hexdigest(), len(content), "a test", "none", ())
    with pytest.raises(ModelUnavailable, match="damaged on its way"):
        keep_sent(file, b"something else")
    keep_sent(file, content)
    assert (models_folder() / "sent.bin").read_bytes() == content
    keep_sent(file, b"nobody looks at it any more")
