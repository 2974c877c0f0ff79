"""Bursts and copies: what one cell stands for, what is on top, and who is in which frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from builders import a_face, a_record
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import encode_array
from photo_ranker.models.store import sample_photo
from photo_ranker.quality import perceptual_hash
from photo_ranker.records import FaceFigures, PictureFigures
from photo_ranker.settings import Settings
from photo_ranker.web.grid import bursts_of, face_rows
from photo_ranker.web.open_albums import OpenAlbum
from photo_ranker.web.storage import AlbumEntry


def photos(client: TestClient, album: str, **query: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = client.get(f"{album}/photos", params=query).json()["photos"]
    return told


def names(shown: list[dict[str, Any]]) -> list[str]:
    return [photo["name"][6:11] for photo in shown]


def test_a_burst_is_one_cell_with_its_best_frame_on_top(client: TestClient, album: str) -> None:
    """The six photos were taken within seconds; in every second one Ben is there too."""
    cells = photos(client, album, stacked=True)
    assert [cell["stack"]["kind"] for cell in cells] == ["burst", "burst"]
    members = [sorted(names(cell["stack"]["photos"])) for cell in cells]
    assert members == [["00000", "00002", "00004"], ["00001", "00003", "00005"]]
    for cell in cells:
        assert cell["stack"]["photos"][0]["id"] == cell["id"]
        assert "stack" not in cell["stack"]["photos"][0] or cell["stack"]["photos"][0]["stack"] is None
    assert client.get(f"{album}/photos", params={"stacked": True}).json()["total"] == 2
    assert [photo["stack"] for photo in photos(client, album)] == [None] * 6


def opened(tmp_path: Path, *photos: AlbumPhoto) -> OpenAlbum:
    entry = AlbumEntry("0" * 16, "a", "folder", str(tmp_path), recursive=False, created_at="")
    return OpenAlbum(entry, Album(photos))


def looking(name: str, *, sharpness: float) -> AlbumPhoto:
    face = a_face(name, (10, 10, 90, 90), figures=FaceFigures(sharpness=sharpness, noise=1.0, brightness=0.5))
    return AlbumPhoto(f"{name}.jpg", a_record(face, taken_at="2024-06-01T10:00:00", hash=name))


def test_the_frame_on_top_has_the_best_faces(tmp_path: Path) -> None:
    frames = [looking(name, sharpness=value) for name, value in (("a", 0.1), ("b", 2.0), ("c", 0.7))]
    stack = bursts_of(opened(tmp_path, *frames), Settings()).stack(range(3))
    assert (stack.top, stack.rest, stack.kind) == (1, (2, 0), "burst")


def taken(name: str, second: int, grey: NDArray[np.float32]) -> AlbumPhoto:
    picture = PictureFigures(phash=perceptual_hash(grey))
    return AlbumPhoto(name, a_record(hash=name, taken_at=f"2024-06-01T10:00:{second:02}", picture=picture))


def test_an_exposure_series_is_whole_in_one_stack_and_no_frame_of_a_panorama_is_hidden(tmp_path: Path) -> None:
    scene = cv2.imread(str(sample_photo("t1.jpg")), cv2.IMREAD_GRAYSCALE)
    assert scene is not None
    light, width = (scene / 255.0) ** 2.2, scene.shape[1]
    series = [np.clip(light * stops, 0, 1) ** (1 / 2.2) * 255 for stops in (0.25, 1, 4)]
    views = [scene[:, int(at * width) : int(at * width) + width // 2] for at in (0, 0.16, 0.33, 0.5)]
    frames = [np.asarray(frame, np.float32) for frame in (*series, *views)]
    album = opened(tmp_path, *(taken(f"{number}.jpg", number, frame) for number, frame in enumerate(frames)))
    assert bursts_of(album, Settings()).together(range(7)) == [(0, 1, 2), (3,), (4,), (5,), (6,)]


def test_an_opened_stack_is_followed_by_its_other_frames(client: TestClient, album: str) -> None:
    closed = photos(client, album, stacked=True)
    member = closed[0]["stack"]["photos"][2]["id"]
    cells = photos(client, album, stacked=True, opened=member)
    assert cells[0]["id"] == closed[0]["id"]
    assert cells[0]["stack"]["is_open"]
    assert not cells[3]["stack"]["is_open"]
    assert sorted(names(cells[:3])) == ["00000", "00002", "00004"]
    assert [cell["stack"] is None for cell in cells] == [False, True, True, False]
    assert [cell["in_stack"] for cell in cells] == [None, cells[0]["id"], cells[0]["id"], None]


def test_a_filter_leaves_its_photos_in_their_stacks(client: TestClient, album: str) -> None:
    everything = {photo["name"]: photo["id"] for photo in photos(client, album)}
    for name in ("photo_00000.jpg", "photo_00002.jpg"):
        client.put(f"{album}/marks", json={"marks": [{"photo": everything[name], "flag": "reject"}]})
    cells = photos(client, album, stacked=True, show="unrejected")
    assert names(cells)[0] == "00004" or names(cells)[1] == "00004"
    assert sorted(len(cell["stack"]["photos"]) if cell["stack"] else 1 for cell in cells) == [1, 3]


def test_copies_are_a_stack_of_another_kind_and_one_frame(tmp_path: Path) -> None:
    face = a_face("f1", (10, 10, 90, 90))
    records = [a_record(face, taken_at="2024-06-01T10:00:00", hash=name, rest="1") for name in ("aa", "aa", "bb")]
    photos = [
        AlbumPhoto(name, record) for name, record in zip(("b.jpg", "a copy of b.jpg", "c.jpg"), records, strict=True)
    ]
    bursts = bursts_of(opened(tmp_path, *photos), Settings())
    assert bursts.stack([0, 1]).top == 0
    assert [bursts.stack(members).kind for members in ([0, 1], [0, 1, 2])] == ["copies", "burst"]
    assert [bursts.frames(number) for number in range(3)] == [[0, 2], [1, 2], [0, 2]]


def test_a_burst_has_a_row_for_each_person(client: TestClient, album: str) -> None:
    second = photos(client, album)[1]["id"]
    burst = client.get(f"{album}/photos/{second}/burst").json()
    assert names([frame["photo"] for frame in burst["frames"]]) == ["00001", "00003", "00005"]
    assert len(burst["rows"]) == 2
    for row in burst["rows"]:
        places = [
            [face["face"]["id"] for face in frame["faces"]].index(face)
            for frame, face in zip(burst["frames"], row["faces"], strict=True)
        ]
        assert len(set(places)) == 1, "Anna is always on the left, Ben on the right"
    gone = burst["rows"][0]["faces"][1]
    client.post(f"{album}/people/not-a-face", json={"faces": [gone]})
    burst = client.get(f"{album}/photos/{second}/burst").json()
    assert sorted(row["faces"].count(None) for row in burst["rows"]) == [0, 1]


def test_a_face_that_resembles_nobody_stays_in_its_place(tmp_path: Path) -> None:
    """Of a blurred face the embedding says nothing."""
    places = [(10, 10, 90, 90), (15, 12, 90, 90), (700, 10, 90, 90)]
    faces = [
        a_face(f"f{n}", box, embedding=encode_array(np.eye(128, dtype=np.float32)[n])) for n, box in enumerate(places)
    ]
    photos = [AlbumPhoto(f"{n}.jpg", a_record(face, taken_at="2024-06-01T10:00:00")) for n, face in enumerate(faces)]
    rows = face_rows(opened(tmp_path, *photos), [0, 1, 2], {}, ())
    assert [row.faces for row in rows] == [["f0", "f1", None], [None, None, "f2"]]


@pytest.mark.parametrize("seconds", [5, 500])
def test_time_tells_bursts_apart(tmp_path: Path, seconds: int) -> None:
    face = a_face("f1", (10, 10, 90, 90))
    times = ["2024-06-01T10:00:00", f"2024-06-01T10:{seconds // 60:02}:{seconds % 60:02}"]
    photos = [AlbumPhoto(f"{n}.jpg", a_record(face, taken_at=time)) for n, time in enumerate(times)]
    groups = bursts_of(opened(tmp_path, *photos), Settings()).groups
    assert groups == ([[0, 1]] if seconds == 5 else [[0], [1]])
