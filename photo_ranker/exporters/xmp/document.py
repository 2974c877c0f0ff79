"""Parses and writes XMP documents: damaged or hostile ones are refused, and unknown content is kept as it is."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping
from xml.dom import minidom
from xml.parsers import expat
from xml.sax.saxutils import escape

import msgspec

from photo_ranker.core.orientation import Area, stored_area, swaps_sides
from photo_ranker.records import Box, PhotoRecord
from photo_ranker.settings import Settings

__all__ = [
    "NAMESPACES",
    "Facts",
    "Name",
    "NamedFace",
    "NotXmp",
    "blank",
    "content",
    "elements",
    "facts_of",
    "name_of",
    "parse",
    "serialise",
    "stars",
]

NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "x": "adobe:ns:meta/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "MP": "http://ns.microsoft.com/photo/1.2/",
    "MPRI": "http://ns.microsoft.com/photo/1.2/t/RegionInfo#",
    "MPReg": "http://ns.microsoft.com/photo/1.2/t/Region#",
    "photoRanker": "urn:photo-ranker:xmp:1/",
}

Name = tuple[str, str]
"""Namespace and local name."""


def name_of(text: str) -> Name:
    """``"dc:subject"`` as namespace and local name."""
    prefix, local = text.split(":")
    return NAMESPACES[prefix], local


DEEPEST = 100
"""Levels of nesting; our walk is recursive, and no program nests nearly as deep."""
LARGEST = 20_000_000
"""Bytes of a document; Lightroom needs a few million for many masks."""

XMLNS = "http://www.w3.org/2000/xmlns/"
"""Namespace of declarations of prefixes."""

_BLANK = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="{NAMESPACES["x"]}">
 <rdf:RDF xmlns:rdf="{NAMESPACES["rdf"]}">
  <rdf:Description rdf:about=""></rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""


class NotXmp(Exception):
    """The text is not XMP that can be changed safely."""


def blank() -> minidom.Document:
    """An empty document."""
    return parse(_BLANK.encode())


def parse(data: bytes) -> minidom.Document:
    """Parse a document; a document type is refused, since its entities can expand ten bytes to a billion."""
    if len(data) > LARGEST:
        raise NotXmp("too large")
    if not data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        data = data.rstrip(b"\0 \t\r\n")  # padding for later changes, which some programs fill with zeros
    try:
        _inspect(data)
        document = minidom.parseString(data)  # noqa: S318 - inspected above
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NotXmp(f"damaged ({error})") from error
    return document


def serialise(document: minidom.Document) -> bytes:
    """The document as UTF-8, each top-level node on its own line."""
    # minidom drops the XML declaration, which some programs write; the encoding is UTF-8 now.
    pieces = [f'<?xml version="{document.version}" encoding="UTF-8"?>\n'] if document.version else []
    for node in document.childNodes:
        _write(node, pieces)
        pieces.append("\n")
    return "".join(pieces).encode()


def content(document: minidom.Document) -> list[tuple[str, ...]]:
    """The content of a document without prefixes and white space, so that equivalent documents compare equal."""
    parts: list[tuple[str, ...]] = []

    def walk(node: minidom.Element, depth: int) -> None:
        attributes = [each for each in node.attributes.values() if each.namespaceURI != XMLNS]
        text = "".join(child.data for child in node.childNodes if isinstance(child, minidom.Text)).strip()
        parts.append((str(depth), node.namespaceURI or "", node.localName, text))
        parts.extend(sorted((each.namespaceURI or "", each.localName, each.value) for each in attributes))
        for child in elements(node):
            walk(child, depth + 1)

    assert document.documentElement is not None
    walk(document.documentElement, 0)
    return parts


def elements(node: minidom.Node) -> Iterator[minidom.Element]:
    """The child elements."""
    return (child for child in node.childNodes if isinstance(child, minidom.Element))


def _inspect(data: bytes) -> None:
    depth = 0

    def begin(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise NotXmp("nested too deeply")

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise NotXmp("it has a document type, which no photo program writes")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(data, True)


def _write(node: minidom.Node, pieces: list[str]) -> None:
    # minidom's own writer loses line breaks in attributes, so we write nodes ourselves.
    if isinstance(node, minidom.Element):
        pieces.append(f"<{node.tagName}")
        # Declarations of prefixes first, so that removing and adding something again gives the same text.
        for name, value in sorted(node.attributes.items(), key=lambda item: not item[0].startswith("xmlns")):
            text = escape(value, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
            pieces.append(f' {name}="{text}"')
        pieces.append(">" if node.childNodes else "/>")
        for child in node.childNodes:
            _write(child, pieces)
        if node.childNodes:
            pieces.append(f"</{node.tagName}>")
    elif isinstance(node, minidom.CDATASection):
        pieces.append(f"<![CDATA[{node.data}]]>")
    elif isinstance(node, minidom.Text):
        pieces.append(escape(node.data, {"\r": "&#13;"}))
    elif isinstance(node, minidom.Comment):
        pieces.append(f"<!--{node.data}-->")
    elif isinstance(node, minidom.ProcessingInstruction):
        pieces.append(f"<?{node.target} {node.data}?>")


# What we write about a photo, in the terms of XMP.


_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 forbids, even escaped."""


