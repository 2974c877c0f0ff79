"""Whatever lies under the names of our files, nothing else changes, nothing hangs, and one clear line says why.

Each command is run once to see what it writes; then something else is planted under one of those names.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from photo_ranker.cli import main
from photo_ranker.models.store import models_folder, sample_photo

pytestmark = [pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX"), pytest.mark.timeout(60)]

COMMANDS = {
    "rank": "rank --ref photos/eileen.png --photos photos --output out/ranked.html",
    "index": "index photos --workers 1",
    "people": "people name 0 Anna --photos photos",
    "library": "library photos",
    "event": "event photos --output out/event",
    "album": "export --photos photos --to out/album",
    "xmp": "export xmp --photos photos --ref photos/eileen.png",
}

OURS = [
    ("index", "photos/.photo_ranker_metadata.json"),
    ("index", "photos/.photo_ranker_metadata.json.lock"),
    ("index", "photos/.photo_ranker_metadata.json.journal"),
    ("people", "photos/.photo_ranker_people.json"),
    ("rank", "cache/references/*.json"),
    ("rank", "cache/thumbnails/*-face-*.jpg"),
    ("library", "photos/.photo_ranker_library/sface/manifest.json"),
    ("library", "photos/.photo_ranker_library/sface/1/face.rows"),
    ("library", "photos/.photo_ranker_library/sface/1/photo.offsets"),
    ("event", "out/event/event.json"),
    ("event", "out/event/face_data.csv"),
    ("event", "out/event/output_clusters/cluster_0.jpg"),
    ("event", "out/event/output_clusters/.photo_ranker_made"),
    ("event", "out/event/thumbnails/*.jpg"),
    ("album", "out/album/photo_ranker_manifest.jsonl"),
    ("album", "cache/locks/*"),
    ("xmp", "photos/eileen.png.xmp"),
]
"""A command, and a file that it writes."""


def a_device(path: Path, _: Path) -> None:
    if os.getuid():
        pytest.skip("only root makes devices")
    os.mknod(path, 0o20666, os.makedev(1, 5))  # zeros without end


def a_folder(path: Path, _: Path) -> None:
    path.mkdir()
    (path / "kept.jpg").write_bytes(b"a photo")


KINDS: dict[str, Callable[[Path, Path], object]] = {
    "link to a photo": lambda path, others: path.symlink_to(others / "a.jpg"),
    "link to nowhere": lambda path, others: path.symlink_to(others / "nowhere"),
    "link to a folder": lambda path, others: path.symlink_to(others),
    "second name of a photo": lambda path, others: path.hardlink_to(others / "a.jpg"),
    "pipe": lambda path, _: os.mkfifo(path),
    "device": a_device,
    "folder": a_folder,
}


@pytest.fixture(scope="module")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos that are measured, and people in them; beside them a photo of somebody else."""
    place = tmp_path_factory.mktemp("planted") / "beginning"
    for folder in ("photos", "others", "out", "cache"):
        (place / folder).mkdir(parents=True)
    shutil.copy(sample_photo("Tom_Hanks_54745.png"), place / "photos" / "tom.png")
    shutil.copy(sample_photo("astronaut.png"), place / "photos" / "eileen.png")
    (place / "others" / "a.jpg").write_bytes(b"a photo of somebody else")
    (place / "cache" / "models").symlink_to(models_folder())
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PHOTO_RANKER_CACHE", str(place / "cache"))
        patched.chdir(place)
        assert main(["people", "list", "photos", "--quiet"]) == 0
        assert run("rank") == 0
    return place


