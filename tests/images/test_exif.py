"""What a camera wrote: the date, the camera, how it was held."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational as Part

from photo_files import DATE_TIME, MAKE, MODEL, ORIENTATION, encoded, exif, opened, quarters
from photo_ranker.images.exif import PIECE, Exif, read_exif, utc_offset, wall_clock, xmp_packet, xmp_packet_in

ORIGINAL, DIGITIZED = 0x9003, 0x9004
RATING, RATING_PERCENT = 0x4746, 0x4749
SUBSEC, SUBSEC_ORIGINAL, SUBSEC_DIGITIZED = 0x9290, 0x9291, 0x9292
OFFSET, OFFSET_ORIGINAL = 0x9010, 0x9011

SHOT, SCAN, EDIT = "2024:06:01 15:04:05", "2025:01:02 03:04:05", "2026:07:08 09:10:11"


def read(tags: dict[int, Any], inner: dict[int, Any] | None = None) -> Exif:
    return read_exif(exif(tags, inner))


def test_the_moment_of_the_shot_comes_first() -> None:
    assert read({DATE_TIME: EDIT}, {ORIGINAL: SHOT, DIGITIZED: SCAN}).taken_at == "2024-06-01T15:04:05"
    assert read({DATE_TIME: EDIT}, {DIGITIZED: SCAN}).taken_at == "2025-01-02T03:04:05"
    assert read({DATE_TIME: EDIT}).taken_at == "2026-07-08T09:10:11"
    assert read({}).taken_at is None


@pytest.mark.parametrize(
    ("tags", "stars"),
    [
        ({RATING: 4, RATING_PERCENT: 75}, 4),
        ({RATING_PERCENT: 1}, 1),
        ({RATING_PERCENT: 50}, 3),
        ({RATING: 0, RATING_PERCENT: 99}, 5),
        ({RATING: 0, RATING_PERCENT: 0}, None),
        ({RATING: 9}, None),
        ({}, None),
    ],
)
def test_stars_of_windows(tags: dict[int, Any], stars: int | None) -> None:
    assert read(tags).rating == stars


def test_fractions_and_offset_belong_to_their_date() -> None:
    found = read(
        {DATE_TIME: EDIT},
        {ORIGINAL: SHOT, SUBSEC_ORIGINAL: "25", OFFSET_ORIGINAL: "+02:00", SUBSEC: "99", OFFSET: "-05:00"},
    )
    assert (found.taken_at, found.utc_offset) == ("2024-06-01T15:04:05.25", "+02:00")
    found = read({DATE_TIME: EDIT}, {ORIGINAL: SHOT, SUBSEC: "99", OFFSET: "-05:00"})
    assert (found.taken_at, found.utc_offset) == ("2024-06-01T15:04:05", None)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2024:06:01 15:04:05", "2024-06-01T15:04:05"),
        ("2024-06-01 15:04:05", "2024-06-01T15:04:05"),
        ("2024/06/01 15:04:05", "2024-06-01T15:04:05"),
        ("2024-06-01T15:04:05.120+02:00", "2024-06-01T15:04:05.120"),
        ("2024-06-01T15:04", "2024-06-01T15:04:00"),
        (" 2024:06:01 15:04:05 ", "2024-06-01T15:04:05"),
        ("0000:00:00 00:00:00", None),
        ("0001:01:01 00:00:00", None),
        ("1919:05:04 05:59:26", "1919-05-04T05:59:26"),
        ("    :  :     :  :  ", None),
        ("2024:02:30 12:00:00", None),
        ("2024:06:01 24:00:00", None),
        ("2024:13:01 12:00:00", None),
        ("٢٠٢٤:06:01 15:04:05", None),
        ("2024:06:01", None),
        ("", None),
    ],
)
def test_dates_as_programs_write_them(written: str, read_as: str | None) -> None:
    assert wall_clock(written) == read_as


@pytest.mark.parametrize(
    ("written", "read_as"),
    [("+02:00", "+02:00"), ("-11:30", "-11:30"), ("Z", "+00:00"), ("2024-06-01T15:04:05+02:00", "+02:00"),
     ("+15:00", None), ("02:00", None), ("+2:00", None), ("", None), ("2024-06-01T15:04:05", None)],
)  # fmt: skip
def test_offsets(written: str, read_as: str | None) -> None:
    assert utc_offset(written) == read_as


def test_an_unset_clock_gives_way_to_the_next_date() -> None:
    assert read({DATE_TIME: EDIT}, {ORIGINAL: "0000:00:00 00:00:00"}).taken_at == "2026-07-08T09:10:11"


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS 6D", "Canon EOS 6D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("Apple", "iPhone 13 Pro Max", "Apple iPhone 13 Pro Max"),
        ("SONY", "ILCE-7M3", "SONY ILCE-7M3"),
        ("  Casio  Computer ", "EX-Z4 ", "Casio Computer EX-Z4"),
        ("Kodak", "", "Kodak"),
        ("", "X100", "X100"),
        ("", "", None),
    ],
)
def test_the_camera_is_said_without_repeating_its_maker(make: str, model: str, camera: str | None) -> None:
    assert read({MAKE: make, MODEL: model}).camera == camera


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_format_tells_its_facts(tmp_path: Path, kind: str) -> None:
    block = exif({MAKE: "Builder", MODEL: "One", ORIENTATION: 1}, {ORIGINAL: SHOT, OFFSET_ORIGINAL: "+02:00"})
    info = opened(tmp_path, encoded(quarters(), kind, exif=block)).info
    assert (info.taken_at, info.utc_offset, info.camera) == ("2024-06-01T15:04:05", "+02:00", "Builder One")


def test_big_and_little_endian_are_read_alike() -> None:
    little = b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0" + bytes(4)
    big = b"MM\0*\0\0\0\x08" + b"\0\x01" + b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" + bytes(4)
    assert read_exif(little).orientation == read_exif(big).orientation == 6
    assert read_exif(b"Exif\0\0" + big).orientation == 6


XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description {attributes}>{elements}</rdf:Description>
</rdf:RDF></x:xmpmeta>"""


