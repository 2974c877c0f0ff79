"""The namespaces of XMP that we touch, and the prefixes that everybody knows them by."""

from __future__ import annotations

__all__ = ["NAMESPACES", "Name", "name_of"]

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
