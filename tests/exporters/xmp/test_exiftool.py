"""What we write, as an independent reader sees it."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from builders import a_face
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.exporters.xmp import apply, embed, facts_of, plan_removal, plan_sidecar
from photo_ranker.images import Limits, content_hash, open_photo
from photo_ranker.images.regions import read_regions
from photo_ranker.records import PhotoRecord

EXIFTOOL = shutil.which("exiftool")
pytestmark = pytest.mark.skipif(EXIFTOOL is None, reason="needs exiftool: apt install libimage-exiftool-perl")

LIMITS = Limits(10**8, 10**8)
BOX = (60.0, 20.0, 30.0, 50.0)
"""Of the green face in the upright picture of 160 x 96 px."""


def tell(path: Path) -> dict[str, Any]:
    done = subprocess.run([str(EXIFTOOL), "-j", "-struct", str(path)], capture_output=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)[0]
    return told


def upright_picture() -> np.ndarray[Any, np.dtype[np.uint8]]:
    pixels = np.random.default_rng(1).integers(0, 90, (96, 160, 3), np.uint8)
    x, y, w, h = map(int, BOX)
    pixels[y : y + h, x : x + w] = (0, 255, 0)
    return pixels


TO_STORED = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
"""Orientation -> Pillow's transposition of the upright picture into the stored one: 6 is seen turned clockwise, so it
is stored turned the other way (ROTATE_90 is counter-clockwise)."""


def write_photo(path: Path, orientation: int, kind: str = "JPEG") -> Path:
    picture = Image.fromarray(upright_picture())
    if orientation > 1:
        picture = picture.transpose(Image.Transpose(TO_STORED[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    picture.save(buffer, kind, exif=exif, quality=95)
    path.write_bytes(buffer.getvalue())
    return path


def record_of(path: Path, *faces: Any) -> PhotoRecord:
    photo = open_photo(path, LIMITS)
    info = photo.info
    return PhotoRecord(photo.stamp, info.width, info.height, info.orientation, info.format, faces=faces)


def is_green(pixels: np.ndarray[Any, Any], area: tuple[float, float, float, float]) -> bool:
    height, width = pixels.shape[:2]
    left, top, right, bottom = (
        round(value)
        for value in (area[0] * width, area[1] * height, (area[0] + area[2]) * width, (area[1] + area[3]) * height)
    )
    green = (pixels[:, :, 1] > 150) & (pixels[:, :, 0] < 100)
    inside = green[top:bottom, left:right]
    return bool(inside.mean() > 0.95 and green.sum() - inside.sum() < 0.05 * inside.size)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_field_and_region_is_read_in_its_place(tmp_path: Path, orientation: int) -> None:
    path = write_photo(tmp_path / "a.jpg", orientation)
    record = record_of(path, a_face("f1", BOX))
    assert (record.width, record.height) == (160, 96)
    facts = facts_of(record, {"f1": "Zoë Åström"}, rating=4, label="Select", keywords=["wedding"])
    apply(plan_sidecar(path, (), facts))
    told = tell(tmp_path / "a.jpg.xmp")
    assert told["Rating"] == 4
    assert told["Label"] == "Select"
    assert told["Subject"] == ["wedding", "Zoë Åström"]
    assert told["HierarchicalSubject"] == ["wedding", "People|Zoë Åström"]
    assert told["TagsList"] == ["wedding", "People/Zoë Åström"]
    assert told["PersonInImage"] == ["Zoë Åström"]
    with Image.open(path) as photo:
        stored = np.asarray(photo)
    info = told["RegionInfo"]
    assert info["AppliedToDimensions"] == {"W": stored.shape[1], "H": stored.shape[0], "Unit": "pixel"}
    (region,) = info["RegionList"]
    assert (region["Name"], region["Type"], region["Area"]["Unit"]) == ("Zoë Åström", "Face", "normalized")
    x, y, w, h = (region["Area"][part] for part in "XYWH")
    assert is_green(stored, (x - w / 2, y - h / 2, w, h))
    (region,) = told["RegionInfoMP"]["Regions"]
    assert region["PersonDisplayName"] == "Zoë Åström"
    x, y, w, h = map(float, region["Rectangle"].split(","))
    assert is_green(stored, (x, y, w, h))
    # And back by our own reader, in the upright picture.
    (read,) = {
        (region.name, tuple(round(part, 3) for part in region.box))
        for region in read_regions(path, ["a.jpg.xmp"], LIMITS)
    }
    assert read == ("Zoë Åström", tuple(round(part, 3) for part in (60 / 160, 20 / 96, 30 / 160, 50 / 96)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "AVIF"])
def test_a_rating_inside_a_photo_leaves_the_picture_and_its_hash(tmp_path: Path, kind: str) -> None:
    path = write_photo(tmp_path / f"a.{kind.lower()}", 6, kind)
    record, before = record_of(path, a_face("f1", BOX)), path.read_bytes()
    facts = facts_of(record, {"f1": "Anna"}, rating=5)

    def picture_hash(photo: Path) -> str:
        return content_hash(photo.read_bytes())

    modified = path.stat().st_mtime_ns
    assert embed(path, record.format, facts, picture_hash)
    assert path.read_bytes() != before
    assert path.stat().st_mtime_ns == modified
    told = tell(path)
    assert (told["Rating"], told["PersonInImage"]) == (5, ["Anna"])
    assert open_photo(path, LIMITS).stamp.hash == record.stamp.hash
    assert {region.name for region in read_regions(path, (), LIMITS)} == {"Anna"}
    assert not embed(path, record.format, facts, picture_hash), "nothing new to write"
    assert embed(path, record.format, None, picture_hash)
    assert "Rating" not in tell(path)
    assert open_photo(path, LIMITS).stamp.hash == record.stamp.hash
    assert not [each for each in tmp_path.iterdir() if each != path]


def test_percent_signs_in_names_are_no_codes_of_exiftool(tmp_path: Path) -> None:
    folder = tmp_path / "100%fun"
    folder.mkdir()
    path = write_photo(folder / "a%d.jpg", 1)
    facts = facts_of(record_of(path), {}, rating=5)
    assert embed(path, "jpeg", facts, lambda photo: content_hash(photo.read_bytes()))
    assert tell(path)["Rating"] == 5
    assert [each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*")] == ["100%fun", "100%fun/a%d.jpg"]


def test_a_picture_that_would_change_is_left_alone(tmp_path: Path) -> None:
    path = write_photo(tmp_path / "a.jpg", 1)
    before = path.read_bytes()
    hashes = iter(["one", "another"])
    with pytest.raises(PhotoUnreadable, match="would have changed the picture"):
        embed(path, "jpeg", facts_of(record_of(path), {}, rating=1), lambda _: next(hashes))
    assert path.read_bytes() == before
    with pytest.raises(PhotoUnreadable, match="raw files are not written to"):
        embed(path, "raw", None, str)


def describe(path: Path, words: int) -> None:
    """Let another program write a long description into the photo."""
    text = path.with_suffix(".txt")
    text.write_text("word " * words)
    write = [str(EXIFTOOL), "-q", "-overwrite_original", f"-XMP-dc:Description<={text}", str(path)]
    subprocess.run(write, check=True)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_photo_with_more_xmp_than_one_segment_holds_is_left_as_it_is(tmp_path: Path, dry_run: bool) -> None:
    path = write_photo(tmp_path / "a.jpg", 1)
    describe(path, 30_000)
    before = path.read_bytes()
    facts = facts_of(record_of(path), {}, rating=1)
    with pytest.raises(PhotoUnreadable, match="a large extension"):
        embed(path, "jpeg", facts, lambda photo: content_hash(photo.read_bytes()), dry_run=dry_run)
    assert path.read_bytes() == before
    assert not embed(path, "jpeg", None, str), "nothing of ours is in it, so nothing is said when ours is removed"


def test_a_photo_whose_xmp_would_no_longer_fit_is_left_as_it_is(tmp_path: Path) -> None:
    path = write_photo(tmp_path / "a.jpg", 1)
    describe(path, 12_800)
    before = path.read_bytes()
    facts = facts_of(record_of(path), {}, rating=1, keywords=["k" * 2000])
    with pytest.raises(PhotoUnreadable, match="would become too large"):
        embed(path, "jpeg", facts, lambda photo: content_hash(photo.read_bytes()))
    assert path.read_bytes() == before


def test_what_the_photo_itself_says_is_in_its_new_sidecar(tmp_path: Path) -> None:
    from photo_ranker.images.exif import xmp_packet

    path = write_photo(tmp_path / "a.jpg", 1)
    words = ["-XMP-xmp:Rating=2", "-XMP-dc:Subject=beach", "-XMP-crs:Exposure2012=1", "-overwrite_original"]
    region = "{AppliedToDimensions={W=160,H=96,Unit=pixel},RegionList=[{Area={X=0.1,Y=0.1,W=0.1,H=0.1},Name=Bob}]}"
    subprocess.run([str(EXIFTOOL), "-q", *words, f"-RegionInfo={region}", str(path)], check=True)
    embedded = xmp_packet(path.read_bytes()) + b"</x:xmpmeta>"
    facts = facts_of(record_of(path, a_face("f1", BOX)), {"f1": "Anna"}, rating=5)
    apply(plan_sidecar(path, (), facts, "stem", embedded))
    told = tell(tmp_path / "a.xmp")
    assert told["Rating"] == 2, "the user's"
    assert told["Subject"] == ["beach", "Anna"]
    assert [region["Name"] for region in told["RegionInfo"]["RegionList"]] == ["Bob", "Anna"]
    (change,) = plan_removal(path, ("a.xmp",), embedded)
    apply(change)
    assert not (tmp_path / "a.xmp").exists()


@pytest.mark.parametrize(("theirs", "stars"), [('xmp:Rating="5"', None), ('xmp:Rating="0"', 4), ("<", 4)])
def test_a_rating_in_a_sidecar_goes_before_ours_in_the_photo(tmp_path: Path, theirs: str, stars: int | None) -> None:
    photo = write_photo(tmp_path / "a.jpg", 1)
    (tmp_path / "a.xmp").write_text(
        f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
        <rdf:Description rdf:about="" {theirs}/></rdf:RDF>"""
    )
    facts = facts_of(record_of(photo), {}, rating=4, keywords=["wedding"])
    embed(photo, "jpeg", facts, lambda path: content_hash(path.read_bytes()), companions=["a.xmp"])
    said = tell(photo)
    assert said.get("Rating") == stars
    assert said["Subject"] == ["wedding"]
