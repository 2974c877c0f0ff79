"""Reads the names that other programs gave to faces: XMP regions, in the photo or in a sidecar beside it.

Two forms are common: ``mwg-rs:Regions`` (Lightroom, digiKam, Apple, Picasa) and ``MP:RegionInfo``
(Microsoft). Both give boxes as shares of the stored picture, before EXIF turns it upright. ``mwg-rs`` also holds the
size of that picture, which shows when a program used the upright one instead.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec

from photo_ranker.core import files
from photo_ranker.core.orientation import Area, swaps_sides, upright_area
from photo_ranker.errors import FileRefused, PhotoUnreadable
from photo_ranker.images import open_photo
from photo_ranker.images.decoders import Limits
from photo_ranker.images.exif import sidecars_of, xmp_packet_in

__all__ = ["Region", "read_regions", "regions_in"]

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
MWG = "{http://www.metadataworkinggroup.com/schemas/regions/}"
AREA = "{http://ns.adobe.com/xmp/sType/Area#}"
DIMENSIONS = "{http://ns.adobe.com/xap/1.0/sType/Dimensions#}"
MPRI = "{http://ns.microsoft.com/photo/1.2/t/RegionInfo#}"
MPREG = "{http://ns.microsoft.com/photo/1.2/t/Region#}"


class Region(msgspec.Struct, frozen=True):
    """A named face."""

    name: str
    """The person's name as written there."""
    box: Area
    """In the upright picture."""


def read_regions(path: Path, companions: Iterable[str], limits: Limits) -> list[Region]:
    """The named faces of a photo; a region in a sidecar overrules one of the same name in the photo.

    ``companions`` are the names of the files that belong to the photo: IMG_1.xmp belongs to only one of IMG_1.jpg and
    IMG_1.png. Files that cannot be read count as empty.
    """
    places = [*((sidecar, False) for sidecar in sidecars_of(path, companions)), (path, True)]
    texts = [text for place, follow in places if (text := _text_of(place, follow=follow))]
    if not any(b"regions/" in text or b"RegionInfo" in text for text in texts):
        return []
    try:
        info = open_photo(path, limits).info
    except PhotoUnreadable:
        return []
    found: dict[str, Region] = {}
    for text in texts:
        for region in regions_in(text, info.orientation, is_wide=info.width > info.height):
            found.setdefault(region.name, region)
    return list(found.values())


def _text_of(path: Path, *, follow: bool) -> bytes:
    try:
        with files.open_read(path, follow=follow) as file:
            if packet := xmp_packet_in(file):
                return packet + b"</x:xmpmeta>"
        # A sidecar may lack the outermost element.
        return files.read(path, follow=follow) if path.suffix.lower() == ".xmp" else b""
    except (OSError, FileRefused):
        return b""


def regions_in(packet: bytes, orientation: int, *, is_wide: bool) -> list[Region]:
    """The named faces of an XMP block; ``orientation`` is EXIF's, ``is_wide`` describes the upright picture."""
    # No program writes a document type into XMP, but attacks on XML parsers do.
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return []
    try:
        root = ET.fromstring(packet)  # noqa: S314 - see above
    except ET.ParseError:
        return []
    regions = (*_metadata_working_group(root, orientation, is_wide=is_wide), *_microsoft(root, orientation))
    return [
        region
        for region in regions
        if region.name and all(map(math.isfinite, region.box)) and region.box[2] > 0 and region.box[3] > 0
    ]


def _metadata_working_group(root: ET.Element, orientation: int, *, is_wide: bool) -> Iterator[Region]:
    for regions in root.iter(f"{MWG}Regions"):
        size = _child(regions, f"{MWG}AppliedToDimensions")
        width, height = (_number(size, f"{DIMENSIONS}{side}") for side in "wh")
        # The stored and the upright picture differ in shape (one wide, one tall), and the stated size is the upright's.
        is_upright = swaps_sides(orientation) and width != height and (width > height) == is_wide
        for item in regions.iter(f"{RDF}li"):
            area = _child(item, f"{MWG}Area")
            if area is None or _value(item, f"{MWG}Type") not in {"", "Face"}:
                continue
            x, y, w, h = (_number(area, f"{AREA}{part}") for part in "xywh")
            box = (x - w / 2, y - h / 2, w, h)
            yield Region(_value(item, f"{MWG}Name"), box if is_upright else upright_area(box, orientation))


def _microsoft(root: ET.Element, orientation: int) -> Iterator[Region]:
    for info in root.iter(f"{MPRI}Regions"):
        for item in info.iter(f"{RDF}li"):
            with contextlib.suppress(ValueError):
                x, y, w, h = (float(part) for part in _value(item, f"{MPREG}Rectangle").split(","))
                yield Region(_value(item, f"{MPREG}PersonDisplayName"), upright_area((x, y, w, h), orientation))


def _child(node: ET.Element | None, name: str) -> ET.Element | None:
    return None if node is None else next(node.iter(name), None)


def _value(node: ET.Element | None, name: str) -> str:
    """A property of a node: XMP allows an attribute, an element, or either of them in a nested description."""
    if node is None:
        return ""
    for inner in node.iter():
        if name in inner.attrib:
            return " ".join(inner.attrib[name].split())
        if inner.tag == name and inner.text:
            return " ".join(inner.text.split())
    return ""


def _number(node: ET.Element | None, name: str) -> float:
    try:
        return float(_value(node, name))
    except ValueError:
        return math.nan
