from __future__ import annotations

from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporters.xmp.sidecar_files import DARKTABLE, DIGIKAM, LIGHTROOM, PROGRAMS
from photo_ranker.exporters.xmp import Facts, NamedFace, NotXmp, cleaned, merged
from photo_ranker.exporters.xmp.document import name_of
from photo_ranker.exporters.xmp.merging import loses

ANNA = NamedFace("Anna", (0.1, 0.2, 0.2, 0.3), (0.1, 0.2, 0.2, 0.3))
FACTS = Facts(rating=4, label="Select", keywords=("wedding",), people=("Anna",), faces=(ANNA,), size=(4000, 3000))

LISTED = ("dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList", "Iptc4xmpExt:PersonInImage")


def qname(name: str) -> str:
    return "{{{}}}{}".format(*name_of(name))


def everything(text: bytes | str) -> list[tuple[str, str]]:
    """All that a document says, as pairs of a place and a text; the order within counts."""
    found: list[tuple[str, str]] = []

    def walk(node: ET.Element, place: str) -> None:
        here = f"{place}/{node.tag}"
        found.append((here, (node.text or "").strip()))
        found.extend((f"{here}@{name}", value) for name, value in sorted(node.attrib.items()))
        for child in node:
            walk(child, here)

    walk(ET.fromstring(text), "")
    return found


def listed(text: bytes, name: str) -> list[str]:
    root = ET.fromstring(text)
    return [line.text or "" for node in root.iter(qname(name)) for line in node.iter(qname("rdf:li"))]


def single(text: bytes, name: str) -> list[str]:
    root = ET.fromstring(text)
    return [value for node in root.iter() for key, value in node.attrib.items() if key == qname(name)] + [
        node.text or "" for node in root.iter(qname(name))
    ]


def names(text: bytes) -> list[str]:
    return single(text, "mwg-rs:Name")


@pytest.mark.parametrize("program", PROGRAMS)
def test_everything_that_was_in_it_stays(program: str) -> None:
    before = PROGRAMS[program].encode()
    after = merged(before, FACTS)
    left = everything(after)
    for said in everything(before):
        if said[0].endswith("Rating") and said[1] == "0":
            continue  # no rating at all
        assert said in left
        left.remove(said)
    assert "Anna" in listed(after, "Iptc4xmpExt:PersonInImage")


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_we_wrote_can_be_taken_out_again(program: str) -> None:
    before = PROGRAMS[program].encode()
    back = cleaned(merged(before, FACTS))
    assert back is not None
    assert everything(back) == everything(before)


@pytest.mark.parametrize("program", [*PROGRAMS, "nobody"])
def test_writing_again_changes_nothing(program: str) -> None:
    once = merged(PROGRAMS[program].encode() if program in PROGRAMS else None, FACTS)
    assert merged(once, FACTS) == once


def test_a_sidecar_that_says_nothing_but_ours_goes_as_a_whole() -> None:
    assert cleaned(merged(None, FACTS)) is None