@pytest.fixture
def place(beginning: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it, always under the same name."""
    place = beginning.with_name("place")
    shutil.copytree(beginning, place, symlinks=True)
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(place / "cache"))
    monkeypatch.chdir(place)
    yield place
    monkeypatch.undo()
    shutil.rmtree(place)


def run(command: str) -> int:
    return main([*COMMANDS[command].split(), "--quiet"])


def of_others(place: Path) -> dict[str, str]:
    """Name and hash of all that is not ours."""
    theirs = [*place.glob("photos/[!.]*.*g"), *place.rglob("kept.jpg"), *(place / "others").iterdir()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(theirs) if path.is_file()}


_names: dict[tuple[str, str], Path] = {}


def name_of(command: str, pattern: str, place: Path) -> Path:
    """The name that a command gives to such a file; asked once, for each run takes its time."""
    if (command, pattern) not in _names:
        shutil.copytree(place, place.with_name("asked"), symlinks=True)
        assert run(command) == 0
        # A lock and a journal are gone when the command has ended.
        _names[command, pattern] = min(place.glob(pattern), default=place / pattern).relative_to(place)
        os.chdir(place.parent)
        shutil.rmtree(place)
        place.with_name("asked").rename(place)
        os.chdir(place)
    return _names[command, pattern]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("command", "pattern"), OURS)
def test_nothing_else_changes(
    command: str, pattern: str, kind: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = name_of(command, pattern, place)
    ours.parent.mkdir(parents=True, exist_ok=True)
    _take_away(ours)
    KINDS[kind](ours, place / "others")
    before = of_others(place)
    capsys.readouterr()
    code, said = run(command), capsys.readouterr().err.splitlines()
    assert of_others(place) == before
    assert code in {0, 2}, said
    if code == 2:
        errors = [line for line in said if line.startswith("error: ")]
        assert len(errors) == 1
        assert ours.name in errors[0]
    _take_away(ours)
    assert run(command) == 0


def _take_away(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


# What a command is given that is no plain file, and how it ends: 0 where it is one photo of many.
GIVEN = {
    "index photos --workers 1": 0,
    "index photos/a.jpg --workers 1": 2,
    "rank --ref photos/eileen.png --photos photos": 0,
    "rank --ref photos/eileen.png --photos photos --output out/list.html": 0,
    "rank --ref photos/a.jpg --photos photos": 2,
    "rank --ref pipes --photos photos": 2,
    "rank --ref photos/eileen.png --photos photos --config pipes/a.jpg": 2,
    "rank --ref photos/eileen.png --photos photos --output pipes/list.txt": 2,
    "inspect photos/a.jpg": 1,
    "best photos": 0,
    "event photos --output out/event": 0,
    "event photos --output out/event --labels pipes/a.jpg": 2,
    "event photos --output pipes/list.txt": 2,
    "people import photos --xmp": 0,
    "people import photos --labels pipes/a.jpg": 2,
    "people import photos --guests pipes/a.jpg": 2,
    "people import photos --references .": 2,
    "people export-faces --photos photos --to out/faces": 0,
    "people import-faces --photos photos --from pipes": 2,
    "library photos": 0,
    "export --photos photos --to out/album": 0,
    "export --photos photos --to out/album --way hardlink": 0,
    "export --photos photos --zip out/album.zip": 0,
    "export --photos photos --zip pipes/a.jpg": 2,
    "export --photos photos --gallery out/gallery": 0,
    "export --photos photos --faces pipes/list.csv": 2,
    "export xmp --photos photos": 0,
    "forget photos --dry-run": 0,
}
FINE = {
    ("index photos/a.jpg --workers 1", "folder"),
    ("event photos --output pipes/list.txt", "folder"),
    ("rank --ref photos/eileen.png --photos photos --output pipes/list.txt", "device"),
}
"""What may be given there."""


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
@pytest.mark.parametrize("command", GIVEN)
def test_nothing_hangs(command: str, kind: str, place: Path) -> None:
    """Photos, sidecars and files that were given by name; one photo was a plain file when it was measured."""
    (place / "pipes").mkdir()
    (place / "photos" / "tom.png").unlink()
    names = ("a.jpg", "b.heic", "c.mp4", "d.cr2", "no_suffix", "tom.png", "eileen.png.xmp", "eileen.xmp")
    for path in [place / "photos" / name for name in names]:
        KINDS[kind](path, place)
    for name in ("a.jpg", "list.txt", "list.csv", ".photo_ranker_faces.json"):
        KINDS[kind](place / "pipes" / name, place)
    before = of_others(place)
    assert main([*command.split(), "--quiet"]) == (0 if (command, kind) in FINE else GIVEN[command])
    assert {path: digest for path, digest in of_others(place).items() if path in before} == before
