"""Every command that we print is run, or where that takes a network, models or a server, at least understood."""

from __future__ import annotations

import shlex
import shutil
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from cli.everyone.printed import Printed, in_docs, in_help, in_source, written_by_hand
from fakes import InlinePool
from people.folk import Asked, FolkSpec, a_photo_of, use
from photo_ranker import indexing
from photo_ranker.cli import main, parser_of

WHO = ("anna", "ben", "carl", "dora", "emil", "fritz")

NOT_HERE = {
    "serve": "a server that waits for its user",
    "inspect": "real models: tests/cli/test_inspect.py",
    "doctor": "what it says is about this machine: tests/cli/test_doctor.py",
    "fetch": "a network: tests/cli/test_models.py",
    "verify": "a folder of models: tests/cli/test_models.py",
    "prune": "another engine's facts: tests/cli/test_models_prune.py",
    "buffalo_l": "a pack of insightface: tests/card",
    "s3://bucket/photos": "object storage: tests/scaleout",
    "--ray": "a cluster: tests/scaleout",
    "--embed": "exiftool: tests/cli/test_export.py",
    "draw": "photos of more than 16 px: tests/workspace/test_drawn_faces.py",
}
"""A word of a command -> what running it would take."""


def printed() -> list[Printed]:
    return list(dict.fromkeys([*in_source(), *in_help(), *in_docs()]))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the docs speak of: an album whose first people are Anna and Ben, portraits, an archive with a library."""
    root = tmp_path_factory.mktemp("world")
    for folder in ("wedding", "archive/2024", "Pictures", "photos"):
        for name in WHO:
            for number in range(3):
                a_photo_of(root / folder / f"{name}{number}.jpg", name, number=number)
        a_photo_of(root / folder / "IMG_1.jpg", "anna", number=11)
        a_photo_of(root / folder / "IMG_7.jpg", "anna", "carl", number=17)
        a_photo_of(root / folder / "IMG_9.jpg", "anna", number=19)
    for name in WHO[:2]:
        a_photo_of(root / f"{name}.jpg", name, number=50)
        a_photo_of(root / "portraits" / name.title() / "portrait.jpg", name, number=51)
    a_photo_of(root / "person.jpg", "anna", number=52)
    (root / "guests.csv").write_text("Anna, bride\n")
    (root / "labels.csv").write_text("photo,person\nanna0.jpg,Anna\n")
    (root / "my_config.py").touch()
    with pytest.MonkeyPatch.context() as patch:
        use(patch, FolkSpec())
        patch.setattr(indexing, "refresh", partial(indexing.refresh, make_pool=InlinePool))
        patch.chdir(root)
        _name("wedding", "anna0.jpg", "Anna")
        _name("wedding", "ben0.jpg", "Ben")
        assert main(["people", "list", "archive", "--recursive", "--quiet"]) == 0
        assert main(["library", "archive", "--quiet"]) == 0
    return root


def _name(album: str, photo: str, name: str) -> None:
    from photo_ranker.metadata import load
    from photo_ranker.people.store import load_book

    assert main(["people", "list", album, "--quiet"]) == 0
    (face,) = load(Path(album))[photo].faces
    person = next(person for person in load_book(Path(album)).present() if face.id in person.faces)
    assert main(["people", "name", str(person.number), name, "--photos", album, "--quiet"]) == 0


@pytest.fixture
def here(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to be changed by one command."""
    shutil.copytree(world, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("photo_ranker.indexing.local_pool", InlinePool)
    jpeg = cv2.imencode(".jpg", np.full((224, 224, 3), 90, np.uint8))[1].tobytes()
    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.__call__", lambda *_: None)
    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.face", lambda *_: jpeg)
    monkeypatch.setattr("photo_ranker.images.thumbnails.Thumbnails.whole", lambda *_: jpeg)
    return tmp_path / "here"


PLACEHOLDERS = {
    "DIR": "wedding", "PERSON": "Anna", "N": "3", "NAME": "Zoe", "FILE": "my_config.py", "ENGINE": "sface",
}  # fmt: skip


def filled(words: tuple[str, ...], here: Path) -> list[str]:
    """As a reader would fill it in."""
    words = tuple(PLACEHOLDERS.get(word, word) for word in words)
    if "--library" in words:
        words = tuple("/archive" if word == "wedding" else word for word in words)
    if words[0] == "library":
        words = tuple("/archive" if word == "wedding" else word for word in words)
    return [word.replace("/archive", str(here / "archive")).replace("~", str(here)) for word in words]


@pytest.mark.parametrize("command", printed(), ids=str)
def test_it_is_understood_and_works(here: Path, command: Printed, capfd: pytest.CaptureFixture[str]) -> None:
    words = filled(command.words, here)
    if needs := next((why for word, why in NOT_HERE.items() if word in words), None):
        assert parser_of(words[0]).parse_args(words[1:]), needs
        return
    try:
        code = main(words)
    except SystemExit as ended:  # --help
        code = int(ended.code or 0)
    assert code == 0, capfd.readouterr().err


def test_every_message_formats_its_commands_in_one_way() -> None:
    assert written_by_hand() == [], "use photo_ranker.core.terminal.command"


def test_commands_are_collected_from_everywhere() -> None:
    for place in (in_source, in_help, in_docs):
        assert len(list(place())) > 15, place.__name__


@pytest.mark.parametrize("name", ["the wedding", "it's", "-x", "a\x1b[31m\nb", "$HOME", "日本"], ids=ascii)
def test_suggest_prints_commands_that_answer(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for who in ("anna", "ben"):
        for number in range(4):
            a_photo_of(Path(name, "sub", f"{who}{number}.jpg"), who, number=number)
    monkeypatch.setattr("photo_ranker.people.suggest.REACH", 100.0)
    monkeypatch.setattr("photo_ranker.people.suggest.LEAST_HELP", 0.0)
    assert main(["people", "suggest", "--photos", f"./{name}", "--recursive"]) == 0
    question, *rest = capfd.readouterr().out.splitlines()
    assert question.endswith("? under 1% probable")
    lines = [line for line in rest if line.startswith("  photo-ranker ")]
    assert len(lines) == 2
    for line in reversed(lines):
        assert main(as_a_shell_reads(line)[1:]) == 0, line
        assert "(decision " in capfd.readouterr().out


def as_a_shell_reads(line: str) -> list[str]:
    bash = shutil.which("bash")
    if bash is None:
        return shlex.split(line)
    import subprocess

    shown = subprocess.run([bash, "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True).stdout
    return shown.decode().split("\0")[:-1]


@pytest.mark.parametrize("words", [["people", "list"], ["best"], ["event"], ["people", "name", "0", "Anna"]])
def test_no_folder_is_measured_unasked(here: Path, words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    before = sorted(here.rglob("*"))
    assert main(words) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert len(said.err.splitlines()) == 2
    assert sorted(here.rglob("*")) == before


def test_what_an_error_advises_works(ask: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    face = ask.people()["ben"]["faces"][0]["id"]
    assert main(["people", "split", "0", face, "--photos", str(ask.album)]) == 2
    advice = capfd.readouterr().err.splitlines()[-1]
    assert main(shlex.split(advice.removesuffix(" lists them"))[1:]) == 0
    assert main(["rank", "--ref", str(ask.album / "ben0.jpg"), "--with", "0", "--photos", str(ask.album)]) == 2
    advice = capfd.readouterr().err.splitlines()[-1]
    assert main(shlex.split(advice.partition(": ")[2])[1:]) == 0
