"""Albums are opened and questions answered without a command line and without the app."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import cast

import msgspec
import pytest

from fakes import FakeMeasurer, FakePhoto, InlinePool, write_photo
from people.folk import WHO, FolkSpec, a_photo_of
from photo_ranker import indexing
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.core.terminal import Step
from photo_ranker.errors import PhotoOutOfReach, UserError
from photo_ranker.models import engines
from photo_ranker.people.book import Person
from photo_ranker.people.store import PEOPLE_NAME
from photo_ranker.questions.answer import Question, Ranking
from photo_ranker.records import Face, PhotoRecord
from photo_ranker.workspace import AlbumRequest, EngineRequest, Listener, PersonRequest, PhotosRequest, Workspace
from photo_ranker.workspace.exports import folder_names


class Heard:
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.measured = 0
        self.unreadables: list[tuple[list[str], int]] = []

    def say(self, line: str) -> None:
        self.notes.append(line)

    def begin(self, todo: int) -> None:
        pass

    def step(self, faces: int) -> None:
        self.measured += 1

    def end(self) -> None:
        pass

    @contextmanager
    def progress(self, unit: str) -> Iterator[Step]:
        yield lambda done, total: self.notes.append(f"{done} of {total} {unit}")

    def unreadable(self, reasons: Sequence[str], photos: int) -> None:
        self.unreadables.append((list(reasons), photos))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def workspace(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Measures without models."""
    monkeypatch.setattr(indexing, "refresh", partial(indexing.refresh, make_pool=InlinePool))
    listener: Listener = heard
    return Workspace(listener=listener, spec=cast("AnalyserSpec", FolkSpec()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four people in three photos each."""
    for name in WHO:
        for number in range(3):
            a_photo_of(tmp_path / "album" / f"{name}{number}.jpg", name, number=number)
    return tmp_path / "album"


def album_of(folder: Path) -> AlbumRequest:
    return AlbumRequest(photos=(str(folder),))


def names(ranking: Ranking) -> list[str]:
    return sorted(Path(item.path).name for item in ranking.results)


def test_an_album_is_measured_once(workspace: Workspace, heard: Heard, folder: Path) -> None:
    assert len(workspace.album(album_of(folder)).photos) == 12
    assert heard.measured == 12
    workspace.album(album_of(folder))
    assert heard.measured == 12
    workspace.album(AlbumRequest(photos=(str(folder),), no_cache=True))
    assert heard.measured == 24


def test_the_listener_is_told_what_the_album_lacks(workspace: Workspace, heard: Heard, folder: Path) -> None:
    write_photo(folder / "bad.jpg", "unreadable")
    workspace.album(album_of(folder))
    assert heard.unreadables == [(["not a photo"], 13)]
    (folder / "empty").mkdir()
    workspace.album(album_of(folder / "empty"))
    assert heard.notes[-1] == "note: there are no photos here (--recursive takes subfolders)"
    workspace.album(AlbumRequest(photos=(str(folder / "empty"),), recursive=True))
    assert heard.notes[-1] == "note: there are no photos here"


def test_the_clock_of_a_camera_that_nobody_has_is_refused(workspace: Workspace, folder: Path) -> None:
    from photo_ranker.questions.clocks import correction_of

    request = AlbumRequest(photos=(str(folder),), clocks=(correction_of("EOS=+1h"),))
    with pytest.raises(UserError, match="no photo here was taken with a camera called EOS"):
        workspace.album(request)


def test_a_zone_that_does_not_exist_is_refused_before_anything_is_measured(
    workspace: Workspace, heard: Heard, folder: Path
) -> None:
    with pytest.raises(UserError, match="there is no time zone Mars"):
        workspace.album(AlbumRequest(photos=(str(folder),), zone="Mars"))
    assert heard.measured == 0


def test_references_and_a_name_find_the_same_person(workspace: Workspace, folder: Path) -> None:
    shown = PersonRequest(references=(folder / "anna0.jpg",))
    by_photo = workspace.rank(album_of(folder), shown, PhotosRequest())
    assert names(by_photo.ranking) == ["anna0.jpg", "anna1.jpg", "anna2.jpg"]
    assert len(by_photo.question.references) == 1
    with workspace.people(album_of(folder), keep=True) as people:
        anna = next(one for one in people.shown() if by_photo.ranking.results[0].face.id in people.faces(one))
        people.name(anna, "Anna")
    by_name = workspace.rank(album_of(folder), PersonRequest(name="Anna"), PhotosRequest(top=2))
    assert len(by_name.ranking.results) == 2
    assert set(names(by_name.ranking)) < set(names(by_photo.ranking))


@pytest.mark.parametrize("keep", [True, False])
def test_people_are_saved_where_that_is_asked_for(workspace: Workspace, folder: Path, *, keep: bool) -> None:
    workspace.rank(album_of(folder), PersonRequest(name="1"), PhotosRequest(), keep_people=keep)
    assert (folder / PEOPLE_NAME).exists() == keep
    request = AlbumRequest(photos=(str(folder),), no_cache=True)
    (folder / PEOPLE_NAME).unlink(missing_ok=True)
    workspace.rank(request, PersonRequest(name="1"), PhotosRequest(), keep_people=keep)
    assert not (folder / PEOPLE_NAME).exists()


def test_people_are_counted_only_where_somebody_has_begun_a_book(workspace: Workspace, folder: Path) -> None:
    with workspace.named_album(album_of(folder), keep=True) as named:
        assert named.people is None
        assert named.names() == {}
        with pytest.raises(UserError, match="nobody in this album has a name"):
            named.rank(["Anna"], Question(references=()))
    with workspace.named_album(album_of(folder), keep=True, count=True) as named:
        assert named.people is not None
        named.people.name(named.people.find("1"), "Anna")
        named.people.name(named.people.find("2"), "Ben")
        named.people.set_fact(named.people.find("Ben"), "hidden", value=True)
    with workspace.named_album(album_of(folder), keep=True) as named:
        assert set(named.names().values()) == {"Anna"}
        (name, ranked), *others = named.rank(["all"], Question(references=(), top=2))
        assert (name, len(ranked), others) == ("Anna", 2, [])


def test_people_who_would_share_a_folder_get_their_numbers() -> None:
    people = [Person(id=str(number), number=number, name=name) for number, name in enumerate(["Anna", "anna", "Ben"])]
    people += [Person(id="3", number=3, name="."), Person(id="4", number=4, name="..")]
    assert [name for _, name in folder_names(people)] == ["Anna (0)", "anna (1)", "Ben", ". (3)", ".. (4)"]


@pytest.mark.parametrize(("asked", "found"), [("", "duo"), ("sface", "sface"), ("duo", "duo")])
def test_the_usual_engine_measures_unless_another_is_named(
    asked: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "second_network_is_here", lambda: True)
    assert Workspace(engine=EngineRequest(engine=asked)).spec.engine == found


def test_what_was_said_of_people_counts_in_the_next_search(workspace: Workspace, folder: Path) -> None:
    shown = PersonRequest(references=(folder / "anna0.jpg",))
    with workspace.people(album_of(folder), keep=True) as people:
        faces = {Path(people.album.photos[people.table.photos(face)[0]].path).name: face for face in people.table.ids}
        people.merge(people.owners()[faces["anna0.jpg"]], [people.owners()[faces["ben0.jpg"]]])
    both = {f"{name}{number}.jpg" for name in ("anna", "ben") for number in range(3)}
    assert set(names(workspace.rank(album_of(folder), shown, PhotosRequest()).ranking)) == both
    with workspace.people(album_of(folder), keep=True) as people:
        people.deny(people.owners()[faces["anna0.jpg"]], [faces["ben1.jpg"]])
    assert set(names(workspace.rank(album_of(folder), shown, PhotosRequest()).ranking)) == both - {"ben1.jpg"}


def test_the_books_of_all_folders_count_in_any_order(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    for name in WHO:
        a_photo_of(tmp_path / "other" / f"{name}9.jpg", name, number=9)
    shown = PersonRequest(references=(folder / "anna0.jpg",))
    with workspace.people(album_of(folder), keep=True) as people:
        faces = {Path(people.album.photos[people.table.photos(face)[0]].path).name: face for face in people.table.ids}
        people.deny(people.owners()[faces["anna0.jpg"]], [faces["anna1.jpg"]])
    sources = (str(folder), str(tmp_path / "other"))
    for photos in (sources, sources[::-1]):
        found = names(workspace.rank(AlbumRequest(photos=photos, workers=1), shown, PhotosRequest()).ranking)
        assert set(found) == {"anna0.jpg", "anna2.jpg", "anna9.jpg"}


def test_a_book_of_people_that_is_damaged_stops_no_search(workspace: Workspace, heard: Heard, folder: Path) -> None:
    (folder / PEOPLE_NAME).write_text("{", "utf-8")
    shown = PersonRequest(references=(folder / "anna0.jpg",))
    ranking = workspace.rank(album_of(folder), shown, PhotosRequest()).ranking
    assert names(ranking) == ["anna0.jpg", "anna1.jpg", "anna2.jpg"]
    assert any(PEOPLE_NAME in note and "are not used" in note for note in heard.notes)


class _PairMeasurer(FakeMeasurer):
    """Adds what a second network says, except of photos that cannot be opened any more."""

    def measure(self, photo: FakePhoto, known: PhotoRecord | None = None) -> PhotoRecord:
        if photo.orders.get("number") == "2" and known is not None:
            raise PhotoOutOfReach("the disk is away")
        record = super().measure(photo, known)
        faces = [msgspec.structs.replace(face, second_embedding=face.embedding) for face in record.faces]
        return msgspec.structs.replace(record, faces=tuple(faces))


class _PairSpec(FolkSpec, frozen=True):
    """The two networks."""

    engine: str = "duo"
    parts: dict[str, str] = msgspec.field(
        default_factory=lambda: {"detect": "folk.1", "picture": "folk.1", "embed:duo": "folk.1"}
    )

    def open(self) -> FakeMeasurer:
        # The faces of a photo that nobody has measured are found first.
        return _Finding(self)


class _Finding(_PairMeasurer):
    def _faces(self, photo: FakePhoto) -> tuple[Face, ...]:
        return FolkSpec().open()._faces(photo)


@pytest.mark.parametrize(("asked", "engine", "found"), [("", "sface", 3), ("duo", "duo", 2)])
def test_an_album_that_the_second_network_cannot_see_answers_with_what_it_has(
    workspace: Workspace, heard: Heard, folder: Path, asked: str, engine: str, found: int
) -> None:
    workspace.album(album_of(folder))
    pair = Workspace(engine=EngineRequest(engine=asked), listener=heard, spec=cast("AnalyserSpec", _PairSpec()))
    shown = PersonRequest(references=(folder / "anna0.jpg",))
    ranking = pair.rank(album_of(folder), shown, PhotosRequest()).ranking
    assert ranking.engine == engine
    assert names(ranking) == ["anna0.jpg", "anna1.jpg", "anna2.jpg"][:found]
    assert [note for note in heard.notes if "to the second network" in note] == [
        f"note: 4 photos cannot be shown to the second network now ({folder}/anna2.jpg: the disk is away)"
    ]
    assert any("only the engine sface is used" in note for note in heard.notes) == (not asked)


def test_one_measures_with_two_networks_and_one_with_one_in_the_same_folder(
    workspace: Workspace, heard: Heard, folder: Path
) -> None:
    for photo in folder.glob("*2.jpg"):
        photo.unlink()
    workspace.album(album_of(folder))
    pair = Workspace(listener=heard, spec=cast("AnalyserSpec", _PairSpec()))
    both = pair.album(album_of(folder))
    assert (both.engine, both.waiting) == ("duo", 0)
    a_photo_of(folder / "anna3.jpg", "anna", number=3)
    alone = workspace.album(album_of(folder))
    assert alone.engine == "sface"
    assert {face.id for face in both.faces} < {face.id for face in alone.faces}
    measured = heard.measured
    assert len(pair.album(album_of(folder)).faces) == 9
    assert heard.measured == measured + 1, "only the new photo is looked at"


def test_references_have_the_years_that_are_given_else_those_of_their_photos(
    workspace: Workspace, folder: Path
) -> None:
    dated = write_photo(folder.parent / "child.jpg", "who=anna number=8", "2009-07-02T12:00:00")
    named = a_photo_of(folder.parent / "IMG_20150702_120000.jpg", "anna", number=9)
    plain = folder / "anna0.jpg"

    def years(*given: int) -> list[int | None]:
        person = PersonRequest(references=(dated, named, plain), reference_years=given, born=2008)
        question = workspace.question(person, PhotosRequest())
        assert question.dated.born == 2008
        return [None if year is None else int(year) for year in question.dated.references]

    assert years() == [2009, 2015, None]
    assert years(2012) == [2012, 2012, 2012]
    assert years(2010, 2011, 2012) == [2010, 2011, 2012]
    with pytest.raises(UserError, match="3 times --ref and 2 times --ref-year"):
        years(2010, 2011)
    with pytest.raises(UserError, match="'12' is not a year"):
        years(12)


@pytest.mark.parametrize(
    ("shown", "who", "why"),
    [
        (("ben", "anna", "carl"), "anna", "the one in most of these photos, number 2"),
        (("BEN", "anna", "carl"), "ben", "the largest, number 1"),
        (("carl", "ben"), "carl", "the largest, number 1"),
        (("eve", "fred"), "", "the largest, number 1"),
    ],
)
def test_of_equally_large_faces_the_one_in_most_photos_is_meant(
    workspace: Workspace, heard: Heard, folder: Path, shown: tuple[str, ...], who: str, why: str
) -> None:
    reference = a_photo_of(folder.parent / "group.jpg", *shown, number=9)
    a_photo_of(folder / "anna3.jpg", "anna", number=3)
    found = workspace.rank(album_of(folder), PersonRequest(references=(reference,)), PhotosRequest()).ranking
    assert {name[:-5] for name in names(found)} == ({who} if who else set())
    said = (
        f"shows {len(shown)} faces; using {why} from the left (--ref-face N, or a photo cut to size, chooses another)"
    )
    assert heard.notes == [f"note: {reference} {said}"], "once"


def test_a_reference_without_that_face_is_refused_before_anything_is_measured(
    workspace: Workspace, heard: Heard, folder: Path
) -> None:
    together = a_photo_of(folder.parent / "group.jpg", "ben", "anna", number=9)
    ask = partial(workspace.rank, album_of(folder), photos=PhotosRequest())
    with pytest.raises(UserError, match="shows 2 faces, there is no number 3"):
        ask(PersonRequest(references=(together,), reference_face=3))
    with pytest.raises(UserError, match=r"no face found in .*nobody\.jpg"):
        ask(PersonRequest(references=(together,), together=(a_photo_of(folder.parent / "nobody.jpg"),)))
    assert heard.measured == 0


def test_a_year_of_birth_in_the_book_counts_in_the_next_search(workspace: Workspace, folder: Path) -> None:
    write_photo(folder / "anna0.jpg", "who=anna number=0", "2005-07-02T12:00:00")
    shown = PersonRequest(references=(folder / "anna1.jpg",))
    with workspace.people(album_of(folder), keep=True) as people:
        faces = {Path(people.album.photos[people.table.photos(face)[0]].path).name: face for face in people.table.ids}
        people.set_born(people.owners()[faces["anna0.jpg"]], 2009)
    assert names(workspace.rank(album_of(folder), shown, PhotosRequest()).ranking) == ["anna1.jpg", "anna2.jpg"]
