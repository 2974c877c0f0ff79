"""What the scenarios of the commands do to a world, and what they look at afterwards."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image

from chaos.scenario import Failed, Step, asked, command, people, ranking, visible
from chaos.worlds import PHOTOS
from permissions import obeyed
from photo_ranker.indexing import columns
from photo_ranker.models.prepared import prepared_model, with_free_axes
from photo_ranker.models.yunet import FILE
from photo_ranker.people.store import find_root, load_book

__all__ = [
    "INDEX",
    "PEOPLE",
    "RANK",
    "READY",
    "archive",
    "arrival",
    "beside",
    "close_album",
    "closed",
    "crops",
    "draw",
    "embed",
    "few_make_columns",
    "film",
    "foreign_sidecar",
    "kept_away",
    "known",
    "labels",
    "loaded",
    "measured",
    "old_results",
    "open_album",
    "pack",
    "photos",
    "photos_folder",
    "pictures",
    "prepare_model",
    "ranked",
    "ranked_by_columns",
    "rearrange",
    "seen",
    "show",
    "take_a_face_away",
    "taken",
]

MAKE = with_free_axes({0: "batch", 2: "height", 3: "width"})
INDEX = command("index", "album", "--recursive", "--quiet")
RANK = command("rank", "--ref", "ref.jpg", "--photos", "album", "--quiet", "--output", "-")
PEOPLE = command("people", "list", "album", "--quiet")
NAME = command("people", "name", "0", "Eileen", "--photos", "album", "--quiet")


def photos_folder() -> Path:
    """All photos that were measured."""
    return Path(os.environ["CHAOS_PHOTOS"])


def photos(_: object) -> None:
    """Copy the photos of the album and the reference."""
    source = photos_folder()
    Path("album").mkdir()
    for name in PHOTOS:
        shutil.copy2(source / name, "album")
    shutil.copy2(source / "ref.jpg", ".")
    for folder in ("cache", "data", "out"):
        Path(folder).mkdir()


def arrival(_: object) -> None:
    """A new photo, one with another time, one that is gone, and a folder below."""
    source = photos_folder()
    shutil.copy2(source / "new.jpg", "album")
    os.utime("album/alone.jpg", (1e9, 1e9))
    Path("album/closer.jpg").unlink()
    Path("album/day2").mkdir()
    shutil.copy2("album/astronaut.jpg", "album/day2/again.jpg")


def film(_: object) -> None:
    """A film joins the album."""
    shutil.copy2(photos_folder() / "film.avi", "album")


def labels(_: object) -> None:
    """Names from elsewhere: what somebody has written under each number."""
    Path("labels.json").write_text(json.dumps({"1": {"name": "Anna", "category": "main"}}))


def old_results(_: object) -> None:
    """Results of an earlier run, to be replaced."""
    for suffix in ("txt", "csv", "json", "jsonl", "html"):
        Path(f"out/ranked.{suffix}").write_text("an earlier result\n")


def foreign_sidecar(_: object) -> None:
    """What another program has written beside a photo."""
    Path("album/astronaut.jpg.xmp").write_text(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>'
        "<rdf:li>holidays</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def close_album(_: object) -> None:
    """The folder cannot be written any more."""
    Path("album").chmod(0o555)


def open_album(_: object) -> None:
    """It can again."""
    Path("album").chmod(0o755)


def rearrange(_: object) -> None:
    """Sort exported faces by hand: a face of the one person lies with the other now."""
    folders = sorted(path for path in Path("out/faces").iterdir() if path.is_dir() and any(path.glob("*.jpg")))
    crop = next(iter(sorted(folders[1].glob("*.jpg"))))
    crop.rename(folders[0] / crop.name)


def take_a_face_away(_: object) -> None:
    """Say of a face that it is not who it seems."""
    book = load_book(find_root(["album"]))
    eileen = book.find("Eileen")
    if len(eileen.faces) > 1:
        command("people", "not", "Eileen", min(eileen.faces), "--photos", "album", "--quiet")(None)


def embed(_: object) -> None:
    """Write a name into photos; a photo that is said to be left is not confirmed."""
    words = ("export", "xmp", "--photos", "album", "--person", "Eileen", "--embed", "--json", "--quiet")
    left = [item for item in json.loads(asked(*words))["files"] if item["state"] == "left"]
    if left:
        raise Failed(0, str(left))


def pack(handle: object) -> None:
    """Pack photos into a ZIP; one that is there is whole, and is never replaced."""
    target = Path("out/album.zip")
    export = command("export", "--photos", "album", "--quiet", "--zip", str(target))
    if target.exists():
        with zipfile.ZipFile(target) as packed:
            if packed.testzip() or len(packed.namelist()) != len(PHOTOS):
                raise Failed(0, f"the ZIP holds {packed.namelist()}")
        try:
            export(handle)
        except Failed as refused:
            if refused.code != 2 or "exists" not in refused.said:
                raise
        PEOPLE(handle)
        return
    export(handle)


def show(handle: object) -> None:
    """Make a gallery; one that is there is whole, and is never replaced."""
    pages = Path("out/pages")
    if pages.exists():
        missing = [link for link in _links(pages) if not (pages / link).is_file()]
        if missing or not (pages / "index.html").is_file():
            raise Failed(0, f"the gallery lacks {missing}")
        PEOPLE(handle)
        return
    command("export", "--photos", "album", "--quiet", "--gallery", str(pages))(handle)


def _links(pages: Path) -> list[str]:
    return [link for page in pages.glob("*.html") for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text())]


def crops(handle: object) -> None:
    """Write crops of all faces; a folder that is there is whole, and is never written into."""
    made = Path("out/faces")
    if not made.exists():
        command("people", "export-faces", "--photos", "album", "--to", str(made), "--quiet")(handle)
    PEOPLE(handle)


def draw(handle: object) -> None:
    """Draw what was found into a picture; one that is there is whole, and is removed first, as the command advises."""
    made = Path("out/drawn.png")
    if made.exists():
        with Image.open(made) as opened:
            opened.load()
        made.unlink()
    command("inspect", "album/together.jpg", "--draw", str(made), "--quiet")(handle)


def prepare_model(_: object) -> None:
    """Make the detector's file ready to run, as the first run of all does."""
    prepared_model(FILE, MAKE)