def with_xmp(attributes: str = "", elements: str = "") -> bytes:
    packet = PngInfo()
    packet.add_itxt("XML:com.adobe.xmp", XMP.format(attributes=attributes, elements=elements))
    return encoded(quarters(), "PNG", pnginfo=packet)


@pytest.mark.parametrize(
    ("attributes", "elements", "taken"),
    [
        ('photoshop:DateCreated="2024-06-01T15:04:05.25+02:00"', "", ("2024-06-01T15:04:05.25", "+02:00")),
        ("xmp:CreateDate='2024-06-01T15:04'", "", ("2024-06-01T15:04:00", None)),
        ("", "<exif:DateTimeOriginal>2024-06-01T15:04:05Z</exif:DateTimeOriginal>", ("2024-06-01T15:04:05", "+00:00")),
        ('xmp:CreateDate="2026-01-01T00:00:00" exif:DateTimeOriginal="2024-06-01T15:04:05"', "",
         ("2024-06-01T15:04:05", None)),
        ('xmp:ModifyDate="2026-01-01T00:00:00"', "", (None, None)),
        ('photoshop:DateCreated="unknown date"', "", (None, None)),
    ],
)  # fmt: skip
def test_without_exif_the_date_of_xmp_counts(
    tmp_path: Path, attributes: str, elements: str, taken: tuple[str | None, str | None]
) -> None:
    info = opened(tmp_path, with_xmp(attributes, elements), "a.png").info
    assert (info.taken_at, info.utc_offset) == taken


@pytest.mark.parametrize(
    ("keyword", "text", "taken"),
    [
        ("Creation Time", "2019:05:04 12:34:56", "2019-05-04T12:34:56"),
        ("Creation Time", "Sat, 04 May 2019 12:34:56 +0200", "2019-05-04T12:34:56"),
        ("exif:DateTimeOriginal", "2019:05:04 12:34:56", "2019-05-04T12:34:56"),
        ("Creation Time", "yesterday", None),
        ("date:create", "2019-05-04T12:34:56+00:00", None),
    ],
)
@pytest.mark.parametrize("add", ["add_text", "add_itxt"])
def test_a_png_file_may_say_it_in_a_text(tmp_path: Path, keyword: str, text: str, taken: str | None, add: str) -> None:
    packet = PngInfo()
    getattr(packet, add)(keyword, text)
    assert opened(tmp_path, encoded(quarters(), "PNG", pnginfo=packet), "a.png").info.taken_at == taken


@given(st.binary(max_size=300))
def test_garbage_is_no_exif(garbage: bytes) -> None:
    for start in (b"", b"II*\0", b"MM\0*", b"Exif\0\0II*\0\x08\0\0\0"):
        assert 1 <= read_exif(start + garbage).orientation <= 8


GOOD = exif({MAKE: "Builder", MODEL: "One", ORIENTATION: 6, DATE_TIME: EDIT}, {ORIGINAL: SHOT, SUBSEC_ORIGINAL: "5"})


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD)))
def test_damaged_exif_never_raises(place: int, value: int, length: int) -> None:
    damaged = bytearray(GOOD)
    damaged[place] = value
    found = read_exif(bytes(damaged[:length]))
    assert 1 <= found.orientation <= 8


def test_a_directory_that_points_to_itself_ends() -> None:
    looping = b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0"
    assert read_exif(looping) == Exif()


LENS, EXPOSURE, APERTURE, ISO, FOCAL = 0xA434, 0x829A, 0x829D, 0x8827, 0x920A


def test_what_a_photo_was_taken_with() -> None:
    found = read(
        {}, {LENS: " EF 50mm  f/1.8 ", EXPOSURE: Part(1, 250), APERTURE: Part(28, 10), ISO: 400, FOCAL: Part(50)}
    )
    assert (found.lens, found.aperture, found.iso, found.focal_mm) == ("EF 50mm f/1.8", 2.8, 400, 50.0)
    assert found.exposure_seconds == pytest.approx(1 / 250)
    unknown = read({}, {LENS: "", EXPOSURE: Part(1, 0), APERTURE: Part(0, 1), ISO: 0, FOCAL: Part(0, 0)})
    assert unknown == Exif()


@pytest.mark.parametrize("before", [0, 7, PIECE - 5, PIECE, 2 * PIECE - 10])
def test_the_xmp_of_a_file_of_any_size_is_found_piece_by_piece(before: int) -> None:
    data = bytes(before) + XMP.format(attributes="", elements="x" * PIECE).encode() + bytes(3 * PIECE)
    assert xmp_packet_in(BytesIO(data)) == xmp_packet(data) != b""
    assert xmp_packet_in(BytesIO(bytes(3 * PIECE))) == b""


def test_a_film_is_never_held_in_memory_as_a_whole(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    with film.open("wb") as file:
        file.truncate(100 * PIECE)
    tracemalloc.start()
    with film.open("rb", buffering=0) as file:
        assert xmp_packet_in(file) == b""
    assert tracemalloc.get_traced_memory()[1] < 5 * PIECE
    tracemalloc.stop()