class NamedFace(msgspec.Struct, frozen=True):
    """A person's name and where the face is."""

    name: str
    """The person's name."""
    stored: Area
    """In the stored picture, before EXIF turns it."""
    upright: Area
    """In the upright picture, which some programs use instead."""


class Facts(msgspec.Struct, frozen=True):
    """Everything that we write about one photo."""

    rating: int | None = None
    """1 to 5 stars."""
    label: str | None = None
    """A word such as "Select", as in Lightroom."""
    keywords: tuple[str, ...] = ()
    """Words of the user, for all exported photos."""
    people: tuple[str, ...] = ()
    """Names of people in the photo."""
    faces: tuple[NamedFace, ...] = ()
    """Those of named people, for regions."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the stored picture, px."""
    is_turned: bool = False
    """Whether the stored picture is rotated by a quarter turn."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return self.rating is None and self.label is None and not (self.keywords or self.people)


def facts_of(
    record: PhotoRecord,
    names: Mapping[str, str],
    *,
    rating: int | None = None,
    label: str | None = None,
    keywords: Iterable[str] = (),
) -> Facts:
    """The facts of a photo; ``names`` maps ids of faces to confirmed names."""
    is_turned = swaps_sides(record.orientation)
    named = [(name, face) for face in record.faces if (name := _one_line(names.get(face.id, "")))]
    return Facts(
        rating=rating,
        label=_one_line(label or "") or None,
        keywords=tuple(dict.fromkeys(filter(None, map(_one_line, keywords)))),
        people=tuple(dict.fromkeys(name for name, _ in named)),
        # In a film a face moves, so it gets no region.
        faces=tuple(_named(name, face.box, record) for name, face in named if face.at_seconds is None),
        size=(record.height, record.width) if is_turned else (record.width, record.height),
        is_turned=is_turned,
    )


def stars(score: float, settings: Settings) -> int:
    """Stars of a score, 1 to 5."""
    return 1 + sum(score >= step for step in settings.weights.stars)


def _one_line(text: str) -> str:
    return " ".join(_FORBIDDEN.sub("", text).split())


def _named(name: str, box: Box, record: PhotoRecord) -> NamedFace:
    left, top = max(0.0, box[0]), max(0.0, box[1])
    right, bottom = min(box[0] + box[2], record.width), min(box[1] + box[3], record.height)
    x, y = left / record.width, top / record.height
    upright = (x, y, max(0.0, right - left) / record.width, max(0.0, bottom - top) / record.height)
    return NamedFace(name, _rounded(stored_area(upright, record.orientation)), _rounded(upright))


def _rounded(area: Area) -> Area:
    # A millionth of a side is less than a pixel of any camera.
    x, y, w, h = (round(value, 6) + 0.0 for value in area)
    return x, y, w, h
