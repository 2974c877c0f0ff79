from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import a_ranked_photo, a_ranking
from photo_ranker.errors import UserError
from photo_ranker.exporters import EXPORTERS, output_format
from photo_ranker.exporters.writing import OUR_SUFFIXES, write


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    for name in ("a.jpg", "b.txt", "noname"):
        (folder / name).write_bytes(b"a photo")
    return folder


def photos_of(album: Path) -> list[str]:
    return [str(path) for path in album.iterdir()]


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    target = tmp_path / "ranked.txt"
    write(target, [b"one\n", b"two\n"])
    assert target.read_bytes() == b"one\ntwo\n"
    write(target, [b"three\n"])
    assert target.read_bytes() == b"three\n"
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "ranked.txt"
    target.write_bytes(b"old")

    def pieces() -> Iterator[bytes]:
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(target, pieces())
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("name", ["a.jpg", "b.txt", "noname"])
def test_no_photo_is_ever_overwritten(album: Path, name: str) -> None:
    with pytest.raises(UserError):
        write(album / name, [b"list"], photos_of(album))
    assert (album / name).read_bytes() == b"a photo"


def test_not_even_by_a_link(album: Path, tmp_path: Path) -> None:
    link = tmp_path / "ranked.txt"
    try:
        link.symlink_to(album / "b.txt")
    except OSError:
        pytest.skip("no symbolic links here")
    with pytest.raises(UserError, match="is one of the photos"):
        write(link, [b"list"], photos_of(album))
    link.unlink()
    link.symlink_to(album / "a.jpg")
    with pytest.raises(UserError, match="no list of ours"):
        write(link, [b"list"])
    assert (album / "a.jpg").read_bytes() == b"a photo"


def test_a_file_of_another_kind_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "holiday.mp4"
    other.write_bytes(b"a film")
    with pytest.raises(UserError, match="no list of ours"):
        write(other, [b"list"])
    assert other.read_bytes() == b"a film"


def test_a_photo_that_is_gone_is_no_obstacle(tmp_path: Path) -> None:
    target = tmp_path / "ranked.txt"
    target.write_bytes(b"old")
    write(target, [b"new"], [str(tmp_path / "gone.jpg")])
    assert target.read_bytes() == b"new"


def test_a_link_to_a_list_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_bytes(b"old")
    link = tmp_path / "link.txt"
    try:
        link.symlink_to("real.txt")
    except OSError:
        pytest.skip("no symbolic links here")
    write(link, [b"new"])
    assert link.is_symlink()
    assert (tmp_path / "real.txt").read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_the_file_is_as_open_as_others(tmp_path: Path) -> None:
    target = tmp_path / "ranked.txt"
    (tmp_path / "usual").write_bytes(b"")
    write(target, [b"1"])
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)
    target.chmod(0o600)
    write(target, [b"2"])
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot write") as caught:
        write(tmp_path / "no" / "ranked.txt", [b""])
    assert caught.value.advice


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="no device files here")
def test_devices_are_written_into_not_replaced() -> None:
    write(Path("/dev/null"), [b"x"])
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize(
    ("output", "asked", "wanted"),
    [
        (None, None, "txt"),
        (None, "csv", "csv"),
        ("a.json", None, "json"),
        ("a.HTML", None, "html"),
        ("a.htm", None, "html"),
        ("list", None, "txt"),
        ("a.json", "csv", "csv"),
        ("a.tsv", "csv", "csv"),
    ],
)
def test_the_suffix_chooses_the_format(output: str | None, asked: str | None, wanted: str) -> None:
    assert output_format(Path(output) if output else None, asked) == wanted


@pytest.mark.parametrize("suffix", [".xlsx", ".jpg", ".table"])
def test_an_unknown_suffix_is_said(suffix: str) -> None:
    with pytest.raises(UserError, match=rf"no format is called \{suffix}") as caught:
        output_format(Path(f"a{suffix}"), None)
    assert caught.value.advice == "end the name in .txt, .csv, .json, .jsonl, .html, or say --format"


@pytest.mark.parametrize("name", EXPORTERS)
def test_every_exporter_of_the_table_renders(name: str) -> None:
    text = b"".join(EXPORTERS[name].render(a_ranking(a_ranked_photo("a.jpg")), lambda *_: None))
    assert b"a.jpg" in text


def test_an_exporter_loads_the_code_of_no_other() -> None:
    code = (
        "import sys; from photo_ranker.exporters import EXPORTERS; from types import SimpleNamespace as Some\n"
        "list(EXPORTERS['txt'].render(Some(results=()), None)); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith("photo_ranker.exporters.")}
    assert not loaded


def test_every_format_has_a_suffix_that_may_be_replaced() -> None:
    assert {exporter.suffix for exporter in EXPORTERS.values()} <= OUR_SUFFIXES


@pytest.mark.skipif(os.name == "nt", reason="pipes as on POSIX")
@pytest.mark.timeout(20)
def test_a_pipe_that_nobody_reads_holds_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ranked.txt")
    with pytest.raises(UserError, match="nobody reads"):
        write(tmp_path / "ranked.txt", [b"list"])
    with pytest.raises(UserError, match="directory"):
        write(tmp_path, [b"list"])


def test_what_a_killed_run_has_left_goes(tmp_path: Path) -> None:
    left = tmp_path / ".photo-ranker-abcd_123"
    left.touch()
    os.utime(left, (0, 0))
    write(tmp_path / "ranked.txt", [b"list"])
    assert [path.name for path in tmp_path.iterdir()] == ["ranked.txt"]
