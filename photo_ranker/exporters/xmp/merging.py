"""Puts our facts into an XMP document and takes them out again.

The document itself lists what we wrote (``photoRanker:Wrote``). Each write first removes what we wrote before, but
only values that are unchanged: one that a user has edited since is the user's.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from xml.dom import minidom

from photo_ranker.core.orientation import Area
from photo_ranker.exporters.xmp.document import Facts, NotXmp, blank, content, elements, name_of, parse, serialise
from photo_ranker.exporters.xmp.sheet import Sheet, list_in, remove
from photo_ranker.records import overlap

__all__ = ["WROTE", "add_regions", "cleaned", "drop_regions", "is_marked", "loses", "merged", "seeded"]

WROTE = "photoRanker:Wrote"
"""Property that lists what we wrote."""
UNRATED = {"", "0"}
"""How the XMP standard and programs write "no rating"."""

# Programs read names and keywords from different properties. The kind of list is what each one's standard says.
LISTS = {
    "dc:subject": "Bag",
    "lr:hierarchicalSubject": "Bag",
    "digiKam:TagsList": "Seq",
    "Iptc4xmpExt:PersonInImage": "Bag",
}


def merged(text: bytes | None, facts: Facts, others: Iterable[bytes] = ()) -> bytes:
    """The document with our facts; a rating in ``others``, further documents of the photo, overrules ours."""
    document = blank() if text is None else parse(text)
    was = content(document)
    sheet = Sheet(document)
    _take_out(sheet)
    notes: list[str] = []
    elsewhere = [Sheet(parse(other)) for other in others]
    for other in elsewhere:
        _take_out(other)
    _write_single(sheet, "xmp:Rating", None if facts.rating is None else str(facts.rating), elsewhere, notes)
    _write_single(sheet, "xmp:Label", facts.label, elsewhere, notes)
    for name, wanted in _lists_of(facts).items():
        there = sheet.items(name)
        new = [item for item in wanted if item not in there]
        if new:
            sheet.add_items(name, new, LISTS[name])
            notes += [f"{name}={item}" for item in new]
    if facts.faces:
        notes += add_regions(sheet, facts)
    if notes:
        sheet.add_items(WROTE, notes)
    # A file in which only the layout differs looks changed to Lightroom, which then asks which version to keep.
    return text if text is not None and content(document) == was else _checked(serialise(document))


def cleaned(text: bytes) -> bytes | None:
    """The document without what we wrote; None if nothing else is in it."""
    document = parse(text)
    sheet = Sheet(document)
    _take_out(sheet)
    return serialise(document) if _says_something(sheet) else None


def is_marked(text: bytes) -> bool:
    """Whether a document contains anything that we wrote."""
    return bool(Sheet(parse(text)).items(WROTE))


def loses(before: bytes | None, after: bytes | None) -> bool:
    """Whether ``after`` lacks a rating, label or keyword of ``before``, which an earlier run of ours wrote.

    Names do not count, since they follow what the user says about people.
    """
    if before is None or after is None:
        return False
    old, new = Sheet(parse(before)), Sheet(parse(after))
    names = old.items("Iptc4xmpExt:PersonInImage")
    singles = ((old.text(name) or "", new.text(name) or "") for name in ("xmp:Rating", "xmp:Label"))
    is_emptied = any(was not in UNRATED and now in UNRATED for was, now in singles)
    return is_emptied or not {*old.items("dc:subject")} <= {*names, *new.items("dc:subject")}


def seeded(embedded: bytes) -> bytes | None:
    """A new sidecar's first content: the photo's own values of the properties that we write.

    Some programs read a sidecar instead of the photo, and would miss those values.
    """
    source = Sheet(parse(embedded))
    _take_out(source)
    document = blank()
    sheet = Sheet(document)
    for name in ("xmp:Rating", "xmp:Label"):
        if value := source.text(name):
            sheet.set_text(name, value)
    for name, kind in LISTS.items():
        if items := source.items(name):
            sheet.add_items(name, items, kind)
    for name in ("mwg-rs:Regions", "MP:RegionInfo"):
        if (element := source.element(name)) is not None:
            sheet.adopt(element)
    return serialise(document) if _says_something(sheet) else None


def _lists_of(facts: Facts) -> dict[str, list[str]]:
    return {
        "dc:subject": [*facts.keywords, *facts.people],
        "lr:hierarchicalSubject": [*facts.keywords, *(f"People|{name.replace('|', '/')}" for name in facts.people)],
        "digiKam:TagsList": [*facts.keywords, *(f"People/{name.replace('/', '|')}" for name in facts.people)],
        "Iptc4xmpExt:PersonInImage": list(facts.people),
    }


def _write_single(sheet: Sheet, name: str, value: str | None, others: Iterable[Sheet], notes: list[str]) -> None:
    there = sheet.text(name)
    is_free = (there or "") in UNRATED and all((other.text(name) or "") in UNRATED for other in others)
    if value is None or not is_free:
        return
    sheet.set_text(name, value)
    # "before=" keeps the "0" of an unrated photo, so that removing our rating restores it.
    notes.append(f"{name}={value}" if there is None else f"{name}={value} before={there}")


def _take_out(sheet: Sheet) -> None:
    notes = sheet.items(WROTE)
    sheet.drop(WROTE)
    for note in notes:
        name, _, value = note.partition("=")
        if name in {"xmp:Rating", "xmp:Label"}:
            _take_back(sheet, name, value)
        elif name in LISTS:
            sheet.drop_items(name, [value])
    drop_regions(sheet, notes)


def _take_back(sheet: Sheet, name: str, note: str) -> None:
    """Remove a rating or label if it is still what our note says; an earlier value that meant "none" is restored."""
    there = sheet.text(name)
    if there == note:  # first, since a label may itself be called "A before=B"
        sheet.drop(name)
    elif there is not None and note in {f"{there} before={unrated}" for unrated in UNRATED}:
        sheet.set_text(name, note.removeprefix(f"{there} before="))


def _checked(text: bytes) -> bytes:
    # This will replace a user's file, so make sure that it can be read again.
    try:
        parse(text)
    except NotXmp as error:
        raise NotXmp(f"what was to be written is {error}") from error
    return text


def _says_something(sheet: Sheet) -> bool:
    return any(True for block in sheet.descriptions for _ in sheet.fields(block))


# Named faces in an XMP document, in the two forms that programs read.


SAME_FACE = 0.4
"""Overlap from which two areas are the same face: other detectors draw larger or smaller boxes."""


ROUNDING = 0.0001
"""Largest difference that rounding makes, as a share of the picture: our notes have four digits, the regions six."""


def add_regions(sheet: Sheet, facts: Facts) -> list[str]:
    """Write the named faces that the document lacks; returns notes by which ours are found again."""
    return [*_add_mwg(sheet, facts), *_add_microsoft(sheet, facts)]


def drop_regions(sheet: Sheet, notes: Iterable[str]) -> None:
    """Remove the faces that we wrote and nobody has changed."""
    noted = list(notes)
    for kind in (_MWG, _MICROSOFT):
        ours = kind.noted(noted)
        found = [line for line, name, area in kind.lines(sheet) if any(_is_same(area, was) for was in ours[name])]
        for line in found:
            remove(line)
        if found:
            kind.tidy(sheet)


def _add_mwg(sheet: Sheet, facts: Facts) -> Iterator[str]:
    there = [(name, area) for _, name, area in _MWG.lines(sheet)]
    is_upright = _counts_upright(sheet, facts)
    for face in facts.faces:
        area = face.upright if is_upright else face.stored
        if _is_there(area, there):
            continue
        regions = sheet.structure("mwg-rs:Regions")
        if not any(True for (_, field), _ in sheet.fields(regions) if field == "AppliedToDimensions"):
            size = sheet.append(regions, "mwg-rs:AppliedToDimensions")
            for side, value in zip("wh", facts.size, strict=True):
                sheet.set_field(size, f"stDim:{side}", str(value))
            sheet.set_field(size, "stDim:unit", "pixel")
        line = sheet.append(sheet.list_of("mwg-rs:RegionList", "Bag", regions), "rdf:li")
        about = sheet.append(line, "rdf:Description")
        sheet.set_field(about, "mwg-rs:Name", face.name)
        sheet.set_field(about, "mwg-rs:Type", "Face")
        place = sheet.append(about, "mwg-rs:Area")
        x, y, w, h = area
        for part, share in zip("xywh", (x + w / 2, y + h / 2, w, h), strict=True):
            sheet.set_field(place, f"stArea:{part}", _number(share))
        sheet.set_field(place, "stArea:unit", "normalized")
        yield _MWG.note(face.name, area)


def _add_microsoft(sheet: Sheet, facts: Facts) -> Iterator[str]:
    there = [(name, area) for _, name, area in _MICROSOFT.lines(sheet)]
    for face in facts.faces:
        if _is_there(face.stored, there):
            continue
        line = sheet.append(sheet.list_of("MPRI:Regions", "Bag", sheet.structure("MP:RegionInfo")), "rdf:li")
        sheet.set_field(line, "MPReg:Rectangle", ", ".join(map(_number, face.stored)))
        sheet.set_field(line, "MPReg:PersonDisplayName", face.name)
        yield _MICROSOFT.note(face.name, face.stored)


def _is_same(area: Area, noted: Area) -> bool:
    """Whether a region is where our note says; the note is rounded, and so is the middle of the region."""
    return all(abs(one - other) <= ROUNDING for one, other in zip(area, noted, strict=True))


def _is_there(area: Area, there: Iterable[tuple[str, Area]]) -> bool:
    """Whether the face has a name already, ours or another."""
    return any(name and overlap(area, other) >= SAME_FACE for name, other in there)


def _counts_upright(sheet: Sheet, facts: Facts) -> bool:
    """Whether the program that wrote the regions used the upright picture, against the standard."""
    element = sheet.element("mwg-rs:Regions")
    sizes = [] if element is None else element.getElementsByTagNameNS(*name_of("mwg-rs:AppliedToDimensions"))
    if not sizes:
        return False
    fields = dict(sheet.fields(sizes[0]))
    wide, high = (_float(fields.get(name_of(f"stDim:{side}"), "")) for side in "wh")
    stored_wide, stored_high = facts.size
    return facts.is_turned and (wide - high) * (stored_wide - stored_high) < 0


class _Kind:
    """One form of regions, by the names of its elements."""

    def __init__(self, prefix: str, outer: str, inner: str) -> None:
        self._prefix, self._outer, self._inner = prefix, outer, inner

    def note(self, name: str, area: Area) -> str:
        return f"{self._prefix}={name}@{','.join(f'{value:.4f}' for value in area)}"

    def noted(self, notes: Iterable[str]) -> dict[str, list[Area]]:
        """Name -> the areas in our notes."""
        found: dict[str, list[Area]] = defaultdict(list)
        for note in notes:
            name, _, numbers = note.removeprefix(f"{self._prefix}=").rpartition("@")
            if note.startswith(f"{self._prefix}="):
                found[name].append(_area(numbers))
        return found

    def lines(self, sheet: Sheet) -> Iterator[tuple[minidom.Element, str, Area]]:
        """Each region with its element, its name, and its area from the top left."""
        inner = self._list(sheet)
        for line in [] if inner is None else list(elements(inner)):
            fields = dict(sheet.fields(line))
            yield line, *self._read(sheet, line, fields)

    def tidy(self, sheet: Sheet) -> None:
        """Remove the whole property if its list is empty."""
        element, inner = sheet.element(self._outer), self._list(sheet)
        if element is not None and inner is not None and not any(elements(inner)):
            remove(element)

    def _list(self, sheet: Sheet) -> minidom.Element | None:
        element = sheet.element(self._outer)
        found = [] if element is None else element.getElementsByTagNameNS(*name_of(self._inner))
        return list_in(found[0]) if found else None

    def _read(self, sheet: Sheet, line: minidom.Element, fields: dict[tuple[str, str], str]) -> tuple[str, Area]:
        if self is _MICROSOFT:
            return fields.get(name_of("MPReg:PersonDisplayName"), ""), _area(fields.get(name_of("MPReg:Rectangle"), ""))
        areas = line.getElementsByTagNameNS(*name_of("mwg-rs:Area"))
        place = dict(sheet.fields(areas[0])) if areas else {}
        x, y, w, h = (_float(place.get(name_of(f"stArea:{part}"), "")) for part in "xywh")
        return fields.get(name_of("mwg-rs:Name"), ""), (x - w / 2, y - h / 2, w, h)


_MWG = _Kind("mwg-rs:Regions", "mwg-rs:Regions", "mwg-rs:RegionList")
"""The standard of the Metadata Working Group, which most programs read."""
_MICROSOFT = _Kind("MP:RegionInfo", "MP:RegionInfo", "MPRI:Regions")
"""What Windows and some others read."""


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _area(text: str) -> Area:
    """Four numbers with commas between them; NaN for anything else."""
    parts = tuple(map(_float, text.split(",")))
    x, y, w, h = parts if len(parts) == 4 else (math.nan,) * 4
    return x, y, w, h


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
