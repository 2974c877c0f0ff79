from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from builders import a_face, a_record, an_embedding
from photo_ranker import metadata as metadata_module
from photo_ranker.errors import MetadataError, NewerSchema, NotSaved
from photo_ranker.metadata import METADATA_NAME, Ledger, cache_place, load
from photo_ranker.metadata.places import journal_of
from photo_ranker.people.store import PEOPLE_NAME


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(folder))
    return folder


def never(line: str) -> None:
    raise AssertionError(line)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


ANN = a_record(a_face("ann"))
BOB = a_record(a_face("bob"), hash="01")


def test_what_is_put_in_is_there_afterwards(tmp_path: Path) -> None:
    assert load(tmp_path) == {}
    with Ledger(tmp_path, never) as ledger:
        ledger.put("a.jpg", ANN)
        ledger.put("b.jpg", BOB)
    assert load(tmp_path) == {"a.jpg": ANN, "b.jpg": BOB}
    with Ledger(tmp_path, never) as ledger:
        assert ledger.records == {"a.jpg": ANN, "b.jpg": BOB}
        ledger.drop("a.jpg")
        assert ledger.records == {"b.jpg": BOB}
    assert load(tmp_path) == {"b.jpg": BOB}
    assert names_in(tmp_path) == [METADATA_NAME]


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    with Ledger(tmp_path, never) as ledger:
        ledger.put("a.jpg", ANN)
        assert journal_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / METADATA_NAME).stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_when_nothing_has_changed(tmp_path: Path) -> None:
    with Ledger(tmp_path, never):
        pass
    assert names_in(tmp_path) == []
    with Ledger(tmp_path, never) as ledger:
        ledger.put("a.jpg", ANN)
    before = (tmp_path / METADATA_NAME).stat()
    with Ledger(tmp_path, never):
        pass
    assert (tmp_path / METADATA_NAME).stat().st_ino == before.st_ino
    with Ledger(tmp_path, never) as ledger:
        ledger.put("b.jpg", BOB)
        ledger.save()
        saved = (tmp_path / METADATA_NAME).stat()
    assert before.st_ino != saved.st_ino == (tmp_path / METADATA_NAME).stat().st_ino, "nor after a save of all"


def test_each_run_that_writes_counts_one_on(tmp_path: Path) -> None:
    counted = []
    for number in range(3):
        with Ledger(tmp_path, never) as ledger:
            ledger.put(f"{number}.jpg", ANN)
            ledger.save()
            ledger.put("a.jpg", BOB)
        counted.append(json.loads((tmp_path / METADATA_NAME).read_text())["revision"])
    assert counted == [1, 2, 3]


def test_each_record_is_safe_at_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, never)
    ledger.put("a.jpg", ANN)
    assert not (tmp_path / METADATA_NAME).exists()
    assert load(tmp_path) == {"a.jpg": ANN}
    ledger.close()


def test_a_line_cut_off_by_a_kill_costs_that_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, never)
    ledger.put("a.jpg", ANN)
    ledger.put("b.jpg", BOB)
    left = journal_of(tmp_path).read_bytes()
    ledger.close()
    (tmp_path / METADATA_NAME).unlink()
    for cut in (len(left) - 1, len(left) - 20, left.index(b"\n") + 1):
        journal_of(tmp_path).write_bytes(left[:cut])
        assert load(tmp_path) == ({"a.jpg": ANN, "b.jpg": BOB} if cut == len(left) - 1 else {"a.jpg": ANN})
    with Ledger(tmp_path, never):
        pass
    assert load(tmp_path) == {"a.jpg": ANN}
    assert names_in(tmp_path) == [METADATA_NAME]


def test_the_file_follows_while_the_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata_module, "SAVE_EVERY_SECONDS", 0.0)
    with Ledger(tmp_path, never) as ledger:
        ledger.put("a.jpg", ANN)
        assert list(json.loads((tmp_path / METADATA_NAME).read_bytes())["photos"]) == ["a.jpg"]
        assert journal_of(tmp_path).read_bytes() == b""


