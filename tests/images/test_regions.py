from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photo_ranker.images.decoders import Limits
from photo_ranker.images.regions import read_regions, regions_in
from photo_ranker.settings import Settings

HEAD = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
    'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#" xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" '
    'xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#" '
    'xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#">'
)
TAIL = "</rdf:Description></rdf:RDF></x:xmpmeta>"


def mwg(area: str, *, name: str = "Anna Berg", kind: str = "Face", size: tuple[int, int] = (4000, 3000)) -> bytes:
    text = (
        f'{HEAD}<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions stDim:w="{size[0]}" '
        f'stDim:h="{size[1]}" stDim:unit="pixel"/><mwg-rs:RegionList><rdf:Bag><rdf:li>'
        f'<rdf:Description mwg-rs:Name="{name}" mwg-rs:Type="{kind}"><mwg-rs:Area {area} stArea:unit="normalized"/>'
        f"</rdf:Description></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>{TAIL}"
    )
    return text.encode()


AREA = 'stArea:x="0.2" stArea:y="0.3" stArea:w="0.2" stArea:h="0.1"'

MICROSOFT = (
    f'{HEAD}<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag><rdf:li MPReg:Rectangle="0.1, 0.25, 0.2, 0.1" '
    f'MPReg:PersonDisplayName="Anna Berg"/></rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo>{TAIL}'
).encode()


@pytest.mark.parametrize(
    ("orientation", "box"),
    [
        (1, (0.1, 0.25, 0.2, 0.1)),
        (2, (0.7, 0.25, 0.2, 0.1)),
        (3, (0.7, 0.65, 0.2, 0.1)),
        (4, (0.1, 0.65, 0.2, 0.1)),
        (5, (0.25, 0.1, 0.1, 0.2)),
        (6, (0.65, 0.1, 0.1, 0.2)),
        (7, (0.65, 0.7, 0.1, 0.2)),
        (8, (0.25, 0.7, 0.1, 0.2)),
    ],
)
@pytest.mark.parametrize("packet", [mwg(AREA), MICROSOFT])
def test_a_region_turns_with_its_picture(packet: bytes, orientation: int, box: tuple[float, ...]) -> None:
    (region,) = regions_in(packet, orientation, is_wide=orientation < 5)
    assert region.name == "Anna Berg"
    assert region.box == pytest.approx(box)


def test_a_region_of_the_upright_picture_stays() -> None:
    (region,) = regions_in(mwg(AREA, size=(3000, 4000)), 6, is_wide=False)
    assert region.box == pytest.approx((0.1, 0.25, 0.2, 0.1))


def test_properties_may_be_elements() -> None:
    packet = (
        f"{HEAD}<mwg-rs:Regions><mwg-rs:RegionList><rdf:Seq><rdf:li><mwg-rs:Name>Ben</mwg-rs:Name>"
        "<mwg-rs:Area><stArea:x>0.2</stArea:x><stArea:y>0.3</stArea:y><stArea:w>0.2</stArea:w><stArea:h>0.1</stArea:h>"
        f"</mwg-rs:Area></rdf:li></rdf:Seq></mwg-rs:RegionList></mwg-rs:Regions>{TAIL}"
    ).encode()
    assert [region.name for region in regions_in(packet, 1, is_wide=True)] == ["Ben"]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"<x:xmpmeta",
        mwg(AREA, kind="Pet"),
        mwg(AREA, name=""),
        mwg('stArea:x="half"'),
        mwg('stArea:x="0.1" stArea:y="nan" stArea:w="0.2" stArea:h="0.1"'),
        mwg(AREA).replace(b"<x:xmpmeta", b'<!DOCTYPE x [<!ENTITY a "b">]><x:xmpmeta', 1),
    ],
)
def test_what_names_no_face_is_passed_over(packet: bytes) -> None:
    assert regions_in(packet, 1, is_wide=True) == []


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(noise: bytes) -> None:
    packet = mwg(AREA)
    regions_in(noise, 1, is_wide=True)
    regions_in(packet[:200] + noise + packet[200:], 6, is_wide=False)


def test_a_sidecar_goes_before_the_photo(tmp_path: Path) -> None:
    import numpy as np

    photo = tmp_path / "one.jpg"
    Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(photo, xmp=mwg(AREA))
    (before,) = read_regions(photo, (), Limits.of(Settings().measure))
    assert before.box == pytest.approx((0.1, 0.25, 0.2, 0.1))
    (tmp_path / "one.jpg.xmp").write_bytes(mwg('stArea:x="0.5" stArea:y="0.5" stArea:w="0.2" stArea:h="0.2"'))
    (after,) = read_regions(photo, ["one.CR2", "one.jpg.xmp"], Limits.of(Settings().measure))
    assert after.box == pytest.approx((0.4, 0.4, 0.2, 0.2))


def test_the_sidecar_of_another_photo_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "one.xmp").write_bytes(mwg(AREA))
    for name, companions, names in (("one.jpg", ["one.xmp"], 1), ("one.png", [], 0)):
        Image.new("RGB", (40, 30)).save(tmp_path / name)
        assert len(read_regions(tmp_path / name, companions, Limits.of(Settings().measure))) == names


def test_a_further_edit_names_nobody(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30)).save(tmp_path / "one.jpg")
    (tmp_path / "one_01.jpg.xmp").write_bytes(mwg(AREA))
    assert read_regions(tmp_path / "one.jpg", ["one_01.jpg.xmp"], Limits.of(Settings().measure)) == []


def test_a_photo_that_cannot_be_read_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no photo" + mwg(AREA))
    assert read_regions(tmp_path / "broken.jpg", (), Limits.of(Settings().measure)) == []
    assert read_regions(tmp_path / "none.jpg", (), Limits.of(Settings().measure)) == []


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as on POSIX")
@pytest.mark.timeout(20)
def test_a_sidecar_that_is_no_plain_file_names_nobody(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    Image.new("RGB", (40, 30)).save(photo)
    (tmp_path / "elsewhere").write_bytes(mwg(AREA))
    (tmp_path / "a.jpg.xmp").symlink_to("elsewhere")
    os.mkfifo(tmp_path / "a.xmp")
    assert read_regions(photo, ["a.jpg.xmp", "a.xmp"], Limits.of(Settings().measure)) == []
