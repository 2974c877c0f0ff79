from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from builders import a_face, a_record
from library.archive import SECOND, album_of, look_of, make_archive, write_folder
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import encode_array
from photo_ranker.library import (
    Library,
    finding,
    library_place,
    open_library,
    open_usual_library,
    update_library,
    update_usual_library,
)
from photo_ranker.library.answering import SLACK, answer_from
from photo_ranker.library.finding import find_in_library, nearest
from photo_ranker.library.layout import BITS, differing, sketch
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.metadata.document import encode_record, join_document
from photo_ranker.metadata.storage import write_file
from photo_ranker.person_finder import find_person
from photo_ranker.questions import Filters
from photo_ranker.questions.answer import Question, Ranking, answer
from photo_ranker.ranker import score_photo
from photo_ranker.ranker.scorer import COLUMNS, scores
from photo_ranker.records import Match
from photo_ranker.settings import Settings

SETTINGS = Settings()


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_archive(tmp_path_factory.mktemp("archive"))
    update_library(root, "sface", SETTINGS)
    return root


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """2,000 faces of 100 people."""
    root = tmp_path_factory.mktemp("large")
    for seed in range(5):
        write_folder(root / f"{seed}", seed, photos=200, people=100)
    update_library(root, "sface", SETTINGS)
    return open_library(root, "sface", SETTINGS)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if 2,000 faces were a million."""
    for name, value in {"LOOKED_AT": 300, "NEAR": 60, "STRANGERS": 200}.items():
        monkeypatch.setattr(finding, name, value)


def told(ranking: Ranking) -> list[tuple[str, float, float, bool, tuple[str, ...]]]:
    return [
        (item.path, item.score, item.match.similarity, item.match.doubtful, item.reasons) for item in ranking.results
    ]


QUESTIONS: dict[str, dict[str, Any]] = {
    "twenty": {},
    "three": {"top": 3},
    "all": {"top": 0},
    "with doubtful": {"top": 40, "doubtful": True},
    "distinct": {"top": 5, "distinct": True},
    "groups": {"top": 4, "filters": Filters(kind="group")},
    "alone": {"top": 4, "filters": Filters(kind="single")},
    "nobody else": {"top": 4, "filters": Filters(only=True)},
    "good ones": {"top": 4, "filters": Filters(min_score=0.6)},
    "together": {"top": 4, "together_with": ((look_of(1),),)},
    "not her": {"not_references": (look_of(2),)},
    "an own line": {"threshold": 0.5},
    "nobody": {"references": (look_of(999),)},
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_same_answer_as_by_the_folders(archive: Path, name: str) -> None:
    question = msgspec.structs.replace(Question(references=(look_of(0),)), **QUESTIONS[name])
    expected = answer(album_of(archive), question, SETTINGS)
    album, found = answer_from(open_library(archive, "sface", SETTINGS), question, SETTINGS)
    assert told(found) == told(expected)
    assert (found.threshold, found.counts) == (expected.threshold, expected.counts)
    assert sorted(found.unreadable, key=lambda file: file.path) == list(expected.unreadable)
    assert {item.path for item in found.results} <= {photo.path for photo in album.photos}


def test_other_weights_and_curves_apply_at_once(archive: Path) -> None:
    question = Question(references=(look_of(0),), top=5)
    for settings in (Settings(single_smile=1.0, group_person_smile=1.0), Settings(smile=(0.3, 0.4))):
        expected = answer(album_of(archive), question, settings)
        _, found = answer_from(open_library(archive, "sface", SETTINGS), question, settings)
        assert told(found) == told(expected)


def test_a_library_with_columns_of_an_older_version_answers_by_its_records(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive")
    update_library(archive, "sface", SETTINGS)
    home = library_place(archive)
    assert home is not None
    manifest = home / "sface" / "manifest.json"
    fields = msgspec.json.decode(manifest.read_bytes())
    manifest.write_bytes(msgspec.json.encode({**fields, "weighing": "of an older version"}))
    for name in COLUMNS:
        (home / "sface" / str(fields["generation"]) / f"face.{name}").unlink()
    question = Question(references=(look_of(0),), top=3)
    _, found = answer_from(open_library(archive, "sface", SETTINGS), question, SETTINGS)
    assert told(found) == told(answer(album_of(archive), question, SETTINGS))
    assert len(update_library(archive, "sface", SETTINGS).read) == 5


def test_a_library_that_does_not_tell_how_plainly_faces_are_seen_gives_no_leeway(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive")
    update_library(archive, "sface", SETTINGS)
    home = library_place(archive)
    assert home is not None
    (column,) = (home / "sface").glob("*/face.clarity")
    column.unlink()
    library = open_library(archive, "sface", SETTINGS)
    assert np.isnan(library.clarity(library.numbers)).all()
    finding, _ = find_in_library(library, [look_of(0)], settings=SETTINGS)
    assert finding.sure
    assert len(update_library(archive, "sface", SETTINGS).read) == 5, "it is made again"


@pytest.mark.parametrize("values", [{}, {"single_smile": 9.0}, {"spread": 0.5}, {"event_main": 9.0}])
def test_few_photos_are_read_for_a_short_answer(archive: Path, values: dict[str, Any]) -> None:
    library = open_library(archive, "sface", SETTINGS)
    album, ranking = answer_from(library, Question(references=(look_of(0),), top=3), Settings(**values))
    assert ranking.counts.matched > 10
    assert len(album.photos) <= 5


def test_the_photos_come_in_the_time_that_is_asked_for(archive: Path) -> None:
    def in_time(album: Album) -> Album:
        at_noon = partial(msgspec.structs.replace, taken_at="2030-01-01T12:00:00")
        return Album((AlbumPhoto(photo.path, at_noon(photo.record)) for photo in album.photos), album.engine)

    library = open_library(archive, "sface", SETTINGS)
    question = Question(references=(look_of(0),), filters=Filters(since="2030-01-01"))
    assert answer_from(library, question, SETTINGS)[1].results == ()
    _, ranking = answer_from(library, question, SETTINGS, in_time=in_time)
    assert {item.photo.record.taken_at for item in ranking.results} == {"2030-01-01T12:00:00"}


def test_columns_score_as_the_ranker_does(archive: Path) -> None:
    library, album = open_library(archive, "sface", SETTINGS), album_of(archive)
    by_id = dict(
        zip(
            library.ids(library.numbers),
            scores(lambda name: library.value(name)[library.numbers], SETTINGS.weights),
            strict=True,
        )
    )
    for number, face in enumerate(album.faces):
        ranked = score_photo(album, Match(int(album.owners[number]), number, 0.7, 0.7, None), SETTINGS)
        assert abs(by_id[face.id] - ranked.score) < SLACK


def test_sketches_differ_with_the_angle() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(size=(500, 128)).astype(np.float32)
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    other = np.roll(one, 1, axis=0) * 0.8 + one
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    angles = np.arccos((one * other).sum(axis=1)) / np.pi
    bits = np.bitwise_count(sketch(one) ^ sketch(other)).sum(axis=1) / BITS
    assert abs(float((bits - angles).mean())) < 0.01
    assert float(np.abs(bits - angles).max()) < 0.1


def test_differing_is_the_least_of_several() -> None:
    rng = np.random.default_rng(0)
    words = rng.integers(0, 2**63, (200_000, 8), dtype=np.uint64)
    wanted = rng.integers(0, 2**63, (2, 8), dtype=np.uint64)
    expected = np.bitwise_count(words[:, None] ^ wanted).sum(axis=2).min(axis=1)
    columns = [np.ascontiguousarray(words[:, number]) for number in range(8)]
    assert (differing(columns, wanted, 7, 199_000) == expected[7:199_000]).all()


def test_the_search_finds_those_who_are_near(large: Library) -> None:
    for person in range(10):
        cosines = large.rows(large.numbers) @ look_of(person)
        wanted = large.numbers[cosines > 0.5]
        assert len(wanted) > 5
        for exact in (True, False):
            found = nearest(large, look_of(person)[None], 200, exact=exact)
            assert len(found) < 260
            assert np.isin(wanted, found).all()


def test_all_faces_are_near_in_a_small_library(large: Library) -> None:
    assert (nearest(large, look_of(0)[None], 5000) == large.numbers).all()


@pytest.mark.usefixtures("small_limits")
def test_a_large_library_is_judged_by_those_who_matter(large: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = answer(album_of(Path(large.root)), Question(references=(look_of(0),), top=0), SETTINGS)
    for exact in (True, False):
        _, found = answer_from(large, Question(references=(look_of(0),), top=0), SETTINGS, exact=exact)
        assert abs(found.threshold - whole.threshold) < 0.03
        assert {item.path for item in found.results} == {item.path for item in whole.results}
        assert {item.path: item.score for item in found.results} == {item.path: item.score for item in whole.results}


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("exact", [True, False])
def test_who_is_in_most_photos_is_found_in_all(tmp_path: Path, *, exact: bool) -> None:
    for seed in range(5):
        write_folder(tmp_path / f"{seed}", seed, photos=200, people=3)
    update_library(tmp_path, "sface", SETTINGS)
    question = Question(references=(look_of(0),), top=0)
    whole = answer(album_of(tmp_path), question, SETTINGS)
    _, found = answer_from(open_library(tmp_path, "sface", SETTINGS), question, SETTINGS, exact=exact)
    assert len(whole.results) > 600
    assert {item.path for item in found.results} == {item.path for item in whole.results}


@pytest.mark.usefixtures("small_limits")
def test_who_is_not_there_is_not_found(large: Library) -> None:
    for person in range(200, 220):
        found, _ = find_in_library(large, [look_of(person)], settings=SETTINGS)
        assert not found.sure


def test_the_limit_decides_how_to_search(large: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(finding, "_by_cosine", lambda *_: looked.append("exact"))
    monkeypatch.setattr(finding, "_by_sketch", lambda *_: looked.append("quick"))
    nearest(large, look_of(0)[None], 10)
    monkeypatch.setattr(finding, "EXACT_LIMIT", 1000)
    nearest(large, look_of(0)[None], 10)
    assert looked == ["exact", "quick"]


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize("exact", [True, False])
def test_a_library_of_two_networks_finds_what_its_album_finds(tmp_path: Path, *, exact: bool) -> None:
    for seed in range(3):
        write_folder(tmp_path / f"{seed}", seed, photos=200, people=100, by_both=True)
    said: list[str] = []
    update_library(tmp_path, "duo", SETTINGS, said.append)
    library = open_library(tmp_path, "duo", SETTINGS)
    album = Album(album_of(tmp_path).photos, "duo")
    assert library.rows(library.numbers[:1]).shape == (1, 256)
    for person in range(5):
        looks = np.concatenate([look_of(person), look_of(person + SECOND)])
        both = (looks / np.linalg.norm(looks)).astype(np.float32)
        found, faces = find_in_library(library, [both], settings=SETTINGS, exact=exact)
        in_album = {album.faces[match.face].id for match in find_person(album, [both], settings=SETTINGS).sure}
        assert len(in_album) > 5
        assert {library.ids(faces[[match.face]])[0] for match in found.sure} == in_album
    assert said == []


def test_faces_that_wait_for_the_second_network_are_said(tmp_path: Path) -> None:
    write_folder(tmp_path / "alone", 0, photos=2)
    said: list[str] = []
    changes = update_library(tmp_path, "duo", SETTINGS, said.append)
    assert changes.faces == 0
    (note,) = said
    assert f"faces that duo has not measured yet: {changes.unknown}; photo-ranker index" in note
    assert note.endswith("--recursive --engine duo measures them")


@pytest.mark.parametrize("copies", ["one", "all"])
@pytest.mark.parametrize("top", [3, 0])
def test_copies_in_other_folders_are_one_result(tmp_path: Path, top: int, copies: str) -> None:
    """A backup of a whole folder takes no places among the best, nor are its photos counted."""
    write_folder(tmp_path / "album", 0, rest="ff")
    write_folder(tmp_path / "backup of the album", 0, rest="ff")
    write_folder(tmp_path / "other", 1, rest="ff")
    update_library(tmp_path, "sface", SETTINGS)
    question = Question(references=[look_of(1)], top=top, copies=copies)  # type: ignore[arg-type]
    _, ranking = answer_from(open_library(tmp_path, "sface", SETTINGS), question, SETTINGS)
    expected = answer(album_of(tmp_path), question, SETTINGS)
    assert ranking.counts == expected.counts
    assert [item.path for item in ranking.results] == [item.path for item in expected.results]
    assert [[copy.path for copy in item.copies] for item in ranking.results] == [
        [copy.path for copy in item.copies] for item in expected.results
    ]
    assert bool(ranking.counts.copies) == (copies == "one")
    assert any("backup" in item.path for item in ranking.results) == (copies == "all")


def test_collages_come_behind_in_a_library_too(tmp_path: Path) -> None:
    """The columns hold no boxes: what may be a collage is read, and takes no place of a plain photo."""
    texts = {}
    for number in range(12):
        left = a_face(f"fa{number}", (100.0, 50.0, 180.0, 220.0), embedding=encode_array(look_of(1)))
        other = look_of(1 if number < 6 else 2)
        right = a_face(f"fb{number}", (700.0, 50.0, 180.0, 220.0), embedding=encode_array(other))
        texts[f"IMG_{number}.jpg"] = encode_record(a_record(left, right, hash=f"{number}"))
    write_file(tmp_path / METADATA_NAME, join_document({}, texts))
    update_library(tmp_path, "sface", SETTINGS)
    question = Question(references=[look_of(1)], top=4)
    _, ranking = answer_from(open_library(tmp_path, "sface", SETTINGS), question, SETTINGS)
    assert [Path(item.path).name for item in ranking.results] == ["IMG_10.jpg", "IMG_11.jpg", "IMG_6.jpg", "IMG_7.jpg"]
    assert told(ranking) == told(answer(album_of(tmp_path), question, SETTINGS))


def test_unasked_a_library_holds_all_faces_while_some_wait_for_the_second_network(tmp_path: Path) -> None:
    write_folder(tmp_path / "both", 0, by_both=True)
    write_folder(tmp_path / "alone", 1)
    said: list[str] = []
    everyone = update_usual_library(tmp_path, "duo", SETTINGS, said.append)
    assert everyone.place.name == "sface"
    assert everyone.faces == len(album_of(tmp_path).faces)
    assert said[-1] == "note: until then the library of sface answers"
    assert open_usual_library(tmp_path, "duo", SETTINGS).manifest.engine == "sface"
    write_folder(tmp_path / "alone", 1, by_both=True)
    assert update_usual_library(tmp_path, "duo", SETTINGS).place.name == "duo"
    library = open_usual_library(tmp_path, "duo", SETTINGS)
    assert (library.manifest.engine, library.face_count) == ("duo", len(album_of(tmp_path).faces))
    write_folder(tmp_path / "alone", 1, photos=31)  # somebody without the file has measured it anew
    assert open_usual_library(tmp_path, "duo", SETTINGS).manifest.engine == "sface"


def test_a_library_of_before_answers_until_one_of_both_networks_is_made(tmp_path: Path) -> None:
    write_folder(tmp_path / "both", 0, by_both=True)
    update_library(tmp_path, "sface", SETTINGS)
    assert open_usual_library(tmp_path, "duo", SETTINGS).manifest.engine == "sface"
    update_usual_library(tmp_path, "duo", SETTINGS)
    assert open_usual_library(tmp_path, "duo", SETTINGS).manifest.engine == "duo"
