from __future__ import annotations

import json
import os
import shlex
import shutil
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from builders import a_face, a_record
from cards import a_card, mounted, write_protected
from photo_ranker.cli import main
from photo_ranker.cli.forget_kinds import KINDS
from photo_ranker.core.files import app_home
from photo_ranker.core.leftovers import this_process, write_owner
from photo_ranker.exporters.xmp import Facts, apply, plan_sidecar
from photo_ranker.images import content_hash
from photo_ranker.images.thumbnails import thumbnails_folder
from photo_ranker.library import LIBRARY_NAME
from photo_ranker.library.layout import ROOT_NAME, places_for
from photo_ranker.metadata import METADATA_NAME, FolderLock, Ledger, cache_place
from photo_ranker.metadata.lock import lock_of
from photo_ranker.metadata.places import FOLDER_NAME, PHOTOS_NAME, columns_file, columns_home, count_file
from photo_ranker.people.store import PEOPLE_NAME, edit_book
from photo_ranker.workspace.references import references_folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PHOTO_RANKER_DATA", str(tmp_path / "data"))
    return tmp_path / "cache"


@pytest.fixture
def album(tmp_path: Path, cache: Path) -> Path:
    """Photos in two folders with every kind of file that we write."""
    folder = tmp_path / "album"
    for place in (folder, folder / "sub" / ".hidden"):
        place.mkdir(parents=True)
        (place / "a.jpg").write_bytes(b"photo")
        with Ledger(place, print) as ledger:
            ledger.put("a.jpg", a_record(a_face()))
    for left_behind in ("journal", "x1.tmp", "damaged-20240601-120000"):
        (folder / f"{METADATA_NAME}.{left_behind}").write_bytes(b"")
    with lock_of(folder).open("wb") as lock:
        write_owner(lock, msgspec.structs.replace(this_process(), started=1))  # gone
    (folder / ".photo_ranker_people.json").write_text("{}")
    elsewhere = cache_place(folder / "closed")
    elsewhere.mkdir(parents=True)
    (elsewhere / FOLDER_NAME).write_text(str(folder / "closed"))
    (elsewhere / METADATA_NAME).write_text("{}")
    (folder / LIBRARY_NAME / "sface" / "1").mkdir(parents=True)
    (folder / LIBRARY_NAME / "sface" / "1" / "face.rows").write_bytes(b"rows")
    columns_home().mkdir()
    columns_file(folder, "sface").write_bytes(b"columns")
    count_file(folder, "sface").write_bytes(b"count")
    references_folder().mkdir()
    (references_folder() / "00-0123456789ab.json").write_text("{}")
    thumbnails_folder().mkdir()
    (thumbnails_folder() / "00-1280.jpg").write_bytes(b"small photo")
    return folder