def test_a_users_rating_and_label_win() -> None:
    for program, rating in ((DIGIKAM, "3"), (LIGHTROOM, "5")):
        assert single(merged(program.encode(), FACTS), "xmp:Rating") == [rating]
    assert single(merged(DIGIKAM.encode(), FACTS), "xmp:Label") == ["Green"]
    assert single(merged(LIGHTROOM.encode(), FACTS), "xmp:Label") == ["Select"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_sidecar_to_which_nothing_is_added_stays_byte_for_byte(program: str) -> None:
    text = PROGRAMS[program].replace('xmp:Rating="0"', 'xmp:Rating="-1"').encode()
    assert merged(text, Facts()) == text
    if single(text, "xmp:Rating"):
        assert merged(text, Facts(rating=4)) == text, "the user's own rating holds"


def test_no_stars_is_no_rating_and_comes_back() -> None:
    after = merged(DARKTABLE.encode(), FACTS)
    assert single(after, "xmp:Rating") == ["4"]
    assert single(cleaned(after) or b"", "xmp:Rating") == ["0"]


@pytest.mark.parametrize("label", ["A before=B", "A before=", "A before=0", "before=", "xmp:Label=A before=B"])
@pytest.mark.parametrize("before", [None, "", "0"])
def test_a_label_may_look_like_our_own_note(label: str, before: str | None) -> None:
    text = None if before is None else DARKTABLE.replace('xmp:Rating="0"', f'xmp:Rating="0" xmp:Label="{before}"')
    start = None if text is None else text.encode()
    written = merged(start, Facts(label=label, keywords=("A before=B",)))
    assert single(written, "xmp:Label") == [label]
    rest = cleaned(written)
    if start is None:
        assert rest is None
    else:
        assert rest is not None
        assert everything(rest) == everything(start)


def test_a_rejected_photo_stays_rejected() -> None:
    after = merged(DARKTABLE.replace('xmp:Rating="0"', 'xmp:Rating="-1"').encode(), FACTS)
    assert single(after, "xmp:Rating") == ["-1"]


def test_our_own_rating_follows_the_score_until_the_user_changes_it() -> None:
    text = merged(None, FACTS)
    text = merged(text, msgspec.structs.replace(FACTS, rating=2))
    assert single(text, "xmp:Rating") == ["2"]
    text = text.replace(b'xmp:Rating="2"', b'xmp:Rating="1"')
    text = merged(text, FACTS)
    assert single(text, "xmp:Rating") == ["1"]
    assert single(cleaned(text) or b"", "xmp:Rating") == ["1"]


def test_a_rating_in_another_document_of_the_photo_goes_before_ours() -> None:
    assert single(merged(None, FACTS, [LIGHTROOM.encode()]), "xmp:Rating") == []
    assert single(merged(None, FACTS, [DARKTABLE.encode(), merged(None, FACTS)]), "xmp:Rating") == ["4"]


def test_keywords_come_after_those_that_are_there_and_none_twice() -> None:
    facts = msgspec.structs.replace(FACTS, keywords=("Lisbon", "wedding"), people=("Uncle Bob", "Anna"))
    after = merged(DIGIKAM.encode(), facts)
    assert listed(after, "dc:subject") == ["Uncle Bob", "Lisbon", "wedding", "Anna"]
    assert listed(cleaned(after) or b"", "dc:subject") == ["Uncle Bob", "Lisbon"]


def test_a_name_that_is_no_longer_ours_to_give_goes() -> None:
    text = merged(DIGIKAM.encode(), FACTS)
    after = merged(text, Facts())
    assert everything(after) == everything(DIGIKAM.encode())


@pytest.mark.parametrize(
    ("then", "is_loss"),
    [
        (Facts(rating=4, label="Select", keywords=("client",), people=("Anna",)), False),
        (Facts(rating=2, label="Second", keywords=("client", "more"), people=("Ben",)), False),
        (Facts(rating=4, label="Select", keywords=("client",)), False),
        (Facts(label="Select", keywords=("client",), people=("Anna",)), True),
        (Facts(rating=4, keywords=("client",), people=("Anna",)), True),
        (Facts(rating=4, label="Select", keywords=("more",), people=("Anna",)), True),
    ],
)
def test_what_a_run_takes_out_without_a_word_of_the_user(then: Facts, is_loss: bool) -> None:
    before = merged(DARKTABLE.encode(), Facts(rating=4, label="Select", keywords=("client",), people=("Anna",)))
    assert loses(before, merged(before, then)) == is_loss
    assert not loses(None, before)
    assert not loses(DIGIKAM.encode(), merged(DIGIKAM.encode(), then)), "nothing of the user's own goes"


def test_a_face_that_somebody_has_named_is_not_named_again() -> None:
    theirs = (0.66, 0.22, 0.08, 0.16)  # inside digiKam's larger box
    facts = msgspec.structs.replace(FACTS, faces=(NamedFace("Robert", theirs, theirs), ANNA))
    assert names(merged(DIGIKAM.encode(), facts)) == ["Uncle Bob", "Anna"]


def test_a_face_that_the_user_has_moved_is_the_users() -> None:
    text = merged(None, FACTS).replace(b'stArea:x="0.2"', b'stArea:x="0.25"')
    back = cleaned(text)
    assert back is not None
    assert names(back) == ["Anna"]
    assert b"MPReg:Rectangle" not in back


@settings(deadline=None)
@given(st.tuples(*[st.integers(1, 499_999).map(lambda millionths: millionths / 1e6)] * 4))
def test_a_region_of_ours_goes_wherever_it_is(area: tuple[float, float, float, float]) -> None:
    """Its middle is rounded, so it may be read a millionth beside where our note has it."""
    written = merged(None, Facts(people=("Anna",), faces=(NamedFace("Anna", area, area),), size=(4000, 3000)))
    assert names(written) == ["Anna"]
    assert cleaned(written) is None


def test_a_region_whose_middle_was_rounded_is_ours() -> None:
    area = (0.194583, 0.06525, 0.0935, 0.188125)
    written = merged(None, Facts(people=("Anna",), faces=(NamedFace("Anna", area, area),), size=(1200, 800)))
    renamed = merged(written, Facts(people=("Zoe",), faces=(NamedFace("Zoe", area, area),), size=(1200, 800)))
    assert names(renamed) == ["Zoe"]


def test_a_program_that_counts_in_the_upright_picture_is_understood() -> None:
    turned = NamedFace("Anna", (0.1, 0.2, 0.3, 0.4), (0.4, 0.1, 0.4, 0.3))
    facts = msgspec.structs.replace(FACTS, faces=(turned,), size=(4000, 3000), is_turned=True)
    usual = merged(DIGIKAM.encode(), facts)
    upright = merged(DIGIKAM.replace('w="4000"', 'w="3000"').replace('h="3000"', 'h="4000"').encode(), facts)
    assert single(usual, "stArea:x")[-1] == "0.25"
    assert single(upright, "stArea:x")[-1] == "0.6"


def test_properties_in_other_forms_of_the_same_xmp() -> None:
    text = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:a="http://ns.adobe.com/xap/1.0/"
      xmlns:xmp="urn:something-else" xmlns:d="http://purl.org/dc/elements/1.1/">
      <rdf:Description rdf:about="" d:subject="Lisbon"/>
      <rdf:Description rdf:about=""><a:Rating>0</a:Rating><xmp:Rating>7</xmp:Rating></rdf:Description></rdf:RDF>"""
    after = merged(text, FACTS)
    assert single(after, "xmp:Rating") == ["4"]
    assert single(after, "xmp:Label") == ["Select"]
    assert listed(after, "dc:subject") == ["Lisbon", "wedding", "Anna"]
    assert b"<xmp:Rating>7</xmp:Rating>" in after
    back = cleaned(after)
    assert back is not None
    assert single(back, "xmp:Rating") == ["0"]
    assert listed(back, "dc:subject") == ["Lisbon"]


@pytest.mark.parametrize("value", ["<rdf:value>3</rdf:value>", '<rdf:Description rdf:value="3"/>'])
def test_a_rating_with_qualifiers_is_the_users(value: str) -> None:
    text = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
      <rdf:Description rdf:about=""><xmp:Rating rdf:parseType="Resource">{value}</xmp:Rating>
      </rdf:Description></rdf:RDF>"""
    after = merged(text.encode(), FACTS)
    assert value in after.decode()
    assert everything(cleaned(after) or b"") == everything(text)


def test_a_keyword_that_is_an_address_stays() -> None:
    text = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
      xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
      <rdf:Description rdf:about=""><dc:subject rdf:resource="https://example.org/lisbon"/>
      <xmp:Rating rdf:value="0"/></rdf:Description></rdf:RDF>"""
    after = merged(text, FACTS)
    assert listed(after, "dc:subject") == ["https://example.org/lisbon", "wedding", "Anna"]
    assert b"rdf:resource" not in after, "RDF allows it only where nothing is inside"
    assert single(after, "xmp:Rating") == ["4"]
    assert b"rdf:value" not in after
    assert listed(cleaned(after) or b"", "dc:subject") == ["https://example.org/lisbon"]


def test_line_breaks_in_attributes_and_comments_survive() -> None:
    after = merged(LIGHTROOM.replace("</rdf:RDF>", "<!-- mine --></rdf:RDF>").encode(), FACTS)
    assert b"saved&#10;to new location" in after
    assert b"<!-- mine -->" in after


def test_a_document_in_utf16_is_understood() -> None:
    after = merged(LIGHTROOM.encode("utf-16"), FACTS)
    assert "Marie Müller" in after.decode("utf-8")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description>&b;</rdf:Description></rdf:RDF>"""
FOREIGN = BOMB.replace(b'"aaaaaaaaaa"', b'SYSTEM "file:///etc/passwd"')


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "document type"),
        (FOREIGN, "document type"),
        (b"<a>" * 1000 + b"</a>" * 1000, "deeply"),
        (b"<html/>", "no RDF"),
        (b"", "damaged"),
        (LIGHTROOM.encode()[:-40], "damaged"),
        (b"<x:y/>", "damaged"),
        (b" " * 20_000_001, "too large"),
    ],
    ids=["entities", "outside", "deep", "html", "empty", "cut", "prefix", "large"],
)
def test_what_is_no_safe_xmp_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(NotXmp, match=reason):
        merged(text, FACTS)


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(
    st.lists(WORDS, max_size=3, unique=True), st.lists(WORDS, max_size=3, unique=True), st.sampled_from(list(PROGRAMS))
)
def test_whatever_people_are_called(keywords: list[str], people: list[str], program: str) -> None:
    before = PROGRAMS[program].encode()
    faces = tuple(
        NamedFace(name, (0.3 * at, 0.7, 0.1, 0.1), (0.3 * at, 0.7, 0.1, 0.1)) for at, name in enumerate(people)
    )
    facts = Facts(3, None, tuple(keywords), tuple(people), faces, (4000, 3000))
    after = merged(before, facts)
    assert set(keywords + people) <= set(listed(after, "dc:subject"))
    assert [name for name in names(after) if name in people] == people
    assert merged(after, facts) == after
    assert everything(cleaned(after) or b"") == everything(before)
