"""A small film in an album that looks as if it had been measured, for the tests of the app."""

from __future__ import annotations

from pathlib import Path

from builders import a_face, an_embedding
from photo_ranker.images.video import video_digests
from photo_ranker.metadata import Ledger
from photo_ranker.records import PhotoRecord, Stamp
from pictures import picture
from video_files import panned, write_video

__all__ = ["make_film"]


def make_film(path: Path) -> Path:
    """Three seconds of a camera that moves; one face is best seen after a second, another after two."""
    write_video(path, panned(picture("astronaut.png"), (320, 240), 30), rate=10.0)
    found, (content, rest) = path.stat(), video_digests(path)
    faces = tuple(
        a_face(
            f"f{number:016x}",
            (40.0 + 100 * number, 60.0, 80.0, 90.0),
            embedding=an_embedding(number),
            at_seconds=1.0 + number,
            frames=9 - number,
        )
        for number in range(2)
    )
    with Ledger(path.parent, lambda _: None) as ledger:
        ledger.put(
            path.name,
            PhotoRecord(
                Stamp(found.st_size, found.st_mtime_ns, content, rest),
                width=320,
                height=240,
                format=path.suffix[1:],
                taken_at="2024-06-01T09:00:00",
                faces=faces,
            ),
        )
    return path
