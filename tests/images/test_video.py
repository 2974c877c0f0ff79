from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photo_files import noise, quarters
from photo_ranker.errors import PhotoUnreadable
from photo_ranker.images import Limits
from photo_ranker.images.video import open_frame, open_video, video_digests
from video_files import CODECS, dated, write_video

LIMITS = Limits(10**8, 10**9)
GREY = [np.full((96, 160, 3), level, np.uint8) for level in (30, 130, 230)]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three scenes of a second each, ten frames a second."""
    frames = [grey for grey in GREY for _ in range(10)]
    return write_video(tmp_path_factory.mktemp("film") / "film.mp4", frames)


@pytest.mark.parametrize("suffix", CODECS)
def test_every_form_is_read(tmp_path: Path, suffix: str) -> None:
    path = write_video(tmp_path / f"a{suffix}", [quarters(160, 96)] * 20)
    video = open_video(path, LIMITS)
    assert (video.info.width, video.info.height) == (160, 96)
    assert video.info.format == ("mp4" if suffix == ".mov" else suffix[1:]) or video.info.format == "mov"
    frames = list(video.frames())
    assert [frame.at_seconds for frame in frames] == [0.0], "a picture that stands still is looked at once"
    assert np.abs(frames[0].photo.picture().pixels.astype(int) - quarters(160, 96)).mean() < 12


def test_every_scene_is_seen_from_its_first_frame(film: Path) -> None:
    frames = list(open_video(film, LIMITS).frames())
    assert [frame.scene for frame in frames] == [0, 1, 2]
    for frame, grey in zip(frames, GREY, strict=True):
        assert abs(int(frame.photo.picture().pixels.mean()) - int(grey.mean())) < 12
    assert [round(frame.at_seconds) for frame in frames] == [0, 1, 2]


def test_a_scene_that_moves_is_looked_at_now_and_then(tmp_path: Path) -> None:
    moving = [np.roll(quarters(160, 96), 2 * at, axis=1) for at in range(30)]
    times = [frame.at_seconds for frame in open_video(write_video(tmp_path / "a.mp4", moving), LIMITS).frames()]
    assert times[0] == 0.0
    assert 6 <= len(times) <= 8
    assert min(later - sooner for sooner, later in pairwise(times)) >= 0.39


@pytest.mark.parametrize("suffix", CODECS)
def test_a_moment_is_found_again(tmp_path: Path, suffix: str) -> None:
    frames = [np.full((96, 160, 3), 4 * at, np.uint8) for at in range(60)]
    path = write_video(tmp_path / f"a{suffix}", frames)
    for frame in open_video(path, LIMITS).frames():
        again = open_frame(path, frame.at_seconds, LIMITS).picture().pixels
        assert abs(float(again.mean()) - float(frame.photo.picture().pixels.mean())) < 2


def test_the_time_is_the_containers_and_in_utc(film: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(film.read_bytes())
    assert open_video(dated(path, 0), LIMITS).info.taken_at is None
    info = open_video(dated(path, 3_800_088_245), LIMITS).info
    assert (info.taken_at, info.utc_offset) == ("2024-06-01T12:04:05", "+00:00")
    assert video_digests(path).content == video_digests(film).content, "a date changes no picture"


def test_a_phones_own_clock_goes_before_utc(film: Path, tmp_path: Path) -> None:
    data = film.read_bytes()
    at = data.index(b"moov") - 4
    index = bytearray(data[at:])
    more = b"com.apple.quicktime.creationdate....2024-06-01T15:04:05+0200"
    index += (len(more) + 8).to_bytes(4, "big") + b"free" + more
    index[:4] = len(index).to_bytes(4, "big")
    path = tmp_path / "a.mov"
    path.write_bytes(data[:at] + index)
    info = open_video(path, LIMITS).info
    assert (info.taken_at, info.utc_offset) == ("2024-06-01T15:04:05", "+02:00")


def test_another_film_has_another_hash(tmp_path: Path, film: Path) -> None:
    other = write_video(tmp_path / "a.mp4", [noise(160, 96, seed=at) for at in range(5)])
    assert video_digests(other).content != video_digests(film).content


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/secret.ts\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"hello", "not a video"),
        (PLAYLIST, "not a video"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "not a video"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(100), "no index"),
        (b"\x1aE\xdf\xa3" + bytes(1000), "damaged"),
        (b"RIFF\x00\x00\x00\x00AVI " + bytes(1000), "damaged"),
    ],
)
def test_what_is_no_film_is_said(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(PhotoUnreadable, match=reason):
        list(open_video(path, LIMITS).frames())


def test_a_film_that_is_too_large_is_refused(film: Path) -> None:
    with pytest.raises(PhotoUnreadable, match="larger than max_pixels"):
        open_video(film, Limits(1000, 10**9))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0, 1), st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=8))
def test_broken_films_are_unreadable_or_shorter(
    film: Path, tmp_path: Path, part: float, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(film.read_bytes())
    for place, value in changes:
        data[int(place * len(data))] = value
    path = tmp_path / "a.mp4"
    path.write_bytes(data[: int(part * len(data))] if part < 0.8 else data)
    try:
        frames = list(open_video(path, LIMITS).frames())
    except PhotoUnreadable:
        return
    assert len(frames) >= 1


def test_names_that_are_no_text(film: Path, tmp_path: Path) -> None:
    import os

    path = tmp_path / os.fsdecode(b"\xff.mp4")
    path.write_bytes(film.read_bytes())
    assert open_frame(path, 0.0, LIMITS).info.width == 160


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_a_long_film_is_looked_at_all_along(tmp_path: Path, suffix: str) -> None:
    still = [np.full((48, 64, 3), 40 + 60 * (at // 20 % 3), np.uint8) for at in range(1600)]
    path = write_video(tmp_path / f"a{suffix}", still, rate=2.0)
    times = [frame.at_seconds for frame in open_video(path, LIMITS).frames()]
    assert 60 <= len(times) <= 320
    assert times == sorted(set(times))
    assert times[-1] > 780
    assert max(later - sooner for sooner, later in pairwise(times)) < 15, "a new scene every ten seconds"


def test_a_film_cut_off_in_its_index_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00" + b"\x00\x00\x00\x10moov\x00\x00\x00lmvhd")
    with pytest.raises(PhotoUnreadable):
        open_video(path, LIMITS)


def test_a_film_that_differs_in_its_middle_alone_is_no_copy(tmp_path: Path) -> None:
    """The content hash looks at both ends of a film; what is called a copy must be one."""
    body = bytearray(b"\x00" * (3 << 20))
    one, other = tmp_path / "a.avi", tmp_path / "b.avi"
    head = b"RIFF\x00\x00\x00\x00AVI " + b"\x00" * 100
    one.write_bytes(head + body)
    body[len(body) // 2] = 1
    other.write_bytes(head + body)
    assert video_digests(one).content == video_digests(other).content
    assert video_digests(one).rest != video_digests(other).rest
