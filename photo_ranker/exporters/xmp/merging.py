"""Puts our facts into an XMP document and takes them out again.

The document itself lists what we wrote (``photoRanker:Wrote``). Each write first removes what we wrote before, but
only values that are unchanged: one that a user has edited since is the user's.
"""

from __future__ import annotations

from collections.abc import Iterable

from photo_ranker.exporters.xmp.document import NotXmp, blank, parse, serialise
from photo_ranker.exporters.xmp.facts import Facts
from photo_ranker.exporters.xmp.regions import add_regions, drop_regions
from photo_ranker.exporters.xmp.sheet import Sheet

__all__ = ["WROTE", "cleaned", "is_marked", "merged", "seeded"]

WROTE = "photoRanker:Wrote"
"""Property that lists what we wrote."""
UNRATED = {"", "0"}
"""How the XMP standard and programs write "no rating"."""

# Each program reads names and keywords from another property. The kind of list is the one of its standard.
LISTS = {
    "dc:subject": "Bag",
    "lr:hierarchicalSubject": "Bag",
    "digiKam:TagsList": "Seq",
    "Iptc4xmpExt:PersonInImage": "Bag",
}


def merged(text: bytes | None, facts: Facts, others: Iterable[bytes] = ()) -> bytes:
    """The document with our facts; a rating in ``others``, further documents of the photo, overrules ours."""
    document = blank() if text is None else parse(text)
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
    return _checked(serialise(document))


def cleaned(text: bytes) -> bytes | None:
    """The document without what we wrote; None if nothing else is in it."""
    document = parse(text)
    sheet = Sheet(document)
    _take_out(sheet)
    return serialise(document) if _says_something(sheet) else None


def is_marked(text: bytes) -> bool:
    """Whether a document contains anything that we wrote."""
    return bool(Sheet(parse(text)).items(WROTE))


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
            value, had_before, before = value.partition(" before=")
            if sheet.text(name) == value:
                sheet.set_text(name, before) if had_before else sheet.drop(name)
        elif name in LISTS:
            sheet.drop_items(name, [value])
    drop_regions(sheet, notes)


def _checked(text: bytes) -> bytes:
    # This will replace a user's file, so make sure that it can be read again.
    try:
        parse(text)
    except NotXmp as error:
        raise NotXmp(f"what was to be written is {error}") from error
    return text


def _says_something(sheet: Sheet) -> bool:
    return any(True for block in sheet.descriptions for _ in sheet.fields(block))
