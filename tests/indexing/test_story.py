"""Whatever happens to an album, the next run knows the whole truth, as if it had seen it for the first time."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from fakes import FakeSpec, InlinePool, write_photo
from photo_ranker.indexing import IndexOptions, index, refresh
from photo_ranker.metadata import load

TREE = IndexOptions(recursive=True, workers=2)


class Album:
    """A tree of photos, and everything that people and programs do to one."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.folders = [root, root / "a", root / "b", root / "a" / "deep"]
        for folder in self.folders:
            folder.mkdir(exist_ok=True)
        self.dice = random.Random(seed)
        self.spec = FakeSpec(log=str(root.with_name("log")))
        self._number = 0
        self._clock = 10**9

    def photos(self) -> list[Path]:
        return sorted(self.root.rglob("*.jpg"))

    def some(self) -> Path:
        return self.dice.choice(self.photos())

    def new_path(self) -> Path:
        self._number += 1
        return self.dice.choice(self.folders) / f"{self._number:03}.jpg"

    def write(self, path: Path, comment: str = "", picture: str = "") -> None:
        self._number += 1
        faces = self.dice.randrange(4)
        write_photo(path, picture or f"faces={faces} picture {self._number}", comment)
        self.stamp(path)

    def stamp(self, path: Path) -> None:
        """Every change has a time of its own, however quick the test is."""
        self._clock += 10**9
        os.utime(path, ns=(self._clock, self._clock))

    def add(self) -> None:
        self.write(self.new_path())

    def change(self) -> None:
        self.write(self.some())

    def break_one(self) -> None:
        self.write(self.some(), picture="unreadable")

    def touch(self) -> None:
        self.stamp(self.some())

    def rate(self) -> None:
        path = self.some()
        data = path.read_bytes()
        picture = data[data.find(b"\xff\xda") + 10 : -2].decode()
        self.write(path, comment=f"rated {self._number}", picture=picture)

    def delete(self) -> None:
        self.some().unlink()

    def rename(self) -> None:
        self.some().rename(self.new_path())

    def swap(self) -> None:
        one, other = self.some(), self.some()
        if one != other:
            one.rename(self.root / "between")
            other.rename(one)
            (self.root / "between").rename(other)

    def copy(self) -> None:
        shutil.copy2(self.some(), self.new_path())

    def add_companion(self) -> None:
        self.some().with_suffix(".xmp").write_text("<x/>")

    def upgrade(self) -> None:
        self._number += 1
        part = self.dice.choice(["detect", "picture"])
        self.spec = replace(self.spec, parts={**self.spec.parts, part: f"version {self._number}"})

    def something(self) -> None:
        common = [self.add] * 3
        rare = [self.change, self.break_one, self.touch, self.rate, self.delete, self.rename, self.swap, self.copy]
        self.dice.choice([*common, *rare, self.add_companion, self.upgrade])()


@pytest.mark.parametrize("seed", range(12))
def test_the_truth_after_every_change(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    (tmp_path / "album").mkdir()
    album = Album(tmp_path / "album", seed)
    for _ in range(4):
        album.add()
    for _ in range(12):
        for _ in range(album.dice.randrange(4)):
            album.something()
        there = album.photos()
        report = index([str(album.root)], album.spec, TREE, make_pool=InlinePool)
        assert report.found == report.fresh + report.analysed + report.moved + len(report.unreadable) == len(there)
        stored = {folder / name for folder in album.folders for name in load(folder)}
        assert stored == set(there)
        again, second = refresh([str(album.root)], album.spec, TREE, make_pool=InlinePool)
        assert (second.fresh, second.dropped) == (len(there) - len(report.unreadable), 0)
        first_sight, _ = refresh([str(album.root)], album.spec, replace(TREE, no_cache=True), make_pool=InlinePool)
        assert again.photos == first_sight.photos
