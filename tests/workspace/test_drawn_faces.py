"""A face that was missed is drawn by hand, measured like any other, and stays until that is taken back."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from builders import a_face
from fakes import InlinePool
from photo_ranker import analysis, indexing
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.analysis.analyser import Analyser, with_drawn
from photo_ranker.cli import main
from photo_ranker.errors import UserError
from photo_ranker.indexing.plan import is_measured
from photo_ranker.metadata import METADATA_NAME, load
from photo_ranker.models.engines import open_engine
from photo_ranker.people.store import PEOPLE_NAME
from photo_ranker.records import Box, Drawings, DrawnFace, Face, PhotoRecord, overlap
from photo_ranker.workspace import AlbumRequest, Workspace
from pictures import on_grey, picture, scaled

TINY = 0.13
"""At this size the detector does not see the astronaut any more."""
BOX: Box = (782.0, 572.0, 14.0, 18.0)
"""Around the astronaut's face."""
SPEC = AnalyserSpec(device="cpu")

ONE_ENGINE = cache(open_engine)
"""Loaded once for all tests."""


@pytest.fixture(scope="module")
def analyser() -> Analyser:
    return Analyser(ONE_ENGINE("sface", SPEC.options), SPEC.keys(), SPEC.settings)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photo with a face that is missed, and one in which it is found."""
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(analysis, "open_engine", ONE_ENGINE)
    monkeypatch.setattr(indexing, "refresh", partial(indexing.refresh, make_pool=InlinePool))
    (tmp_path / "album").mkdir()
    Image.fromarray(on_grey(scaled(picture("astronaut.png"), TINY), 1600, 1200)).save(tmp_path / "album/far.png")
    Image.fromarray(picture("astronaut.png")).save(tmp_path / "album/near.png")
    return tmp_path / "album"


def request(folder: Path, *, no_cache: bool = False) -> AlbumRequest:
    return AlbumRequest(photos=(str(folder),), no_cache=no_cache)


def draw(folder: Path, box: Box = BOX, photo: str = "far.png") -> None:
    with Workspace(spec=SPEC).people(request(folder), keep=True) as people:
        people.draw(people.find_photo(photo), box)


def faces_in(folder: Path, photo: str = "far.png", *, no_cache: bool = False) -> tuple[Face, ...]:
    """The faces of a photo after one more run."""
    album = Workspace(spec=SPEC).album(request(folder, no_cache=no_cache))
    return next(one.record.faces for one in album.photos if one.path.endswith(photo))


def test_a_drawn_face_is_measured_like_any_other(folder: Path) -> None:
    assert faces_in(folder) == ()
    others = faces_in(folder, "near.png")
    draw(folder)
    (face,) = faces_in(folder)
    (near,) = faces_in(folder, "near.png")
    assert face.drawn
    assert overlap(face.box, BOX) > 0.3
    assert (face.detection, face.engine) == (1.0, "sface")
    for part in ("embedding", "clarity", "look", "mesh", "figures"):
        assert getattr(face, part) is not None, part
    assert len(face.embedding or b"") == len(near.embedding or b"")
    assert (near,) == others, "other photos stay as they are"


def test_it_survives_all_that_a_correction_survives(folder: Path) -> None:
    draw(folder)
    (face,) = faces_in(folder)
    (folder / METADATA_NAME).unlink()
    assert faces_in(folder) == (face,)
    (folder / "far.png").rename(folder / "renamed.png")
    assert faces_in(folder, "renamed.png") == (face,)
    assert faces_in(folder, "renamed.png", no_cache=True) == (face,)


def test_taken_back_it_goes_and_nothing_else_does(folder: Path) -> None:
    draw(folder)
    assert len(faces_in(folder)) == 1
    with Workspace(spec=SPEC).people(request(folder), keep=True) as people:
        people.undo()
    assert faces_in(folder) == ()
    assert len(faces_in(folder, "near.png")) == 1
    draw(folder)
    assert len(faces_in(folder)) == 1, "it can be drawn again"


def test_a_named_one_is_found_as_that_person(folder: Path) -> None:
    draw(folder)
    (face,) = faces_in(folder)
    with Workspace(spec=SPEC).people(request(folder), keep=True) as people:
        assert face.id in people.table.places
        people.introduce([face.id], "Eileen")
    (folder / METADATA_NAME).unlink()
    with Workspace(spec=SPEC).people(request(folder), keep=True) as people:
        assert people.find("Eileen").faces == [face.id]


def test_away_from_its_book_it_stays(folder: Path, tmp_path: Path) -> None:
    """The folder is moved without its book: nothing says that the face is to go."""
    draw(folder)
    (face,) = faces_in(folder)
    (folder / PEOPLE_NAME).unlink()
    assert faces_in(folder) == (face,)


@pytest.mark.parametrize(
    ("photo", "box", "words"),
    [
        ("near.png", (180.0, 60.0, 95.0, 115.0), "there is a face already"),
        ("far.png", (1595.0, 600.0, 300.0, 300.0), "too small"),
        ("none.png", BOX, "no photo none.png"),
    ],
)
def test_what_cannot_be_drawn_is_refused(folder: Path, photo: str, box: Box, words: str) -> None:
    with pytest.raises(UserError, match=words):
        draw(folder, box, photo)


def test_a_box_over_the_edge_ends_there(folder: Path) -> None:
    draw(folder, (-30.0, 100.0, 100.0, 90.0))
    (face,) = faces_in(folder)
    assert face.box == (0.0, 100.0, 70.0, 90.0)


def test_a_record_is_stale_where_faces_were_drawn_or_taken_back(folder: Path) -> None:
    faces_in(folder)
    record = load(folder)["far.png"]
    keys, picture = SPEC.keys(), record.stamp.hash
    drawn = Drawings((DrawnFace("f1", picture, BOX),))
    assert is_measured(record, keys)
    assert not is_measured(record, keys, {picture: drawn})
    assert is_measured(record, keys, {"other": drawn})
    measured = msgspec.structs.replace(record, parts=record.parts | {"drawn": drawn.key})
    assert is_measured(measured, keys, {picture: drawn})
    assert not is_measured(measured, keys, {picture: Drawings(taken_back=("f1",))})


def test_every_engine_measures_it(folder: Path, analyser: Analyser) -> None:
    """The part bears the name of the engine: what one has measured another has not."""
    record = analyser.analyse(folder / "far.png")
    keys = {f"{part}:other": key for part, key in SPEC.keys().items() if part != "picture"}
    drawn = {record.stamp.hash: Drawings((DrawnFace("f1", record.stamp.hash, BOX),))}
    both = msgspec.structs.replace(record, parts={**record.parts, **keys, "drawn": drawn[record.stamp.hash].key})
    assert is_measured(both, SPEC.keys(), drawn)
    assert not is_measured(both, keys, drawn)


def test_a_detector_that_finds_it_later_takes_over_its_id() -> None:
    drawn = DrawnFace("f-drawn", "hash", (10.0, 10.0, 50.0, 60.0))
    found = [a_face("f-found", (12.0, 11.0, 48.0, 58.0)), a_face("f-other", (200.0, 10.0, 50.0, 60.0))]
    faces = with_drawn(found, (), Drawings((drawn,)), lambda face, _: a_face(face.id, face.box, drawn=True))
    assert [(face.id, face.drawn) for face in faces] == [("f-drawn", False), ("f-other", False)]


def test_the_face_beside_it_is_never_taken_for_it(folder: Path, analyser: Analyser) -> None:
    """A box that touches a face that is known: the detector sees that one, and it is not meant."""
    known = analyser.analyse(folder / "near.png")
    (near,) = known.faces
    x, y, width, height = near.box
    drawn = DrawnFace("f-drawn", known.stamp.hash, (x + 0.45 * width, y, width, height))
    told = {known.stamp.hash: Drawings((drawn,))}
    record = _with(analyser, told).analyse(folder / "near.png", known)
    assert record.faces[0] == near
    assert [(face.id, face.box) for face in record.faces[1:]] == [("f-drawn", tuple(round(v, 1) for v in drawn.box))]


def _with(analyser: Analyser, drawn: dict[str, Drawings]) -> Analyser:
    return Analyser(analyser.engine, SPEC.keys(), SPEC.settings, drawn=drawn)


def test_another_face_costs_its_photo_alone(folder: Path, analyser: Analyser) -> None:
    known = analyser.analyse(folder / "near.png")
    drawn = DrawnFace("f-drawn", known.stamp.hash, (300.0, 300.0, 80.0, 90.0))
    record: PhotoRecord = _with(analyser, {known.stamp.hash: Drawings((drawn,))}).analyse(folder / "near.png", known)
    assert record.faces[0] == known.faces[0], "measured again it is the same"
    assert record.faces[1].id == "f-drawn"
    assert record.parts == known.parts | {"drawn": Drawings((drawn,)).key}


def test_the_command_draws_and_measures(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["--photos", str(folder), "--engine", "sface", "--device", "cpu", "--quiet"]
    assert main(["people", "draw", "far.png", "782,572,14,18", *words]) == 0
    assert "drew a face in far.png (decision 1)" in capfd.readouterr().out
    (face,) = load(folder)["far.png"].faces
    assert main(["people", "show", "--decisions", str(folder), "--engine", "sface", "--device", "cpu", "--quiet"]) == 0
    assert "drew a face in far.png" in capfd.readouterr().out
    assert main(["people", "undo", *words]) == 0
    assert main(["people", "list", str(folder), "--engine", "sface", "--device", "cpu", "--quiet"]) == 0
    assert load(folder)["far.png"].faces == (), face
    assert main(["people", "draw", "far.png", "1,2,3", *words]) == 2
    assert "four numbers" in capfd.readouterr().err