def loaded(_: object) -> str:
    """What would be run."""
    model = prepared_model(FILE, MAKE)
    return sha256(model if isinstance(model, bytes) else model.read_bytes()).hexdigest()


READY = (photos, INDEX, RANK, PEOPLE, NAME)
"""An album that was measured, asked for, counted, and in which one person has a name."""


@contextmanager
def closed() -> Iterator[None]:
    """Permissions count, for root as well."""
    with obeyed():
        yield


def kept_away(step: Step) -> Step:
    """Do it where permissions count."""

    def do(handle: object) -> None:
        with closed():
            step(handle)

    return do


def seen(_: object = None) -> Any:
    """The ranking and the people."""
    return [ranking(), people()]


def ranked(_: object) -> Any:
    """The ranking alone."""
    return ranking()


@contextmanager
def few_make_columns() -> Iterator[None]:
    """Columns are made of an album of two photos too."""
    usual, columns.LEAST_PHOTOS = columns.LEAST_PHOTOS, 2
    try:
        yield
    finally:
        columns.LEAST_PHOTOS = usual


def ranked_by_columns(_: object) -> Any:
    """The ranking as the columns have it, and by the records alone."""
    with few_make_columns():
        return [ranking(), ranking(), ranking("--no-cache")]


def known(_: object) -> Any:
    """The people alone."""
    return people()


def measured(_: object) -> Any:
    """What is left to measure, and the ranking."""
    todo = json.loads(asked("index", "album", "--recursive", "--dry-run", "--json"))["counts"]["analysed"]
    return [todo, ranking("--recursive"), people()]


def taken(_: object) -> Any:
    """What lies in the folder for exports, and the ranking."""
    return [visible("out"), people()]


def beside(_: object) -> Any:
    """The sidecars, and what else lies in the album."""
    return [visible("album"), people()]


def pictures(_: object) -> Any:
    """The names in the photos themselves, as another program reads them."""
    told = subprocess.run(["exiftool", "-j", "-RegionName", "-Rating", "album"], capture_output=True, check=True)
    return [sorted(json.loads(told.stdout), key=str), people()]


def archive(_: object) -> Any:
    """The ranking out of the library."""
    try:
        found = asked("rank", "--ref", "ref.jpg", "--library", "album", "--json", "--top", "0", "--quiet")
    except Failed as refused:
        return [str(refused), people()]
    return [json.loads(found)["results"], people()]