def test_saving_takes_a_small_share_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the disk is."""
    saves = []

    def slowly(*_: object) -> None:
        time.sleep(0.02)
        saves.append(0.02)

    monkeypatch.setattr(metadata_module, "write_text", slowly)
    monkeypatch.setattr(metadata_module, "SAVE_EVERY_SECONDS", 0.0)
    ledger = Ledger(tmp_path, never)
    started = time.monotonic()
    while time.monotonic() - started < 3:
        ledger.put("a.jpg", ANN)
    ledger.close()
    assert len(saves) >= 2
    assert sum(saves) <= 0.05 * (time.monotonic() - started)


def test_temporary_files_of_killed_runs_are_removed(tmp_path: Path) -> None:
    half = tmp_path / f"{METADATA_NAME}.abc.tmp"  # as former versions called it
    half.write_bytes(b"half")
    os.utime(half, (time.time() - 90_000,) * 2)
    with Ledger(tmp_path, never):
        pass
    assert names_in(tmp_path) == []


def test_a_damaged_file_is_set_aside_and_said(tmp_path: Path) -> None:
    (tmp_path / METADATA_NAME).write_bytes(b'{"schema": 1, "photos": {"a.jpg"')
    said: list[str] = []
    assert load(tmp_path) == {}
    with Ledger(tmp_path, said.append) as ledger:
        assert ledger.records == {}
        ledger.put("a.jpg", ANN)
    aside, new = sorted(tmp_path.iterdir(), key=lambda path: -len(path.name))
    assert aside.name.startswith(f"{METADATA_NAME}.damaged-2")
    assert aside.read_bytes().startswith(b'{"schema": 1, "photos"')
    assert aside.name in said[0]
    assert new.name == METADATA_NAME


@pytest.mark.parametrize("length", [0, 3, 4])
def test_identities_that_cannot_be_compared_are_damage(tmp_path: Path, length: int) -> None:
    with Ledger(tmp_path, never) as ledger:
        ledger.put("a.jpg", a_record(a_face("f1", embedding=an_embedding(1))))
        ledger.put("b.jpg", a_record(a_face("f2", embedding=b"x" * length)))
    said: list[str] = []
    with Ledger(tmp_path, said.append) as ledger:
        assert ledger.records == {}
    assert METADATA_NAME in said[0]


def test_two_damaged_files_in_one_second_are_both_kept(tmp_path: Path) -> None:
    for _ in range(3):
        (tmp_path / METADATA_NAME).write_bytes(b"x")
        Ledger(tmp_path, lambda _: None).close()
    assert len(names_in(tmp_path)) == 3


def test_a_newer_file_is_left_as_it_is(tmp_path: Path) -> None:
    text = b'{"schema": 2, "photos": {"a.jpg": 7}}'
    (tmp_path / METADATA_NAME).write_bytes(text)
    with pytest.raises(NewerSchema, match=METADATA_NAME):
        load(tmp_path)
    with pytest.raises(NewerSchema, match=METADATA_NAME):
        Ledger(tmp_path, never)
    assert (tmp_path / METADATA_NAME).read_bytes() == text
    assert names_in(tmp_path) == [METADATA_NAME]


def test_what_others_wrote_survives(tmp_path: Path) -> None:
    with Ledger(tmp_path, never) as ledger:
        ledger.put("a.jpg", ANN)
        ledger.put("b.jpg", BOB)
    document = json.loads((tmp_path / METADATA_NAME).read_bytes())
    document["library"] = {"owner": "me"}
    document["photos"]["a.jpg"]["rating"] = 5
    document["photos"]["b.jpg"]["rating"] = 4
    (tmp_path / METADATA_NAME).write_text(json.dumps(document, indent=2))
    with Ledger(tmp_path, never) as ledger:
        ledger.put("a.jpg", msgspec.structs.replace(ANN, camera="X"))
        ledger.put("c.jpg", BOB, like=ledger.text("b.jpg"))
        ledger.drop("b.jpg")
    again = json.loads((tmp_path / METADATA_NAME).read_bytes())
    assert again["library"] == {"owner": "me"}
    assert again["photos"]["a.jpg"]["rating"] == 5
    assert again["photos"]["a.jpg"]["camera"] == "X"
    assert again["photos"]["c.jpg"]["rating"] == 4


def test_names_of_all_kinds_come_back(tmp_path: Path) -> None:
    names = [os.fsdecode(b"\xff\xfe.jpg"), "\u00e9.jpg", "e\u0301.jpg", "a\nb.jpg", "x" * 251 + ".jpg", '"\\.jpg']
    with Ledger(tmp_path, never) as ledger:
        for name in names:
            ledger.put(name, ANN)
    assert set(load(tmp_path)) == set(names)


IN_A_PROCESS = """
import os, resource, signal, sys
from pathlib import Path
from builders import a_face, a_record
from photo_ranker.errors import NotSaved
from photo_ranker.metadata import Ledger
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    with Ledger(Path(sys.argv[1]), print) as ledger:
        for number in range(1000):
            ledger.put(f"{number}.jpg", a_record(a_face("x")))
