import csv
import hashlib
import random
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

SEED = 20
QUOTA = {"lfw": 105, "public_figures": 26, "families": 18, "sitcom": 24}
IMAGES = {".jpg", ".jpeg", ".png"}

Pair = tuple[str, str, Path, Path]


def images(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGES)


def distinct(photos: list[Path]) -> list[Path]:
    first: dict[str, Path] = {}
    for photo in photos:
        first.setdefault(hashlib.sha256(photo.read_bytes()).hexdigest(), photo)
    return list(first.values())


def people_of_albums(data: Path) -> dict[str, dict[str, list[Path]]]:
    albums = data / "albums"
    found: dict[str, dict[str, list[Path]]] = defaultdict(dict)
    with (albums / "expected.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["visibility"] == "ignore":
                continue
            reference = albums / row["reference"]
            references = images(reference) if reference.is_dir() else [reference]
            photos = found[row["album"]].setdefault(row["person"], references)
            photos.append(albums / row["album"] / row["photo"])
    for folder in (albums / "sitcom").iterdir():
        if folder.is_dir():
            found["sitcom"].setdefault(folder.name, images(folder))
    return found


def one_pair_each(people: dict[str, list[Path]], count: int, rng: random.Random) -> list[Pair]:
    names = sorted(name for name, photos in people.items() if len(photos) > 1)
    rng.shuffle(names)
    drawn: list[Pair] = []
    for name in names:
        photos = distinct(people[name])
        if len(photos) > 1 and len(drawn) < count:
            a, b = rng.sample(photos, 2)
            drawn.append(("lfw", name, a, b))
    return drawn


def pairs_in_turn(source: str, people: dict[str, list[Path]], count: int, rng: random.Random) -> list[Pair]:
    decks = {}
    for name in sorted(people):
        decks[name] = list(combinations(distinct(people[name]), 2))
        rng.shuffle(decks[name])
    drawn: list[Pair] = []
    while len(drawn) < count and any(decks.values()):
        for name, deck in decks.items():
            if deck and len(drawn) < count:
                a, b = rng.sample(deck.pop(), 2)
                drawn.append((source, name, a, b))
    return drawn


def draw(data: Path) -> list[Pair]:
    """Pairs of two different photos of one person, the same ones on every run."""
    rng = random.Random(SEED)
    lfw = {p.name: images(p) for p in (data / "faces_lfw").iterdir() if p.is_dir()}
    pairs = one_pair_each(lfw, QUOTA["lfw"], rng)
    for source, people in sorted(people_of_albums(data).items()):
        pairs += pairs_in_turn(source, people, QUOTA[source], rng)
    return pairs


if __name__ == "__main__":
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["pair", "source", "person", "photo_a", "photo_b"])
    folder = Path(sys.argv[1])
    for number, (source, person, a, b) in enumerate(draw(folder), 1):
        names = (photo.relative_to(folder).as_posix() for photo in (a, b))
        out.writerow([number, source, person, *names])
