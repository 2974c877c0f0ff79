"""The scenarios of the commands: in every place where one of them writes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chaos.scenario import Failed, Scenario, Step, asked, command, people, ranking, visible
from chaos.worlds import PHOTOS
from permissions import obeyed
from photo_ranker.people.store import find_root, load_book

__all__ = ["READY", "SCENARIOS", "photos_folder"]

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
    if target.exists():
        with zipfile.ZipFile(target) as packed:
            if packed.testzip() or len(packed.namelist()) != len(PHOTOS):
                raise Failed(0, f"the ZIP holds {packed.namelist()}")
        return
    command("export", "--photos", "album", "--quiet", "--zip", str(target))(handle)


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


def _export(name: str, *words: str, **facts: Any) -> Scenario:
    return Scenario(
        f"export {name}",
        READY,
        (command("export", "--photos", "album", "--quiet", *words),),
        taken,
        is_atomic=False,
        **facts,
    )


def _said(name: str, *words: str) -> Scenario:
    return Scenario(
        f"people {name}",
        READY,
        (command("people", name, *words, "--photos", "album", "--quiet"),),
        seen,
        settle=PEOPLE,
    )


XMP = command("export", "xmp", "--photos", "album", "--ref", "ref.jpg", "--label", "Select", "--quiet")
FACES = command("people", "export-faces", "--photos", "album", "--to", "out/faces", "--quiet")
IMPORT = command("people", "import-faces", "--photos", "album", "--from", "out/faces", "--quiet")
LIBRARY = command("library", "album", "--quiet")
ROWS = (".photo_ranker_library/",)
GENERATIONS = ((r"(photo_ranker_library/sface)/\d+/", r"\1/#/"),)

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("index cold", (photos,), (INDEX,), measured, is_atomic=False),
    Scenario("index changes", (*READY, arrival), (INDEX,), measured, is_atomic=False),
    Scenario("rank cold", (photos,), (RANK,), ranked, is_atomic=False),
    Scenario(
        "rank outputs",
        (*READY, old_results),
        tuple(
            command("rank", "--ref", "ref.jpg", "--photos", "album", "--quiet", "--output", f"out/ranked.{suffix}")
            for suffix in ("txt", "csv", "json", "jsonl", "html")
        ),
        taken,
        is_atomic=False,
    ),
    Scenario("people first list", (photos, INDEX), (PEOPLE,), seen, is_atomic=False),
    _said("name", "1", "Anna", "--category", "main"),
    _said("merge", "Eileen", "1"),
    _said("hide", "1"),
    _said("undo"),
    Scenario("people not", READY, (take_a_face_away, PEOPLE), seen),
    Scenario("people export-faces", READY, (FACES,), taken, is_atomic=False, settle=PEOPLE),
    Scenario("people import-faces", (*READY, FACES, rearrange), (IMPORT,), seen, settle=PEOPLE),
    Scenario(
        "people copy",
        READY,
        (command("people", "copy", "--photos", "album", "--person", "Eileen", "--to", "out/eileen", "--quiet"),),
        taken,
        is_atomic=False,
    ),
    Scenario(
        "best --to",
        READY,
        (command("best", "album", "--person", "Eileen", "--to", "out/best", "--ordered", "--quiet"),),
        taken,
        is_atomic=False,
    ),
    Scenario(
        "event",
        READY,
        (command("event", "album", "--output", "out/event", "--moment", "1=Dinner", "--quiet"),),
        taken,
        is_atomic=False,
    ),
    _export("copy", "--person", "all", "--to", "out/album", "--with-context"),
    _export("move", "--person", "all", "--to", "out/album", "--way", "move", is_moving=True),
    _export("hardlink", "--to", "out/album", "--way", "hardlink"),
    _export("symlink", "--to", "out/album", "--way", "symlink"),
    Scenario("export zip", READY, (pack,), taken, is_atomic=False, settle=PEOPLE),
    _export("gallery", "--gallery", "out/pages", settle=PEOPLE),
    _export("faces csv", "--faces", "out/faces.csv"),
    _export("faces parquet", "--faces", "out/faces.parquet"),
    Scenario("xmp sidecars", (*READY, foreign_sidecar), (XMP,), beside, is_atomic=False),
    Scenario(
        "xmp remove",
        (*READY, foreign_sidecar, XMP),
        (command("export", "xmp", "--photos", "album", "--remove", "--quiet"),),
        beside,
        is_atomic=False,
    ),
    Scenario(
        "xmp embed",
        READY,
        (embed,),
        pictures,
        is_atomic=False,
        by_picture=True,
    ),
    Scenario("library", READY, (LIBRARY,), archive, is_atomic=False, growing=ROWS, names=GENERATIONS),
    Scenario(
        "library update",
        (*READY, LIBRARY, arrival, INDEX),
        (LIBRARY,),
        archive,
        is_atomic=False,
        growing=ROWS,
        names=GENERATIONS,
    ),
    Scenario("forget", (*READY, LIBRARY), (command("forget", "album"),), seen, is_atomic=False),
    Scenario(
        "forget --names",
        (*READY, LIBRARY),
        (command("forget", "album", "--names", "--yes"),),
        known,
        is_atomic=False,
    ),
    Scenario(
        "inspect --draw",
        READY,
        (command("inspect", "album/together.jpg", "--draw", "out/drawn.png", "--quiet"),),
        taken,
        is_atomic=False,
        settle=PEOPLE,
    ),
    Scenario("closed folder: index", (photos, close_album), (INDEX,), measured, is_atomic=False, opened=closed),
    Scenario(
        "closed folder: name",
        (*READY, close_album),
        (command("people", "name", "1", "Anna", "--photos", "album", "--quiet"),),
        seen,
        settle=PEOPLE,
        opened=closed,
    ),
    Scenario(
        "coming home: facts",
        (photos, close_album, kept_away(INDEX), open_album, arrival),
        (INDEX,),
        measured,
        is_atomic=False,
    ),
    Scenario(
        "coming home: names",
        (
            *READY,
            close_album,
            kept_away(command("people", "name", "1", "Anna", "--photos", "album", "--quiet")),
            open_album,
        ),
        (command("people", "name", "2", "Ben", "--photos", "album", "--quiet"),),
        seen,
        settle=PEOPLE,
    ),
)