@pytest.fixture
def names_elsewhere(album: Path) -> Path:
    """The book of people of the folder that cannot be written."""
    book = cache_place(album / "closed") / ".photo_ranker_people.json"
    book.write_text("{}")
    return book


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_everything_of_ours_goes_and_is_named(album: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget", str(album)]) == 0
    assert left(album) == [".photo_ranker_people.json", "a.jpg", "sub/.hidden/a.jpg"]
    assert left(cache) == []
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 14
    assert sum(line.startswith("removed: ") for line in said) == 13
    assert said[-1].startswith(f"kept: {album / '.photo_ranker_people.json'}")
    assert main(["forget", str(album)]) == 0
    assert "nothing to remove" in capsys.readouterr().out


def test_many_files_in_one_folder_are_one_line(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(40):
        (thumbnails_folder() / f"00-{number}.jpg").write_bytes(b"small photo")
    assert main(["forget", str(album)]) == 0
    assert f"removed: 41 files in {thumbnails_folder()} (remembered" in capsys.readouterr().out
    assert not thumbnails_folder().exists()


@pytest.mark.usefixtures("names_elsewhere")
def test_a_dry_run_removes_nothing(album: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = left(album), left(cache)
    assert main(["forget", str(album), "--dry-run", "--json", "--names", "--others"]) == 0
    assert (left(album), left(cache)) == before
    said = json.loads(capsys.readouterr().out)
    assert said["dry_run"]
    assert len(said["removed"]) == 15
    elsewhere = {kind.name for kind in KINDS if " app" in kind.name or kind.option == "others"}
    assert {entry["kind"] for entry in said["removed"]} == {kind.name for kind in KINDS} - elsewhere


def test_names_go_only_when_it_is_meant(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = left(album)
    assert main(["forget", str(album), "--names"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert left(album) == before
    assert main(["forget", str(album), "--names", "--yes"]) == 0
    assert left(album) == ["a.jpg", "sub/.hidden/a.jpg"]


def test_names_that_were_written_for_other_programs_stay_and_that_is_said(
    album: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sidecar = album / "a.jpg.xmp"
    apply(plan_sidecar(album / "a.jpg", (), Facts(label="Anna")))
    assert main(["forget", str(album), "--names", "--yes"]) == 0
    notes = capsys.readouterr().err.splitlines()
    take_out = [shlex.split(line) for line in notes if line.startswith("  photo-ranker ")]
    assert [words[-1] for words in take_out] == ["--remove", "--embed"]
    before = left(album)
    assert main(take_out[0][1:]) == 0
    assert set(before) - set(left(album)) == {sidecar.name}
    assert METADATA_NAME not in left(album), "nothing is measured to take names out"


def test_names_of_a_folder_that_cannot_be_written_stay_too(
    album: Path, cache: Path, names_elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forget", str(album)]) == 0
    place = names_elsewhere.parent.relative_to(cache)
    assert left(cache) == [str(place / names_elsewhere.name), str(place / FOLDER_NAME)]
    said = capsys.readouterr().out
    assert f"kept: {names_elsewhere} (names and decisions of folders that cannot be written; --names" in said
    assert main(["forget", str(album / "closed"), "--names"]) == 2
    assert main(["forget", str(album / "closed"), "--names", "--yes"]) == 0
    assert left(cache) == []


class Terminal:
    def __init__(self, answer: str) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self._answer


@pytest.mark.parametrize(("answer", "goes"), [("y\n", True), ("\n", False), ("no\n", False), ("", False)])
def test_the_question(album: Path, monkeypatch: pytest.MonkeyPatch, answer: str, *, goes: bool) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert main(["forget", str(album), "--names"]) == (0 if goes else 2)
    assert (album / ".photo_ranker_people.json").exists() is not goes
    assert (album / METADATA_NAME).exists() is not goes


@pytest.mark.skipif(os.name == "nt", reason="permissions as on POSIX")
def test_the_facts_and_names_of_every_card_that_lay_there_go(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "card"
    for name in ("A", "B"):
        with mounted(a_card(tmp_path / name, name), path), write_protected(path):
            with Ledger(path, print) as ledger:
                ledger.put("DSC_1.nef", a_record(a_face(name)))
            with edit_book(path, print) as book:
                book.add_person([name])
    assert len(left(cache)) == 8
    assert main(["forget", str(path)]) == 0
    assert Counter(Path(name).name for name in left(cache)) == {PEOPLE_NAME: 2, FOLDER_NAME: 2, PHOTOS_NAME: 2}
    assert main(["forget", str(path), "--names", "--yes"]) == 0
    assert left(cache) == []


def test_references_and_thumbnails_of_other_folders_stay(
    album: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = album / "sub" / "anna.jpg"
    unknown.write_bytes(b"a reference that was never indexed")
    of_unknown = references_folder() / f"{content_hash(unknown.read_bytes())}-0123456789ab.json"
    others = [references_folder() / "11-0123456789ab.json", thumbnails_folder() / "11-face-1-2-3.jpg"]
    for path in (of_unknown, *others):
        path.write_bytes(b"{}")
    assert main(["forget", str(album)]) == 0
    assert left(cache) == sorted(str(path.relative_to(cache)) for path in others)
    told = [line for line in capsys.readouterr().out.splitlines() if "of other photos; --others removes" in line]
    assert len(told) == 2
    assert main(["forget", str(album), "--others"]) == 0, "they can be made again: nothing is asked"
    assert left(cache) == []


def test_a_pipe_among_the_photos_keeps_nobody_waiting(album: Path) -> None:
    os.mkfifo(album / "pipe.jpg")
    (album / "link.jpg").symlink_to(album / "pipe.jpg")
    assert main(["forget", str(album)]) == 0


def test_facts_of_other_folders_stay(album: Path, cache: Path, tmp_path: Path) -> None:
    other = cache_place(tmp_path / "album2")
    other.mkdir(parents=True)
    (other / FOLDER_NAME).write_text(str(tmp_path / "album2"))
    (other / METADATA_NAME).write_text("{}")
    assert main(["forget", str(album)]) == 0
    assert left(cache) == [str((other / name).relative_to(cache)) for name in (METADATA_NAME, FOLDER_NAME)]


def test_a_folder_that_is_gone_can_be_forgotten(album: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget", str(album / "closed")]) == 0
    assert not cache_place(album / "closed").exists()
    assert main(["forget", str(album / "closed")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_a_misspelt_folder_forgets_nothing(album: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (cache / "references").mkdir(exist_ok=True)
    (cache / "references" / "of-someone").write_bytes(b"kept for all folders")
    assert main(["forget", str(album / "nosuch")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert (cache / "references" / "of-someone").exists()


def test_it_waits_for_a_run_at_work(album: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import threading

    taken = threading.Event()

    def work() -> None:
        with FolderLock(album, print):
            taken.set()
            threading.Event().wait(0.5)

    threading.Thread(target=work).start()
    taken.wait()
    assert main(["forget", str(album)]) == 0
    assert "waiting: another run of photo-ranker" in capsys.readouterr().err
    assert METADATA_NAME not in left(album)


@pytest.fixture
def fresh(tmp_path: Path, cache: Path) -> Path:
    """A folder that is indexed for the first time."""
    folder = tmp_path / "fresh"
    (folder / "later").mkdir(parents=True)
    return folder


def test_what_a_first_run_writes_goes_and_is_named(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import threading

    begun = threading.Event()

    def work() -> None:
        first = Ledger(fresh, print)
        first.put("a.jpg", a_record(a_face()))
        begun.set()
        threading.Event().wait(0.5)
        then = Ledger(fresh / "later", print)
        first.close()
        threading.Event().wait(0.5)
        then.put("b.jpg", a_record(a_face()))
        then.close()

    threading.Thread(target=work).start()
    begun.wait()
    assert main(["forget", str(fresh), "--json"]) == 0
    assert left(fresh) == []
    removed = json.loads(capsys.readouterr().out)["removed"]
    assert [entry["path"] for entry in removed] == [
        str(fresh / METADATA_NAME),
        str(fresh / "later" / METADATA_NAME),
    ]
    assert {entry["kind"] for entry in removed} == {"measured faces"}


def test_the_lock_of_a_run_at_work_is_nothing_to_remove(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FolderLock(fresh, print):
        assert main(["forget", str(fresh), "--dry-run"]) == 0
    assert "nothing to remove" in capsys.readouterr().out


def test_a_library_above_knows_nothing_of_it_any_more(album: Path, cache: Path) -> None:
    assert main(["library", str(album.parent), "--quiet"]) == 0
    assert (album.parent / LIBRARY_NAME).is_dir()
    assert main(["forget", str(album / "sub")]) == 0
    assert not (album.parent / LIBRARY_NAME).exists()
    assert (album / METADATA_NAME).exists()


@pytest.mark.skipif(os.name == "nt", reason="links as on POSIX")
def test_where_a_planted_library_leads_only_our_own_files_go(album: Path, tmp_path: Path) -> None:
    photos, library = tmp_path / "photos", album / LIBRARY_NAME
    for name in ("a.jpg", "site/manifest.json", "sface/2023/photo.jpg", "sface/notes.txt", "sface/1/photo.offsets"):
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        (photos / name).write_bytes(b"{}")
    shutil.rmtree(library)
    library.symlink_to(photos)
    assert main(["forget", str(album)]) == 0
    assert left(photos) == ["a.jpg", "sface/2023/photo.jpg", "sface/notes.txt", "site/manifest.json"]


def test_libraries_in_the_cache_go_too(album: Path, cache: Path) -> None:
    home = next(place for place in places_for(album) if place.is_relative_to(cache))
    (home / "sface").mkdir(parents=True)
    (home / ROOT_NAME).write_text(str(album))
    (home / "sface" / "manifest.json").write_text("{}")
    assert main(["forget", str(album)]) == 0
    assert left(cache) == []


@pytest.fixture
def app(album: Path, tmp_path: Path) -> Path:
    """What the app keeps of the album, of another one, and of a session."""
    home = app_home()
    kept = {
        "of_album": (str(album), "folder"),
        "of_other": (str(tmp_path / "elsewhere"), "folder"),
        "of_uploads": (str(home / "albums" / "of_uploads" / "photos"), "session"),
    }
    for name, (folder, kind) in kept.items():
        place = home / "albums" / name
        files = ["marks.json", "people.json", "event/event.json", "event/moments.json", "references/r1.json"]
        if kind == "session":
            files += ["photos/day/a.jpg", f"photos/day/{METADATA_NAME}", "photos/.photo_ranker_people.json"]
            files += ["archives/b.zip.part"]
        for file in files:
            (place / file).parent.mkdir(parents=True, exist_ok=True)
            (place / file).write_text("{}")
        (place / "album.json").write_text(json.dumps({"folder": folder, "kind": kind}))
        (home / "jobs").mkdir(exist_ok=True)
        (home / "jobs" / f"j_{name}.json").write_text(json.dumps({"album": name}))
        (home / "jobs" / f"j_{name}.log").write_text("")
    return home


OF_OTHERS = [
    f"albums/of_other/{name}"
    for name in ("album.json", "event/event.json", "event/moments.json", "marks.json", "people.json")
] + ["albums/of_other/references/r1.json", "jobs/j_of_other.json", "jobs/j_of_other.log"]
BY_HAND = [f"albums/of_album/{name}" for name in ("album.json", "event/moments.json", "marks.json")] + [
    f"albums/of_uploads/{name}" for name in ("event/moments.json", "marks.json", "photos/.photo_ranker_people.json")
]
UPLOADED = [f"albums/of_uploads/{name}" for name in ("album.json", "archives/b.zip.part", "photos/day/a.jpg")]


@pytest.mark.parametrize(
    ("options", "stays"),
    [
        ([], [*OF_OTHERS, *BY_HAND, *UPLOADED]),
        (["--names", "--yes"], [*OF_OTHERS, *UPLOADED]),
        (["--sessions", "--yes"], [*OF_OTHERS, *BY_HAND]),
        (["--names", "--sessions", "--yes"], OF_OTHERS),
    ],
)
def test_what_the_app_keeps_goes_and_is_named(
    album: Path, app: Path, capsys: pytest.CaptureFixture[str], options: list[str], stays: list[str]
) -> None:
    before = left(app)
    assert main(["forget", str(album), *options, "--json"]) == 0
    assert left(app) == sorted(stays)
    said = json.loads(capsys.readouterr().out)
    told = {str(Path(entry["path"]).relative_to(app)) for entry in said["removed"] if str(app) in entry["path"]}
    assert told == set(before) - set(stays)
    kept = {str(Path(entry["path"]).relative_to(app)) for entry in said["kept"] if str(app) in entry["path"]}
    assert kept == set(stays) - set(OF_OTHERS)


@pytest.mark.parametrize("damage", ["", "{", '{"kind": ["session"]}', "\0\0"])
def test_sessions_whose_record_is_damaged_are_found(album: Path, app: Path, damage: str) -> None:
    place = app / "albums" / "of_uploads"
    (place / "album.json").write_text(damage)
    (place / "album.json.damaged-20260101-000000").write_text("older damage")
    assert main(["forget", str(album), "--sessions", "--yes"]) == 0
    assert left(app) == sorted([*OF_OTHERS, *BY_HAND])
    assert main(["forget", str(album), "--names", "--yes"]) == 0
    assert left(app) == OF_OTHERS


def test_what_was_marked_by_hand_and_damaged_goes_with_the_names_alone(album: Path, app: Path) -> None:
    aside = app / "albums" / "of_album" / "marks.json.damaged-20260101-000000"
    aside.write_text("{")
    assert main(["forget", str(album)]) == 0
    assert aside.exists()
    assert main(["forget", str(album), "--names", "--yes"]) == 0
    assert not aside.exists()


def test_uploads_go_only_when_it_is_meant(album: Path, app: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = left(app)
    assert main(["forget", str(album), "--sessions"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert left(app) == before


def test_a_folder_around_the_app_names_each_file_once(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forget", str(tmp_path), "--names", "--sessions", "--yes", "--json"]) == 0
    paths = [entry["path"] for entry in json.loads(capsys.readouterr().out)["removed"]]
    assert len(paths) == len(set(paths))
    assert left(app) == []
