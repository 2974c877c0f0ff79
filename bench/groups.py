"""Everyone in real albums: false faces, people split into several groups, and groups that hold several people.

``false_faces.csv`` beside this file lists what was picked by eye among the faces that the models doubt most: things,
heads from behind, faces, and what nobody could tell (``unclear``). All other faces are taken for faces.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.events import meant_face, people_in, photos_in
from bench.figures import Figure, share
from bench.labels import genki, lfw, mtfl
from bench.measured import engine
from bench.scoring import rows_of
from photo_ranker.album import Album
from photo_ranker.people.book import Book
from photo_ranker.people.clustering import group_faces
from photo_ranker.people.told import table_of
from photo_ranker.person_finder.false_faces import is_false_face
from photo_ranker.person_finder.populations import population_of
from photo_ranker.records import Face
from photo_ranker.settings import Settings

__all__ = ["FITTED", "kinds_of", "measure", "split_figures"]

SECTION = "people"
SETTINGS = Settings()
FITTED = {"charity", "class", "conference", "families", "nights", "sitcom"}
"""Albums that ``person_finder/false_faces.py`` was fitted on; the others judge it."""
MOST_TRUE = 0.005
MOST_SPLITS = 1.15
MANY_PHOTOS = 5
LARGE_GROUP = 3

Person = tuple[str, str]
"""Album and name."""


@dataclass(frozen=True, slots=True)
class _Grouped:
    """An album and its people, as grouped without any decision of a user."""

    name: str
    album: Album
    groups: Sequence[Sequence[str]]


def measure(data: Path) -> Iterator[Figure]:
    """All figures of groups in real albums."""
    folders = [path for room in ("events", "albums") for path in sorted((data / room).iterdir()) if path.is_dir()]
    albums = [_grouped(folder) for folder in folders]
    kinds = kinds_of(data, [item.album for item in albums])
    yield from _false_faces(data, albums, kinds)
    yield from _groups_of_false_faces(albums, kinds)
    yield from _splits(data, albums)


def _grouped(folder: Path) -> _Grouped:
    album = Album(photos_in(folder), engine())
    table = table_of(album, Book(), SETTINGS)
    labels = group_faces(table.material(), population_of(album.engine), fixed=None).labels.tolist()
    groups: dict[int, list[str]] = defaultdict(list)
    for face, label in zip(table.ids, labels, strict=True):
        if label >= 0:
            groups[label].append(face)
    return _Grouped(folder.name, album, list(groups.values()))


def kinds_of(data: Path, albums: Iterable[Album]) -> dict[str, str]:
    """Id of a listed face -> what it is."""
    photos = {photo.path: photo for album in albums for photo in album.photos}
    found = {}
    for row in rows_of("false_faces.csv"):
        photo = photos.get(str(data / row["file"]))
        face = None if photo is None else meant_face(photo, (float(row["cx"]), float(row["cy"])))
        if face is not None:
            found[face.id] = row["kind"]
    return found


def _false_faces(data: Path, albums: Sequence[_Grouped], kinds: Mapping[str, str]) -> Iterator[Figure]:
    portraits = [one.face for labelled in (lfw, genki, mtfl) for one in labelled(data) if one.face is not None]
    yield _called_false("LFW, GENKI, MTFL: faces called false", portraits, MOST_TRUE)
    for name, is_fitted in (("fitted", True), ("other", False)):
        faces = [face for item in albums if (item.name in FITTED) == is_fitted for face in item.album.faces]
        by_kind: dict[str, list[Face]] = defaultdict(list)
        for face in faces:
            by_kind[kinds.get(face.id, "face")].append(face)
        yield _called_false(f"{name} albums: faces called false", by_kind["face"], None if is_fitted else MOST_TRUE)
        yield _called_false(f"{name} albums: things called false", by_kind["thing"])
        yield _called_false(f"{name} albums: heads from behind called false", by_kind["head from behind"])


def _called_false(name: str, faces: Sequence[Face], most: float | None = None) -> Figure:
    value, error = share(sum(is_false_face(face, SETTINGS) for face in faces), len(faces))
    return Figure(SECTION, name, value, error, most, at_most=True, note=f"{len(faces):,} faces")


def _groups_of_false_faces(albums: Sequence[_Grouped], kinds: Mapping[str, str]) -> Iterator[Figure]:
    """Groups of three and more faces, most of them false."""
    bad = [
        f"{item.name}: {len(group)}"
        for item in albums
        for group in item.groups
        if len(group) >= LARGE_GROUP
        and sum(kinds.get(face) in {"thing", "head from behind"} for face in group) * 2 > len(group)
    ]
    total = sum(len(group) >= LARGE_GROUP for item in albums for group in item.groups)
    note = f"of {total} groups of {LARGE_GROUP} and more{'; ' if bad else ''}{', '.join(bad)}"
    yield Figure(SECTION, "groups of faces that are none", float(len(bad)), None, 0.0, at_most=True, note=note)


def _splits(data: Path, albums: Sequence[_Grouped]) -> Iterator[Figure]:
    """Groups for each person with enough clear photos, and groups that hold two people."""
    group_of = {face: (item.name, number) for item in albums for number, its in enumerate(item.groups) for face in its}
    photos = {(item.name, photo.name): photo for item in albums for photo in item.album.photos}
    seen: list[tuple[Person, tuple[str, int], bool]] = []
    for person in people_in(data / "events"):
        for name, place in person.places.items():
            photo = photos.get((person.album, name))
            face = None if photo is None else meant_face(photo, place)
            if face is not None and face.id in group_of:
                seen.append(((person.album, person.name), group_of[face.id], person.visibility[name] == "clear"))
    yield from split_figures("events", seen)


def split_figures(name: str, seen: Iterable[tuple[Person, Hashable, bool]]) -> Iterator[Figure]:
    """How many groups a person has, and which are shared; ``seen`` is person, group, and whether the photo is clear."""
    clear: dict[Person, Counter[Hashable]] = defaultdict(Counter)
    people_of: dict[Hashable, set[Person]] = defaultdict(set)
    for person, group, is_clear in seen:
        people_of[group].add(person)
        clear[person][group] += is_clear
    counts = [sum(count > 0 for count in its.values()) for its in clear.values() if its.total() >= MANY_PHOTOS]
    value = sum(counts) / len(counts)
    note = f"{len(counts)} people with {MANY_PHOTOS} clear photos and more"
    yield Figure(SECTION, f"{name}: groups for a person", value, None, MOST_SPLITS, at_most=True, note=note)
    mixed = sum(len(people) > 1 for people in people_of.values())
    note = f"of {len(people_of)} groups with people known by eye"
    yield Figure(SECTION, f"{name}: groups with two people", float(mixed), None, 0.0, at_most=True, note=note)
