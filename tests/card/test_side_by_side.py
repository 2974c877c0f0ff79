"""Several engines in one metadata file: none forgets what another has measured, and names hold for all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from card.conftest import REAL_PACKS, skip_without, use_real
from card.pictures_of_toys import add_dot, pixels_of
from card.toy_models import write_pack
from photo_ranker.cli import main
from photo_ranker.metadata import METADATA_NAME, load
from photo_ranker.models.store import sample_photo
from photo_ranker.records import PhotoRecord, overlap

skip_without("insightface")

pytestmark = pytest.mark.card

Capture = pytest.CaptureFixture[str]


@pytest.fixture(params=["toy", *REAL_PACKS])
def pack(request: pytest.FixtureRequest, packs: Path) -> str:
    """The toy, and every real pack that is on this machine."""
    name: str = request.param
    if name == "toy":
        write_pack(packs / name, reach=0.7)
    else:
        use_real(name, packs)
    return name


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    """One real face, with a red dot on the nose for the toy, in three photos."""
    folder = tmp_path / "portraits"
    folder.mkdir()
    photo = pixels_of(sample_photo("astronaut.png"))
    for number, shift in enumerate((0, 8, 16)):
        shown = photo[:, shift : shift + 480].copy()
        add_dot(shown, 222 - shift, 126)
        Image.fromarray(shown).save(folder / f"{number}.png")
    return folder


def counts(album: Path, capfd: Capture, *words: str) -> dict[str, int]:
    assert main(["index", str(album), "--json", *words]) == 0
    found: dict[str, int] = json.loads(capfd.readouterr().out)["counts"]
    return found


def ranked(album: Path, capfd: Capture, *words: str) -> list[str]:
    assert main(["rank", "--ref", str(album / "0.png"), "--photos", str(album), "--json", *words]) == 0
    said = capfd.readouterr()
    assert "photos/s" not in said.err
    return [Path(result["path"]).name for result in json.loads(said.out)["results"]]


def ids(records: dict[str, PhotoRecord], engine: str) -> dict[str, list[str]]:
    return {name: [face.id for face in record.faces_by(engine)] for name, record in sorted(records.items())}


def test_a_file_of_two_engines_answers_for_either_without_measuring(portraits: Path, pack: str, capfd: Capture) -> None:
    assert counts(portraits, capfd)["analysed"] == 3
    assert counts(portraits, capfd, "--engine", pack)["analysed"] == 3
    before = (portraits / METADATA_NAME).read_bytes()
    for words in ([], ["--engine", pack], [], ["--engine", pack]):
        found = counts(portraits, capfd, *words)
        assert (found["analysed"], found["fresh"], found["faces"]) == (0, 3, 3)
        assert set(ranked(portraits, capfd, *words)) == {"0.png", "1.png", "2.png"}
    assert (portraits / METADATA_NAME).read_bytes() == before


def test_the_second_engine_takes_over_the_ids_of_overlapping_boxes(portraits: Path, pack: str, capfd: Capture) -> None:
    counts(portraits, capfd)
    first = load(portraits)
    counts(portraits, capfd, "--engine", pack)
    both = load(portraits)
    assert ids(first, "sface") == ids(both, "sface") == ids(both, pack)
    for record in both.values():
        (ours,), (theirs,) = record.faces_by("sface"), record.faces_by(pack)
        assert 0.5 <= overlap(ours.box, theirs.box) < 0.99
        assert ours.embedding != theirs.embedding


def test_a_name_given_with_one_engine_holds_with_the_other(portraits: Path, pack: str, capfd: Capture) -> None:
    assert main(["people", "list", str(portraits), "--json"]) == 0
    (person,) = json.loads(capfd.readouterr().out)["people"]
    number = str(person["number"])
    assert main(["people", "name", number, "Eileen", "--photos", str(portraits)]) == 0
    capfd.readouterr()
    for words in (["--engine", pack], [], ["--engine", pack]):
        assert main(["people", "list", str(portraits), "--json", *words]) == 0
        listed = json.loads(capfd.readouterr().out)["people"]
        assert [who["name"] for who in listed] == ["Eileen"]
    assert main(["rank", "--person", "Eileen", "--photos", str(portraits), "--engine", pack, "--json"]) == 0
    document = json.loads(capfd.readouterr().out)
    assert (document["engine"], len(document["results"])) == (pack, 3)


def test_measuring_one_engine_anew_leaves_the_other(portraits: Path, packs: Path, capfd: Capture) -> None:
    write_pack(packs / "toy", reach=0.7)
    counts(portraits, capfd)
    counts(portraits, capfd, "--engine", "toy")
    before = load(portraits)
    write_pack(packs / "toy", seed=2, reach=0.7)
    assert counts(portraits, capfd, "--engine", "toy")["analysed"] == 3
    after = load(portraits)
    for name, record in after.items():
        assert record.faces_by("sface") == before[name].faces_by("sface")
        assert record.faces_by("toy")[0].embedding != before[name].faces_by("toy")[0].embedding
        assert record.faces_by("toy")[0].id == before[name].faces_by("toy")[0].id


def test_one_engine_is_pruned_and_the_other_stays_fresh(portraits: Path, pack: str, capfd: Capture) -> None:
    counts(portraits, capfd)
    alone = json.loads((portraits / METADATA_NAME).read_bytes())["photos"]
    counts(portraits, capfd, "--engine", pack)
    with_both = (portraits / METADATA_NAME).read_bytes()
    assert main(["models", "prune", pack, str(portraits), "--dry-run"]) == 0
    assert f"what {pack} has measured in 3 photos, 3 faces" in capfd.readouterr().out
    assert (portraits / METADATA_NAME).read_bytes() == with_both
    assert main(["models", "prune", pack, str(portraits)]) == 0
    capfd.readouterr()
    assert json.loads((portraits / METADATA_NAME).read_bytes())["photos"] == alone
    assert counts(portraits, capfd)["fresh"] == 3
