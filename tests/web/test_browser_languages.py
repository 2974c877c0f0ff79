"""The app in German and Spanish: every screen is in that language, has room for it, and keeps nobody out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from photo_ranker.core.words import words_of
from web_browser import A_JOB, ALL_WORDS, AXE, IN_A_BROWSER, Server, until_closed
from web_helpers import make_album

playwright = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright: make e2e")

pytestmark = IN_A_BROWSER

DESK = {"width": 1280, "height": 850}
PHONE = {"width": 390, "height": 844}

Look = Callable[[str], None]
Say = Callable[..., str]

TOO_WIDE = """() => {
    const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
    if (dialog && dialog.scrollWidth > dialog.clientWidth) return [`dialog: ${dialog.scrollWidth} px`];
    return document.documentElement.scrollWidth > innerWidth ? [`page: ${document.documentElement.scrollWidth} px`]
    : [...document.querySelectorAll("button, label, h1, h2, h3, p, a, legend, dt, dd, summary, output, select")]
        .filter((one) => {
            const box = one.getBoundingClientRect();
            const isOut = box.right > innerWidth + 1 || box.left < -1;
            return box.width && box.height && isOut && !one.matches(".skip") && !scrolls(one);
        })
        .map((one) => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 60)}`);
    function scrolls(one) {
        for (let at = one; at; at = at.parentElement) {
            const { overflowX, position } = getComputedStyle(at);
            if (/auto|scroll/.test(overflowX) || position === "fixed") return true;
        }
        return false;
    }
}"""
"""What does not fit into the window; in what scrolls sideways it need not."""


def english_only(language: str) -> Callable[[str], bool]:
    """Tells whether a text is one of the English catalogue that this language words otherwise."""
    english, ours = words_of("en").texts, words_of(language).texts
    forms = [
        (one, two)
        for key, text in english.items()
        for one, two in zip(_forms(text), _forms(ours[key]), strict=True)
        if one.strip() != two.strip()
    ]
    theirs = {two.strip() for _, two in forms} | {two for text in ours.values() for two in _forms(text)}
    plain = {one.strip() for one, _ in forms if "{" not in one} - theirs
    # A text that is mostly what is filled in would fit anything.
    filled = [one.strip() for one, _ in forms if "{" in one and len(re.sub(r"\{\w+\}|\W", "", one)) > 3]
    patterns = [re.compile(re.sub(r"\\\{\w+\\\}", lambda _: r"\S{1,40}", re.escape(one))) for one in filled]
    return lambda text: text in plain or (text != "Photo Ranker" and any(one.fullmatch(text) for one in patterns))


def _forms(text: str | dict[str, str]) -> list[str]:
    return [text] if isinstance(text, str) else [text["one"], text["other"]]


class Judge:
    """Looks at one screen after the other."""

    def __init__(self, page: Any, language: str) -> None:
        self.page, self.is_english = page, english_only(language)
        self.seen: list[str] = []
        self._axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")

    def __call__(self, screen: str) -> None:
        """Find what is wrong with a screen."""
        self.page.wait_for_timeout(250)
        texts = self.page.evaluate(ALL_WORDS)
        self.seen += texts
        assert [f"{screen}: {text}" for text in texts if self.is_english(text)] == []
        assert [f"{screen}: {one}" for one in self.page.evaluate(TOO_WIDE)] == []
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.add_script_tag(content=self._axe)
        assert [f"{screen}: {found}" for found in self.page.evaluate(AXE)] == []


def walk(page: Any, look: Look, say: Say, server: Server) -> None:
    """All main screens, by the names of their buttons in one language."""
    page.goto(f"{server.address}login")
    look("login")
    page.goto(f"{server.address}login?code=spent")
    look("spent link")
    page.goto(server.url)
    page.wait_for_selector(".album-card .cover img")
    look("albums")
    page.get_by_role("button", name=say("menu.title")).click()
    look("menu")
    page.get_by_role("button", name=say("menu.keys")).click()
    look("keys")
    page.keyboard.press("Escape")
    until_closed(page)
    page.goto(f"{server.address}#/settings")
    page.wait_for_selector(".settings")
    look("settings")
    page.goto(f"{server.address}#/")
    page.get_by_role("button", name=say("home.open"), exact=True).click()
    page.get_by_label(say("home.folder"), exact=True).fill("/nowhere")
    page.get_by_role("button", name=say("home.openIt"), exact=True).click()
    page.locator("dialog .bad").wait_for()
    look("folder that is not there")
    page.keyboard.press("Escape")
    until_closed(page)
    page.locator(".album-title").first.click()
    page.wait_for_selector(".cell img.here")
    look("photos")
    page.get_by_role("button", name=say("filter.title"), exact=True).click()
    look("filters")
    page.get_by_role("button", name=say("filter.title"), exact=True).click()
    photos = page.url
    _one_photo(page, look, say)
    page.get_by_role("button", name=say("app.export")).click()
    look("export")
    page.keyboard.press("Escape")
    until_closed(page)
    _people(page, look, say)
    page.goto(photos)
    page.wait_for_selector(".cell img.here")
    _guests(page, look, say)


def _one_photo(page: Any, look: Look, say: Say) -> None:
    page.locator(".cell[data-photo]").nth(1).click()
    page.wait_for_selector(".viewer .face-chip", state="attached")
    look("viewer")
    handle = page.locator(".viewer .sheet-handle")
    if handle.is_visible():
        handle.click()
        look("sheet of the viewer")
    page.locator(".viewer .face-name").first.click()
    page.wait_for_selector(".whose")
    look("whose face")
    page.keyboard.press("Escape")
    page.wait_for_selector(".whose", state="detached")
    page.keyboard.press("e")
    page.wait_for_selector(".burst-head")
    look("burst")
    page.keyboard.press("Escape")
    page.wait_for_selector(".burst", state="detached")
    page.keyboard.press("c")
    page.wait_for_selector(".compare .pane img")
    look("compare")
    page.keyboard.press("Escape")
    page.wait_for_selector(".compare", state="detached")
    page.keyboard.press("Escape")
    until_closed(page)


def _people(page: Any, look: Look, say: Say) -> None:
    nav = page.get_by_role("navigation", name=say("page.views"))
    nav.get_by_role("link", name=say("view.best")).click()
    page.get_by_text(say("best.whose")).wait_for()
    look("nobody's best")
    nav.get_by_role("link", name=say("view.people")).click()
    page.get_by_role("button", name=say("people.find")).click()
    page.wait_for_selector(".person", timeout=A_JOB)
    page.locator(".person .name").first.fill("Anna")
    page.keyboard.press("Enter")
    page.locator(".toast", has_text=say("people.named", name="Anna")).wait_for()
    look("people")
    page.locator(".person-face").first.click()
    page.wait_for_selector(".face-tile")
    page.locator(".face-tile").first.click()
    look("person")
    page.get_by_role("link", name=say("person.bestPhotos")).click()
    page.wait_for_selector(".cell .score")
    look("best")
    page.locator(".cell[data-photo]").first.click()
    page.wait_for_selector(".viewer .face-chip", state="attached")
    look("one of the best")
    page.keyboard.press("Escape")
    until_closed(page)
    nav.get_by_role("link", name=say("view.event")).click()
    page.wait_for_selector(".cell .score", timeout=A_JOB)
    page.get_by_role("button", name=say("event.again"), exact=True).wait_for()
    look("events")
    page.evaluate("location.hash = location.hash.replace(/event.*/, 'doubtful')")
    page.wait_for_selector(".doubtful")
    look("same person?")


def _guests(page: Any, look: Look, say: Say) -> None:
    page.get_by_role("button", name=say("guests.shareButton")).click()
    page.get_by_label(say("guests.for")).fill("Rosa")
    look("share")
    page.get_by_role("button", name=say("guests.make")).click()
    page.wait_for_selector(".qr")
    look("link for guests")
    link = page.get_by_label(say("guests.link"), exact=True).input_value()
    page.keyboard.press("Escape")
    until_closed(page)
    page.goto(link)
    page.wait_for_selector(".guest-cell")
    look("page of a guest")
    page.locator(".guest-open").first.click()
    page.wait_for_selector(".guest-viewer .stage-image")
    look("large photo of a guest")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    served = Server(tmp_path / "home", make_album(tmp_path / "Fiesta", photos=8))
    yield served
    served.stop()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("locale", "size", "theme"),
    [("de-AT", PHONE, "light"), ("es-ES", DESK, "dark")],
)
def test_every_screen_is_in_the_language_of_the_browser(
    browser: Any, server: Server, locale: str, size: dict[str, int], theme: str
) -> None:
    context = browser.new_context(locale=locale, viewport=size, color_scheme=theme, bypass_csp=True)
    page, language = context.new_page(), locale[:2]
    judge = Judge(page, language)
    walk(page, judge, words_of(language).text, server)
    assert page.evaluate("document.documentElement.lang") == language
    assert {"de": "Beste Fotos", "es": "Mejores fotos"}[language] in judge.seen
    context.close()


def test_english_is_noticed() -> None:
    is_english = english_only("de")
    assert is_english("Best photos")
    assert is_english("about 3 minutes left")
    assert not is_english("Beste Fotos")
    assert not is_english("Name")


def test_the_language_is_chosen_in_the_settings(browser: Any, server: Server) -> None:
    context = browser.new_context(locale="fr-FR", viewport=DESK)
    page = context.new_page()
    page.goto(server.url)
    page.goto(f"{server.address}#/settings")
    with page.expect_navigation():
        page.get_by_label("Language", exact=True).select_option("es")
    page.get_by_role("heading", name="Ajustes").wait_for()
    assert page.locator("#s-single_smile + output").text_content() == "0,4"
    page.reload()
    page.get_by_role("heading", name="Ajustes").wait_for()
    with page.expect_navigation():
        page.get_by_role("button", name="Restablecer Idioma").click()
    page.get_by_role("heading", name="Settings", exact=True).wait_for()
    assert page.locator("#s-single_smile + output").text_content() == "0.4"
    context.close()
