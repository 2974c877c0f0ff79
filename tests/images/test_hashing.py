"""The hash is of the picture: metadata may change, the picture may not."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photo_files import DATE_TIME, ORIENTATION, TINY_HEIC, encoded, exif, noise, opened, quarters
from photo_ranker.images import content_hash, digests
from yardstick import multiple_of, processor_seconds

PLAIN = encoded(noise(160, 96), "JPEG")
PLAIN_PNG = encoded(noise(160, 96), "PNG")


def with_segment(data: bytes, mark: int, body: bytes, at: int = 2) -> bytes:
    return data[:at] + bytes([0xFF, mark]) + struct.pack(">H", len(body) + 2) + body + data[at:]


def with_chunk(data: bytes, name: bytes, body: bytes) -> bytes:
    chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return data[:33] + chunk + data[33:]


RATING = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description xmp:Rating='5'/></x:xmpmeta>"


@pytest.mark.parametrize(
    ("mark", "body"),
    [(0xE1, RATING), (0xED, b"Photoshop 3.0\0Tom Hanks"), (0xFE, b"a comment"), (0xE2, b"ICC_PROFILE\0rest")],
)
def test_a_rating_or_a_name_in_a_jpeg_changes_nothing(mark: int, body: bytes) -> None:
    assert content_hash(with_segment(PLAIN, mark, body)) == content_hash(PLAIN)


def test_metadata_behind_the_tables_changes_nothing() -> None:
    place = PLAIN.index(b"\xff\xda")
    assert content_hash(with_segment(PLAIN, 0xE1, RATING, place)) == content_hash(PLAIN)


def test_what_follows_the_end_of_a_jpeg_changes_nothing() -> None:
    assert content_hash(PLAIN + b"the video of a motion photo") == content_hash(PLAIN)


def test_dates_change_nothing_and_orientation_does() -> None:
    dated = with_segment(PLAIN, 0xE1, exif({DATE_TIME: "2024:06:01 15:04:05"}))
    upright = with_segment(PLAIN, 0xE1, exif({ORIENTATION: 1}))
    turned = with_segment(PLAIN, 0xE1, exif({ORIENTATION: 6}))
    undone = with_segment(PLAIN, 0xE1, exif({ORIENTATION: 0}))
    assert content_hash(dated) == content_hash(upright) == content_hash(undone) == content_hash(PLAIN)
    assert content_hash(turned) != content_hash(PLAIN)


def test_adobes_colour_mark_counts() -> None:
    marked = with_segment(PLAIN, 0xEE, b"Adobe\0\x64\0\0\0\0\0")
    assert content_hash(marked) != content_hash(PLAIN)


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"pHYs", b"iCCP"])
def test_texts_in_a_png_change_nothing(name: bytes) -> None:
    assert content_hash(with_chunk(PLAIN_PNG, name, b"Comment\0hello")) == content_hash(PLAIN_PNG)


def test_orientation_in_a_png_counts() -> None:
    dated = encoded(noise(160, 96), "PNG", exif=exif({DATE_TIME: "2024:06:01 15:04:05"}))
    turned = encoded(noise(160, 96), "PNG", exif=exif({ORIENTATION: 6}))
    assert content_hash(dated) == content_hash(PLAIN_PNG)
    assert content_hash(turned) != content_hash(PLAIN_PNG)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "BMP", "GIF"])
def test_another_picture_has_another_hash(kind: str) -> None:
    pictures = [noise(160, 96, seed=1), noise(160, 96, seed=2), quarters(160, 96)]
    assert len({content_hash(encoded(picture, kind)) for picture in pictures}) == 3


def test_a_hash_is_32_hex_digits_and_in_the_facts(tmp_path: Path) -> None:
    for data in (PLAIN, PLAIN_PNG, TINY_HEIC):
        digest = content_hash(data)
        assert len(digest) == 32
        assert int(digest, 16) >= 0
        assert opened(tmp_path, data).info.stamp.hash == digest


def test_progressive_files_count_all_their_passes() -> None:
    data = encoded(noise(160, 96), "JPEG", progressive=True)
    changed = bytearray(data)
    changed[-40] ^= 1
    assert content_hash(bytes(changed)) != content_hash(data)


@given(
    st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", PLAIN[:200], PLAIN_PNG[:60]])
)
def test_garbage_has_a_hash(garbage: bytes, start: bytes) -> None:
    assert len(content_hash(start + garbage)) == 32


@given(st.integers(0, len(PLAIN) - 3))
def test_cut_files_have_a_hash_of_their_own(size: int) -> None:
    assert content_hash(PLAIN[:size]) != content_hash(PLAIN)


@pytest.mark.perf
def test_eight_megabytes_take_little_longer_than_their_bare_hash() -> None:
    picture = np.random.default_rng(0).integers(0, 256, 8_000_000, dtype=np.uint8).tobytes().replace(b"\xff", b"\xff\0")
    data = PLAIN[:-2] + picture + b"\xff\xd9"
    bare = processor_seconds(lambda: sha256(data).digest())
    times = multiple_of(bare, processor_seconds(lambda: content_hash(data)), 15)
    print(f"hash of a picture, times the hash of all its bytes: {times:.2f}")
    assert times < 3


PLAIN_WEBP = encoded(noise(160, 96), "WEBP")
PLAIN_AVIF = encoded(noise(160, 96), "AVIF")
PLAIN_TIFF = encoded(noise(160, 96), "TIFF")


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_a_rating_in_a_webp_or_avif_changes_nothing(kind: str) -> None:
    plain = encoded(noise(160, 96), kind)
    dated = encoded(noise(160, 96), kind, exif=exif({DATE_TIME: "2024:06:01 15:04:05"}))
    rated = encoded(noise(160, 96), kind, xmp=RATING)
    assert len({plain, dated, rated}) == 3
    assert len({content_hash(data) for data in (plain, dated, rated)}) == 1
    turned = encoded(noise(160, 96), kind, exif=exif({ORIENTATION: 6}))
    assert content_hash(turned) != content_hash(plain)


def test_texts_in_a_tiff_change_nothing() -> None:
    named = encoded(noise(160, 96), "TIFF", description="Tom Hanks", artist="me")
    assert named != PLAIN_TIFF
    assert content_hash(named) == content_hash(PLAIN_TIFF)
    turned = encoded(noise(160, 96), "TIFF", tiffinfo={ORIENTATION: 6})
    assert content_hash(turned) != content_hash(PLAIN_TIFF)


def test_all_pictures_of_a_moving_webp_count() -> None:
    first, second, third = (Image.fromarray(noise(64, 64, seed=seed)) for seed in (1, 2, 3))
    one = encoded(first, "WEBP", save_all=True, append_images=[second])
    assert content_hash(one) != content_hash(encoded(first, "WEBP", save_all=True, append_images=[third]))
    assert content_hash(one) == content_hash(encoded(first, "WEBP", save_all=True, append_images=[second], xmp=RATING))


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="needs exiftool: apt install libimage-exiftool-perl")
@pytest.mark.parametrize(("name", "data"), [("a.heic", TINY_HEIC), ("a.avif", PLAIN_AVIF), ("a.tif", PLAIN_TIFF)])
def test_what_exiftool_writes_changes_nothing(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    words = ["-XMP:Rating=4", "-XMP:PersonInImage=Tom Hanks", "-EXIF:Artist=me", "-overwrite_original"]
    subprocess.run(["exiftool", "-q", *words, tmp_path / name], check=True)
    written = (tmp_path / name).read_bytes()
    assert len(written) > len(data)
    assert content_hash(written) == content_hash(data)


@given(
    st.sampled_from([PLAIN_WEBP, PLAIN_AVIF, PLAIN_TIFF, TINY_HEIC]),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=5),
    st.integers(0, 2000),
)
def test_broken_files_have_a_hash(data: bytes, changes: list[tuple[int, int]], lost: int) -> None:
    broken = bytearray(data[: len(data) - lost])
    for place, value in changes:
        if place < len(broken):
            broken[place] = value
    assert len(content_hash(bytes(broken))) == 32


def test_the_rest_tells_files_with_one_picture_apart() -> None:
    """A rating of the same length changes neither size nor picture, but the file is no copy any more."""
    picture = encoded(quarters(), "JPEG")
    three, four = (with_segment(picture, 0xFE, f"rating {number}".encode()) for number in (3, 4))
    assert content_hash(three) == content_hash(four) == content_hash(picture)
    assert len({digests(data).rest for data in (picture, three, four)}) == 3
    assert len(three) == len(four)
