"""ZIPs that are damaged or made to harm: each bad entry is a line of the report, and the rest is taken."""

from __future__ import annotations

import bz2
import io
import resource
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from photo_ranker.errors import UserError
from photo_ranker.web import UploadLimits, unpacking
from photo_ranker.web.problems import problem_of
from photo_ranker.web.unpacking import Unpacked, unpack
from web_helpers import small_jpeg, wait

METHODS = {"stored": 0, "deflate": zipfile.ZIP_DEFLATED, "bz2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA}
PHOTOS = {f"day/photo_{number}.jpg": small_jpeg(number) for number in range(3)}


def a_zip(path: Path, files: dict[str, bytes] = PHOTOS, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def unpacked(archive: Path, limits: UploadLimits | None = None) -> Unpacked:
    return unpack(archive, archive.parent / "photos", limits or UploadLimits(), lambda *_: None)


def there(archive: Path) -> dict[str, bytes]:
    folder = archive.parent / "photos"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def change_data(archive: Path, name: str, change: Callable[[bytearray], None]) -> None:
    """Change the packed data of one entry in place."""
    with zipfile.ZipFile(archive) as opened:
        entry = opened.getinfo(name)
    data = bytearray(archive.read_bytes())
    start = entry.header_offset + 30 + len(name.encode())
    packed = data[start : start + entry.compress_size]
    change(packed)
    data[start : start + entry.compress_size] = packed
    archive.write_bytes(data)


def zeros(packed: bytearray) -> None:
    packed[4:] = bytes(len(packed) - 4)


def flipped(packed: bytearray) -> None:
    packed[len(packed) // 2] ^= 0xFF


@pytest.mark.parametrize("change", [zeros, flipped], ids=["zeros", "flipped"])
@pytest.mark.parametrize("method", METHODS)
def test_damaged_data_is_a_line_and_the_rest_is_taken(
    tmp_path: Path, method: str, change: Callable[[bytearray], None]
) -> None:
    archive = a_zip(tmp_path / "a.zip", method=METHODS[method])
    assert unpacked(archive).photos == 3
    shutil.rmtree(tmp_path / "photos")
    change_data(archive, "day/photo_1.jpg", change)
    done = unpacked(archive)
    assert done.photos == 2
    ((name, reason),) = done.left_out
    assert name == "day/photo_1.jpg"
    assert "cannot be unpacked" in reason
    assert there(archive) == {name: data for name, data in PHOTOS.items() if name != "day/photo_1.jpg"}


@pytest.mark.parametrize("name", ["", ".", "./", "\0.jpg", "day/.", "..jpg", " .jpg", "a" * 300 + ".jpg"])
def test_a_name_that_is_none_stops_nothing(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("x.jpg"), b"1")
        archive.infolist()[0].filename = name.split("\0", maxsplit=1)[0]
        archive.writestr("good.jpg", PHOTOS["day/photo_0.jpg"])
    done = unpacked(tmp_path / "a.zip")
    assert done.photos == 1
    assert set(there(tmp_path / "a.zip")) == {"good.jpg"}


def test_an_entry_without_a_name_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number, name in enumerate(("", ".")):
            archive.writestr(f"{number}.jpg", b"1")
            archive.infolist()[-1].filename = name
    assert unpacked(tmp_path / "a.zip").left_out == [("", "it has no name"), (".", "it has no name")]


def test_an_encrypted_entry_is_a_line(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a.zip")
    data = bytearray(archive.read_bytes())
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + flags] |= 1
    archive.write_bytes(data)
    done = unpacked(archive)
    assert (done.photos, done.left_out) == (2, [("day/photo_0.jpg", "encrypted")])


def test_a_method_that_nobody_knows_is_a_line(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a.zip")
    data = bytearray(archive.read_bytes())
    for signature, method in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        data[data.index(signature) + method] = 77
    archive.write_bytes(data)
    done = unpacked(archive)
    assert (done.photos, [name for name, _ in done.left_out]) == (2, ["day/photo_0.jpg"])


@pytest.mark.parametrize("method", METHODS)
def test_a_bomb_is_a_line_and_the_rest_is_taken(tmp_path: Path, method: str) -> None:
    files = {"bomb.jpg": bytes(50_000_000), **PHOTOS}
    archive = a_zip(tmp_path / "a.zip", files, METHODS[method])
    done = unpacked(archive)
    if method == "stored":
        assert done.photos == 4
        return
    assert (done.photos, done.left_out) == (3, [("bomb.jpg", unpacking.GROWS)])


def test_many_small_bombs_share_one_allowance(tmp_path: Path) -> None:
    limits = replace(UploadLimits(), unpacked_ratio=4.0)
    archive = a_zip(tmp_path / "a.zip", {f"{number}.jpg": bytes(390_000) for number in range(20)})
    done = unpacked(archive, limits)
    assert (done.photos + done.already_there, len(done.left_out)) == (10, 10)


MEMORY_OF_UNPACKING = """
import resource, sys
from pathlib import Path
from photo_ranker.web import UploadLimits
from photo_ranker.web.unpacking import unpack
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
done = unpack(Path(sys.argv[1]), Path(sys.argv[2]), UploadLimits(), lambda *_: None)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, done.photos, done.left_out)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured as Linux tells it")
def test_bz2_that_lies_about_its_size_takes_no_memory(tmp_path: Path) -> None:
    """100 MB in 113 bytes: zipfile unpacks whatever 4 kB of packed data hold at once."""
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as made:
        made.writestr("bomb.jpg", bz2.compress(bytes(100_000_000)))
        entry = made.getinfo("bomb.jpg")
        entry.compress_type, entry.file_size, entry.CRC = zipfile.ZIP_BZIP2, 1000, zlib.crc32(bytes(1000))
        for name, data in PHOTOS.items():
            made.writestr(name, data)
    whole = bytearray(archive.read_bytes())
    whole[8] = zipfile.ZIP_BZIP2  # in the entry's own header too
    archive.write_bytes(whole)
    words = [sys.executable, "-c", MEMORY_OF_UNPACKING, str(archive), str(tmp_path / "photos")]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    kilobytes, photos, left_out = told.split(maxsplit=2)
    assert left_out == "[('bomb.jpg', 'it is larger than the ZIP says')]\n"
    assert int(photos) == 3
    assert int(kilobytes) < 50_000


def test_two_photos_with_one_name_size_and_check_sum_are_both_taken(tmp_path: Path) -> None:
    first = b"A" * 40
    second = with_crc(b"B" * 36, zlib.crc32(first))
    assert (len(first), zlib.crc32(first)) == (len(second), zlib.crc32(second))
    for data in (first, second):
        assert unpacked(a_zip(tmp_path / "a.zip", {"scan.tif": data})).photos == 1
    assert there(tmp_path / "a.zip") == {"scan.tif": first, "scan_2.tif": second}
    assert unpacked(a_zip(tmp_path / "a.zip", {"scan.tif": second})).already_there == 1


def with_crc(data: bytes, wanted: int) -> bytes:
    """The data and four bytes more, after which CRC-32 is as wanted: its steps taken backwards."""
    table = [zlib.crc32(bytes([byte]), 0xFFFFFFFF) ^ 0xFFFFFFFF for byte in range(256)]
    by_top = {value >> 24: number for number, value in enumerate(table)}
    register, indexes = wanted ^ 0xFFFFFFFF, []
    for _ in range(4):
        indexes.append(by_top[register >> 24])
        register = ((register ^ table[indexes[-1]]) << 8 | indexes[-1]) & 0xFFFFFFFF
    state, tail = zlib.crc32(data) ^ 0xFFFFFFFF, []
    for index in reversed(indexes):
        tail.append((state ^ index) & 0xFF)
        state = (state >> 8) ^ table[index]
    return data + bytes(tail)


def test_what_is_no_zip_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"no zip at all")
    with pytest.raises(UserError, match="the ZIP is damaged"):
        unpacked(tmp_path / "a.zip")


def test_a_full_disk_is_no_damage_of_the_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = a_zip(tmp_path / "a.zip")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(OSError, match="File too large") as full:
            unpacked(archive)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert problem_of(full.value).status == 507
    assert not list((tmp_path / "photos").rglob("*.part"))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good ZIP with some bytes changed, taken out or put in."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in PHOTOS.items():
            archive.writestr(name, data, METHODS[draw(st.sampled_from(sorted(METHODS)))])
    whole = bytearray(file.getvalue())
    headers = [at for at in range(len(whole) - 4) if bytes(whole[at : at + 4]) in {b"PK\3\4", b"PK\1\2", b"PK\5\6"}]
    for _ in range(draw(st.integers(1, 6))):
        near = draw(st.sampled_from(headers)) + draw(st.integers(0, 60))
        at = draw(st.sampled_from([near, draw(st.integers(0, len(whole) - 1))])) % len(whole)
        kind = draw(st.sampled_from(["change", "change", "cut", "add", "many"]))
        if kind == "change":
            whole[at] = draw(st.integers(0, 255))
        elif kind == "many":
            whole[at : at + 4] = draw(st.sampled_from([b"\xff" * 4, bytes(4), b"\0\0\0\x80", b"\xff\xff\xff\x7f"]))
        elif kind == "cut":
            del whole[at : at + draw(st.integers(1, 50))]
        else:
            whole[at:at] = draw(st.binary(min_size=1, max_size=50))
        if not whole:
            break
    return bytes(whole)


@pytest.mark.slow
@given(content=damaged())
@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_damage_is_unexpected(content: bytes) -> None:
    """Whatever was done to an archive, it is read or refused in words, and what is taken is as it was packed."""
    with tempfile.TemporaryDirectory() as place:
        archive = Path(place) / "a.zip"
        archive.write_bytes(content)
        try:
            done = unpacked(archive)
        except UserError:  # as a whole, in words
            return
        found = there(archive)
        assert done.photos == len(found)
        assert not [name for name in found if name.endswith(".part")]
        assert all(reason or not Path(name).name for name, reason in done.left_out)


def test_the_app_tells_of_damaged_entries(client: TestClient, session: str, tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a.zip")
    change_data(archive, "day/photo_1.jpg", flipped)
    content = archive.read_bytes()
    sent = client.post(f"{session}/files", params={"name": "a.zip", "size": len(content)}, content=content).json()
    told = wait(client, sent["job"])
    assert (told["state"], told["result"]["photos"]) == ("done", 2)
    ((name, reason),) = told["result"]["left_out"]
    assert name == "day/photo_1.jpg"
    assert reason.startswith("it cannot be unpacked: ")
