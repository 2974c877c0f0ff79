"""The content decides what a file is; what is no photo is named."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from photo_files import TINY_HEIC, dng, encoded, opened, quarters
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import PHOTO_SUFFIXES, RAW_SUFFIXES, VIDEO_SUFFIXES
from photo_ranker.images.sniff import sniff


@pytest.mark.parametrize("name", ["a.png", "a.HEIC", "a.txt", "a.dng", "a", ".jpg", "a.jpg.jpg", "ä \n.Jpg"])
def test_a_jpeg_is_a_jpeg_whatever_its_name(tmp_path: Path, name: str) -> None:
    photo = opened(tmp_path, encoded(quarters(), "JPEG"), name)
    assert photo.info.format == "jpeg"
    assert photo.picture().pixels.shape == (192, 320, 3)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF"])
def test_wrong_names_do_not_matter(tmp_path: Path, kind: str) -> None:
    photo = opened(tmp_path, encoded(quarters(), kind), "a.JPG")
    assert photo.info.format == kind.lower()
    assert photo.picture().pixels.shape == (192, 320, 3)


def test_heic_and_raw_by_content(tmp_path: Path) -> None:
    assert opened(tmp_path, TINY_HEIC, "a.jpg").info.format == "heic"
    assert opened(tmp_path, dng((640, 384), encoded(quarters(), "JPEG"), (320, 192)), "a.tif").info.format == "raw"


def test_a_plain_tiff_with_the_name_of_a_raw_is_read(tmp_path: Path) -> None:
    assert opened(tmp_path, encoded(quarters(), "TIFF"), "a.NEF").picture().pixels.shape == (192, 320, 3)


def test_avif_that_also_claims_the_common_brand() -> None:
    assert sniff(b"\0\0\0\x20ftypmif1\0\0\0\0mif1avifmiaf" + bytes(20), "") == "avif"
    assert sniff(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(20), "") == "heic"


def word_document() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (word_document(), "it is a Word document"),
        (b"PK\3\4rest", "it is a ZIP archive"),
        (b"%PDF-1.7", "it is a PDF document"),
        (b"8BPS\0\1", "it is a Photoshop document"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "it is a video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "it is a video"),
        (b"RIFF\0\0\0\0AVI LIST", "it is a video"),
        (b"\x1aE\xdf\xa3matroska", "it is a video"),
        (b"<svg xmlns='x'/>", "it is an SVG drawing"),
        (b"<!DOCTYPE html><p>", "it is a web page"),
        ("Schöne Grüße".encode(), "it is a text"),
        (bytes(1000), "it holds nothing but zeros"),
        (b"\xff\x0a\xfa\x7f", "it is a JPEG XL picture, which we cannot read"),
    ],
)
def test_what_is_no_photo_is_named(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(PhotoUnreadable) as refused:
        opened(tmp_path, data, "a.jpg")
    assert refused.value.reason == f"not a photo ({what})"


def test_the_unknown_is_just_no_photo(tmp_path: Path) -> None:
    with pytest.raises(PhotoUnreadable) as refused:
        opened(tmp_path, b"\x8f\x01\x02\xfe" * 10, "a.jpg")
    assert refused.value.reason == "not a photo"


def test_suffixes_are_lower_case_and_apart() -> None:
    for suffix in PHOTO_SUFFIXES | VIDEO_SUFFIXES:
        assert suffix == suffix.lower()
        assert suffix.startswith(".")
    assert RAW_SUFFIXES < PHOTO_SUFFIXES
    assert not PHOTO_SUFFIXES & VIDEO_SUFFIXES
    assert {".jpg", ".heic", ".png", ".webp", ".avif", ".tif", ".cr3", ".dng"} <= PHOTO_SUFFIXES
