"""The scenarios of the commands: in every place where one of them writes."""

from __future__ import annotations

from typing import Any

from chaos.scenario import Scenario, command
from chaos.steps import (
    INDEX,
    PEOPLE,
    RANK,
    READY,
    archive,
    arrival,
    beside,
    close_album,
    closed,
    counted_on,
    crops,
    draw,
    embed,
    few_are_counted_on,
    few_make_columns,
    film,
    foreign_sidecar,
    kept_away,
    known,
    labels,
    loaded,
    measured,
    old_results,
    open_album,
    pack,
    photos,
    pictures,
    prepare_model,
    ranked,
    ranked_by_columns,
    rearrange,
    seen,
    show,
    take_a_face_away,
    taken,
)

__all__ = ["SCENARIOS"]


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
IMPORT = command("people", "import-faces", "--photos", "album", "--from", "out/faces", "--quiet")
DRAW = command("people", "draw", "astronaut.jpg", "20,200,60,60", "--photos", "album", "--quiet")
LIBRARY = command("library", "album", "--quiet")
ROWS = (".photo_ranker_library/",)
GENERATIONS = ((r"(photo_ranker_library/sface)/\d+/", r"\1/#/"),)

SCENARIOS: tuple[Scenario, ...] = (
    Scenario("models", (photos,), (prepare_model,), loaded),
    Scenario("index cold", (photos,), (INDEX,), measured, is_atomic=False),
    Scenario("index changes", (*READY, arrival), (INDEX,), measured, is_atomic=False),
    Scenario("rank cold", (photos,), (RANK,), ranked, is_atomic=False),
    Scenario(
        "rank by columns",
        (*READY, arrival),
        (INDEX, RANK, RANK),
        ranked_by_columns,
        is_atomic=False,
        settle=INDEX,
        opened=few_make_columns,
    ),
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
    Scenario(
        "people list again",
        (*READY, counted_on, arrival),
        (INDEX, PEOPLE),
        seen,
        is_atomic=False,
        settle=INDEX,
        opened=few_are_counted_on,
    ),
    _said("name", "1", "Anna", "--category", "main"),
    _said("merge", "Eileen", "1"),
    _said("hide", "1"),
    _said("undo"),
    Scenario("people draw", READY, (DRAW, PEOPLE), seen),
    Scenario("people not", READY, (take_a_face_away, PEOPLE), seen),
    Scenario("people export-faces", READY, (crops,), taken, is_atomic=False, settle=PEOPLE),
    Scenario("people import-faces", (*READY, crops, rearrange), (IMPORT,), seen, settle=PEOPLE),
    Scenario(
        "people import",
        (*READY, labels),
        (command("people", "import", "--labels", "labels.json", "--photos", "album", "--quiet"),),
        seen,
        settle=PEOPLE,
    ),
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
        "best --frames",
        (photos, film, INDEX, RANK, PEOPLE, command("people", "name", "0", "Eileen", "--photos", "album", "--quiet")),
        (command("best", "album", "--person", "Eileen", "--frames", "out/frames", "--quiet"),),
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
    Scenario("export gallery", READY, (show,), taken, is_atomic=False, settle=PEOPLE),
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
        (draw,),
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
