"""In which language the server answers: the chosen one, else the browser's, else English."""

from __future__ import annotations

import json
import re

import pytest
from fastapi.testclient import TestClient

from builders import a_ranked_photo, a_ranking
from photo_ranker.core.words import CURRENT
from photo_ranker.exporters import html
from photo_ranker.web.security import LANGUAGE_COOKIE, language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("fr-FR, es-MX;q=0.8, de;q=0.7", "es"),
        ("en;q=0.5,es;q=0.9", "es"),
        ("es;q=0, de;q=0.1", "de"),
        ("zh-Hans-CN,zh;q=0.9", "en"),
        ("*;q=0.5", "en"),
        ("de;q=nonsense,,;;", "en"),
        ("DE-de", "de"),
    ],
)
def test_the_browser_says_which(header: str, language: str) -> None:
    assert language_of({"accept-language": header}) == language


def test_what_was_chosen_goes_before_the_browser() -> None:
    assert language_of({"accept-language": "de", "cookie": f"other=1; {LANGUAGE_COOKIE}=es"}) == "es"
    assert language_of({"accept-language": "de", "cookie": f"{LANGUAGE_COOKIE}=../../x"}) == "de"


GERMAN = {"Accept-Language": "de-DE"}


def test_pages_tell_their_language(client: TestClient) -> None:
    page = client.get("/", headers=GERMAN).text
    assert '<html lang="de">' in page
    texts = json.loads(page.partition('id="words">')[2].partition("</script>")[0])
    assert texts["best.photos"] == "Beste Fotos"
    assert texts["signal.smile"] == "Lächeln"
    assert '<html lang="en">' in client.get("/").text


def test_failures_are_told_in_it_and_in_english_to_programs(client: TestClient) -> None:
    missing = "/api/albums/0123456789abcdef"
    assert client.get(missing).json()["detail"] == "there is no such album"
    assert client.get(missing, headers=GERMAN).json()["detail"] == "dieses Album gibt es nicht"
    assert client.get(missing, headers={"Accept-Language": "es"}).json()["detail"] == "este álbum no existe"


def test_a_failure_in_one_language_leaves_no_trace(client: TestClient) -> None:
    client.get("/api/settings", headers=GERMAN)
    assert client.get("/api/settings").json()[0]["label"] == "How sure a face must be"


def test_names_of_what_can_be_set(client: TestClient) -> None:
    assert client.get("/api/settings", headers=GERMAN).json()[1]["label"] == "Kleinstes Gesicht"
    weights = {one["name"]: one for one in client.get("/api/weights", headers=GERMAN).json()}
    assert weights["single_smile"]["label"] == "Lächeln"
    assert weights["single_smile"]["meaning"] == "die Person lächelt"


def test_reasons(client: TestClient, album: str) -> None:
    photos = client.get(f"{album}/photos").json()["photos"]
    face = client.get(f"{album}/photos/{photos[0]['id']}").json()["faces"][0]["face"]["id"]
    english = client.post(f"{album}/rank", json={"faces": [face]}).json()["photos"]
    german = client.post(f"{album}/rank", json={"faces": [face]}, headers=GERMAN).json()["photos"]
    said = [photo["result"]["reasons"] + photo["result"]["against"] for photo in german]
    assert any(said)
    assert said != [photo["result"]["reasons"] + photo["result"]["against"] for photo in english]
    assert not re.search(r"\b(than|most|usual|smile|sharp|eyes)\b", str(said))


def test_a_report_is_in_the_language_of_who_asks() -> None:
    ranking = a_ranking(a_ranked_photo("album/a.jpg", reasons=("sharp", "smiling")))
    token = CURRENT.set("de")
    try:
        page = b"".join(html.render(ranking, lambda *_: None)).decode()
    finally:
        CURRENT.reset(token)
    assert '<html lang="de">' in page
    assert "<h1>Beste Fotos</h1>" in page
    document = json.loads(page.partition('id="document">')[2].partition("</script>")[0])
    assert document["results"][0]["reasons"] == ["scharf", "lächelt"]
    assert document["short_labels"]["sharpness"] == "Scharf"
    assert "{{" not in page.partition("<script>")[0]