except NotSaved as error:
    print(error.message, "|", error.advice)
"""


def test_a_full_disk_is_said_and_leaves_the_old_file(tmp_path: Path) -> None:
    with Ledger(tmp_path, never) as ledger:
        for number in range(500):
            ledger.put(f"old {number}.jpg", ANN)
    before = (tmp_path / METADATA_NAME).read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS, str(tmp_path), str(len(before) // 2)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    assert "no room to write" in done.stdout
    assert "old file is intact; free some space" in done.stdout
    assert not done.stderr
    assert (tmp_path / METADATA_NAME).read_bytes() == before
    assert len(load(tmp_path)) > 600, "what the journal could take is kept"
    assert names_in(tmp_path) == [METADATA_NAME, journal_of(tmp_path).name]


AS_ANOTHER_USER = """
import os, socket, sys, tempfile  # all that is loaded later: another user may not read our Python
from pathlib import Path
from builders import a_face, a_record
from photo_ranker.metadata import Ledger, load
os.environ["PHOTO_RANKER_CACHE"] = sys.argv[2]
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
folder = Path(sys.argv[1])
with Ledger(folder, print) as ledger:
    print("in the folder:", ledger.place == folder)
    print("found", sorted(ledger.records))
    ledger.put(sys.argv[3], a_record(a_face("x")))
print("stored", sorted(load(folder)))
"""


def as_another_user(folder: Path, cache: Path, name: str) -> str:
    if os.geteuid() != 0:
        pytest.skip("only root can act as another user")
    cache.chmod(0o777)
    for parent in (folder, *folder.parents[:3], cache.parent):
        parent.chmod(parent.stat().st_mode | 0o055)
    return subprocess.run(
        [sys.executable, "-c", AS_ANOTHER_USER, str(folder), str(cache), name],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    ).stdout


def test_a_folder_that_cannot_be_written_is_kept_in_the_users_cache(tmp_path: Path, own_cache: Path) -> None:
    assert "in the folder: False" in as_another_user(tmp_path, own_cache, "a.jpg")
    assert "found ['a.jpg']" in as_another_user(tmp_path, own_cache, "b.jpg")
    assert names_in(tmp_path) == []
    place = cache_place(tmp_path)
    assert names_in(place) == [METADATA_NAME, "folder", "photos.json"]
    assert sorted(load(tmp_path)) == ["a.jpg", "b.jpg"]
    # Once it can be written again, all comes home; not to an empty folder, since that may be a card's that is away.
    with Ledger(tmp_path, never) as ledger:
        assert sorted(ledger.records) == []
    assert place.exists()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"10 letters")
        os.utime(tmp_path / name, ns=(1, 1))
    with Ledger(tmp_path, never) as ledger:
        assert sorted(ledger.records) == ["a.jpg", "b.jpg"]
    assert names_in(tmp_path) == [METADATA_NAME, "a.jpg", "b.jpg"]
    assert not place.exists()


def test_names_in_the_users_cache_keep_the_note_of_their_folder(tmp_path: Path, own_cache: Path) -> None:
    as_another_user(tmp_path, own_cache, "a.jpg")
    place = cache_place(tmp_path)
    (place / PEOPLE_NAME).write_bytes(b"said by hand")
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"10 letters")
        os.utime(tmp_path / name, ns=(1, 1))
    with Ledger(tmp_path, never):
        pass
    assert names_in(place) == [PEOPLE_NAME, "folder", "photos.json"]


def test_a_file_of_another_user_is_neither_read_nor_replaced(tmp_path: Path, own_cache: Path) -> None:
    with Ledger(tmp_path, never) as ledger:
        ledger.put("a.jpg", ANN)
    tmp_path.chmod(0o777)
    said = as_another_user(tmp_path, own_cache, "b.jpg")
    assert "in the folder: False" in said
    assert "found []" in said
    assert "stored ['b.jpg']" in said
    assert sorted(json.loads((tmp_path / METADATA_NAME).read_bytes())["photos"]) == ["a.jpg"]


def test_an_unreadable_file_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / METADATA_NAME).mkdir()
    with pytest.raises(MetadataError, match="is a folder, not a plain file"):
        load(tmp_path)


def test_no_place_at_all_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(file / "cache"))
    with pytest.raises(NotSaved):
        Ledger(tmp_path / "missing", lambda _: None)
