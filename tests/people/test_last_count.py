"""A count that takes over what the last one left finds what a whole count finds."""

from __future__ import annotations

import os
import stat
import zlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from damages import cut, directory, empty, link, pipe
from people.crowds import Rows, a_crowd, an_album, unit
from people.test_recount import say
from photo_ranker.metadata.places import columns_home, count_file
from photo_ranker.people import last_count
from photo_ranker.people.book import Book
from photo_ranker.people.clustering import Grouping, Material, group_faces, regroup_faces, seen_strangers
from photo_ranker.people.faces import FaceTable
from photo_ranker.people.last_count import (
    CountedFaces,
    LastCount,
    TakenOver,
    counts_of,
    load_count,
    save_count,
    take_over,
)
from photo_ranker.people.merging import start_of
from photo_ranker.people.neighbours import exact_rows, keys_of
from photo_ranker.people.recount import recount
from photo_ranker.person_finder.populations import population_of
from photo_ranker.settings import Settings
from yardstick import multiple_of, processor_seconds

SFACE = population_of("sface")


class Faces:
    """Faces of invented people that come, go and change; each has an id that lasts."""

    def __init__(self, seed: int, people: int = 12) -> None:
        self.rng = np.random.default_rng(seed)
        self.rows = a_crowd(people, 8, seed, alike=float(self.rng.uniform(0.35, 0.8)))[0]
        self.rng.shuffle(self.rows)
        count = len(self.rows)
        self.solid = self.rng.random(count) < 0.85
        self.tokens = [{int(photo)} for photo in self.rng.integers(0, count, count)]
        self.together: list[list[int]] = []
        self.here = np.sort(self.rng.choice(count, count * 4 // 5, replace=False))

    def some(self, count: int = 3) -> list[int]:
        found: list[int] = self.rng.choice(len(self.rows), count, replace=False).tolist()
        return found

    def come(self) -> None:
        self.here = np.union1d(self.here, self.some())

    def go(self) -> None:
        self.here = np.setdiff1d(self.here, self.some())

    def change(self) -> None:
        self.rows[self.some()] = a_crowd(3, 1, int(self.rng.integers(99)))[0]

    def blur(self) -> None:
        self.solid[self.some()] ^= True

    def tell_apart(self) -> None:
        for face in self.some(2):
            self.tokens[face].add(1000)

    def put_together(self) -> None:
        self.together = [sorted(self.some())]

    def material(self) -> Material:
        place = {face: number for number, face in enumerate(self.here.tolist())}
        together = [[place[face] for face in faces if face in place] for faces in self.together]
        tokens = [self.tokens[face] for face in self.here.tolist()]
        return Material(self.rows[self.here], tokens, self.solid[self.here], [faces for faces in together if faces])

    def count(self, last: LastCount | None) -> tuple[Grouping, LastCount]:
        return regroup_faces(self.material(), [f"f{face}" for face in self.here.tolist()], SFACE, last)

    def known(self, last: LastCount) -> TakenOver | None:
        material = self.material()
        rows = exact_rows(material.rows)
        start = start_of(material.together, material.solid)
        faces = CountedFaces([f"f{face}" for face in self.here.tolist()], keys_of(rows), *start, material.tokens)
        return take_over(last, faces, rows, last.floor)


@pytest.mark.parametrize("seed", range(8))
def test_after_any_changes_it_is_the_whole_count(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path))
    faces = Faces(seed)
    last = None
    changes = [faces.come, faces.go, faces.change, faces.blur, faces.tell_apart, faces.put_together]
    for number in faces.rng.permutation(2 * len(changes)).tolist():
        found, count = faces.count(last)
        whole = group_faces(faces.material(), SFACE)
        assert found.labels.tolist() == whole.labels.tolist()
        assert found.threshold == whole.threshold
        save_count(tmp_path, "sface", count)
        last = load_count(tmp_path, "sface")
        assert last is not None
        changes[number % len(changes)]()


def test_what_has_not_changed_is_taken_over() -> None:
    rows, who = a_crowd(30, 6)
    faces = Faces(0, 30)
    faces.rows, faces.solid, faces.tokens = rows, np.ones(180, np.bool_), [{face} for face in range(180)]
    faces.here = np.arange(179)
    _, last = faces.count(None)
    faces.here = np.arange(180)
    known = faces.known(last)
    assert known is not None
    assert known.follows.tolist() == [person < 29 for person in who]
    assert faces.count(last)[0].labels.tolist() == group_faces(faces.material(), SFACE).labels.tolist()


def told_anew(faces: Faces, last: LastCount) -> set[int]:
    """The faces that cannot follow the last count."""
    known = faces.known(last)
    assert known is not None
    return set(faces.here[~known.follows].tolist())


@pytest.mark.parametrize("person", [0, 3, 9])
def test_what_happens_to_one_person_is_judged_anew_for_this_person_alone(person: int) -> None:
    """Ten people, six faces each; a stranger comes before and after all others, and one of the faces comes later."""
    here = range(6 * person + 1, 6 * person + 7)
    late, (first, second) = here[2], (here[0], here[4])
    theirs, strange = set(here) - {late}, {0, 61}
    faces = Faces(0, 10)
    rows, _ = a_crowd(12, 6)
    faces.rows = np.concatenate([rows[66:67], rows[:60], rows[60:61]])
    faces.tokens, faces.solid = [{face} for face in range(62)], np.ones(62, np.bool_)
    faces.here = np.setdiff1d(np.arange(1, 61), [late])
    _, last = faces.count(None)
    assert told_anew(faces, last) == set()
    faces.here = np.union1d(faces.here, [0, 61])
    assert told_anew(faces, last) == strange, "strangers disturb nobody"
    faces.here = np.union1d(faces.here, [late])
    assert told_anew(faces, last) == strange | set(here), "a face of the person does"
    faces.here = np.setdiff1d(faces.here, [late, first])
    assert told_anew(faces, last) == (strange | theirs) - {first}, "it is gone"
    faces.here, before = np.union1d(faces.here, [first]), faces.rows.copy()
    faces.rows[first] = rows[70]
    assert told_anew(faces, last) == strange | theirs, "it is another face"
    faces.rows = before
    faces.solid[second] = False
    assert told_anew(faces, last) == strange | theirs, "it does not count in the mean any more"
    faces.solid[second] = True
    faces.together = [[first, second]]
    assert told_anew(faces, last) == strange | theirs, "a user has grouped them"
    _, grouped = faces.count(None)
    assert told_anew(faces, grouped) == set()
    faces.together = [[first, second, late]]
    faces.here = np.union1d(faces.here, [late])
    assert told_anew(faces, grouped) == set(here), "and one more"
    faces.here, faces.together = np.setdiff1d(faces.here, [late]), []
    faces.tokens[first].add(1000)
    faces.tokens[second].add(1000)
    assert told_anew(faces, last) == strange | theirs, "they are of one photo"
    _, apart = faces.count(None)
    faces.tokens[second].remove(1000)
    assert told_anew(faces, apart) == theirs, "they no longer are"
    faces.tokens[15 if person == 3 else 20].add(1000)
    assert told_anew(faces, last) == strange, "a stranger is of the same photo"


@pytest.mark.parametrize(("stayed", "is_taken"), [(24, False), (25, True)])
def test_a_count_of_less_than_half_of_the_faces_is_not_taken_over(stayed: int, is_taken: bool) -> None:
    faces = Faces(0, 50)
    faces.here = np.arange(stayed)
    _, last = faces.count(None)
    faces.here = np.arange(50)
    assert (faces.known(last) is not None) == is_taken


@pytest.mark.parametrize("change", ["go", "change", "blur", "put_together"])
def test_what_has_changed_is_judged_anew(change: str) -> None:
    faces = Faces(3, 40)
    _, last = faces.count(None)
    before = faces.known(last)
    assert before is not None
    assert before.follows.all()
    getattr(faces, change)()
    known = faces.known(last)
    assert known is not None
    assert known.follows.any()
    assert not known.follows.all()


def test_faces_of_one_person_that_are_told_apart_are_judged_anew_and_strangers_are_not() -> None:
    faces = Faces(3, 40)
    grouping, last = faces.count(None)
    one, other = np.flatnonzero(grouping.labels == grouping.labels.max())[:2].tolist()
    for pair, is_new in (([0, one], False), ([one, other], True)):
        assert is_new == (grouping.labels[pair[0]] == grouping.labels[pair[1]])
        for face in pair:
            faces.tokens[int(faces.here[face])].add(1000 + is_new)
        known = faces.known(last)
        assert known is not None
        assert known.follows[0]
        assert known.follows[one] != is_new


def test_a_new_face_between_two_people_disturbs_both() -> None:
    """It makes one person of two, though neither has changed."""
    (*others, one, other), _ = a_crowd(5, 1, alike=0.9)
    middle = unit(one + other)
    near = [*others, unit(one + 0.7 * middle), unit(other + 0.7 * middle)]
    last = None
    for crowd in (near, [*near, middle]):
        material = Material(np.stack(crowd), [{face} for face in range(len(crowd))], np.ones(len(crowd), np.bool_))
        grouping, last = regroup_faces(material, ["a", "b", "c", "d", "e", "middle"][: len(crowd)], SFACE, last)
        assert grouping.labels.tolist() == group_faces(material, SFACE).labels.tolist()
    assert len(set(grouping.labels[3:].tolist())) == 1


@pytest.mark.perf
def test_strangers_are_compared_once_a_step_however_often_merging_starts_again() -> None:
    faces = Faces(0)
    faces.rows = a_crowd(1500, 2, alike=0.5)[0]
    faces.rng.shuffle(faces.rows)
    faces.tokens, faces.solid = [{face} for face in range(3000)], np.ones(3000, np.bool_)
    faces.here = np.arange(2990)
    _, last = faces.count(None)
    faces.here = np.arange(3000)
    rows = exact_rows(faces.rows)
    times = multiple_of(
        processor_seconds(lambda: seen_strangers(rows, SFACE)), processor_seconds(lambda: faces.count(last))
    )
    print(f"a count after ten new faces, times comparing strangers once: {times:.1f}")
    assert times <= 25


def test_faces_in_another_order_are_counted_anew() -> None:
    faces = Faces(1)
    _, last = faces.count(None)
    assert faces.known(last) is not None
    material = faces.material()
    ids = [f"f{face}" for face in faces.here.tolist()]
    turned = Material(material.rows[::-1].copy(), list(material.tokens)[::-1], material.solid[::-1])
    found, _ = regroup_faces(turned, ids[::-1], SFACE, last)
    assert found.labels.tolist() == group_faces(turned, SFACE).labels.tolist()


# With the book of an album, as a count is asked for.


def album_of(rows: Rows, here: list[int]) -> FaceTable:
    """Two faces a photo, so that some cannot be one person."""
    faces = [(f"f{face:03}", rows[face]) for face in here]
    return FaceTable(an_album([faces[at : at + 2] for at in range(0, len(faces), 2)]), Settings())


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a book; a few faces are enough to keep their count."""
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("photo_ranker.people.recount.LEAST_FACES", 4)
    (tmp_path / "album").mkdir()
    return tmp_path / "album"


def copy(book: Book) -> Book:
    return msgspec.json.decode(msgspec.json.encode(book), type=Book)


def test_a_count_whose_groups_cannot_be_taken_over_keeps_its_pairs(root: Path) -> None:
    faces = Faces(0)
    _, last = faces.count(None)
    save_count(root, "sface", replace(last, trace=None))
    found = load_count(root, "sface")
    assert found is not None
    assert found.trace is None
    assert found.pairs.pairs.cosine.tolist() == last.pairs.pairs.cosine.tolist()
    assert found.faces.keys.tolist() == last.faces.keys.tolist()
    assert faces.count(found)[0].labels.tolist() == faces.count(None)[0].labels.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_a_book_with_words_is_counted_alike(seed: int, root: Path) -> None:
    rng = np.random.default_rng(seed)
    rows, _ = a_crowd(8, 6, seed, alike=float(rng.uniform(0.4, 0.7)))
    rng.shuffle(rows)
    book, here = Book(), sorted(rng.choice(48, 36, replace=False).tolist())
    for _ in range(6):
        table, other = album_of(rows, here), copy(book)
        counted, expected = recount(book, table, root=root), recount(other, table)
        assert counted == expected
        assert msgspec.json.encode(book) == msgspec.json.encode(other)
        for word in rng.choice(["name", "merge", "split", "move", "deny", "same", "different", "undo"], 2):
            say(book, str(word), *rng.choice(table.ids, 2).tolist())
        here = sorted({*rng.choice(48, 40, replace=False).tolist(), *here[3:]})
    assert load_count(root, "sface") is not None


def counted(root: Path, count: int = 24) -> Book:
    book = Book()
    recount(book, album_of(a_crowd(4, 6)[0], list(range(count))), root=root)
    return book


def test_it_is_for_the_user_alone_and_holds_no_embedding(root: Path) -> None:
    counted(root)
    path = count_file(root, "sface")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    text = path.read_bytes()
    for row in album_of(a_crowd(4, 6)[0], list(range(24))).rows:
        assert row.tobytes() not in text
        assert row.astype("<f2").tobytes() not in text


def test_a_small_album_or_a_fixed_threshold_leaves_nothing(root: Path) -> None:
    counted(root, 3)
    recount(Book(), album_of(a_crowd(4, 6)[0], list(range(24))), 0.4, root)
    assert not columns_home().exists()


def test_a_cache_that_cannot_be_written_is_no_error(root: Path) -> None:
    columns_home().parent.mkdir()
    columns_home().write_text("in the way")
    book = Book()
    recount(book, album_of(a_crowd(4, 6)[0], list(range(24))))
    assert counted(root).people == book.people


def turned_bit(path: Path) -> None:
    text = bytearray(path.read_bytes())
    text[len(text) // 2] ^= 1
    path.write_bytes(text)


def other_version(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(last_count._VERSION, b"photo-ranker count 0\n", 1))


def rewritten(path: Path, **changes: object) -> None:
    """A whole file that says something else."""
    head = len(last_count._VERSION)
    stored = msgspec.structs.replace(
        msgspec.msgpack.decode(path.read_bytes()[head + 4 :], type=last_count._File), **changes
    )
    text = msgspec.msgpack.encode(stored)
    path.write_bytes(last_count._VERSION + zlib.crc32(text).to_bytes(4, "little") + text)


def of_another_folder(path: Path) -> None:
    rewritten(path, root=os.fsencode("/elsewhere").hex())


def of_faces_that_are_not_there(path: Path) -> None:
    rewritten(path, circle=np.full(24, 99, "<i4").tobytes())


def of_other_lengths(path: Path) -> None:
    rewritten(path, first=b"")


def with_half_a_number(path: Path) -> None:
    rewritten(path, keys=b"123")


DAMAGES = [
    cut, empty, turned_bit, other_version, of_another_folder, of_faces_that_are_not_there, of_other_lengths,
    with_half_a_number, link, pipe, directory,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_or_planted_is_not_read(root: Path, damage: Callable[[Path], None]) -> None:
    counted(root, 20)
    path = count_file(root, "sface")
    assert load_count(root, "sface") is not None
    damage(path)
    assert load_count(root, "sface") is None
    table, book = album_of(a_crowd(4, 6)[0], list(range(24))), Book()
    recount(book, table, root=root)
    expected = Book()
    recount(expected, table)
    assert msgspec.json.encode(book) == msgspec.json.encode(expected)
    assert (load_count(root, "sface") is not None) == (damage not in {pipe, directory}), "a file makes way"


def test_those_of_a_folder_are_found(root: Path) -> None:
    counted(root)
    path = count_file(root, "sface")
    assert counts_of(root) == counts_of(root.parent) == [path]
    assert counts_of(root / "below") == []
    cut(path)
    assert counts_of(root / "below") == [path], "whose a damaged one is cannot be known"
