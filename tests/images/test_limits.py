"""Files that would fill the memory are refused by their header."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from photo_files import LIMITS, TINY_HEIC, dng, encoded, opened, quarters
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import Limits
from photo_ranker.settings import Settings

SIDE = 60_000  # 3.6 gigapixels


def forged_png() -> bytes:
    head = b"IHDR" + struct.pack(">II", SIDE, SIDE) + b"\x08\x02\0\0\0"
    data = encoded(quarters(), "PNG")
    return data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]


def forged_jpeg() -> bytes:
    data = bytearray(encoded(quarters(), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", SIDE, SIDE)
    return bytes(data)


def forged_gif() -> bytes:
    data = bytearray(encoded(quarters(), "GIF"))
    data[6:10] = struct.pack("<HH", SIDE, SIDE)
    return bytes(data)


def forged_bmp() -> bytes:
    data = bytearray(encoded(quarters(), "BMP"))
    data[18:26] = struct.pack("<ii", SIDE, SIDE)
    return bytes(data)


def forged_tiff() -> bytes:
    data = encoded(quarters(), "TIFF")
    for tag, side in ((256, 320), (257, 192)):
        entry = struct.pack("<HHII", tag, 4, 1, side)
        assert entry in data
        data = data.replace(entry, struct.pack("<HHII", tag, 4, 1, SIDE))
    return data


def forged_webp() -> bytes:
    # 16383 x 16383, the most that the format can say; an animation, for which a canvas is made when it is opened.
    data = bytearray(encoded(quarters(), "WEBP", save_all=True, append_images=[]))
    if data[12:16] != b"VP8X":
        data[12:12] = b"VP8X" + struct.pack("<I", 10) + bytes(10)
    data[20] |= 2
    data[24:30] = (16382).to_bytes(3, "little") * 2
    return bytes(data)


def forged_avif() -> bytes:
    return _forged_size(encoded(quarters(), "AVIF"))


def forged_heic() -> bytes:
    return _forged_size(TINY_HEIC.replace(b"clap", b"free"))  # without the cut that makes it small again


def _forged_size(data: bytes) -> bytes:
    changed = bytearray(data)
    for found in re.finditer(b"ispe", data):
        changed[found.end() + 4 : found.end() + 12] = struct.pack(">II", 16_000, 16_000)
    return bytes(changed)


FORGED = {
    "avif": forged_avif,
    "bmp": forged_bmp,
    "gif": forged_gif,
    "heic": forged_heic,
    "jpeg": forged_jpeg,
    "png": forged_png,
    "tiff": forged_tiff,
    "webp": forged_webp,
}


FORGED_LIMITS = Limits(max_pixels=100_000_000, max_file_bytes=10**9)


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_header_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PhotoUnreadable, match="larger than max_pixels"):
        opened(tmp_path, FORGED[name](), "a", FORGED_LIMITS)


REFUSE_ALL = """
import resource, sys
from pathlib import Path
import cv2, numpy, PIL.Image, simplejpeg
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import Limits, open_photo
used = 4096 * int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (used + 300_000_000,) * 2)
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        open_photo(path, Limits(100_000_000, 10**9))
    except PhotoUnreadable as error:
        print(path.name, error.reason)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process, as Linux does")
def test_a_forged_header_takes_no_memory(tmp_path: Path) -> None:
    for name, forged in FORGED.items():
        (tmp_path / name).write_bytes(forged())
    said = subprocess.run([sys.executable, "-c", REFUSE_ALL, tmp_path], capture_output=True, text=True, check=True)
    assert [line.split()[0] for line in said.stdout.splitlines() if "larger than max_pixels" in line] == sorted(FORGED)
    assert said.stderr == ""


def test_the_reason_names_size_and_setting(tmp_path: Path) -> None:
    with pytest.raises(PhotoUnreadable) as refused:
        opened(tmp_path, forged_png())
    assert refused.value.reason == "4 gigapixels: larger than max_pixels"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_max_pixels_is_the_largest_that_passes(tmp_path: Path, kind: str) -> None:
    data = encoded(quarters(100, 80), kind)
    opened(tmp_path, data, "a", Limits(8000, 10**9)).picture()
    with pytest.raises(PhotoUnreadable, match="larger than max_pixels"):
        opened(tmp_path, data, "a", Limits(7999, 10**9))


def test_the_preview_and_the_sensor_of_a_raw_are_limited(tmp_path: Path) -> None:
    data = dng((640, 384), encoded(quarters(), "JPEG"), (320, 192))
    with pytest.raises(PhotoUnreadable, match="larger than max_pixels"):
        opened(tmp_path, data, "a.dng", Limits(100_000, 10**9))


def test_max_file_bytes_is_the_largest_that_passes(tmp_path: Path) -> None:
    data = encoded(quarters(), "BMP")
    opened(tmp_path, data, "a", Limits(10**9, len(data)))
    with pytest.raises(PhotoUnreadable, match="larger than max_file_bytes"):
        opened(tmp_path, data, "a", Limits(10**9, len(data) - 1))


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    with path.open("wb") as file:
        file.truncate(5_000_000_000)  # takes no room on the disk
    with pytest.raises(PhotoUnreadable, match="5,000 MB: larger than max_file_bytes"):
        opened_as_it_is(path)


def opened_as_it_is(path: Path) -> None:
    from photo_ranker.images import open_photo

    open_photo(path, LIMITS)


def test_a_jpeg_with_thousands_of_passes_is_refused(tmp_path: Path) -> None:
    data = encoded(quarters(), "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")
    with pytest.raises(PhotoUnreadable, match="too many passes"):
        opened(tmp_path, data[:scan] + data[scan:-2] * 5000 + data[-2:])


def test_limits_come_from_the_settings() -> None:
    settings = Settings(max_pixels=2_000_000, max_file_bytes=3_000_000)
    assert Limits.of(settings.measure) == Limits(2_000_000, 3_000_000)
