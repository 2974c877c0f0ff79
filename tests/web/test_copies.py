"""Files with identical bytes in the app."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from photo_ranker.metadata import Ledger
from web_helpers import wait

FIRST = "photo_00005.jpg"
COPIES = [f"copy {number} of {FIRST}" for number in (1, 2)]


@pytest.fixture
def copied(folder: Path, album: str) -> str:
    """The album, where one photo lies three times."""
    with Ledger(folder, lambda _: None) as ledger:
        record = ledger.records[FIRST]
        for name in COPIES:
            shutil.copy2(folder / FIRST, folder / name)
            mtime_ns = (folder / name).stat().st_mtime_ns
            stamp = msgspec.structs.replace(record.stamp, mtime_ns=mtime_ns)
            ledger.put(name, msgspec.structs.replace(record, stamp=stamp))
    return album


@pytest.fixture
def anna(client: TestClient, copied: str) -> dict[str, Any]:
    """Asks for Anna, by a face of one photo."""
    photo = client.get(f"{copied}/photos").json()["photos"][0]
    detail = client.get(f"{copied}/photos/{photo['id']}").json()
    return {"faces": [detail["faces"][0]["face"]["id"]]}


def test_copies_are_one_result(client: TestClient, copied: str, anna: dict[str, Any]) -> None:
    page = client.post(f"{copied}/rank", json=anna).json()
    (one,) = (photo["result"] for photo in page["photos"] if FIRST in photo["name"])
    assert [Path(path).name for path in one["copies"]] == COPIES
    assert (page["total"], page["counts"]["matched"], page["counts"]["copies"]) == (6, 6, 2)
    assert client.post(f"{copied}/rank", json={**anna, "copies": "all"}).json()["total"] == 8


def test_a_zip_holds_one_of_them(client: TestClient, copied: str, anna: dict[str, Any]) -> None:
    for ask in (anna, {}):
        made = client.post(f"{copied}/downloads", json=ask).json()
        with zipfile.ZipFile(io.BytesIO(client.get(made["url"]).content)) as archive:
            assert [name for name in archive.namelist() if FIRST in name] == [FIRST]


def test_sidecars_lie_beside_all(client: TestClient, copied: str, folder: Path, anna: dict[str, Any]) -> None:
    ended = wait(client, client.post(f"{copied}/xmp", json={**anna, "top": 0}).json())
    assert ended["state"] == "done", ended
    texts = {path.name: path.read_text("utf-8") for path in folder.glob(f"*{FIRST}.xmp")}
    assert sorted(texts) == sorted(f"{name}.xmp" for name in (FIRST, *COPIES))
    assert len(set(texts.values())) == 1


def test_who_rejects_one_keeps_the_others(client: TestClient, copied: str, anna: dict[str, Any]) -> None:
    shown = client.get(f"{copied}/photos").json()["photos"]
    first = next(photo["id"] for photo in shown if photo["name"] == FIRST)
    before = client.put(f"{copied}/marks", json={"marks": [{"photo": first, "flag": "reject"}]}).json()
    marks = {photo["name"]: photo["mark"]["flag"] for photo in client.get(f"{copied}/photos").json()["photos"]}
    assert [marks[name] for name in (FIRST, *COPIES)] == ["reject", None, None]
    for ask in ({**anna, "show": "unrejected"}, {"show": "unrejected"}):
        made = client.post(f"{copied}/downloads", json=ask).json()
        with zipfile.ZipFile(io.BytesIO(client.get(made["url"]).content)) as archive:
            assert len([name for name in archive.namelist() if name in COPIES]) == 1
    client.put(f"{copied}/marks", json={"marks": before["before"]})
    assert client.get(f"{copied}/photos", params={"show": "rejects"}).json()["total"] == 0


def test_a_copy_has_the_mark_of_its_content_until_it_gets_its_own(client: TestClient, album: str, folder: Path) -> None:
    first = next(p["id"] for p in client.get(f"{album}/photos").json()["photos"] if p["name"] == FIRST)
    client.put(f"{album}/marks", json={"marks": [{"photo": first, "stars": 4}]})
    with Ledger(folder, lambda _: None) as ledger:
        shutil.copy2(folder / FIRST, folder / COPIES[0])
        stamp = msgspec.structs.replace(ledger.records[FIRST].stamp, mtime_ns=(folder / COPIES[0]).stat().st_mtime_ns)
        ledger.put(COPIES[0], msgspec.structs.replace(ledger.records[FIRST], stamp=stamp))
    wait(client, client.post(f"{album}/index").json())
    shown = {p["name"]: p for p in client.get(f"{album}/photos").json()["photos"]}
    assert shown[COPIES[0]]["mark"]["stars"] == 4
    client.put(f"{album}/marks", json={"marks": [{"photo": shown[COPIES[0]]["id"], "stars": 0}]})
    stars = {p["name"]: p["mark"]["stars"] for p in client.get(f"{album}/photos").json()["photos"]}
    assert (stars[FIRST], stars[COPIES[0]]) == (4, 0)
