from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_ranked_photo, a_ranking
from photo_ranker.exporters import html
from photo_ranker.exporters.document import head_object, result_objects
from photo_ranker.questions.answer import Ranking, Unreadable
from photo_ranker.ranker import FaceSignals
from photo_ranker.ranker.reasons import GOOD
from photo_ranker.records import Face, PhotoRecord


@dataclass(frozen=True)
class Pictures:
    photo: bytes
    face: bytes


def pictures(path: str, record: PhotoRecord, face: Face, long_side: int) -> Pictures:
    return Pictures(f"photo {path} {long_side}".encode(), f"face {path}".encode())


class Page(HTMLParser):
    """Every element with its attributes, and the text of each script and style."""

    def __init__(self, ranking: Ranking, make: html.PictureMaker = pictures) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open = False
        self.feed(b"".join(html.render(ranking, make)).decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")

        self.open = True

    def handle_endtag(self, tag: str) -> None:
        self.open = False

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[-1] += data

    def all(self, tag: str) -> Iterator[tuple[dict[str, str | None], str]]:
        return (
            (attributes, text)
            for (name, attributes), text in zip(self.elements, self.texts, strict=True)
            if name == tag
        )

    def block(self, name: str) -> str | None:
        return next((text for attributes, text in self.all("script") if attributes.get("id") == name), None)

    @property
    def document(self) -> Any:
        return json.loads(self.block("document") or "")


def test_the_page_carries_the_document() -> None:
    ranking = a_ranking(a_ranked_photo("a.jpg"), a_ranked_photo("b.jpg"), unreadable=(Unreadable("c.jpg", "empty"),))
    document = Page(ranking).document
    assert document.pop("words")["report.about"]["one"].startswith("{n} photo of {all}")
    assert document.pop("good") == GOOD
    assert list(document.pop("labels")) == [name for name in FaceSignals.__struct_fields__ if "degrees" not in name]
    assert document.pop("short_labels")["eyes_open"] == "Eyes"
    assert document == {**head_object(ranking), "results": result_objects(ranking)}


def test_each_photo_has_its_pictures() -> None:
    page = Page(a_ranking(*(a_ranked_photo(f"{number}.jpg") for number in range(40))))
    for number in range(40):
        for kind, text in (("photo", f"photo {number}.jpg 1280"), ("face", f"face {number}.jpg")):
            head, _, data = str(page.block(f"{kind}-{number + 1}")).partition(",")
            assert head == "data:image/jpeg;base64"
            assert b64decode(data).decode() == text


def test_the_first_pictures_stand_before_the_script_and_the_rest_behind() -> None:
    page = Page(a_ranking(*(a_ranked_photo(f"{number}.jpg") for number in range(40))))
    names = [attributes.get("id") for attributes, _ in page.all("script")]
    code = names.index(None)
    assert [name for name in names[:code] if name and name.startswith("photo-")] == [f"photo-{n}" for n in range(1, 25)]
    assert [name for name in names[code:] if name and name.startswith("photo-")] == [
        f"photo-{n}" for n in range(25, 41)
    ]


@pytest.mark.parametrize(("count", "long_side"), [(60, 1280), (61, 800), (201, 512), (1001, 400)])
def test_large_albums_get_smaller_pictures(count: int, long_side: int) -> None:
    asked: list[int] = []

    def note(path: str, record: PhotoRecord, face: Face, side: int) -> None:
        asked.append(side)

    photo = a_ranked_photo()
    for _ in html.render(a_ranking(*[photo] * count), note):
        pass
    assert asked == [long_side] * count


def test_a_photo_that_is_gone_has_no_picture() -> None:
    def make(path: str, record: PhotoRecord, face: Face, long_side: int) -> Pictures | None:
        return None if path == "gone.jpg" else Pictures(b"photo", b"face")

    page = Page(a_ranking(a_ranked_photo("gone.jpg"), a_ranked_photo("here.jpg")), make)
    assert page.block("photo-1") is None
    assert page.block("photo-2")
    assert len(page.document["results"]) == 2


def test_a_failing_picture_stops_the_page() -> None:
    def make(path: str, record: PhotoRecord, face: Face, long_side: int) -> Pictures | None:
        raise MemoryError

    with pytest.raises(MemoryError):
        b"".join(html.render(a_ranking(a_ranked_photo()), make))


def test_nothing_is_fetched_and_nothing_runs_inline() -> None:
    page = Page(a_ranking(a_ranked_photo()))
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "style", "action", "data", "background"} & attributes.keys(), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert tag not in {"link", "iframe", "object", "embed", "base"}
        assert (attributes.get("href") or "#").startswith("#")
    [(_, style)] = page.all("style")
    assert "url(" not in style
    assert "@import" not in style
    [script] = [text for attributes, text in page.all("script") if not attributes]
    assert not re.search(r"https?:|fetch\(|XMLHttpRequest|innerHTML|import\(|eval\(", script)


def test_the_policy_allows_this_style_and_this_script_alone() -> None:
    page = Page(a_ranking())
    [(_, style)] = page.all("style")
    [script] = [text for attributes, text in page.all("script") if not attributes]
    [policy] = [
        str(attributes["content"])
        for attributes, _ in page.all("meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": source(style),
        "script-src": source(script),
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@given(
    st.one_of(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        st.sampled_from(
            ["</script><script>alert(1)</script>", "<!--<script>", "{{script}}", "{{document}}", "&lt;b&gt;", "\u2028"]
        ),
    )
)
def test_no_name_leaves_its_place(name: str) -> None:
    usual = Page(a_ranking(a_ranked_photo("a.jpg"), unreadable=(Unreadable("b.jpg", "empty"),)))
    page = Page(a_ranking(a_ranked_photo(name), unreadable=(Unreadable(name, "empty"),)))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in usual.elements]
    assert page.document["results"][0]["path"] == name
